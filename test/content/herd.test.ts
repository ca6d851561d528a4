// The demo herd of the suite's database as its exports show it: numbers by another reading, a valid
// package, pages and time of a year by day.

import { buffer } from 'node:stream/consumers';
import { type Database, postgres } from '../../lib/adapters/postgres.ts';
import { makeLocator } from '../../lib/deer/coordinates.ts';
import { makeScope, readFilledSeason } from '../../lib/exports/season/index.ts';
import { CREATED, frame, members, table, ZONE, zipExport } from './archive.ts';
import type { World } from './fixture.ts';
import { pagesOf } from './pdf-text.ts';
import { report, wordsOf } from './report.ts';
import { descriptorProblems, packageIn, rowProblems, withStandard } from './standard.ts';

const year = { start_date: '2023-09-01', end_date: '2024-08-31', group_by: 'month' } as const;
let database: Database;
let herd: World;
beforeAll(() => {
  database = postgres({ url: process.env.DATABASE_URL! });
  herd = { database } as World;
});
afterAll(() => database.close());

interface Seen {
  id: string;
  at: Date;
  month: string;
  place: string;
  class: string;
  deer_id: string | null;
}
/** Plain rows; everything else is counted here, in another way than by windows in SQL. */
const seen = (): Promise<Seen[]> =>
  database.read((queries) =>
    queries.rows<Seen>(`SELECT d.id, i.timestamp AS at, to_char(timezone('America/Chicago', i.timestamp), 'Mon YYYY') AS month, l.name AS place,
        CASE WHEN corrected_classification <> '' THEN corrected_classification ELSE classification END AS class, deer_id
      FROM detections d JOIN images i ON i.id = d.image_id JOIN locations l ON l.id = i.location_id
      WHERE NOT (NOT d.is_valid OR d.is_duplicate) AND timezone('America/Chicago', i.timestamp) BETWEEN '2023-09-01' AND '2024-08-31 23:59:59.999'
      ORDER BY i.timestamp, d.id`),
  );

test('detections, events, known deer and trap nights of the report are those of another count', async () => {
  const rows = await seen();
  const last = new Map<string, number>();
  const opens = rows.filter(({ place, class: name, at }) => {
    const key = `${place} ${name}`;
    const before = last.get(key);
    last.set(key, at.getTime());
    return before === undefined || at.getTime() - before >= 30 * 60_000;
  });
  const stays = await database.read((queries) =>
    queries.rows<{ starts_at: Date; ends_at: Date }>('SELECT starts_at, ends_at FROM deployments'),
  );
  const words = wordsOf(await report(herd, year));
  const months = [...new Set(rows.map((row) => row.month))];
  expect(months).toHaveLength(12);
  for (const month of months) {
    const here = rows.filter((row) => row.month === month);
    const deer = new Set(here.flatMap((row) => row.deer_id ?? [])).size;
    const events = opens.filter((row) => row.month === month).length;
    expect(words).toMatch(new RegExp(`${month} [\\d ,]+ ${here.length} ${events} ${deer} \\d+\\.\\d `));
  }
  const season = await database.read((queries) => readFilledSeason(queries, makeScope(year, ZONE, CREATED)));
  expect([season.total.detections, season.total.events]).toEqual([rows.length, opens.length]);
  // Stays of the herd lie within its year and are whole days of standard time; the clocks' change
  // moves at most an hour of each end.
  const nights = stays.reduce(
    (sum, { starts_at, ends_at }) => sum + (ends_at.getTime() - starts_at.getTime()) / 86_400_000,
    0,
  );
  expect(Math.abs(season.total.nights - nights)).toBeLessThan((2 * stays.length) / 24);
});

test('a year by day stays under 40 pages, with its header on every page of the table', async () => {
  const pages = pagesOf(await report(herd, { ...year, group_by: 'day' }));
  expect(pages.length).toBeLessThan(40);
  const daily = pages.filter(
    (page) => (page.match(/(Mon|Tue|Wed|Thu|Fri|Sat|Sun) \n\d+ \n[A-Z][a-z]{2} \n20\d\d\n/g) ?? []).length > 0,
  );
  for (const page of daily) expect(page.replace(/\s+/g, ' ')).toMatch(/Day .*Detections Events Known deer Trap nights/);
});

withStandard('the package of the herd', () => {
  test('is valid as it comes, and its rows are those of metadata.csv', async () => {
    const { body } = await zipExport({
      jobId: 'a-job',
      request: { ...year, include_crops: false },
      createdAt: CREATED,
      timeZone: ZONE,
      database,
      images: { read: () => Promise.resolve(frame) },
      progress: () => undefined,
      confirm: async () => undefined,
      locator: makeLocator('exact'),
      signal: new AbortController().signal,
    });
    const found = await members(await buffer(body));
    const exported = packageIn(found);
    expect(descriptorProblems(exported.descriptor)).toEqual([]);
    expect(rowProblems(exported)).toEqual([]);
    const ids = (await seen()).map((row) => row.id).sort();
    expect(exported.observations.map((row) => row.observationID).sort()).toEqual(ids);
    expect(
      table(found, 'metadata.csv')
        .map((row) => row.detection_id)
        .sort(),
    ).toEqual(ids);
    expect(new Set(exported.observations.map((row) => row.scientificName))).toEqual(
      new Set(['Odocoileus virginianus']),
    );
    expect(exported.observations.filter((row) => row.bboxWidth === '')).toEqual([]);
    const animals = table(found, 'capture_history.csv');
    expect(animals.length).toBeGreaterThan(0);
    expect(Object.keys(animals[0]!)).toHaveLength(15);
  });
});
