// Comparison reports, the sentence on the period before, and records outside deployments: worked by
// hand.

import type { PdfRequest } from '../../lib/exports/pdf/request.ts';
import { loadReport, periodBefore, type Report } from '../../lib/exports/season/comparison.ts';
import { makeScope } from '../../lib/exports/season/index.ts';
import { CREATED } from './archive.ts';
import { type Shot, type World, world } from './fixture.ts';
import { report, wordsOf } from './report.ts';

let earth: World;
beforeAll(async () => {
  earth = await world();
});
afterAll(() => earth?.close());
afterEach(() => earth.clear());

/** `n` independent events, an hour apart, from noon (UTC) of a day. */
const events = (n: number, day: string, more: Partial<Shot> = {}): Shot[] =>
  Array.from({ length: n }, (_, hour) => ({
    at: new Date(Date.parse(`${day}T12:00:00Z`) + hour * 3_600_000).toISOString(),
    ...more,
  }));

const fall = { start_date: '2023-10-01', end_date: '2023-10-10', label: 'Fall <b>' };
const winter = { start_date: '2024-01-01', end_date: '2024-01-10', label: 'Winter' };
const comparison: PdfRequest = {
  report_type: 'comparison',
  start_date: '2023-10-01',
  end_date: '2024-01-31',
  group_by: 'month',
  comparison_periods: [fall, winter],
};
const loaded = (request: Partial<PdfRequest> = {}): Promise<Report> =>
  loadReport(earth.database, { ...comparison, ...request }, 'UTC', CREATED);

