// What a class means by its name: a person, a vehicle, an empty frame, or an animal.
import { nonAnimal } from '../../lib/deer/classes.ts';

// Read on first use, which is in the tests.
process.env.HUMAN_CLASSES = ' Forstwirt , night crew B,,';

test.each([
  // Capitals inside a word part no word where that would hide a person.
  [
    'human',
    ['HuMaN', 'PeRsOn', 'hUNTER', 'peopLe', 'MenSchen', ' Menschen', 'PERSON', 'people ', 'humans', 'hun\u200bter'],
  ],
  [
    'human',
    ['bowhunter', 'DeerHunter', 'deerhunters', 'huntress', 'hunting party', 'Jagd', 'dogwalker', 'snowmobiler'],
  ],
  ['human', ['dog handler', 'anthropogenic activity', 'schoolchildren', 'farmhand', 'poeple', 'humna', 'cowboy']],
  [undefined, ['hunting dog', 'mother and fawn', 'pond skater', 'nomad bee', 'Lycaon pictus', 'LadyBug', 'MuleDeer']],
  [
    'human',
    [
      'Homo',
      'HOMO SAPIENS SAPIENS',
      'homo-sapiens',
      'HomoSapiens',
      'homo sapiens (Linnaeus, 1758)',
      'human_on_foot',
      'person walking',
      'people/vehicle',
      'human (hunter)',
    ],
  ],
  [
    'human',
    [
      'non-human',
      'no human',
      'human?',
      'mammalia;primates;hominidae;homo;sapiens;human',
      'Hominidae',
      'horsewoman',
      'kid',
      'rider',
      'Ranger',
    ],
  ],
  [
    'human',
    [
      'insan',
      '\u0130NSAN',
      '\u4eba',
      '\u4eba\u7c7b',
      '\u884c\u4eba',
      '\uc0ac\ub78c',
      '\u0427\u0435\u043b\u043e\u0432\u0435\u043a',
      '\u03ac\u03bd\u03b8\u03c1\u03c9\u03c0\u03bf\u03c2',
      '\u0625\u0646\u0633\u0627\u0646',
    ],
  ],
  [
    'human',
    [
      '\u05d0\u05d3\u05dd',
      '\u30d2\u30c8',
      '\u092e\u0928\u0941\u0937\u094d\u092f',
      'ni\u00f1o',
      'ca\u00e7ador',
      'ihminen',
      'menneske',
      'persoon',
      'f\u00e9rfi',
      'humaine',
      'umana',
      'Frau',
      'mens',
    ],
  ],
  [
    'human',
    [
      'H.U.M.A.N',
      'h u m a n',
      'hum4n',
      'pers0n',
      '\u0127uman',
      'hsapiens',
      'cameraman',
      'Setup_Pickup',
      'team',
      'recreationists',
    ],
  ],
  [
    'human',
    [
      '\u767b\u5c71\u8005',
      '\u6b69\u884c\u8005',
      '\u5de5\u4f5c\u4eba\u5458',
      '\ub0a8\uc790',
      '\u0a2e\u0a28\u0a41\u0a71\u0a16',
    ],
  ],
  [
    'human',
    [
      'm\u00e4nskliga',
      'menselijk',
      'Touristen',
      'mo\u00e7a',
      'pojke',
      'tytt\u00f6',
      '\u03c0\u03b1\u03b9\u03b4\u03af',
      '\u0637\u0641\u0644',
    ],
  ],
  [
    undefined,
    ['Falco pescatore', 'man-of-war', 'belette naine', 'koolmees', 'firemouth', 'Pastor roseus', 'deer 4', 'c1 d2 e3'],
  ],
  // A Cyrillic letter that looks like a Latin one.
  ['human', ['hum\u0430n', 'pers\u043en', 'forstwirt', 'FORSTWIRT 2', 'Night-Crew B']],
  ['vehicle', ['Vehicle', 'vehicles', 'CAR', 'pickup truck', 'ATV', 'bike', 'Fahrzeug', 'veh\u00edculo']],
  ['blank', ['blank', 'Empty', 'NONE', 'nothing', 'test', 'misfire', 'false_trigger', 'leer', 'vac\u00edo']],
  [
    undefined,
    [
      'buck',
      'doe',
      'fawn',
      'mature',
      'mid',
      'young',
      'unknown',
      'other',
      'white_tailed_deer',
      'manatee',
      'mandrill',
      'ermine',
      'maned wolf',
      'caiman',
      'Manis javanica',
    ],
  ],
  [
    undefined,
    [
      "Hunter's hartebeest",
      'Trogon personatus',
      "Children's python",
      'long-tailed jaeger',
      "Forster's tern",
      'goat kid',
      'road runner',
      'orang utan',
      'gorilla',
      'barn owl',
    ],
  ],
  [
    undefined,
    [
      'Martin pescador',
      'huntsman spider',
      'passenger pigeon',
      'fisher',
      'hummingbird',
      'menhaden',
      'Rangifer tarandus',
      'Chrysocyon brachyurus',
      'carnivore',
      'carpincho',
    ],
  ],
] as const)('%s: %j', (meaning, names) => {
  expect(names.map((name) => [name, nonAnimal(name)])).toEqual(names.map((name) => [name, meaning]));
});
