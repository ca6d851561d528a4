// The numbers of a season, worked by hand.
import { type World, world } from './fixture.ts';
import { minute, NOW, seasonReader } from './january.ts';

let earth: World;
beforeAll(async () => {
  earth = await world();
});
afterAll(() => earth?.close());
afterEach(() => earth.clear());

const season = seasonReader(() => earth);

describe('independent events', () => {
  test('closer than the limit to the previous detection joins, exactly the limit does not, and chains grow', async () => {
    // 0, 29 (joins), 58 (joins the previous one), 88 (30 after 58: new), 117.98 (joins)
    await earth.add([0, 29, 58, 88, 117.98].map((n) => ({ at: minute(n) })));
    expect((await season()).total).toMatchObject({ detections: 5, events: 2 });
    expect((await season({ independence_minutes: 31 })).total.events).toBe(1);
    expect((await season({ independence_minutes: 29 })).total.events).toBe(5);
    expect((await season({ independence_minutes: 0 })).total.events).toBe(5);
    expect((await season({ independence_minutes: 1440 })).total.events).toBe(1);
  });

  test('are separate by class and by camera, and only valid, first detections count', async () => {
    await earth.add([
      { at: minute(0), class: 'doe' },
      { at: minute(1), class: 'buck' },
      { at: minute(2), class: 'doe', corrected: 'buck' },
      { at: minute(3), class: 'doe', place: 'South' },
      { at: minute(20), class: 'doe', valid: false },
      { at: minute(21), class: 'doe', duplicate: true },
      { at: minute(22), class: 'doe', duplicate: true, valid: false },
      { at: minute(40), class: 'doe' },
    ]);
    const found = await season();
    expect(found.classes).toEqual(['doe', 'buck']);
    expect(found.classTotals.map((row) => [row.detections, row.events])).toEqual([
      [3, 3],
      [2, 1],
    ]);
    expect(found.leftOut).toEqual({ invalid: 2, duplicate: 1, nonAnimal: 0 });
  });

  test('two detections of one instant with a limit of zero are two events', async () => {
    await earth.add([{ at: minute(0) }, { at: minute(0) }]);
    expect((await season({ independence_minutes: 0 })).total.events).toBe(2);
    expect((await season({ independence_minutes: 1 })).total.events).toBe(1);
  });
});

describe('bins', () => {
  test('follow the zone, count the last day whole and show empty ones as zero', async () => {
    await earth.add([
      { at: '2024-01-01T05:59:59Z' }, // still 2023 in Chicago
      { at: '2024-01-01T06:00:00Z' },
      { at: '2024-02-01T05:59:59.999Z' }, // 31 January, 23:59:59
      { at: '2024-02-01T06:00:00Z' },
    ]);
    const days = await season({ group_by: 'day' }, 'America/Chicago');
    expect(days.bins).toHaveLength(31);
    expect(days.bins.map((row) => row.detections).filter(Boolean)).toEqual([1, 1]);
    expect(days.bins[0]?.detections).toBe(1);
    expect(days.bins[30]?.detections).toBe(1);
    expect(days.bins[5]?.byClass[0]).toMatchObject({ detections: 0, events: 0, individuals: 0 });
  });

  test('weeks are ISO weeks clipped to the period', async () => {
    await earth.add([{ at: '2023-12-31T12:00:00Z' }, { at: '2024-01-01T12:00:00Z' }, { at: '2021-01-03T12:00:00Z' }]);
    const weeks = await season({ start_date: '2023-12-29', end_date: '2024-01-10', group_by: 'week' });
    expect(weeks.bins.map((row) => [row.bin.key, row.bin.from, row.bin.to, row.bin.partial, row.detections])).toEqual([
      ['2023-W52', '2023-12-29', '2023-12-31', true, 1],
      ['2024-W01', '2024-01-01', '2024-01-07', false, 1],
      ['2024-W02', '2024-01-08', '2024-01-10', true, 0],
    ]);
    expect(
      (await season({ start_date: '2021-01-01', end_date: '2021-01-03', group_by: 'week' })).bins[0]?.bin.key,
    ).toBe('2020-W53');
  });

  test('a day of 25 hours keeps its hours and its day', async () => {
    // 3 November 2024, Chicago: 01:30 happens twice.
    await earth.add([{ at: '2024-11-03T06:30:00Z' }, { at: '2024-11-03T07:30:00Z' }, { at: '2024-11-04T05:59:00Z' }]);
    const day = await season({ start_date: '2024-11-03', end_date: '2024-11-03', group_by: 'day' }, 'America/Chicago');
    expect(day.bins[0]?.detections).toBe(3);
    expect(day.hours[0]?.[1]).toBe(2);
    expect(day.hours[0]?.[23]).toBe(1);
    expect(day.total.events).toBe(3);
  });
});