describe('a comparison', () => {
  // Fall: 10 trap nights, 4 events = 40 per 100. Winter: 2 cameras, 20 trap nights, 6 events = 30
  // per 100 = -25 %.
  beforeEach(async () => {
    await earth.add([
      ...events(3, '2023-10-02', { class: 'doe', deer: 'Ada' }),
      ...events(1, '2023-10-03', { class: 'buck', deer: 'Bo' }),
      ...events(4, '2024-01-02', { class: 'doe', deer: 'Ada' }),
      ...events(2, '2024-01-03', { class: 'fawn', place: 'South' }),
    ]);
    await earth.deploy('North', '2023-10-01T00:00:00Z', '2024-02-01T00:00:00Z', 'one');
    await earth.deploy('South', '2024-01-01T00:00:00Z', '2024-02-01T00:00:00Z', 'two');
  });

  test('holds each period with its own counts and effort, under the same filters', async () => {
    const { compared } = await loaded();
    expect(
      compared.map((one) => [one.label, one.season.total.events, one.season.total.nights, one.season.total.per100]),
    ).toEqual([
      ['Fall <b>', 4, 10, 40],
      ['Winter', 6, 20, 30],
    ]);
    const does = await loaded({ classifications: ['doe'], locations: ['North'] });
    expect(does.compared.map((one) => [one.season.total.events, one.season.total.nights])).toEqual([
      [3, 10],
      [4, 10],
    ]);
  });

  test('is printed with rates, the change, the unequal effort and the cameras that differ', async () => {
    const words = wordsOf(await report(earth, comparison, { timeZone: 'UTC' }));
    expect(words).toContain('COMPARISON REPORT');
    expect(words).toContain('Comparison A Fall <b> (1 Oct 2023 to 10 Oct 2023); B Winter (1 Jan 2024 to 10 Jan 2024).');
    expect(words).toContain('Effort is unequal (trap nights: "Fall <b>" 10.0, "Winter" 20.0).');
    expect(words).toContain('1 camera of 2 stood in only some of the periods (South)');
    expect(words).toContain(
      '"Winter" has 30.0 events per 100 trap nights, "Fall <b>" 40.0 (-25.0 %; too few cameras to say how sure): 6 events in 20.0 trap nights against 4 in 10.0.',
    );
    expect(words).toContain('Of 2 known deer in "Fall <b>", 1 (50.0 %) is also among the 1 of "Winter".');
    expect(words).toContain('A Fall <b> 1 Oct 2023 10 Oct 2023 10 4 4 2 10.0 40.0');
    expect(words).toContain('B Winter 1 Jan 2024 10 Jan 2024 10 6 6 1 20.0 30.0 -25.0 %');
    expect(words).toMatch(/doe 30\.0 \(3\) 20\.0 \(4\)/);
    expect(words).toMatch(/fawn 0\.0 \(0\) 10\.0 \(2\)/);
    // The dash of a camera without effort, then its rate in winter.
    expect(words).toMatch(/South - ?20\.0 \(2\)/);
  });

  test('periods that share days, or are the same, are warned of, and what did not change has no interval', async () => {
    await earth.add([...events(2, '2024-01-05', { place: 'West' }), ...events(1, '2024-01-06', { place: 'West' })]);
    await earth.deploy('West', '2023-10-01T00:00:00Z', '2024-02-01T00:00:00Z');
    const later = { start_date: '2024-01-06', end_date: '2024-01-15', label: 'Later' };
    const again = { ...winter, label: 'Again' };
    const words = wordsOf(
      await report(earth, { ...comparison, comparison_periods: [winter, later, again] }, { timeZone: 'UTC' }),
    );
    expect(words).toContain(
      '"Winter" and "Later" overlap by 5 days (6 Jan 2024 to 10 Jan 2024): what lies there counts in both.',
    );
    expect(words).toContain('"Winter" and "Again" are the same days: there is nothing to compare.');
    expect(words).toMatch(/"Again" has ([\d.]+) events per 100 trap nights, "Winter" \1 \(unchanged\): /);
    expect(words).not.toContain('0.0 % to 0.0 %');
    expect(words).toMatch(/C Again .* 10 9 9 1 30\.0 30\.0 unchanged/);
  });

  test('the season of the whole span follows, and parts can be left out, but never the warning of unequal effort', async () => {
    const full = wordsOf(await report(earth, comparison, { timeZone: 'UTC' }));
    for (const part of ['Comparison A', 'Periods Each', 'Activity over time', 'Known deer', 'Notes'])
      expect(full).toContain(part);
    const bare = wordsOf(
      await report(
        earth,
        { ...comparison, include_charts: false, include_tables: false, include_insights: false },
        { timeZone: 'UTC' },
      ),
    );
    expect(bare).toContain('Effort is unequal');
    for (const part of ['Periods Each', 'has 30.0 events', 'period by period', 'In short'])
      expect(bare).not.toContain(part);
  });

  test('an empty period is shown as zero, an empty whole as such; only nothing anywhere ends the job', async () => {
    const empty = { start_date: '2022-01-01', end_date: '2022-01-31', label: 'Before' };
    const words = wordsOf(
      await report(earth, { ...comparison, comparison_periods: [fall, empty] }, { timeZone: 'UTC' }),
    );
    expect(words).toContain('No detections found in "Before".');
    expect(words).toContain('"Before" cannot be compared with "Fall <b>": no camera effort is known for "Before".');
    expect(words).toContain('B Before 1 Jan 2022 31 Jan 2022 31 0 0 0 0.0 - -');
    // Periods with data are worth a report even where the span around them, which only frames it,
    // holds nothing.
    const framed = wordsOf(
      await report(earth, { ...comparison, start_date: '2022-01-01', end_date: '2022-12-31' }, { timeZone: 'UTC' }),
    );
    expect(framed).toContain(
      'No detections found between 1 Jan 2022 and 31 Dec 2022, the whole span: only the periods of the comparison are shown.',
    );
    expect(framed).toContain('B Winter 1 Jan 2024 10 Jan 2024 10 6 6 1 20.0 30.0 -25.0 %');
    expect(framed).not.toMatch(/Activity over time|The first counted|undefined|Data 0 detections at \d+ cameras?,/);
    const nothing = {
      ...comparison,
      start_date: '2022-01-01',
      end_date: '2022-12-31',
      comparison_periods: [empty, { ...empty, label: 'Too' }],
    };
    await expect(report(earth, nothing)).rejects.toThrow('No detections found between 2022-01-01 and 2022-12-31');
  });
});

