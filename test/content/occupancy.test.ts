// The occupancy export: histories, effort and sites of a small world, and what R makes of the
// files.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { parse } from 'csv-parse/sync';
import { makeLocator } from '../../lib/deer/coordinates.ts';
import { renderOccupancy } from '../../lib/exports/occupancy/renderer.ts';
import type { OccupancyRequest } from '../../lib/exports/occupancy/request.ts';
import { labelSites } from '../../lib/exports/sites/labels.ts';
import { splitPeriod } from '../../lib/exports/sites/occasions.ts';
import { CREATED, type Member, members, ZONE } from './archive.ts';
import { type World, world } from './fixture.ts';

let earth: World;
beforeAll(async () => {
  earth = await world();
});
afterAll(() => earth?.close());
afterEach(() => earth.clear());

/** Three occasions: two of seven days and one of three. */
const PERIOD: OccupancyRequest = { start_date: '2024-01-01', end_date: '2024-01-17' };

const made = async (request: OccupancyRequest = PERIOD): Promise<Map<string, Member>> => {
  const { body } = await renderOccupancy({
    jobId: 'a-job',
    request,
    createdAt: CREATED,
    timeZone: ZONE,
    database: earth.database,
    images: { read: () => Promise.reject(new Error('no image is read')) },
    progress: () => undefined,
    confirm: async () => undefined,
    locator: makeLocator('exact'),
    signal: new AbortController().signal,
  });
  return members(await buffer(body));
};
const text = (found: Map<string, Member>, name: string): string => String(found.get(name)?.body);
const rows = (found: Map<string, Member>, name: string): string[][] => parse(text(found, name)) as string[][];
/** README.txt as one line, so that a sentence is found wherever it is wrapped. */
const readme = (found: Map<string, Member>): string => text(found, 'README.txt').replace(/\s+/g, ' ');

/** Local noon of a day in January 2024. */
const noon = (day: number): string => `2024-01-${String(day).padStart(2, '0')}T12:00:00-06:00`;

/**
 * North has a deployment of the first two occasions, South none but images, Silent neither; East's
 * camera ran on the first day alone.
 */
async function study(): Promise<void> {
  await earth.deploy('North', '2024-01-01T00:00:00-06:00', '2024-01-11T12:00:00-06:00');
  await earth.deploy('East', '2024-01-01T00:00:00-06:00', '2024-01-02T00:00:00-06:00');
  await earth.deploy('Silent', '2023-01-01T00:00:00-06:00', '2023-02-01T00:00:00-06:00');
  await earth.add([
    { place: 'North', at: noon(2), class: 'doe' },
    { place: 'North', at: noon(3), class: 'buck' },
    { place: 'North', at: noon(9), class: 'doe', valid: false },
    { place: 'North', at: noon(10), class: 'doe', duplicate: true },
    { place: 'North', at: noon(10), class: 'person' },
    { place: 'North', at: noon(10), class: 'raccoon' },
    { place: 'South', at: noon(4), class: 'doe', corrected: 'fawn' },
    { place: 'South', at: noon(12), detection: false },
    { place: 'East', at: noon(10), class: 'buck' },
    { place: null, at: noon(10), class: 'buck' },
  ]);
}

test('a detection is 1, a camera without one 0, no camera NA; effort is trap nights or NA', async () => {
  await study();
  const found = await made();
  expect([...found.keys()]).toEqual([
    'detection_history.csv',
    'effort.csv',
    'sites.csv',
    'README.txt',
    'manifest.json',
  ]);
  const header = ['location', 'occasion_1', 'occasion_2', 'occasion_3'];
  expect(rows(found, 'detection_history.csv')).toEqual([
    header,
    ['East', '0', 'NA', 'NA'],
    ['North', '1', '0', 'NA'],
    ['South', '1', '0', 'NA'],
  ]);
  expect(rows(found, 'effort.csv')).toEqual([
    header,
    ['East', '1', 'NA', 'NA'],
    ['North', '7', '3.5', 'NA'],
    ['South', '4', '5', 'NA'],
  ]);
  expect(rows(found, 'sites.csv')).toEqual([
    ['location', 'latitude', 'longitude', 'trap_nights', 'effort_source'],
    ['East', 'NA', 'NA', '1', 'deployments'],
    ['North', 'NA', 'NA', '10.5', 'deployments'],
    ['South', 'NA', 'NA', '9', 'images'],
  ]);
});

