// A report without a class filter is about deer: what is counted in its headline, what is listed
// apart, and how names and classes are printed.
import { randomUUID } from 'node:crypto';
import type { PdfRequest } from '../../lib/exports/pdf/request.ts';
import { loadReport } from '../../lib/exports/season/index.ts';
import { CREATED, members, table, ZONE, made as zip } from './archive.ts';
import { type World, world } from './fixture.ts';
import { extentOf } from './pdf-text.ts';
import { report, wordsOf } from './report.ts';

let earth: World;
beforeAll(async () => {
  earth = await world();
});
afterEach(() => earth.clear());
afterAll(() => earth.close());

const SPAN = { start_date: '2024-01-01', end_date: '2024-03-31' } as const;
const at = (day: number, hour = 12): string => new Date(Date.UTC(2024, 0, day, hour)).toISOString();
const words = async (request: Partial<PdfRequest> = {}): Promise<string> =>
  wordsOf(await report(earth, { ...SPAN, ...request }));
const season = async (request: Partial<PdfRequest> = {}) =>
  (await loadReport(earth.database, { ...SPAN, group_by: 'month', ...request }, ZONE, CREATED)).season;

/** 4 deer detections in 3 events, and 3 of other animals in 3. */
const mixed = () =>
  earth.add([
    { at: at(2), class: 'doe', place: 'North' },
    { at: '2024-01-02T12:10:00Z', class: 'doe', place: 'North' },
    { at: at(3), class: 'Buck', place: 'South' },
    { at: at(4), class: 'mule_deer', place: 'South' },
    { at: at(5), class: 'bobcat', place: 'North' },
    { at: at(6), class: 'bobcat', place: 'South' },
    { at: at(7), class: 'doe', corrected: 'Feral hog', place: 'North' },
  ]);

test('the headline, charts, cameras and hours count deer; other animals have their own line and table', async () => {
  await mixed();
  const { total, classes, others, cameras, bins, hours } = await season();
  expect(total).toMatchObject({ detections: 4, events: 3 });
  expect(classes).toEqual(['doe', 'Buck', 'mule_deer']);
  expect(others).toMatchObject([
    { name: 'bobcat', detections: 2, events: 2, cameras: 2 },
    { name: 'Feral hog', detections: 1, events: 1, cameras: 1 },
  ]);
  expect(cameras.map(({ name, detections }) => [name, detections])).toEqual([
    ['North', 2],
    ['South', 2],
  ]);
  expect(bins.map(({ detections }) => detections)).toEqual([4, 0, 0]);
  expect(hours.flat().reduce((a, b) => a + b)).toBe(4);
  const page = await words();
  expect(page).toContain('4 deer detections 3 independent events');
  expect(page).toContain(
    'Other animals, not included above: 3 detections in 3 independent events (bobcat 2, Feral hog 1).',
  );
  expect(page).toMatch(/Other animals Classes that are not deer\..* bobcat 2 2 2 .* Feral hog 1 1 1 /);
  expect(page).not.toMatch(/Share of detections by class:[^.]*bobcat/);
  expect(await words({ include_tables: false, include_charts: false, include_insights: false })).toContain(
    'Other animals, not included above: 3',
  );
});

test('with a filter what was asked for is counted, deer or not', async () => {
  await mixed();
  expect((await season({ classifications: ['bobcat', 'doe'] })).total).toMatchObject({ detections: 4, events: 3 });
  const page = await words({ classifications: ['bobcat', 'doe'] });
  expect(page).toContain('4 detections 3 independent events');
  expect(page).not.toContain('Other animals');
});

test('a comparison compares deer, and other animals in a separate table', async () => {
  await mixed();
  const comparison_periods = [
    { start_date: '2024-01-01', end_date: '2024-01-05', label: 'One' },
    { start_date: '2024-01-06', end_date: '2024-01-31', label: 'Two' },
  ];
  const page = await words({ report_type: 'comparison', comparison_periods });
  expect(page).toMatch(/A One 1 Jan 2024 5 Jan 2024 5 4 3 /);
  expect(page).toMatch(/B Two 6 Jan 2024 31 Jan 2024 26 0 0 /);
  expect(page).toContain('No deer were detected in "Two".');
  expect(page).toMatch(/Other animals by period .* Feral hog 0\.0 \(0\) [\d.]+ \(1\) bobcat [\d.]+ \(1\) [\d.]+ \(1\)/);
});

test('a season without deer is a report of the other animals; one without anything is none', async () => {
  await earth.add([{ at: at(2), class: 'raccoon' }]);
  const page = await words();
  expect(page).toContain('0 deer detections');
  expect(page).toContain('No deer were detected between 1 Jan 2024 and 31 Mar 2024.');
  expect(page).toMatch(/Other animals Classes that are not deer.* raccoon 1 1 1 /);
  await expect(report(earth, { start_date: '2023-01-01', end_date: '2023-02-01' })).rejects.toThrow(
    'No detections found',
  );
});

test('known deer that detections of other animals are given to are named, not counted', async () => {
  await earth.add([
    { at: at(2), class: 'doe', deer: 'Dot' },
    { at: at(3), class: 'cattle', deer: 'Clover' },
    { at: at(4), class: 'cattle', deer: 'Dot' },
  ]);
  const { total, deer } = await season();
  expect([total.individuals, total.assigned, deer.map(({ name }) => name)]).toEqual([1, 1, ['Dot']]);
  expect(await words()).toContain(
    '2 detections of other animals are assigned to known deer (Clover and Dot): either the class or the assignment is wrong.',
  );
});

