// Small surveys for tests: places, weeks and events as the reader gives them.
import { addDays, findMonday } from '../../lib/deer/calendar.ts';
import type { HerdClass, SurveyData, SurveyEvent, SurveyPlace } from '../../lib/survey/herd/index.ts';

export const START = '2023-10-02';

export interface PlaceOptions extends Partial<Pick<SurveyPlace, 'point' | 'bait'>> {
  name: string;
}

/** Events with a place, a class and a local time in UTC. */
export interface EventOptions extends Partial<SurveyEvent> {
  class: HerdClass;
}

export function survey(
  places: readonly PlaceOptions[],
  events: readonly EventOptions[],
  { weeks = 4, ...more }: Partial<Omit<SurveyData, 'weeks'>> & { weeks?: number } = {},
): SurveyData {
  const mondays = Array.from({ length: weeks }, (_, i) => addDays(findMonday(START), 7 * i));
  return {
    ...{ start: START, end: addDays(START, 7 * weeks - 1), timeZone: 'UTC', independenceMinutes: 30 },
    classifications: null,
    places: places.map(({ name, point = null, bait = null }) => ({
      ...{ id: name, name, point, bait, nights: 7 * weeks, derived: false },
      weeks: mondays.map((monday) => ({ monday, nights: 7 })),
    })),
    events: events.map((event): SurveyEvent => {
      const local = event.local ?? `${START} 12:00:00`;
      const at = Date.parse(`${local.replace(' ', 'T')}Z`);
      return { place: places[0]?.name ?? null, finalClass: event.class, at, most: 1, bait: null, ...event, local };
    }),
    weeks: mondays,
    ...more,
  };
}

/** `count` equal events. */
export const times = (count: number, event: EventOptions): EventOptions[] => Array.from({ length: count }, () => event);

/** Standard normal quantile, by bisection of Phi. */
export function probit(p: number): number {
  let [low, high] = [-10, 10];
  for (let i = 0; i < 200; i++) {
    const middle = (low + high) / 2;
    if (phi(middle) < p) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** Phi by its series around 0 (Abramowitz and Stegun 26.2.11). */
function phi(x: number): number {
  let [term, sum] = [x, x];
  for (let n = 1; n < 400; n++) {
    term *= (x * x) / (2 * n + 1);
    sum += term;
  }
  return 0.5 + (sum * Math.exp((-x * x) / 2)) / Math.sqrt(2 * Math.PI);
}
