// Mixed species in the ratios of a herd: whatever way a class is written, deer are deer in every
// count, and nothing else is.
import { isDeerClass } from '../../lib/deer/classes.ts';
import { makeScope, readSeason } from '../../lib/exports/season/index.ts';
import { makeComposition } from '../../lib/survey/herd/index.ts';
import { herdClass, readSurvey } from '../../lib/survey/read/index.ts';
import { type World, world } from '../content/fixture.ts';

const ASKED = { start_date: '2024-01-01', end_date: '2024-03-31', group_by: 'month' as const };
const SCOPE = { ...makeScope(ASKED, 'UTC', new Date('2024-06-01Z')), deerOnly: true };

const DEER = [
  ...['buck', 'Buck', 'BUCK ', 'b\u00fcck', '\uff42\uff55\uff43\uff4b', 'buc\u212a', 'MATURE', 'Mid', 'young'],
  ...['doe', 'DOE', ' doe.', 'd\u00f6e', 'doe\u200b', 'fawn', 'f\u00e1wn', 'unknown', 'Deer', 'elk', 'Whitetails'],
  ...['white\u2013tailed\u2013deer', 'White\u3000tailed deer', '\u00a0Sika', 'Odocoileus\u3000virginianus', 'MOOSE'],
];
const OTHERS = [
  ...[
    'cattle',
    'cow',
    'Bos taurus',
    'doe rabbit',
    'goat buck',
    'young coyote',
    'mature bull',
    'deer mouse',
    'pronghorn',
  ],
  ...['buckskin', 'reindeer moss', '__proto__', 'x;--', "o'possum", 'raccoon', '\u0395\u03bb\u03ac\u03c6\u03b9'],
  ...['person', 'Human', 'buck hunter', 'vehicle', 'empty'],
];

let earth: World;
beforeAll(async () => {
  earth = await world();
  await earth.deploy('North', '2024-01-01Z', '2024-03-31Z');
  const shots = [...DEER, ...OTHERS].map((name, i) => ({
    ...{ class: name, at: new Date(Date.UTC(2024, 0, 2) + i * 3_600_000).toISOString() },
  }));
  await earth.add(shots);
});
afterAll(() => earth?.close());

test('classes of deer in every spelling are counted, each in its part of the herd, and no other', async () => {
  const data = await earth.database.read((queries) => readSurvey(queries, SCOPE));
  expect(data.events.map(({ finalClass }) => finalClass).toSorted()).toEqual(DEER.toSorted());
  const { groups } = makeComposition(data);
  expect(groups[0]!.events).toEqual({ buck: 9, doe: 5, fawn: 2, unknown: 9 });
  expect([DEER.filter(isDeerClass), OTHERS.filter(isDeerClass)]).toEqual([DEER, []]);
  expect(DEER.slice(0, 16).map(herdClass)).not.toContain('unknown');
});

test('a report names the other animals beside the deer, and no people', async () => {
  const { total, others } = await earth.database.read((queries) => readSeason(queries, SCOPE));
  expect(total.detections).toBe(DEER.length);
  expect(others.map(({ name }) => name).toSorted()).toEqual(OTHERS.slice(0, -5).toSorted());
});
