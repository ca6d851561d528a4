// Words of a database for deer: which classes are a deer's, which scientific name a word means.
import { isDeerClass } from '../../lib/deer/classes.ts';
import { deerSpecies, scientificName } from '../../lib/deer/species.ts';

const WHITETAIL = 'Odocoileus virginianus';
const MULE = 'Odocoileus hemionus';

test.each([
  ...[
    'white_tailed_deer',
    'White-tailed deer',
    'WHITE TAILED DEER',
    ' white\u00a0tailed\tdeer ',
    'whitetail',
    'White-Tailed Deers',
  ].map((word) => [word, WHITETAIL]),
  ...[
    'White\u2010tailed deer',
    'key_deer',
    'odocoileus virginianus',
    'ODOCOILEUS_VIRGINIANUS',
    'Odocoileus-virginianus',
  ].map((word) => [word, WHITETAIL]),
  ...['mule_deer', 'Mule Deer', 'muley', 'black_tailed_deer', 'Blacktail', 'Columbian black-tailed deer'].map(
    (word) => [word, MULE],
  ),
  ...['elk', 'Elk', 'WAPITI', 'Cervus elaphus canadensis'].map((word) => [word, 'Cervus canadensis']),
  ...[
    ['moose', 'Alces alces'],
    ['Caribou', 'Rangifer tarandus'],
    ['sika_deer', 'Cervus nippon'],
    ['fallow-deer', 'Dama dama'],
    ["Reeves's muntjac", 'Muntiacus reevesi'],
  ],
])('%j is the species %s', (word, species) => {
  expect(deerSpecies(word)).toBe(species);
  expect(scientificName(word)).toBe(species);
  expect(isDeerClass(word as string)).toBe(true);
});

test.each([
  ['Odocoileus virginianus (Zimmermann, 1780)', WHITETAIL],
  ['Odocoileus virginianus texanus', WHITETAIL],
  ['Sus scrofa', 'Sus scrofa'],
  ['Canis latrans Say, 1823', 'Canis latrans'],
  ['Canis_latrans', 'Canis latrans'],
  ['Ardea', 'Ardea'],
  ['Procyon lotor', 'Procyon lotor'],
])('the name in %j is %s', (word, name) => {
  expect(scientificName(word)).toBe(name);
});

test.each([
  'Raccoon',
  'raccoon',
  'Cattle',
  'Feral hog',
  'Wild Turkey',
  'wild_boar',
  'Coyote',
  'Canada goose',
  'Birds',
  'Unknown animal',
  'sus scrofa',
  '',
  '  ',
  'deer',
  'Ca',
  null,
])('%j is no scientific name', (word) => {
  expect(scientificName(word)).toBeUndefined();
});

const DEER = [
  'buck',
  'BUCK',
  ' doe ',
  'Fawn',
  'unknown',
  'Unknown',
  'mature',
  'mid',
  'young',
  'deer',
  'white_tailed_deer',
  'Mule-Deer',
  'elk',
  'Cervus',
  'Odocoileus_sp',
];
const OTHERS = [
  'cattle',
  'pig',
  'raccoon',
  'Sus scrofa',
  'bobcat',
  'turkey',
  'reindeer moss',
  'buckskin',
  'doed',
  'no deer',
  "o'possum",
  '\u0395\u03bb\u03ac\u03c6\u03b9',
  '',
  'x;--',
];

test.each([...DEER.map((name) => [name, true] as const), ...OTHERS.map((name) => [name, false] as const)])(
  '%j is a class of deer: %j',
  (name, deer) => {
    expect(isDeerClass(name)).toBe(deer);
  },
);
