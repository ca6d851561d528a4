// The page's numbers of the demo herd are those of a report.
import { handler as deer } from '../../handlers/deer.ts';
import { handler as names } from '../../handlers/names.ts';
import { handler as season } from '../../handlers/season.ts';
import { closeWiring, viewDatabase } from '../../lib/clients.ts';
import { keyFigures } from '../../lib/exports/pdf/cover.ts';
import { loadReport } from '../../lib/exports/season/index.ts';
import { number } from '../../lib/format.ts';
import { read } from './fixture.ts';

afterAll(closeWiring);

test.each([
  ['2023-09-01', '2024-01-31'],
  ['2023-11-15', '2024-08-20'],
])('%s to %s', async (start_date, end_date) => {
  const request = { start_date, end_date, group_by: 'month' as const };
  const report = await loadReport(viewDatabase(), request, 'UTC', new Date());
  const { status, json } = await read(season, `start_date=${start_date}&end_date=${end_date}`);
  expect([status, json.is_default_shifted, json.is_empty]).toEqual([200, false, false]);
  const { total, classes, classTotals, bins, cameras } = report.season;
  const { numbers } = json;
  expect(numbers).toEqual({
    detections: total.detections,
    events: total.events,
    individuals: total.individuals,
    trap_nights: total.nights,
    events_per_100_trap_nights: total.per100,
  });
  // And as they are printed.
  const printed = JSON.stringify(keyFigures(report.season));
  for (const [n, digits] of [
    [numbers.detections, 0],
    [numbers.events, 0],
    [numbers.individuals, 0],
    [numbers.trap_nights, 1],
    [numbers.events_per_100_trap_nights, 1],
  ])
    expect(printed).toContain(`{"text":"${number(n, digits)}","style":"figure"}`);
  expect(json.classes.map(({ name, detections, events }: never) => [name, detections, events])).toEqual(
    classes.map((name, at) => [name, classTotals[at]!.detections, classTotals[at]!.events]),
  );
  expect(
    json.by_month.map((row: Record<string, unknown>) => [row.month, row.class, row.events, row.trap_nights, row.rate]),
  ).toEqual(
    bins.flatMap(({ bin, byClass }) =>
      byClass.map(({ events, nights, per100 }, at) => [bin.key, classes[at], events, nights, per100]),
    ),
  );
  const byId = new Map(cameras.map((camera) => [camera.id, camera]));
  expect(json.cameras).toHaveLength(cameras.length);
  for (const camera of json.cameras) {
    const { name, detections, events, nights, per100 } = byId.get(camera.location_id)!;
    expect(camera).toMatchObject({ name, detections, events, trap_nights: nights, rate: per100 });
  }
});

test('without dates it is the last year with detections, because the last twelve months have none', async () => {
  const { json } = await read(season);
  expect([json.is_default_shifted, json.period.end_date.slice(0, 7)]).toEqual([true, '2024-08']);
  expect(json.numbers.detections).toBeGreaterThan(1_500);
});

test('names and their counts', async () => {
  const { status, json } = await read(names);
  expect(status).toBe(200);
  expect([json.cameras.length, json.deer.length, json.first_day.slice(0, 7), json.last_day.slice(0, 7)]).toEqual([
    9,
    20,
    '2023-09',
    '2024-08',
  ]);
  const sum = (rows: { count: number }[]): number => rows.reduce((all, { count }) => all + count, 0);
  expect(sum(json.cameras)).toBe(sum(json.classes));
  expect(sum(json.deer)).toBeGreaterThan(100);
});

test('deer have the numbers of a report of all days', async () => {
  // All of the herd is within a year.
  const request = { start_date: '2023-09-01', end_date: '2024-08-31', group_by: 'month' as const };
  const { season: whole } = await loadReport(viewDatabase(), request, 'UTC', new Date());
  const { status, json } = await read(deer);
  expect(status).toBe(200);
  const seen = json.deer.filter(({ events }: { events: number }) => events > 0);
  expect(seen).toHaveLength(whole.deer.length);
  for (const { id, label, sex, detections, events, locations, first, last } of whole.deer) {
    const found = seen.find(({ deer_id }: { deer_id: string }) => deer_id === id);
    expect(found).toMatchObject({ name: label, sex, detections, events, cameras: locations });
    expect([found.first_seen, found.last_seen].map((at) => at.slice(0, 16).replace('T', ' '))).toEqual([first, last]);
    expect(found.best_detection_id).toEqual(expect.any(String));
  }
  expect(json.unassigned.detections).toBe(whole.total.detections - whole.total.assigned);
});