test('the README names every detection without effort, each site without a row, and what is not counted', async () => {
  await study();
  const found = await made();
  const said = readme(found);
  expect(said).toContain('NA although there is a detection: 1 occasion of a site with 1 detection');
  expect(said).toContain('East, occasion_2 (2024-01-08 to 2024-01-14): 1 detection');
  expect(said).toContain('Not in the tables, because no camera was running there in the period: 1 location: Silent');
  expect(said).toContain('Not valid: 1 detection. Duplicates: 1. People, vehicles, and empty images: 1.');
  expect(said).toContain('Other animals: 1 detection (raccoon)');
  expect(said).toContain('Without a location, so not in the tables: 1 detection.');
  expect(said).toContain('Effort from images:');
  expect(said).toContain('occasion_3 2024-01-15 to 2024-01-17 shorter: 3 days');
  const manifest = JSON.parse(text(found, 'manifest.json'));
  expect(manifest).toMatchObject({
    period: { ...PERIOD, occasion_days: 7, time_zone: ZONE },
    counts: { sites: 3, occasions: 3, detections: 5 },
    sites_without_effort: ['Silent'],
    detections_without_effort: [{ location: 'East', occasion: 'occasion_2', detections: 1 }],
  });
  // Every counted detection is in a cell, named as unexplained, or without a location.
  expect(manifest.files.map(({ path }: { path: string }) => path)).toEqual([...found.keys()].slice(0, -1));
});

test('classes, locations and the length of an occasion are those of the request', async () => {
  await study();
  const found = await made({ ...PERIOD, classifications: ['raccoon'], locations: ['North'], occasion_days: 10 });
  expect(rows(found, 'detection_history.csv')).toEqual([
    ['location', 'occasion_1', 'occasion_2'],
    ['North', '1', '0'],
  ]);
  expect(rows(found, 'effort.csv')[1]).toEqual(['North', '10', '0.5']);
  expect(readme(found)).toContain('With fewer than two sites or two occasions');
});

test('days are those of the time zone: a detection minutes before local midnight is of the earlier occasion', async () => {
  await earth.deploy('North', '2024-01-01T00:00:00-06:00', '2024-01-18T00:00:00-06:00');
  await earth.add([{ place: 'North', at: '2024-01-08T05:59:00Z' }]);
  expect(rows(await made(), 'detection_history.csv')[1]).toEqual(['North', '1', '0', '0']);
});

test('effort and no detection is a history of zeros, and is said to carry no model', async () => {
  await earth.deploy('North', '2024-01-01T00:00:00-06:00', '2024-01-18T00:00:00-06:00');
  const found = await made();
  expect(rows(found, 'detection_history.csv')[1]).toEqual(['North', '0', '0', '0']);
  expect(readme(found)).toContain('No detection of the selected classes');
});

test('a period without any effort is refused, and says what is missing', async () => {
  await earth.deploy('North', '2023-01-01T00:00:00-06:00', '2023-02-01T00:00:00-06:00');
  await earth.add([{ place: 'North', at: noon(3) }]);
  await expect(made()).rejects.toMatchObject({
    kind: 'invalid',
    message:
      'No camera effort found between 2024-01-01 and 2024-01-17: an occupancy data set needs deployments or images of the period',
  });
});

test('a class or location that is not known is refused like in every other export', async () => {
  await study();
  await expect(made({ ...PERIOD, classifications: ['unicorn'] })).rejects.toMatchObject({ kind: 'invalid' });
  await expect(made({ ...PERIOD, locations: ['Atlantis'] })).rejects.toMatchObject({ kind: 'invalid' });
});

test('coordinates, habitat and bait are columns where the database has them', async () => {
  await study();
  await earth.database.write(async (queries) => {
    await queries.rows(
      `UPDATE locations SET coordinates = '{"lat": 30.5, "lon": -98.25}', description = E'oak\\nridge' WHERE name = 'North'`,
    );
    await queries.rows(
      `UPDATE deployments SET source_fields = '{"baitUse": true}' WHERE location_id = (SELECT id FROM locations WHERE name = 'North')`,
    );
  });
  expect(rows(await made(), 'sites.csv')).toEqual([
    ['location', 'latitude', 'longitude', 'trap_nights', 'effort_source', 'habitat', 'bait'],
    ['East', 'NA', 'NA', '1', 'deployments', 'NA', 'NA'],
    ['North', '30.5', '-98.25', '10.5', 'deployments', 'oak ridge', 'yes'],
    ['South', 'NA', 'NA', '9', 'images', 'NA', 'NA'],
  ]);
});

test('equal requests give equal bytes', async () => {
  await study();
  const [first, second] = [await made(), await made()];
  expect([...first].map(([name, { body }]) => [name, String(body)])).toEqual(
    [...second].map(([name, { body }]) => [name, String(body)]),
  );
});

