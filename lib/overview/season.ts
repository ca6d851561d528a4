// GET /api/season: a period in numbers, which are those of a report, and the state of the cameras.
import type { Database, Queries } from '../adapters/postgres.ts';
import { dayIn } from '../deer/calendar.ts';
import type { Locator } from '../deer/coordinates.ts';
import { errorMessage } from '../errors.ts';
import {
  type Camera,
  makeReportScope,
  readSeason,
  recallLoaded,
  rememberLoaded,
  type Season,
} from '../exports/season/index.ts';
import { log } from '../log.ts';
import { type Attention, listAttention } from './attention.ts';
import { choosePeriod, type Period } from './period.ts';
import { type CameraState, countUnsure, type DatabaseFacts, readCameraStates, readFacts } from './situation.ts';

export interface SeasonPorts {
  database: Database;
  timeZone: string;
  locator: Locator;
}

/** What is shown at most of classes and cameras: the rest of them has the fewest detections. */
const MOST_CLASSES = 50;
const MOST_CAMERAS = 500;
/** Effort grows by the minute, and nobody looks that closely: how long a view is shown, in ms. */
const FRESH_MS = 600_000;
/** Older views of the same day are shown while the next one is made: an hour of them. */
const OLDER = 6;

/** null without any effort that is known. */
const knownNights = (nights: number): number | null => (nights > 0 ? nights : null);

const byMonth = ({ bins, classes }: Season) =>
  bins.flatMap(({ bin, byClass }) =>
    byClass.slice(0, MOST_CLASSES).map(({ events, nights, per100 }, at) => ({
      ...{ month: bin.key, class: classes[at]!, events },
      ...{ trap_nights: knownNights(nights), rate: per100 },
    })),
  );

const describeCamera = (camera: Camera, state: CameraState | undefined, locator: Locator) => {
  const { id, name, detections, events, nights, per100 } = camera;
  const point = locator.locate(state?.coordinates);
  const isWithheld = locator.precision === 'withheld';
  return {
    ...{ location_id: id, name, detections, events, trap_nights: knownNights(nights), rate: per100 },
    latitude: point?.[1] ?? null,
    longitude: point?.[0] ?? null,
    coordinate_precision: point === undefined && !isWithheld ? null : locator.precision,
    last_image_at: state?.lastImage?.toISOString() ?? null,
    is_running: state?.isRunning ?? true,
    is_silent: state?.isSilent ?? false,
  };
};

/** The end of a period, or now while it lasts. */
async function findMoment({ rows }: Queries, { end }: Period, timeZone: string, asOf: Date): Promise<Date> {
  const [row] = await rows<{ moment: Date }>(
    'SELECT least($1::timestamptz, ($2::date + 1)::timestamp AT TIME ZONE $3) AS moment',
    [asOf, end, timeZone],
  );
  return row!.moment;
}

export type SeasonView = Awaited<ReturnType<typeof readView>>;

async function readView(queries: Queries, asked: Period | undefined, ports: SeasonPorts, asOf: Date) {
  const { timeZone, locator } = ports;
  const facts: DatabaseFacts = await readFacts(queries, asOf);
  const newest = facts.newest === null ? undefined : dayIn(timeZone, facts.newest);
  const { isShifted, ...period } =
    asked === undefined ? choosePeriod(dayIn(timeZone, asOf), newest) : { ...asked, isShifted: false };
  const selection = { start_date: period.start, end_date: period.end, group_by: 'month' } as const;
  const season = await readSeason(queries, makeReportScope(selection, timeZone, asOf));
  const states = await readCameraStates(queries, await findMoment(queries, period, timeZone, asOf));
  const { total, classes, classTotals } = season;
  const located = season.cameras.map((camera) => describeCamera(camera, states.get(camera.id ?? ''), locator));
  const attention: Attention[] = listAttention({
    isEmpty: facts.isEmpty,
    silent: located.filter((camera) => camera.is_silent).map(({ name }) => name),
    outside: season.cameras
      .filter(({ outside }) => outside > 0)
      .map(({ name, outside }) => ({ name, detections: outside })),
    unsure: await countUnsure(queries),
  });
  return {
    period: { start_date: period.start, end_date: period.end, time_zone: timeZone },
    is_default_shifted: isShifted,
    as_of: asOf.toISOString(),
    numbers: {
      detections: total.detections,
      events: total.events,
      individuals: facts.hasIdentities ? total.individuals : null,
      trap_nights: knownNights(total.nights),
      events_per_100_trap_nights: total.per100,
    },
    by_month: byMonth(season),
    classes: classes.slice(0, MOST_CLASSES).map((name, at) => {
      const { detections, events } = classTotals[at]!;
      return { name, label: name, detections, events };
    }),
    cameras: [...located].sort((a, b) => b.detections - a.detections).slice(0, MOST_CAMERAS),
    attention,
    is_empty: facts.isEmpty,
  };
}

/** Reads under way: who asks for the same waits for the same. */
const underWay = new Map<string, Promise<SeasonView>>();

/**
 * The view of a period, or of the last twelve months with something in them. What was read in the
 * last hour is shown again while nothing was written; every ten minutes it is read anew behind it.
 * @throws Fault `unavailable`
 */
export async function loadSeasonView(ports: SeasonPorts, period: Period | undefined, now: Date): Promise<SeasonView> {
  const { database, timeZone } = ports;
  const times = Array.from({ length: OLDER + 1 }, (_, at) => new Date(floorTime(now) - at * FRESH_MS));
  const today = dayIn(timeZone, now);
  const choices = times.filter((asOf) => dayIn(timeZone, asOf) === today).map((asOf) => nameView(ports, period, asOf));
  const recalled = await database.read((queries) => recallLoaded<SeasonView>(database, queries, choices));
  if (recalled === undefined) return loadView(ports, period, times[0]!);
  if (recalled.at > 0)
    loadView(ports, period, times[0]!).catch((error: unknown) =>
      log.warn('the view of the season is not new', { reason: errorMessage(error) }),
    );
  return recalled.found;
}

const floorTime = (now: Date): number => Math.floor(now.getTime() / FRESH_MS) * FRESH_MS;

const nameView = ({ timeZone, locator }: SeasonPorts, period: Period | undefined, asOf: Date): unknown[] => [
  ...['view', period ?? null, timeZone, locator.precision, asOf],
];

function loadView(ports: SeasonPorts, period: Period | undefined, asOf: Date): Promise<SeasonView> {
  const { database } = ports;
  const parts = nameView(ports, period, asOf);
  const key = JSON.stringify(parts);
  const found = underWay.get(key);
  if (found !== undefined) return found;
  const loading = database
    .read((queries) => rememberLoaded(database, queries, parts, () => readView(queries, period, ports, asOf)))
    .finally(() => underWay.delete(key));
  underWay.set(key, loading);
  return loading;
}
