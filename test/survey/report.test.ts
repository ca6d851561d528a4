// The section Survey of a report, from the database to its words: what is read, two periods side by
// side, refusals as sentences.
import { makeReportScope, readSeason } from '../../lib/exports/season/index.ts';
import { makeHerd } from '../../lib/survey/herd/index.ts';
import { readSurvey } from '../../lib/survey/read/index.ts';
import { CREATED, ZONE } from '../content/archive.ts';
import { type Shot, type World, world } from '../content/fixture.ts';
import { report, wordsOf } from '../content/report.ts';

let earth: World;
beforeAll(async () => {
  earth = await world();
});
afterEach(() => earth.clear());
afterAll(() => earth.close());

const SPAN = { start_date: '2023-10-02', end_date: '2023-12-31', group_by: 'month' } as const;
const PLAIN = { include_charts: false, include_insights: false, include_pictures: false, include_map: false };
const PLACES = ['A', 'B', 'C', 'D', 'E'];
const survey = async (request: object = {}): Promise<string> =>
  wordsOf(await report(earth, { ...SPAN, ...PLAIN, ...request })).replace(/^.* Survey (?=What|No event)/, '');

/** Events of a class at each place, a day apart from `day` on. */
const shots = (name: string, each: number, day = 2): Shot[] =>
  PLACES.flatMap((place, at) =>
    Array.from({ length: each + at }, (_, i) => ({
      at: new Date(Date.UTC(2023, 9, day + i, 6 + 2 * at + (name === 'doe' ? 0 : 1))).toISOString(),
      place,
      class: name,
    })),
  );
const herd = (day = 2): Shot[] => [...shots('doe', 12, day), ...shots('fawn', 8, day), ...shots('mature', 3, day)];
const deploy = async (): Promise<void> => {
  for (const place of PLACES) await earth.deploy(place, '2023-10-01T00:00:00Z', '2024-01-01T00:00:00Z');
};
const read = (request: object = {}) =>
  earth.database.read(async (queries) => {
    const scope = makeReportScope({ ...SPAN, ...request }, ZONE, CREATED);
    return { data: await readSurvey(queries, scope), season: await readSeason(queries, scope) };
  });

test('events, classes and trap nights are those of the season', async () => {
  await deploy();
  await earth.add([
    ...herd(),
    // Two in one image, and one more within half an hour: one event of two animals.
    { at: '2023-11-20T12:00:00Z', place: 'A', class: 'doe', path: 'twins.jpg' },
    { at: '2023-11-20T12:00:00Z', place: 'A', class: 'doe', path: 'twins.jpg' },
    { at: '2023-11-20T12:20:00Z', place: 'A', class: 'doe' },
    { at: '2023-11-21T12:00:00Z', place: 'A', class: 'bobcat' },
    { at: '2023-11-22T12:00:00Z', place: 'A', class: 'doe', valid: false },
    { at: '2023-11-23T12:00:00Z', place: null, class: 'mule_deer' },
  ]);
  const { data, season } = await read();
  expect(data.events).toHaveLength(season.total.events);
  for (const [i, name] of season.classes.entries())
    expect(data.events.filter((event) => event.finalClass === name)).toHaveLength(season.classTotals[i]!.events);
  expect(data.events.filter(({ most }) => most > 1)).toMatchObject([
    { place: data.places[0]!.id, class: 'doe', most: 2, at: Date.parse('2023-11-20T12:00:00Z') },
  ]);
  expect(data.events.find(({ place }) => place === null)).toMatchObject({ class: 'unknown', finalClass: 'mule_deer' });
  expect(data.events.filter(({ finalClass }) => finalClass === 'mature').every((event) => event.class === 'buck')).toBe(
    true,
  );
  expect(data.places.map(({ name }) => name)).toEqual(PLACES);
  const nights = data.places.reduce((sum, place) => sum + place.nights, 0);
  expect(nights).toBeCloseTo(season.total.nights, 6);
  const byWeek = data.places.flatMap(({ weeks }) => weeks).reduce((sum, week) => sum + week.nights, 0);
  expect(byWeek).toBeCloseTo(nights, 6);
});

test('bait is read from deployments; a place that had both is divided by time', async () => {
  await earth.deploy('A', '2023-10-01T00:00:00Z', '2023-11-01T00:00:00Z', 'a');
  await earth.deploy('A', '2023-11-01T00:00:01Z', '2024-01-01T00:00:00Z', 'b');
  await earth.database.write(({ rows }) =>
    rows(`UPDATE deployments SET source_fields = jsonb_build_object('baitUse', camera_id = 'b')`),
  );
  await earth.add([
    { at: '2023-10-10T12:00:00Z', place: 'A', class: 'doe' },
    { at: '2023-11-10T12:00:00Z', place: 'A', class: 'doe' },
  ]);
  const { data } = await read();
  expect(data.places[0]!.bait).toBe('mixed');
  expect(data.events.map(({ bait }) => bait)).toEqual(['no', 'yes']);
});

