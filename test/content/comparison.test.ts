// Comparison reports and the sentence on the period before, worked by hand.

import type { PdfRequest } from '../../lib/exports/pdf/request.ts';
import { loadReport, makeScope, type SeasonReport } from '../../lib/exports/season/index.ts';
import { periodBefore } from '../../lib/exports/season/report.ts';
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
const loaded = (request: Partial<PdfRequest> = {}): Promise<SeasonReport> =>
  loadReport(earth.database, { ...comparison, ...request }, 'UTC', CREATED);

describe('a comparison', () => {
  // Fall: 10 trap nights, 4 events = 40 per 100. Winter: 2 cameras, 20 trap nights, 6 events = 30
  // per 100 = -25%.
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
    expect(words).toContain('1 of 2 cameras ran in only some periods (South), so differences may be due to location.');
    expect(words).toContain(
      '"Winter" has 30.0 events per 100 trap nights, "Fall <b>" 40.0 (-25.0%; too few cameras for an interval). These rates are based on 6 events in 20.0 trap nights and 4 in 10.0.',
    );
    expect(words).toContain('Of 2 known deer in "Fall <b>", 1 (50.0%) is also among the 1 in "Winter".');
    expect(words).toContain('A Fall <b> 1 Oct 2023 10 Oct 2023 10 4 4 2 10.0 40.0');
    expect(words).toContain('B Winter 1 Jan 2024 10 Jan 2024 10 6 6 1 20.0 30.0 -25.0%');
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
      '"Winter" and "Later" overlap by 5 days (6 Jan 2024 to 10 Jan 2024). Detections on these days count in both.',
    );
    expect(words).toContain('"Winter" and "Again" are the same days, so there is nothing to compare.');
    expect(words).toMatch(/"Again" has ([\d.]+) events per 100 trap nights, "Winter" \1 \(unchanged\)\. /);
    expect(words).not.toContain('0.0% to 0.0%');
    expect(words).toMatch(/C Again .* 10 9 9 1 30\.0 30\.0 unchanged/);
  });

  test('the season of the whole span follows, and parts can be left out, but never the warning of unequal effort', async () => {
    const full = wordsOf(await report(earth, comparison, { timeZone: 'UTC' }));
    for (const part of ['Comparison A', 'Periods All', 'Activity over time', 'Known deer', 'Notes'])
      expect(full).toContain(part);
    const bare = wordsOf(
      await report(
        earth,
        { ...comparison, include_charts: false, include_tables: false, include_insights: false },
        { timeZone: 'UTC' },
      ),
    );
    expect(bare).toContain('Effort is unequal');
    for (const part of ['Periods All', 'has 30.0 events', 'class and period', 'Key findings'])
      expect(bare).not.toContain(part);
  });

  test('an empty period is shown as zero, an empty whole as such; only nothing anywhere ends the job', async () => {
    const empty = { start_date: '2022-01-01', end_date: '2022-01-31', label: 'Before' };
    const words = wordsOf(
      await report(earth, { ...comparison, comparison_periods: [fall, empty] }, { timeZone: 'UTC' }),
    );
    expect(words).toContain('No detections were found in "Before".');
    expect(words).toContain(
      '"Before" cannot be compared with "Fall <b>", because the camera effort of "Before" is unknown.',
    );
    expect(words).toContain('B Before 1 Jan 2022 31 Jan 2022 31 0 0 0 0.0 - -');
    // Periods with data are worth a report even where the span around them, which only frames it,
    // holds nothing.
    const framed = wordsOf(
      await report(earth, { ...comparison, start_date: '2022-01-01', end_date: '2022-12-31' }, { timeZone: 'UTC' }),
    );
    expect(framed).toContain(
      'No detections were found between 1 Jan 2022 and 31 Dec 2022, the whole span. Only the periods of the comparison are shown.',
    );
    expect(framed).toContain('B Winter 1 Jan 2024 10 Jan 2024 10 6 6 1 20.0 30.0 -25.0%');
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
    // Before: 5 of 10 nights, 2 events = 40. Now: 10 nights, 5 events = 50: +25%.
    await earth.add([...events(2, '2024-01-08'), ...events(5, '2024-01-12')]);
    await earth.deploy('North', '2024-01-06T00:00:00Z', '2024-02-01T00:00:00Z');
    const words = wordsOf(await report(earth, january, { timeZone: 'UTC' }));
    expect(words).toContain(
      'Compared with the previous period of equal length (1 Jan 2024 to 10 Jan 2024): 50.0 events per 100 trap nights now and 40.0 then ' +
        '(+25.0%; too few cameras for an interval). These rates are based on 5 independent events in 10.0 trap nights now and 2 in 5.0 then. ' +
        'Effort differs, so the counts cannot be compared.',
    );
  });

  test('over three cameras the change comes with its interval, and with a word when that holds no change', async () => {
    // 27 events after 18 in 30 trap nights each: +50%. The interval is worked by hand in
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
      '90.0 events per 100 trap nights now and 60.0 then (+50.0%; 95% interval -35.0% to +246.4% over 3 cameras, so it may be due to chance). These rates are based on 27',
    );
    const periods = [
      { start_date: '2024-01-01', end_date: '2024-01-10', label: 'Then' },
      { start_date: '2024-01-11', end_date: '2024-01-20', label: 'Now' },
    ];
    const compared = { ...comparison, start_date: '2024-01-01', end_date: '2024-01-31', comparison_periods: periods };
    expect(wordsOf(await report(earth, compared, { timeZone: 'UTC' }))).toContain('30.0 90.0 +50.0% -35.0 to +246.4%');
  });

  test('of equal effort needs no warning, and none at all is not spoken of', async () => {
    await earth.add([...events(2, '2024-01-08'), ...events(1, '2024-01-12')]);
    await earth.deploy('North', '2024-01-01T00:00:00Z', '2024-02-01T00:00:00Z');
    const words = wordsOf(await report(earth, january, { timeZone: 'UTC' }));
    expect(words).toContain(
      '10.0 events per 100 trap nights now and 20.0 then (-50.0%; too few cameras for an interval). These rates are based on 1 independent event in 10.0 trap nights now and 2 in 10.0 then.',
    );
    const first = wordsOf(
      await report(earth, { ...january, start_date: '2024-01-01', end_date: '2024-01-10' }, { timeZone: 'UTC' }),
    );
    expect(first).not.toContain('Compared with the previous period');
  });

  test('events do not chain across the edge, and effort from images is said', async () => {
    await earth.add([{ at: '2024-01-10T23:50:00Z' }, { at: '2024-01-11T00:05:00Z' }]);
    const words = wordsOf(await report(earth, january, { timeZone: 'UTC' }));
    expect(words).toContain(
      '100.0 events per 100 trap nights now and 100.0 then (unchanged). These rates are based on 1 independent event in 1.0 trap nights now and 1 in 1.0 then.',
    );
    expect(words).toContain('Some effort is derived from images.');
  });
});
