// The PDF report as its reader gets it: text, numbers, pages, bytes.
import { readFileSync } from 'node:fs';
import { brotliDecompressSync } from 'node:zlib';
import { groupClasses } from '../../lib/exports/pdf/charts.ts';
import { bold, regular } from '../../lib/exports/pdf/layout/fonts.generated.ts';
import type { PdfRequest } from '../../lib/exports/pdf/request.ts';
import type { RenderJob } from '../../lib/exports/shared/renderer.ts';
import { lean } from '../../scripts/fonts/lean.ts';
import { type Shot, type World, world } from './fixture.ts';
import { pagesOf } from './pdf-text.ts';
import { report, wordsOf } from './report.ts';

let earth: World;
beforeAll(async () => {
  earth = await world();
});
afterAll(() => earth?.close());
afterEach(() => earth.clear());

const made = (request: Partial<PdfRequest> = {}, work: Partial<RenderJob<PdfRequest>> = {}): Promise<Buffer> =>
  report(earth, request, work);
const text = wordsOf;

/** A season without chance: every number differs from its neighbours. */
function shots(): Shot[] {
  const list: Shot[] = [];
  const classes = ['doe', 'buck', 'fawn', 'unknown'];
  for (let at = 0; at < 240; at++) {
    list.push({
      at: new Date(
        Date.UTC(2023, 8, 1, 5) +
          ((at * at * 37) % 153) * 86_400_000 +
          ((at * 7) % 24) * 3_600_000 +
          (at % 4) * 600_000,
      ).toISOString(),
      place: at % 3 === 0 ? 'North' : 'South',
      class: classes[((at * 5) % 7) % 4] ?? null,
      corrected: at % 11 === 0 ? 'buck' : null,
      deer: at % 10 === 0 ? `Deer ${at % 30}` : null,
      valid: at % 17 !== 0,
      duplicate: at % 19 === 0,
    });
  }
  return list;
}

test('the numbers in the report are those of the database', async () => {
  await earth.add(shots());
  await earth.deploy('North', '2023-09-01T00:00:00-05:00', '2024-02-01T00:00:00-06:00');
  const page = text(await made());

  // Written independently of lib/exports: plain counts by month, class by class.
  const rows = await earth.database.read((queries) =>
    queries.rows<{ month: string; doe: number; buck: number; fawn: number; unknown: number; n: number; deer: number }>(`
      SELECT trim(to_char(i.timestamp AT TIME ZONE 'America/Chicago', 'Mon YYYY')) AS month, count(*) AS n, count(DISTINCT d.deer_id) AS deer,
        sum(CASE WHEN coalesce(corrected_classification, classification) = 'doe' THEN 1 ELSE 0 END) AS doe,
        sum(CASE WHEN coalesce(corrected_classification, classification) = 'buck' THEN 1 ELSE 0 END) AS buck,
        sum(CASE WHEN coalesce(corrected_classification, classification) = 'fawn' THEN 1 ELSE 0 END) AS fawn,
        sum(CASE WHEN coalesce(corrected_classification, classification) = 'unknown' THEN 1 ELSE 0 END) AS unknown
      FROM detections d, images i WHERE i.id = d.image_id AND d.is_valid AND NOT d.is_duplicate GROUP BY 1`),
  );
  expect(rows).toHaveLength(5);
  const series = /Month ([a-z ]+) Detections Events/.exec(page)?.[1]?.split(' ') as (
    | 'doe'
    | 'buck'
    | 'fawn'
    | 'unknown'
  )[];
  expect([...series].sort()).toEqual(['buck', 'doe', 'fawn', 'unknown']);
  for (const row of rows) {
    const line = new RegExp(`${row.month} ${series.map((name) => row[name]).join(' ')} ${row.n} \\d+ ${row.deer} `);
    expect(page).toMatch(line);
  }
  const total = rows.reduce((sum, row) => sum + row.n, 0);
  expect(page).toContain(`${total} detections `);
  expect(page).toContain(`${shots().filter((shot) => !shot.valid).length} detections marked as not valid`);
  expect(page).toContain(`${shots().filter((shot) => shot.valid && shot.duplicate).length} marked as duplicate`);
  expect(page).toContain('Time zone America/Chicago');
  expect(page).toContain('Created 2 Feb 2025, 22:05 America/Chicago');
  expect(page).toMatch(/Known deer 3 deer with \d+ assigned detections/);
  expect(page).toMatch(/North \d+ \d+ \d+ \d+ 153\.0 /);
  expect(page).toContain('No deployment is recorded here. Trap nights');
});

test('equal data and creation time give equal bytes, whatever the job is called; another time does not', async () => {
  await earth.add(shots().slice(0, 60));
  const first = await made({}, { jobId: 'one' });
  expect((await made({}, { jobId: 'two' })).equals(first)).toBe(true);
  expect((await made({}, { createdAt: new Date('2025-02-03T04:06:06Z') })).equals(first)).toBe(false);
  expect(first.toString('latin1')).toContain('(D:20250203040506Z)');
});