test('the report prints the ratios of the herd with both intervals, and two runs have the same bytes', async () => {
  await deploy();
  await earth.add(herd());
  const { fawns, bucks } = makeHerd((await read()).data).composition.groups[0]!;
  const words = await survey();
  for (const [label, ratio] of [
    ['Fawns', fawns!.events],
    ['Bucks', bucks!.events],
  ] as const) {
    const { per100, interval, wilson, count, does } = ratio;
    const limits = (at: { low: number; high: number }): string => `${at.low.toFixed(1)} to ${at.high.toFixed(1)}`;
    expect(words).toContain(
      `${label} per 100 does events ${per100.toFixed(1)} ${limits(interval!)} ${limits(wilson)} ${count} /${does}`,
    );
  }
  expect(words).toContain('Whether the cameras were baited is not recorded.');
  expect(words).toContain(
    'Animals are not counted. A count needs people who name the animal of every event of this period (a roster)',
  );
  expect(words).toContain('No camera has coordinates, so times are those of the clock.');
  // What has no number has no row and no column.
  expect(words).toMatch(/ Class Events Peak Activity level Bucks 25 \d\d:\d\d 0\.\d\d Does 70 \d/);
  expect(words).toMatch(
    /The hours of bucks and does overlap by 0\.\d\d \(95% interval 0\.\d\d to 0\.\d\d; Dhat1, seed 1, 1,000 draws\)/,
  );
  expect(words).toContain('that needs at least 8 locations, and there are 5.');
  const charts = { ...SPAN, include_pictures: false };
  expect((await report(earth, charts)).equals(await report(earth, charts))).toBe(true);
  expect(await survey({ include_survey: false })).not.toContain('Fawns per 100 does');
});

test('a comparison has a column for each period, and the overlap between them', async () => {
  await deploy();
  await earth.add([...herd(2), ...herd(50)]);
  const words = await survey({
    report_type: 'comparison',
    comparison_periods: [
      { start_date: '2023-10-02', end_date: '2023-11-10', label: 'Early' },
      { start_date: '2023-11-15', end_date: '2023-12-31', label: 'Late' },
    ],
  });
  expect(words).toContain('A Early (2 Oct 2023 to 10 Nov 2023); B Late (15 Nov 2023 to 31 Dec 2023).');
  expect(words).toMatch(/Fawns per 100 does, by events ([\d.]+ \([\d.]+ to [\d.]+\) ?){2}/);
  expect(words).toMatch(/Bucks: events \d+ \d+/);
  expect(words).not.toContain('day / twilight / night');
  expect(words).toMatch(/The hours of does of "Early" and of "Late" overlap by [01]\.\d\d/);
});

test('a head count has rows of its class alone; every sentence of it names the class', async () => {
  await deploy();
  await earth.add(herd());
  await earth.database.write(({ rows }) =>
    rows(
      `INSERT INTO reid_reviews (detection_id, identity, verdict, purpose, reviewed_at)
         SELECT id, 'stag ' || row_number() OVER (), 'none', 'roster', '2024-01-01Z' FROM detections WHERE classification = 'mature'`,
    ),
  );
  const words = await survey();
  expect(words).toMatch(/How many animals Animals Number \(95% interval\) Bucks as they were named \(naive\) \d+ /);
  expect(words).not.toContain('Does as they were named');
  expect(words).toMatch(/As named \(naive\): \d+ bucks from \d+ events\./);
  expect(words).toMatch(/Days for bucks: \d+ \w+ 2023 to \d+ \w+ 2023 \(60 days\), chosen by effort/);
  expect(words).toMatch(/None of the \d+ doe events in the window has a name, so does are not counted\./);
  // Words that only the authors of the method know.
  expect(words).not.toMatch(/\bghost|\bidentit|\boccasion|\bmatcher/);
});

test('what the data cannot carry is a sentence', async () => {
  await deploy();
  await earth.add(shots('unknown', 12));
  expect(await survey()).toContain(
    'No event of this period has a sex. A survey needs classes such as buck, doe and fawn. Notes',
  );
  await earth.add([...shots('doe', 1), ...shots('fawn', 1)]);
  const words = await survey();
  expect(words).toContain('15 doe events are too few for a ratio: it needs at least 30.');
  expect(words).toContain('0 buck events are too few for a curve: it needs at least 10.');
  expect(words).toContain('0 buck events are too few to name a week: that needs at least 10.');
  expect(words).toContain(' Does 15 ');
  expect(words).not.toContain(' Bucks 0 ');
  await earth.clear();
  await deploy();
  await earth.add([...shots('doe', 1).slice(0, 4), ...shots('fawn', 1).slice(0, 4)]);
  expect(await survey()).toMatch(/When they move • No camera has coordinates, .* 4 doe events are too few for a curve/);
  await earth.add(['doe', 'fawn', 'unknown'].flatMap((name) => shots(name, 1)));
  expect(await survey({ classifications: ['doe', 'unknown'] })).toContain('leave out the class filter');
  expect(await survey({ locations: ['A', 'B'] })).toContain(
    'Animals are not counted in a report that shows only some cameras',
  );
});

test('the heading of the survey is on the page of what it is about, wherever that page ends', async () => {
  await deploy();
  await earth.add(herd());
  const names = Array.from({ length: 36 }, (_, i) => `Deer ${i}`);
  const at = (i: number): string => new Date(Date.UTC(2023, 10, 1 + i, 12)).toISOString();
  const found: boolean[] = [];
  for (let i = 0; i < names.length; i += 2) {
    await earth.add([i, i + 1].map((n) => ({ at: at(n), place: 'A', class: 'doe', deer: names[n]! })));
    const pages = wordsOf(await report(earth, { ...SPAN, ...PLAIN })).split(/Page \d+ of \d+/);
    found.push(pages.find((page) => page.includes('Survey What the herd'))!.includes('Composition Ratio'));
  }
  expect(found).toEqual(names.filter((_, i) => i % 2 === 0).map(() => true));
});
