// The survey of a herd as data: one reading of the database in one snapshot, then arithmetic.
import type { Database, Queries } from '../adapters/postgres.ts';
import { beginYear, dayIn } from '../deer/calendar.ts';
import { isDuplicate, isValid } from '../deer/detections.ts';
import { checkNames, loadNames, makeScope } from '../exports/season/index.ts';
import { countHeads, formatDay, indexByJacobson, parseDay } from './counts/index.ts';
import {
  type DayRange,
  HEAD_CLASSES,
  type HeadClass,
  type HeadCount,
  type HeadInput,
  type IdentitySource,
  type JacobsonIndex,
  type Refusal,
} from './counts/types.ts';
import { type Herd, makeHerd, type SurveyData } from './herd/index.ts';
import { herdClass, readSurvey } from './read/index.ts';
import { readHeadInput } from './roster/index.ts';

/** Calendar days in the time zone of the survey, both included: YYYY-MM-DD. */
export interface Days {
  since: string;
  until: string;
}

export interface SurveyOptions {
  /** Absent: the last day with a detection. */
  until?: string | undefined;
  /** Absent: the twelve months up to `until`. */
  since?: string | undefined;
  /** Of the head counts, at most 60 days; absent: chosen by effort. */
  window?: Days | undefined;
  occasionDays?: 1 | 3 | undefined;
  /** Final classes; absent: all. Ratios need all. */
  classes?: readonly string[] | undefined;
  locations?: readonly string[] | undefined;
  /** Default: roster. */
  identities?: IdentitySource | undefined;
  /** Default 1. */
  seed?: number | undefined;
  /** Draws of each bootstrap; default 1,000. */
  draws?: number | undefined;
  timeZone: string;
  /** Now: there is no effort after it. */
  asOf: Date;
}

/** What was read; days and window are settled. */
export interface SurveyReading {
  period: Days;
  data: SurveyData;
  heads: HeadInput;
  /** Of the identities, for a reader. */
  notes: string[];
}

export interface Survey {
  period: Days;
  /** Whether the period was asked for. */
  asked: boolean;
  timeZone: string;
  seed: number;
  identities: IdentitySource;
  classes: readonly string[] | null;
  locations: readonly string[] | null;
  /** Places with effort or events, their trap nights, and independent deer events. */
  places: number;
  trapNights: number;
  events: number;
  herd: Herd;
  /** Bucks, then does, unless the classes leave them out. */
  heads: HeadCount[];
  /** null where bucks are left out. */
  jacobson: JacobsonIndex | Refusal | null;
  notes: string[];
}

/** Between two steps: a cancellation is heard, and it is said how far it is. */
export type Pause = (step: string) => Promise<void>;
const goOn: Pause = async () => undefined;

const listCounted = (classes: readonly string[] | undefined): readonly HeadClass[] =>
  classes === undefined
    ? HEAD_CLASSES
    : HEAD_CLASSES.filter((each) => classes.some((name) => herdClass(name) === each));
const DEFAULT_SEED = 1;

/** The local day of the last detection. */
async function findLastDay({ rows }: Queries, timeZone: string, asOf: Date): Promise<string> {
  const [newest] = await rows<{ at: Date }>(
    `SELECT i.timestamp AS at FROM images i WHERE EXISTS (
       SELECT FROM detections d WHERE d.image_id = i.id AND ${isValid('d')} AND NOT ${isDuplicate('d')})
     ORDER BY i.timestamp DESC NULLS LAST LIMIT 1`,
  );
  return dayIn(timeZone, newest?.at ?? asOf);
}

/**
 * The days that are asked for; by default the twelve months up to the last detection, or up to the
 * end of a window that is not in them. A window is always within the period: what is outside of it
 * is not read.
 */
export async function settlePeriod(
  queries: Queries,
  { since, until, window, timeZone, asOf }: Pick<SurveyOptions, 'since' | 'until' | 'window' | 'timeZone' | 'asOf'>,
): Promise<Days> {
  let last = until ?? (await findLastDay(queries, timeZone, asOf));
  if (window !== undefined && until === undefined) {
    const isEarlier = since === undefined && window.since < beginYear(last);
    if (isEarlier || window.until > last) last = window.until;
  }
  const year = beginYear(last);
  const first = since ?? (window !== undefined && window.since < year ? window.since : year);
  // What begins after the last detection holds nothing, and is one day.
  return { since: first, until: [first, last].sort().at(-1)! };
}

/**
 * Reads all that a survey is made from.
 * @throws Fault `invalid` for an unknown class or location
 */
async function loadSurvey(queries: Queries, options: SurveyOptions): Promise<SurveyReading> {
  const period = await settlePeriod(queries, options);
  const { classes, locations, timeZone, asOf, identities = 'roster' } = options;
  const filter = {
    ...(classes === undefined ? {} : { classifications: [...classes] }),
    ...(locations === undefined ? {} : { locations: [...locations] }),
  };
  if (classes !== undefined || locations !== undefined) checkNames(filter, await loadNames(queries));
  const days = { start_date: period.since, end_date: period.until, group_by: 'week' } as const;
  const scope = makeScope({ ...days, ...filter }, timeZone, asOf);
  const { input: heads, notes } = await readHeadInput(queries, scope, identities, asOf);
  return { period, data: await readSurvey(queries, scope), heads, notes };
}

/** Independent events of the window by class. */
function countEvents({ events }: SurveyData, { from, to }: DayRange): { bucks: number; does: number; fawns: number } {
  const [since, until] = [formatDay(from), formatDay(to)];
  const inside = events.filter(({ local }) => local.slice(0, 10) >= since && local.slice(0, 10) <= until);
  const of = (name: string): number => inside.filter((event) => event.class === name).length;
  return { bucks: of('buck'), does: of('doe'), fawns: of('fawn') };
}

/** Depends on its arguments alone. */
async function computeSurvey(
  { period, data, heads: input, notes }: SurveyReading,
  options: SurveyOptions,
  pause: Pause = goOn,
): Promise<Survey> {
  const { seed = DEFAULT_SEED, window, occasionDays, draws, classes, locations, since, until } = options;
  const drawing = { seed, ...(draws === undefined ? {} : { draws }) };
  await pause('composition and movement');
  const herd = makeHerd(data, drawing);
  const heads: HeadCount[] = [];
  for (const each of listCounted(classes)) {
    await pause(`counting ${each}s`);
    const asked = window && { window: { from: parseDay(window.since), to: parseDay(window.until) } };
    heads.push(
      countHeads(each, input, { ...drawing, ...asked, ...(occasionDays === undefined ? {} : { occasionDays }) }),
    );
  }
  await pause('index');
  const bucks = heads.find((count) => count.class === 'buck');
  return {
    ...{ period, timeZone: data.timeZone, seed, identities: input.identities },
    asked: since !== undefined || until !== undefined,
    ...{ classes: classes ?? null, locations: locations ?? null },
    places: data.places.length,
    trapNights: data.places.reduce((sum, { nights }) => sum + nights, 0),
    events: data.events.length,
    ...{ herd, heads, notes },
    jacobson: bucks === undefined ? null : indexByJacobson(bucks, countEvents(data, bucks.window ?? input.period)),
  };
}

/** The whole survey, read in one snapshot. */
export async function makeSurvey(database: Database, options: SurveyOptions, pause: Pause = goOn): Promise<Survey> {
  await pause('reading events, effort and identities');
  const reading = await database.read((queries) => loadSurvey(queries, options));
  return computeSurvey(reading, options, pause);
}