describe('the period before', () => {
  test('is as long and ends the day before, also over a leap day', () => {
    const scope = (start_date: string, end_date: string) =>
      makeScope({ start_date, end_date, group_by: 'day' }, 'UTC', CREATED);
    expect(periodBefore(scope('2024-03-01', '2024-03-31'))).toMatchObject({ start: '2024-01-30', end: '2024-02-29' });
    expect(periodBefore(scope('2024-01-01', '2024-01-01'))).toMatchObject({ start: '2023-12-31', end: '2023-12-31' });
  });

  test('is none where the calendar begins: a report of that time has no detections, like any other without', async () => {
    for (const [start_date, end_date] of [
      ['0001-01-01', '0001-01-02'],
      ['0001-06-01', '0002-05-31'],
      ['0003-01-01', '0003-12-31'],
    ] as const)
      await expect(report(earth, { start_date, end_date, group_by: 'week' })).rejects.toThrow(
        `No detections found between ${start_date} and ${end_date}`,
      );
  });

  const january: Partial<PdfRequest> = { start_date: '2024-01-11', end_date: '2024-01-20', group_by: 'day' };

  test('is compared by rates, and unequal effort is said', async () => {
    // Before: 5 of 10 nights, 2 events = 40. Now: 10 nights, 5 events = 50: +25 %.
    await earth.add([...events(2, '2024-01-08'), ...events(5, '2024-01-12')]);
    await earth.deploy('North', '2024-01-06T00:00:00Z', '2024-02-01T00:00:00Z');
    const words = wordsOf(await report(earth, january, { timeZone: 'UTC' }));
    expect(words).toContain(
      'Against the period of equal length before (1 Jan 2024 to 10 Jan 2024): 50.0 events per 100 trap nights after 40.0 (+25.0 %; too few ' +
        'cameras to say how sure), from 5 ' +
        'independent events now and 2 then in 10.0 and 5.0 trap nights; effort is unequal, so the counts themselves do not compare.',
    );
  });

  test('over three cameras the change comes with its interval, and with a word when that holds no change', async () => {
    // 27 events after 18 in 30 trap nights each: +50 %. The interval is worked by hand in
    // change.test.ts.
    for (const [place, now, then] of [
      ['North', 12, 6],
      ['South', 6, 6],
      ['West', 9, 6],
    ] as const) {
      await earth.add([...events(then, '2024-01-05', { place }), ...events(now, '2024-01-15', { place })]);
      await earth.deploy(place, '2024-01-01T00:00:00Z', '2024-02-01T00:00:00Z');
    }
    expect(wordsOf(await report(earth, january, { timeZone: 'UTC' }))).toContain(
      '90.0 events per 100 trap nights after 60.0 (+50.0 %; 95 % interval -35.0 % to +246.4 % over 3 cameras, so it may be chance), from 27',
    );
    const periods = [
      { start_date: '2024-01-01', end_date: '2024-01-10', label: 'Then' },
      { start_date: '2024-01-11', end_date: '2024-01-20', label: 'Now' },
    ];
    const compared = { ...comparison, start_date: '2024-01-01', end_date: '2024-01-31', comparison_periods: periods };
    expect(wordsOf(await report(earth, compared, { timeZone: 'UTC' }))).toContain(
      '30.0 90.0 +50.0 % -35.0 to +246.4 %',
    );
  });

  test('of equal effort needs no warning, and none at all is not spoken of', async () => {
    await earth.add([...events(2, '2024-01-08'), ...events(1, '2024-01-12')]);
    await earth.deploy('North', '2024-01-01T00:00:00Z', '2024-02-01T00:00:00Z');
    const words = wordsOf(await report(earth, january, { timeZone: 'UTC' }));
    expect(words).toContain(
      '10.0 events per 100 trap nights after 20.0 (-50.0 %; too few cameras to say how sure), from 1 independent event now and 2 then in 10.0 and 10.0 trap nights.',
    );
    const first = wordsOf(
      await report(earth, { ...january, start_date: '2024-01-01', end_date: '2024-01-10' }, { timeZone: 'UTC' }),
    );
    expect(first).not.toContain('Against the period');
  });

  test('events do not chain across the edge, and effort from images is said', async () => {
    await earth.add([{ at: '2024-01-10T23:50:00Z' }, { at: '2024-01-11T00:05:00Z' }]);
    const words = wordsOf(await report(earth, january, { timeZone: 'UTC' }));
    expect(words).toContain(
      '100.0 events per 100 trap nights after 100.0 (unchanged), from 1 independent event now and 1 then',
    );
    expect(words).toContain('some effort is derived from images');
  });
});