describe('occasions', () => {
  test('of one day across a change of the clocks', () => {
    expect(splitPeriod('2024-03-09', '2024-03-11', 1).map(({ from, to, days }) => [from, to, days])).toEqual([
      ['2024-03-09', '2024-03-09', 1],
      ['2024-03-10', '2024-03-10', 1],
      ['2024-03-11', '2024-03-11', 1],
    ]);
  });
  test('longer than the period: one, shorter', () => {
    expect(splitPeriod('2024-01-01', '2024-01-05', 60)).toEqual([
      { column: 'occasion_1', from: '2024-01-01', to: '2024-01-05', days: 5 },
    ]);
  });
});

test('names of sites are unique for R, and none is a missing value', () => {
  const ids = ['aaaaaaaa-1', 'bbbbbbbb-2', 'cccccccc-3', 'dddddddd-4', 'eeeeeeee-5', 'ffffffff-6'];
  const names = ['7', '07', 'NA', '', '=SUM(A1)', 'two\nlines'];
  expect(labelSites(names.map((name, index) => ({ id: ids[index]!, name })))).toEqual([
    '7',
    '07 (bbbbbbbb)',
    'NA (cccccccc)',
    '(dddddddd)',
    "'=SUM(A1)",
    'two lines',
  ]);
});

/** Names that a careless reader of CSV would break on. */
async function awkward(): Promise<void> {
  await earth.add(
    ['=1+1', 'Ridge, "upper"', '#5', "O'Hara", 'Stra\u00dfe', '007', '7', 'NA'].flatMap((place, index) => [
      { place, at: noon(1 + index) },
      { place, at: noon(17), detection: false },
    ]),
  );
}

test('the tables have the form that R reads: no byte order mark, names that R keeps, one type in a column', async () => {
  await awkward();
  const found = await made();
  const [history, effort, sites] = ['detection_history.csv', 'effort.csv', 'sites.csv'].map((name) =>
    rows(found, name),
  );
  for (const name of ['detection_history.csv', 'effort.csv', 'sites.csv'])
    expect(text(found, name).startsWith('location,')).toBe(true);
  const labels = (table: string[][] | undefined) => table!.slice(1).map(([label]) => label);
  expect(labels(effort)).toEqual(labels(history));
  expect(labels(sites)).toEqual(labels(history));
  expect(new Set(labels(history)).size).toBe(8);
  for (const column of history![0]!) expect(column).toMatch(/^[A-Za-z][A-Za-z0-9_]*$/);
  for (const cells of history!.slice(1)) for (const cell of cells.slice(1)) expect(cell).toMatch(/^(0|1|NA)$/);
  for (const cells of effort!.slice(1)) for (const cell of cells.slice(1)) expect(cell).toMatch(/^(NA|\d+(\.\d+)?)$/);
});

const R = `
setwd(commandArgs(TRUE)[1])
lines <- readLines("README.txt")
call <- grep("^  (y|effort|sites) <- ", lines, value = TRUE)
stopifnot(length(call) == 3)
eval(parse(text = call))
stopifnot(is.matrix(y), is.numeric(y), all(y %in% c(0, 1, NA)), is.matrix(effort), is.numeric(effort))
stopifnot(identical(dim(y), dim(effort)), identical(dimnames(y), dimnames(effort)), nrow(sites) == nrow(y))
stopifnot(identical(as.character(sites$location), rownames(y)), identical(is.na(y), is.na(effort)))
stopifnot(names(sites)[1] == "location", is.numeric(sites$trap_nights), is.factor(sites$effort_source))
if (requireNamespace("unmarked", quietly = TRUE)) {
  eval(parse(text = grep("^  umf <- ", lines, value = TRUE)))
  stopifnot(identical(unname(unmarked::getY(umf)), unname(y)), unmarked::numSites(umf) == nrow(y))
  cat("unmarked ")
}
cat(nrow(y), ncol(y), sum(y, na.rm = TRUE))`;

if (spawnSync('Rscript', ['--version']).status === 0)
  test('R reads them with the lines of the README', async () => {
    await awkward();
    const found = await made();
    const folder = mkdtempSync(join(tmpdir(), 'hoofprint-occupancy-'));
    try {
      for (const [name, { body }] of found) writeFileSync(join(folder, name), body);
      writeFileSync(join(folder, 'read.R'), R);
      const { stdout, stderr } = spawnSync('Rscript', [join(folder, 'read.R'), folder], {
        encoding: 'utf8',
        env: { ...process.env, LC_ALL: 'C.UTF-8' },
      });
      expect([stdout.replace('unmarked ', ''), stderr]).toEqual(['8 3 8', expect.not.stringContaining('Error')]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