test('a year by day is paginated with its header on every page, within seconds', async () => {
  await earth.add(shots().slice(0, 80));
  // This process' own work, whatever else the machine does.
  const began = process.cpuUsage();
  const pages = pagesOf(await made({ start_date: '2023-09-01', end_date: '2024-08-31', group_by: 'day' }));
  expect(process.cpuUsage(began).user / 1_000).toBeLessThan(6_000);
  const days = pages.join('').match(/(Mon|Tue|Wed|Thu|Fri|Sat|Sun) \n\d+ \n[A-Z][a-z]{2} \n20\d\d\n/g) ?? [];
  expect(days).toHaveLength(366);
  const withDays = pages.filter((page) => /(Mon|Tue|Wed|Thu|Fri|Sat|Sun) \n\d+ \n[A-Z][a-z]{2} \n20\d\d\n/.test(page));
  expect(withDays.length).toBeGreaterThan(5);
  for (const page of withDays) expect(page.replace(/\s+/g, ' ')).toContain('Day ');
  pages.forEach((page, index) => {
    expect(page.replace(/\s+/g, ' ')).toContain(`Page ${index + 1} of ${pages.length}`);
  });
});

test('titles and names are text, in any script', async () => {
  const name = '<image href="/etc/passwd"/>';
  await earth.add([
    { at: '2023-10-01T12:00:00Z', class: name, place: '{{North}} & <b>', deer: 'Олень "Белый"' },
    { at: '2023-10-01T18:00:00Z', class: 'Ελάφι', place: 'العربية' },
  ]);
  const title = `<svg><image href="file:///etc/passwd"/></svg> Ñandú\u0007\nŁoś`;
  const page = text(await made({ title }));
  const squeezed = page.replace(/\s/g, '');
  for (const expected of [
    '<svg><image href="file:///etc/passwd"/></svg> Ñandú Łoś',
    name,
    '{{North}} & <b>',
    'Олень "Белый"',
    'Ελάφι',
  ])
    expect(squeezed).toContain(expected.replace(/\s/g, ''));
  expect((await made({ title })).toString('latin1')).not.toContain('root:');
});

test('parts can be left out, and nothing is said without data behind it', async () => {
  await earth.add([{ at: '2023-10-01T12:00:00Z' }]);
  const bare = text(
    await made({ include_charts: false, include_tables: false, include_insights: false, title: 'Bare' }),
  );
  for (const absent of ['Key findings', 'Activity over time', 'hour of day', 'Cameras Effort', 'Whole period'])
    expect(bare).not.toContain(absent);
  expect(bare).toContain('Bare');
  const full = text(await made());
  for (const present of ['Key findings', 'Activity over time', 'Activity by hour of day', 'Whole period', 'Notes'])
    expect(full).toContain(present);
  expect(full).toContain('None of the 1 detection is assigned');
  expect(full).not.toContain('most active camera');
});

test('an empty period, an unknown class and an aborted job end with their reason', async () => {
  await earth.add([{ at: '2023-10-01T12:00:00Z' }]);
  await expect(made({ start_date: '2022-01-01', end_date: '2022-01-31' })).rejects.toMatchObject({
    kind: 'invalid',
    message: 'No detections found between 2022-01-01 and 2022-01-31',
  });
  await expect(made({ classifications: ['unicorn'] })).rejects.toThrow('Unknown classification "unicorn"; known: doe');
  await expect(made({}, { signal: AbortSignal.abort(new Error('cancelled')) })).rejects.toThrow('cancelled');
});

test('progress rises to the whole', async () => {
  await earth.add([{ at: '2023-10-01T12:00:00Z' }]);
  const seen: number[] = [];
  await made({}, { progress: (done, total) => seen.push(done / total) });
  expect(seen).toEqual([...seen].sort((a, b) => a - b));
  expect(seen.at(-1)).toBe(1);
});

test('more classes than can be distinguished share a last series', () => {
  expect(groupClasses({ classes: ['a', 'b', 'c', 'd', 'e', 'f', 'unknown'] }).map(({ name }) => name)).toEqual([
    'a',
    'b',
    'c',
    'd',
    '2 other classes',
    'unknown',
  ]);
  expect(groupClasses({ classes: ['a', 'b', 'c', 'd', 'e'] }).map(({ classes }) => classes)).toEqual([
    [0],
    [1],
    [2],
    [3],
    [4],
  ]);
});

test('the embedded fonts are those of the installed package', () => {
  for (const [packed, file] of [
    [regular, 'DejaVuSansCondensed.ttf'],
    [bold, 'DejaVuSansCondensed-Bold.ttf'],
  ] as const) {
    expect(
      brotliDecompressSync(Buffer.from(packed, 'base64')).equals(
        lean(readFileSync(new URL(`../../node_modules/dejavu-fonts-ttf/ttf/${file}`, import.meta.url))),
      ),
    ).toBe(true);
  }
});
