// The survey of a report: read in its snapshot, computed after it.
import type { Queries } from '../../adapters/postgres.ts';
import { SEXES } from '../../deer/class-gates.ts';
import { readColumns } from '../../deer/columns.ts';
import { countHeads } from '../../survey/counts/index.ts';
import { HEAD_CLASSES, type HeadCount, type HeadInput } from '../../survey/counts/types.ts';
import {
  comparePeriods,
  type Herd,
  type HerdClass,
  makeHerd,
  type Overlap,
  type SurveyData,
} from '../../survey/herd/index.ts';
import { readSurvey } from '../../survey/read/index.ts';
import { readHeadInput } from '../../survey/roster/index.ts';
import { inPeriod, type ReportRequest, type Scope } from '../season/index.ts';

/** What is read of one period. */
export interface SurveyReading {
  /** Of a compared period; undefined for the whole span of a report. */
  label: string | undefined;
  data: SurveyData;
  /** Undefined with `noHeads`. */
  heads: HeadInput | undefined;
  /** Why heads are not counted, as a sentence. */
  noHeads: string | undefined;
}

/** One period as it is printed. */
export interface SurveyedPeriod extends Pick<SurveyReading, 'label' | 'noHeads'> {
  start: string;
  end: string;
  herd: Herd;
  heads: HeadCount[];
}

export interface Surveyed {
  periods: SurveyedPeriod[];
  /** Of one class in the first and a later period. */
  between: { class: HerdClass; overlap: Overlap }[];
}

const FILTERED = 'Animals are not counted in a report that shows only some cameras or classes.';
const NO_ROSTER =
  'Animals are not counted. A count needs people who name the animal of every event of this period (a roster): the software alone misses known animals, and each miss would count as one more. "npm run reid -- survey" says how many decisions that takes.';

/** Whether people went through events of the period, so that animals can be counted. */
async function hasRoster(queries: Queries, { start, end, timeZone }: Scope): Promise<boolean> {
  if (!(await readColumns(queries))('reid_reviews', 'purpose')) return false;
  const [row] = await queries.rows<{ there: boolean }>(
    `SELECT EXISTS (SELECT FROM reid_reviews r JOIN detections d ON d.id = r.detection_id JOIN images i ON i.id = d.image_id
       WHERE r.purpose::text = 'roster' AND ${inPeriod('i.timestamp')}) AS there`,
    [start, end, timeZone],
  );
  return row!.there;
}

async function readOne(queries: Queries, scope: Scope, label: string | undefined): Promise<SurveyReading> {
  const data = await readSurvey(queries, scope);
  const filtered = scope.classifications !== undefined || scope.locations !== undefined;
  const noHeads = filtered ? FILTERED : (await hasRoster(queries, scope)) ? undefined : NO_ROSTER;
  // Every detection is read for it: only where there is something to count.
  const heads = noHeads === undefined ? (await readHeadInput(queries, scope, 'roster', scope.asOf)).input : undefined;
  return { label, data, heads, noHeads };
}

/** The whole span, or each period of a comparison. */
export async function readSurveys(
  queries: Queries,
  scope: Scope,
  { report_type, comparison_periods = [] }: ReportRequest,
): Promise<SurveyReading[]> {
  if (report_type !== 'comparison') return [await readOne(queries, scope, undefined)];
  const readings: SurveyReading[] = [];
  for (const { start_date, end_date, label } of comparison_periods)
    readings.push(await readOne(queries, { ...scope, start: start_date, end: end_date }, label));
  return readings;
}

const survey = ({ label, data, heads, noHeads }: SurveyReading): SurveyedPeriod => ({
  ...{ label, noHeads, start: data.start, end: data.end },
  herd: makeHerd(data),
  heads: heads === undefined ? [] : HEAD_CLASSES.map((each) => countHeads(each, heads)),
});

/** Readings are remembered with their report, and so is what was computed from them. */
const computed = new WeakMap<readonly SurveyReading[], Surveyed>();

/** Depends on its argument alone. */
export function computeSurveys(readings: readonly SurveyReading[]): Surveyed {
  const known = computed.get(readings);
  if (known !== undefined) return known;
  const [first, ...later] = readings;
  const between = later.flatMap((reading) =>
    SEXES.flatMap((each) => {
      const overlap = comparePeriods(each, [first!.data, reading.data], [first!.label ?? '', reading.label ?? '']);
      return overlap === undefined ? [] : [{ class: each, overlap }];
    }),
  );
  const made = { periods: readings.map(survey), between };
  computed.set(readings, made);
  return made;
}
