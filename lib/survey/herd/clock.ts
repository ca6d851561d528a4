// The time of day of events: by the sun where the places and the time zone are known, else by the
// clock. Pure.
import { count } from '../../format.ts';
import { type Light, lightAt, sunTime } from './sun.ts';
import type { Movement, SurveyData, SurveyEvent } from './types.ts';

/** An event with its time of day in radians, 0 to 2 pi. */
export interface TimedEvent {
  event: SurveyEvent;
  angle: number;
  /** null with clock time. */
  light: Light | null;
}

export interface Timed extends Pick<Movement, 'clock' | 'clockNote'> {
  events: TimedEvent[];
}

/** Local times without a zone, read as UTC, subtract exactly. */
const toMs = (local: string): number => Date.parse(`${local.replace(' ', 'T')}Z`);

/** Clocks are at most this far from the sun anywhere that people set them, in minutes. */
const FARTHEST = 210;

const clockAngle = ({ local }: SurveyEvent): number =>
  (2 * Math.PI * (toMs(local) - toMs(`${local.slice(0, 10)} 00:00:00`))) / 86_400_000;

const byClock = ({ events }: SurveyData, clockNote: string | null): Timed => ({
  clock: 'clock',
  clockNote,
  events: events.map((event) => ({ event, angle: clockAngle(event), light: null })),
});

/**
 * Times of day of all events. Sun time needs coordinates, and a time zone that fits them: with
 * another one the instants of the images are wrong, and so is the sun.
 */
export function timeEvents(data: SurveyData): Timed {
  const points = new Map(data.places.map(({ id, point }) => [id, point]));
  const findPoint = ({ place }: SurveyEvent) => (place === null ? null : (points.get(place) ?? null));
  const located = data.events.filter((event) => findPoint(event) !== null);
  if (located.length === 0)
    return byClock(
      data,
      data.events.length === 0 ? null : 'No camera has coordinates, so times are those of the clock.',
    );
  const first = located[0]!;
  const offset = (toMs(first.local) - first.at) / 60_000;
  const apart = Math.abs(offset - 4 * findPoint(first)![0]);
  if (Math.min(apart, 1440 - apart) > FARTHEST)
    return byClock(
      data,
      `The time zone ${data.timeZone} does not fit the longitude of the cameras, so times are those of the clock. Set TIME_ZONE to the zone of the cameras.`,
    );
  const events = located.flatMap((event): TimedEvent[] => {
    const point = findPoint(event)!;
    const angle = sunTime(event.at, point);
    return angle === undefined ? [] : [{ event, angle, light: lightAt(event.at, point) }];
  });
  if (events.length === 0)
    return byClock(data, 'The sun does not rise and set every day there, so times are those of the clock.');
  const missing = data.events.length - events.length;
  return {
    clock: 'sun',
    clockNote:
      missing === 0
        ? null
        : `${count(missing, 'deer event')} without coordinates, or on days without a sunrise, ${missing === 1 ? 'is' : 'are'} left out.`,
    events,
  };
}