test('events without a location are counted and are part of no rate', async () => {
  await earth.add([
    { at: minute(0) },
    { at: minute(100), place: null },
    { at: minute(200), place: null, class: 'buck' },
  ]);
  await earth.deploy('North', '2024-01-01T00:00:00Z', '2024-01-11T00:00:00Z');
  const found = await season();
  expect(found.total).toMatchObject({ events: 3, locatedEvents: 1, nights: 10, per100: 10 });
  expect(found.bins[0]).toMatchObject({ events: 3, per100: 10 });
  expect(found.classTotals.map((row) => [row.events, row.per100])).toEqual([
    [2, 10],
    [1, 0],
  ]);
});

describe('filters and known deer', () => {
  test('individuals are counted once per group and listed with locations and days', async () => {
    await earth.add([
      { at: '2024-01-01T10:00:00Z', deer: 'Ada', class: 'doe' },
      { at: '2024-01-01T11:00:00Z', deer: 'Ada', class: 'unknown', place: 'South' },
      { at: '2024-01-09T10:00:00Z', deer: 'Bo', class: 'doe' },
      { at: '2024-01-09T10:01:00Z', class: 'doe' },
    ]);
    const found = await season({ group_by: 'week' });
    expect(found.total).toMatchObject({ detections: 4, individuals: 2, assigned: 3 });
    expect(found.bins.slice(0, 2).map((row) => row.individuals)).toEqual([1, 1]);
    expect(found.deer[0]).toMatchObject({
      name: 'Ada',
      detections: 2,
      locations: 2,
      days: 1,
      first: '2024-01-01 10:00',
    });
    expect(found.classes).toEqual(['doe', 'unknown']);
    const south = await season({ locations: ['South'] });
    expect(south.total).toMatchObject({ detections: 1, nights: 1 });
    expect((await season({ classifications: ['unknown'] })).total.detections).toBe(1);
  });

  test('events of a deer depend on its detections alone, whichever animal opened the event of its class', async () => {
    await earth.add([
      { at: minute(0) },
      { at: minute(10), deer: 'Ada' },
      { at: minute(15), deer: 'Ada', class: 'unknown' },
      { at: minute(45), deer: 'Ada' },
      { at: minute(46), deer: 'Ada', place: 'South' },
    ]);
    const found = await season();
    expect(found.total.events).toBe(4);
    expect(found.deer[0]).toMatchObject({ detections: 4, events: 3, locations: 2 });
  });

  test('unknown names are refused with the known ones, an empty period in one sentence', async () => {
    await earth.add([
      { at: minute(0), class: 'doe' },
      { at: minute(0), class: null, corrected: 'buck', place: 'South' },
    ]);
    await expect(season({ classifications: ['doe', 'dragon'] })).rejects.toMatchObject({
      kind: 'invalid',
      message: 'Unknown classification "dragon"; known: buck, doe',
    });
    await expect(season({ locations: ['Nowhere'] })).rejects.toThrow('Unknown location "Nowhere"; known: North, South');
    await expect(season({ start_date: '2023-01-01', end_date: '2023-01-02' })).rejects.toMatchObject({
      kind: 'invalid',
      message: 'No detections found between 2023-01-01 and 2023-01-02',
    });
  });

  test('ids narrow everything to themselves', async () => {
    const ids = await earth.add([{ at: minute(0) }, { at: minute(100) }]);
    expect((await season({}, 'UTC', NOW, [ids[1]!])).total.detections).toBe(1);
  });
});
