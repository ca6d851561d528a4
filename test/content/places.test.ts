// How exactly exports say where cameras were: no byte of any kind holds more than its setting
// allows.
import { buffer } from 'node:stream/consumers';
import { makeLocator, ROUNDED_METERS } from '../../lib/deer/coordinates.ts';
import { type ExportKind, KINDS } from '../../lib/exports/kinds/index.ts';
import { renderOccupancy } from '../../lib/exports/occupancy/renderer.ts';
import type { Renderer } from '../../lib/exports/shared/renderer.ts';
import { coarser, type Precision } from '../../lib/precision.ts';
import { CREATED, frame, members, ZONE, zipExport } from './archive.ts';
import { type World, world } from './fixture.ts';
import { pagesOf } from './pdf-text.ts';
import { renderPdf } from './report.ts';

/** Two cameras some 1,100 m from each other, and one that is not on the globe. */
const PLACES = [
  { name: 'North', lat: 43.123456, lon: -90.654321 },
  { name: 'South', lat: 43.113355, lon: -90.647788 },
] as const;
/** Digits of exact coordinates, to the third decimal. */
const EXACT = /43\.1[12]3|90\.6(54|47)/;
const ROUNDED = /43\.1[12]\b|90\.65\b/;

/** A Re-ID analysis and the summary of an import know no coordinates. */
type Placed = Exclude<ExportKind, 'reid' | 'import'>;
const RENDERERS: { [K in Placed]: Renderer<never> } = {
  pdf: renderPdf as Renderer<never>,
  zip: zipExport as Renderer<never>,
  occupancy: renderOccupancy as Renderer<never>,
};
const REQUESTS: { [K in Placed]: object } = {
  pdf: { start_date: '2024-01-01', end_date: '2024-01-31', group_by: 'week' },
  zip: { start_date: '2024-01-01', end_date: '2024-01-31', group_by: 'week', crop_size: 128 },
  occupancy: { start_date: '2024-01-01', end_date: '2024-01-31' },
};

let earth: World;
beforeAll(async () => {
  earth = await world();
  for (const { name } of PLACES) {
    await earth.deploy(name, '2023-12-01T00:00:00Z', '2024-03-01T00:00:00Z');
    await earth.add([
      { place: name, at: '2024-01-10T12:00:00Z', class: 'doe', bbox: { x: 10, y: 10, width: 100, height: 100 } },
    ]);
  }
  await earth.database.write(async ({ rows }) => {
    for (const { name, lat, lon } of PLACES)
      await rows('UPDATE locations SET coordinates = $2 WHERE name = $1', [name, { lat, lon }]);
    await rows('UPDATE deployments SET source_fields = $1', [{ coordinateUncertainty: 30, setupBy: 'Ada Lovelace' }]);
  });
});
afterAll(() => earth?.close());

/** Everything that an export holds, as text: of an archive its members, of a report its words. */
async function read(kind: Placed, precision: Precision, more: object = {}): Promise<Map<string, string>> {
  const { body } = await RENDERERS[kind]({
    jobId: 'a-job',
    request: { ...REQUESTS[kind], ...more } as never,
    createdAt: CREATED,
    timeZone: ZONE,
    database: earth.database,
    images: { read: () => Promise.resolve(frame) },
    locator: makeLocator(precision),
    progress: () => undefined,
    confirm: async () => undefined,
    signal: new AbortController().signal,
  });
  const bytes = await buffer(body);
  if (bytes.subarray(0, 5).toString() === '%PDF-')
    return new Map([['report.pdf', `${pagesOf(bytes).join(' ')} ${bytes.toString('latin1')}`]]);
  return new Map([...(await members(bytes))].map(([name, member]) => [name, member.body.toString('latin1')]));
}
/** Lines of a report are broken. */
const said = (text: string): string => text.replace(/\s+/g, ' ');
const whole = (texts: ReadonlyMap<string, string>): string => [...texts.values()].join('\n');
/** A report draws them. */
const WITH_DIGITS: readonly Placed[] = ['zip', 'occupancy'];