describe('records outside a deployment', () => {
  test('are counted, told by camera and in a sentence; both ends of a deployment are inside', async () => {
    await earth.add([
      { at: '2023-10-01T08:00:00Z' }, // the first instant
      { at: '2023-10-05T12:00:00Z' },
      { at: '2023-10-20T08:00:00Z' }, // the last instant
      { at: '2023-10-20T09:00:00Z' }, // after it
      { at: '2023-11-05T12:00:00Z', valid: false },
      { at: '2023-10-25T12:00:00Z', place: 'South' }, // no deployment at all: its effort is derived, so it is not outside
    ]);
    await earth.deploy('North', '2023-10-01T08:00:00Z', '2023-10-20T08:00:00Z');
    const request: Partial<PdfRequest> = { start_date: '2023-10-01', end_date: '2023-11-30' };
    const { season } = await loadReport(
      earth.database,
      { ...comparison, ...request, report_type: 'custom' },
      'UTC',
      CREATED,
    );
    expect(season.total).toMatchObject({ detections: 5, nights: 20 });
    expect(season.cameras.map((camera) => [camera.name, camera.outside])).toEqual([
      ['North', 1],
      ['South', 0],
    ]);
    const words = wordsOf(await report(earth, request, { timeZone: 'UTC' }));
    expect(words).toContain('1 counted detection (20.0 %) lies outside every deployment of its camera');
    expect(words).toContain(
      'Detections outside every deployment of their camera, counted but without effort: North 1.',
    );
  });

  test('a place with deployments has its effort from them alone, wherever the borders of a request lie', async () => {
    // The camera came down on 5 December; a stray record follows on the 20th.
    await earth.add([{ at: '2023-11-10T12:00:00Z' }, { at: '2023-12-20T12:00:00Z' }, { at: '2024-01-20T12:00:00Z' }]);
    await earth.deploy('North', '2023-11-01T00:00:00Z', '2023-12-05T00:00:00Z');
    const of = async (start_date: string, end_date: string) =>
      (await loadReport(earth.database, { start_date, end_date, group_by: 'month' }, 'UTC', CREATED)).season;
    const both = await of('2023-11-01', '2024-01-31');
    expect(both.bins.map((row) => row.nights)).toEqual([30, 4, 0]);
    for (const [month, nights, per100] of [
      ['2023-12', 4, 25],
      ['2024-01', 0, null],
    ] as const) {
      const alone = await of(`${month}-01`, `${month}-31`);
      expect(alone.total).toMatchObject({ detections: 1, nights, per100 });
      expect(alone.cameras).toMatchObject([{ derived: false, outside: 1 }]);
    }
  });

  test('a camera that was moved gives each place its own effort, and the day of the move is shared', async () => {
    await earth.add([
      { at: '2023-10-05T12:00:00Z', place: 'Old' },
      { at: '2023-10-15T12:00:00Z', place: 'New' },
    ]);
    await earth.deploy('Old', '2023-10-01T00:00:00Z', '2023-10-10T06:00:00Z', 'seven');
    await earth.deploy('New', '2023-10-10T18:00:00Z', '2023-11-01T00:00:00Z', 'seven');
    const { season } = await loaded({
      start_date: '2023-10-01',
      end_date: '2023-10-31',
      group_by: 'day',
      report_type: 'custom',
    });
    expect(season.cameras.map((camera) => [camera.name, camera.nights])).toEqual([
      ['New', 21.25],
      ['Old', 9.25],
    ]);
    expect(season.bins[9]?.nights).toBe(0.5);
    expect(season.total.nights).toBe(30.5);
  });

  test('effort over both changes of the clocks is whole days of local time', async () => {
    await earth.add([{ at: '2024-03-10T18:00:00Z' }, { at: '2024-11-03T18:00:00Z' }]);
    // Local midnight to local midnight: 47 hours in March, 49 in November.
    await earth.deploy('North', '2024-03-09T06:00:00Z', '2024-03-11T05:00:00Z');
    await earth.deploy('North', '2024-11-02T05:00:00Z', '2024-11-04T06:00:00Z');
    for (const [start_date, end_date] of [
      ['2024-03-01', '2024-03-31'],
      ['2024-11-01', '2024-11-30'],
    ] as const) {
      const { season } = await loadReport(
        earth.database,
        { start_date, end_date, group_by: 'day' },
        'America/Chicago',
        CREATED,
      );
      expect(season.total.nights).toBe(2);
      expect(season.total.per100).toBe(50);
    }
  });
});
