// Empty frames, people and vehicles: one definition for every count, list, crop and observation.
import { at, made, manifestOf, members, PERIOD, reasons, table } from './archive.ts';
import { type World, world } from './fixture.ts';
import { report, wordsOf } from './report.ts';

let earth: World;
let ids: string[];
beforeAll(async () => {
  earth = await world();
  ids = await earth.add([
    { at: at(0), class: 'buck', deer: 'Ada' },
    { at: at(30), class: 'buck', corrected: 'empty' },
    { at: at(60), class: 'buck', corrected: 'Human', deer: 'Ada' },
    { at: at(90), class: 'vehicle', deer: 'Bo' },
    { at: at(96), class: 'doe', corrected: 'doe', deer: 'Bo' },
    { at: at(120), class: 'unknown' },
    { at: at(150), class: 'vehicle', corrected: 'doe' },
    { at: at(180), class: 'blank', valid: false },
  ]);
  await earth.deploy('North', '2024-01-01T00:00:00-06:00', '2024-02-01T00:00:00-06:00');
});
afterAll(() => earth?.close());

test('they are no events; unknown and what a reviewer made an animal are', async () => {
  const page = wordsOf(await report(earth, { start_date: '2024-01-01', end_date: '2024-01-31' }));
  expect(page).toContain('4 detections 4 independent events 2 known deer 31.0 trap nights');
  expect(page).toContain(
    '1 detection marked as not valid, 0 marked as duplicate, 3 not of an animal (person, vehicle, empty)',
  );
  expect(page).not.toMatch(/Human \d|empty \d|vehicle \d/);
  // Their images are what the camera took: effort without a gap.
  expect(page).toMatch(/North 8 4 4 2 31\.0 12\.9/);
});

test('the archive counts, lists and shows the same, and its package names them', async () => {
  const found = await members(await made(earth));
  const manifest = manifestOf(found);
  expect(manifest.counts).toMatchObject({
    requested: 8,
    exported: 4,
    crops: 4,
    metadata_rows: 4,
    left_out_invalid: 1,
    left_out_no_animal: 3,
  });
  expect([1, 2, 3].map((n) => reasons(manifest)[ids[n]!])).toEqual([
    'not an animal: its class is empty',
    'not an animal: its class is Human',
    'not an animal: its class is vehicle',
  ]);
  expect([...found.keys()].filter((name) => name.startsWith('crops/'))).toHaveLength(4);
  expect(table(found, 'metadata.csv').map((row) => row.classification)).toEqual(['buck', 'doe', 'unknown', 'doe']);
  const summary = table(found, 'summary_by_month.csv');
  expect([...new Set(summary.map((row) => row.class))].sort()).toEqual(['buck', 'doe', 'unknown']);
  expect(summary.reduce((sum, row) => sum + Number(row.independent_events), 0)).toBe(4);
  // Neither animal was seen in two events: a person and a vehicle are no sightings of theirs.
  expect(table(found, 'capture_history.csv')).toEqual([]);
  expect(String(found.get('README.txt')?.body)).toContain('3 not of an animal');
  const observations = table(found, 'camtrap-dp/observations.csv');
  expect(observations.map((row) => row.observationType)).toEqual([
    'animal',
    'blank',
    'human',
    'vehicle',
    'animal',
    'animal',
    'animal',
  ]);
});

test('asked for by id they are in the package and in no count; alone there is nothing to export', async () => {
  const found = await members(await made(earth, { detection_ids: ids.slice(1, 5), include_crops: false }));
  expect(manifestOf(found).counts).toMatchObject({ requested: 4, exported: 1, left_out_no_animal: 3 });
  expect(table(found, 'camtrap-dp/observations.csv')).toHaveLength(4);
  await expect(made(earth, { detection_ids: [ids[1]!] })).rejects.toThrow(
    'None of the 1 detection_ids can be exported: not an animal: its class is empty',
  );
});

test('they are no class to ask for', async () => {
  await expect(made(earth, { ...PERIOD, classifications: ['vehicle'] })).rejects.toThrow(
    '"vehicle" is no animal and is not counted; known: buck, doe, unknown',
  );
});