const PLACED = KINDS.map(({ kind }) => kind).filter((kind) => kind !== 'reid' && kind !== 'import');
describe.each(PLACED)('%s', (kind) => {
  test('exact: where it has coordinates they are those of the database', async () => {
    expect(EXACT.test(whole(await read(kind, 'exact')))).toBe(WITH_DIGITS.includes(kind));
  });

  test('rounded: no byte holds more than two decimals, and the file says so', async () => {
    const text = whole(await read(kind, 'rounded'));
    expect(EXACT.exec(text)?.[0]).toBeUndefined();
    expect(ROUNDED.test(text)).toBe(WITH_DIGITS.includes(kind));
    expect(said(text)).toContain('Coordinates are rounded to 0.01 degree');
  });

  test('withheld: none at all, and the file says so', async () => {
    const text = whole(await read(kind, 'withheld'));
    expect(EXACT.exec(text)?.[0] ?? ROUNDED.exec(text)?.[0]).toBeUndefined();
    expect(said(text)).toContain('Coordinates are withheld.');
  });
});

test('a map is drawn from what may be published alone', async () => {
  const draw = (precision: Precision) => read('pdf', precision, { include_tables: false }).then(whole);
  const place = (at: (typeof PLACES)[number], digits: number) => ({
    lat: Number(at.lat.toFixed(digits)),
    lon: Number(at.lon.toFixed(digits)),
  });
  const move = (digits: number) =>
    earth.database.write(async ({ rows }) => {
      for (const each of PLACES)
        await rows('UPDATE locations SET coordinates = $2 WHERE name = $1', [each.name, place(each, digits)]);
    });
  const [exact, rounded, withheld] = [await draw('exact'), await draw('rounded'), await draw('withheld')];
  await move(2);
  try {
    expect(await draw('rounded')).toBe(rounded);
    expect(await draw('exact')).not.toBe(exact);
    await move(0);
    expect(await draw('withheld')).toBe(withheld);
    expect(await draw('rounded')).not.toBe(rounded);
  } finally {
    await move(6);
  }
});

test('Camtrap DP says how exact it is', async () => {
  const rounded = await read('zip', 'rounded');
  const header = rounded.get('camtrap-dp/deployments.csv')!.split('\n')[0]!.trim().split(',');
  const row = rounded.get('camtrap-dp/deployments.csv')!.split('\n')[1]!.trim().split(',');
  expect(row[header.indexOf('coordinateUncertainty')]).toBe(String(ROUNDED_METERS + 30));
  expect(JSON.parse(rounded.get('camtrap-dp/datapackage.json')!)).toMatchObject({ coordinatePrecision: 0.01 });
  const withheld = await read('zip', 'withheld');
  expect(JSON.parse(withheld.get('camtrap-dp/datapackage.json')!)).not.toHaveProperty('spatial');
  expect(withheld.get('README.txt')).toContain('deployments.csv latitude, longitude');
});

test('names of people leave only when asked for', async () => {
  expect(whole(await read('zip', 'exact'))).not.toContain('Lovelace');
  expect(whole(await read('zip', 'exact', { include_people: true }))).toContain('Lovelace');
});

test('a request can only make it coarser', () => {
  expect(coarser('rounded', 'exact')).toBe('rounded');
  expect(coarser('exact', 'withheld')).toBe('withheld');
  expect(coarser('withheld', undefined)).toBe('withheld');
  expect(coarser('exact', undefined)).toBe('exact');
});

test.each([
  [43.125, 43.13],
  [-90.654321, -90.65],
  [0.004, 0],
  [-0.004, 0],
  [179.999, 180],
])('%d is rounded to %d', (exact, rounded) => {
  const [lon] = makeLocator('rounded').locate({ lat: 0, lon: exact })!;
  expect(lon).toBe(rounded);
  expect(Math.abs(lon - exact)).toBeLessThanOrEqual(0.005 + 1e-9);
});
