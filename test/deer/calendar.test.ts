// Days, ISO weeks and local times, at the edges of years, of clock changes and of what exists.
import { addDays, dayIn, daysBetween, findMonday, formatIsoWeek, isDay } from '../../lib/deer/calendar.ts';
import { localTimeWriter } from '../../lib/deer/local-time.ts';

test.each(['2024-02-29', '0001-01-01', '9999-12-31', '2023-12-31'])('%s is a day', (text) => {
  expect(isDay(text)).toBe(true);
});

test.each([
  '2024-02-30',
  '2023-02-29',
  '2024-13-01',
  '0000-01-01',
  '2024-2-1',
  '2024-01-01T00:00',
  '+002024-01-01',
  '',
])('%j is no day', (text) => {
  expect(isDay(text)).toBe(false);
});

test('days are counted by the calendar, not by 24 hours', () => {
  expect([addDays('2024-02-28', 2), addDays('2024-01-01', -1), addDays('2024-03-10', 0)]).toEqual([
    '2024-03-01',
    '2023-12-31',
    '2024-03-10',
  ]);
  expect([daysBetween('2024-03-09', '2024-03-11'), daysBetween('2024-03-01', '2024-02-28')]).toEqual([2, -2]);
  expect(() => addDays('2024-02-30', 1)).toThrow(RangeError);
});

test.each([
  ['2021-01-03', '2020-W53', '2020-12-28'],
  ['2021-01-04', '2021-W01', '2021-01-04'],
  ['2024-12-30', '2025-W01', '2024-12-30'],
  ['2023-01-01', '2022-W52', '2022-12-26'],
])('%s is in the ISO week %s, which begins on %s', (day, week, monday) => {
  expect([formatIsoWeek(day), findMonday(day)]).toEqual([week, monday]);
});

test('an instant is a day of its zone', () => {
  const instant = new Date('2024-11-03T04:59:59Z');
  expect([dayIn('America/Chicago', instant), dayIn('UTC', instant)]).toEqual(['2024-11-02', '2024-11-03']);
});

test.each<[zone: string | null, text: string]>([
  ['America/Chicago', '2024-11-03T01:30:00-05:00'],
  ['+05:45', '2024-11-03T12:15:00+05:45'],
  ['-00:30', '2024-11-03T06:00:00-00:30'],
  ['UTC', '2024-11-03T06:30:00Z'],
  ['Mars/Olympus', '2024-11-03T07:30:00+01:00'],
  ['', '2024-11-03T07:30:00+01:00'],
  [null, '2024-11-03T07:30:00+01:00'],
])('an instant is written in the zone %j, or in that of the export', (zone, text) => {
  expect(localTimeWriter('Europe/Berlin')(new Date('2024-11-03T06:30:00.900Z'), zone)).toBe(text);
});

test('the hour that comes twice is told apart by its offset', () => {
  const write = localTimeWriter('America/Chicago');
  expect(['06:45', '07:00', '07:45'].map((time) => write(new Date(`2024-11-03T${time}:00Z`)))).toEqual([
    '2024-11-03T01:45:00-05:00',
    '2024-11-03T01:00:00-06:00',
    '2024-11-03T01:45:00-06:00',
  ]);
});