test('the archive lists every class, and says how many detections are of deer', async () => {
  await mixed();
  const found = await members(await zip(earth, { ...SPAN, group_by: 'month', include_crops: false }));
  expect(table(found, 'metadata.csv')).toHaveLength(7);
  expect(new Set(table(found, 'summary_by_month.csv').map((row) => row.class))).toEqual(
    new Set(['doe', 'Buck', 'mule_deer', 'bobcat', 'Feral hog']),
  );
  expect(String(found.get('README.txt')?.body)).toContain('Classes:    all (4 detections of deer, 3 of other animals)');
});

test('the row of images without a location has its images, with and without detections', async () => {
  await earth.add([
    { at: at(2), place: null },
    { at: at(9), place: null, detection: false },
    { at: at(3), place: 'North' },
  ]);
  const page = await words();
  expect(page).toMatch(/\(no location\) 2 1 1 0 0\.0 - ?2 Jan 2024 9 Jan 2024/);
  expect(await words({ locations: ['North'] })).not.toContain('(no location)');
});

test('unnamed deer have short ids on the page and whole ones in the archive', async () => {
  const ids = [
    '3fa9c2d1-0000-4000-8000-000000000001',
    '77e0aaaa-0000-4000-8000-000000000002',
    '77e0bbbb-0000-4000-8000-000000000003',
  ];
  const shots = await earth.add(ids.map((_, day) => ({ at: at(2 + day) })));
  for (const [index, id] of ids.entries()) {
    await earth.database.write(async ({ rows }) => {
      await rows('INSERT INTO deer (id, name, sex) VALUES ($1, $2, $3)', [id, [null, '  ', ''][index], 'doe']);
      await rows('UPDATE detections SET deer_id = $1 WHERE id = $2', [id, shots[index]]);
    });
  }
  const page = await words();
  for (const label of ['deer 3fa9 ', 'deer 77e0a ', 'deer 77e0b ']) expect(page).toContain(label);
  for (const id of ids) expect(page).not.toContain(id.slice(0, 13));
  const found = await members(await zip(earth, { ...SPAN, group_by: 'month', include_crops: false }));
  expect(table(found, 'metadata.csv').map((row) => [row.deer_id, row.deer_name])).toEqual(ids.map((id) => [id, '']));
});

const LONG = 'Pseudocheirus peregrinoides longicaudatus';
const CLASSES = [
  'buck',
  'doe',
  'fawn',
  'unknown',
  ...['Wildschweinfrischlingsrotte', LONG, 'X'.repeat(40), 'wild_boar_with_piglets'],
  ...Array.from({ length: 17 }, (_, index) => `class number ${index}`),
];
test.each(['day', 'week', 'month'] as const)(
  '25 classes by %s, some of them long: no head is cut, nothing leaves the page',
  async (group_by) => {
    await earth.add(
      CLASSES.flatMap((name, index) =>
        Array.from({ length: 1 + (index % 7) }, (_, n) => ({ at: at(2 + n, index % 24), class: name })),
      ),
    );
    const spans = { ...SPAN, end_date: group_by === 'day' ? '2024-01-20' : SPAN.end_date, group_by };
    for (const classifications of [CLASSES, ['unknown', ...CLASSES.slice(4, 8)], ['buck', 'X'.repeat(40)]]) {
      const pdf = await report(earth, { ...spans, classifications });
      const page = wordsOf(pdf);
      expect(page).not.toContain('\u2026');
      // Each name is a legend's, twice, a head's and a row's; of 25 classes only four are drawn
      // apart.
      if (classifications.length < 25)
        for (const name of classifications) expect(page.split(name).length).toBeGreaterThan(4);
      const { left, right } = extentOf(pdf);
      expect(left).toBeGreaterThanOrEqual(45);
      expect(right).toBeLessThanOrEqual(595.28 - 45);
    }
  },
);

test('five periods with long labels: no head is cut', async () => {
  await earth.add([{ at: at(2) }, { at: at(20), class: 'unknown' }]);
  const comparison_periods = Array.from({ length: 5 }, (_, index) => ({
    start_date: `2024-01-0${1 + index}`,
    end_date: `2024-01-2${index}`,
    label: `Herbstjagd im Revier Nordwest Nummer ${index} nach Zaehlung`,
  }));
  const pdf = await report(earth, { ...SPAN, report_type: 'comparison', comparison_periods });
  const page = wordsOf(pdf);
  expect(page).not.toContain('\u2026');
  for (const { label } of comparison_periods) expect(page.split(label).length).toBeGreaterThan(5);
  expect(extentOf(pdf).right).toBeLessThanOrEqual(552);
});

test('two reports of the same data are the same bytes', async () => {
  await mixed();
  await earth.add([{ at: at(8), class: 'doe', deer: randomUUID() }]);
  const first = await report(earth, SPAN);
  // Written again as they are: the rows lie in another order, and nothing is remembered.
  await earth.database.write(({ rows }) => rows('UPDATE detections SET is_valid = is_valid WHERE deer_id IS NULL'));
  expect(Buffer.compare(first, await report(earth, SPAN))).toBe(0);
});

test('what was loaded is used again until something is written, by whatever connection', async () => {
  await mixed();
  const load = (database = earth.database, asOf = CREATED) =>
    loadReport(database, { ...SPAN, group_by: 'month' }, ZONE, asOf);
  const first = await load();
  expect(await load()).toBe(first);
  expect(await load(earth.database, new Date(CREATED.getTime() + 60_000))).not.toBe(first);
  expect((await loadReport(earth.database, { ...SPAN, group_by: 'week' }, ZONE, CREATED)).season.bins).toHaveLength(13);
  const [id] = await earth.add([{ at: at(9), class: 'doe', place: 'North' }]);
  expect((await load()).season.total.detections).toBe(5);
  await earth.database.write(({ rows }) => rows('UPDATE detections SET is_valid = false WHERE id = $1', [id]));
  expect((await load()).season.total.detections).toBe(4);
});
