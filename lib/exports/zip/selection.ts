// What an archive contains: its detections, the season of these detections, and why each other
// requested detection is not in it.
import type { Queries } from '../../adapters/postgres.ts';
import { daysBetween } from '../../deer/calendar.ts';
import { nonAnimal } from '../../deer/classes.ts';
import type { Locator } from '../../deer/coordinates.ts';
import type { People } from '../../deer/detections.ts';
import { Fault } from '../../errors.ts';
import {
  checkNames,
  type LeftOut,
  loadNames,
  makeScope,
  nothingFound,
  readFilledSeason,
  type Scope,
  type Season,
} from '../season/index.ts';
import type { RenderJob } from '../shared/renderer.ts';
import { DEFAULT_OCCASION_DAYS } from '../shared/request.ts';
import { type GroupBy, LONGEST_SPAN_DAYS } from '../shared/rules.ts';
import { loadPackageRecords, type PackageRecords } from './camtrap-dp/load.ts';
import { loadPeople } from './detections/people.ts';
import { type DetectionRow, loadRowsByIds, loadRowsOfPeriod } from './detections/rows.ts';
import { type Histories, loadHistories } from './history.ts';
import type { ZipRequest } from './request.ts';
import { loadSurvey, type Survey } from './survey/load.ts';

/** A requested detection that is not exported. */
export interface SkippedDetection {
  detection_id: string;
  reason: string;
}

/** What becomes of the requested detections. */
interface SortedDetections {
  /** Counted detections by time. */
  rows: DetectionRow[];
  /**
   * The same together with those of people, vehicles and empty frames by time: not counted, but a
   * Camtrap DP package has observation types for them.
   */
  observed: DetectionRow[];
  skipped: SkippedDetection[];
  /** How many of `skipped` no filter and no date excludes. */
  leftOut: LeftOut;
}

/** What is read for the selected detections, in the same snapshot. */
interface SelectionData {
  season: Season;
  histories: Histories;
  /** Images that show people: no picture of them is exported. */
  people: People;
  /** For the Camtrap DP package; absent when it is not requested. */
  records?: PackageRecords;
}

export interface ArchiveContents extends SortedDetections, SelectionData {
  /** The requested grouping, where the span is too long for it and months are used instead. */
  tooFine?: GroupBy;
  /** How many different detections were requested. */
  requested: number;
  /** Of a period; a choice of detections says nothing of where deer were not. */
  survey?: Survey;
}

async function loadSelection(queries: Queries, scope: Scope, request: ZipRequest): Promise<SelectionData> {
  const season = await readFilledSeason(queries, scope);
  const histories = await loadHistories(queries, scope);
  const people = await loadPeople(queries, scope);
  const data = { season, histories, people };
  if (request.include_camtrap_dp === false) return data;
  return { ...data, records: await loadPackageRecords(queries, scope, people.images) };
}

/** Why the dates and filters of the request exclude a row. */
function findExclusion(row: DetectionRow, request: ZipRequest): string | undefined {
  const day = row.local.slice(0, 10);
  if (request.start_date !== undefined && day < request.start_date) return `captured on ${day}, before the period`;
  if (request.end_date !== undefined && day > request.end_date) return `captured on ${day}, after the period`;
  if (request.classifications?.length && !request.classifications.includes(row.class)) {
    return `its class ${row.class} is not among the classifications asked for`;
  }
  if (request.locations?.length && !request.locations.includes(row.location ?? '')) {
    return `its location ${row.location ?? '(none)'} is not among the locations asked for`;
  }
  return undefined;
}

function sortDetections(found: readonly DetectionRow[], request: ZipRequest): SortedDetections {
  const sorted: SortedDetections = {
    rows: [],
    observed: [],
    skipped: [],
    leftOut: { invalid: 0, duplicate: 0, nonAnimal: 0 },
  };
  for (const row of found) {
    const skip = (reason: string): number => sorted.skipped.push({ detection_id: row.id, reason });
    const leaveOut = (why: keyof LeftOut, reason: string): void => {
      sorted.leftOut[why] += 1;
      skip(reason);
    };
    const exclusion = findExclusion(row, request);
    if (exclusion !== undefined) skip(exclusion);
    else if (!row.valid) leaveOut('invalid', 'marked as not valid');
    else if (row.duplicate) leaveOut('duplicate', 'marked as duplicate');
    else {
      sorted.observed.push(row);
      if (nonAnimal(row.class) === undefined) sorted.rows.push(row);
      else leaveOut('nonAnimal', `not an animal: its class is ${row.class}`);
    }
  }
  return sorted;
}

async function readByDates(
  queries: Queries,
  request: ZipRequest,
  timeZone: string,
  asOf: Date,
  locator: Locator,
): Promise<ArchiveContents> {
  const { start_date, end_date, group_by = 'month' } = request;
  if (start_date === undefined || end_date === undefined)
    throw new Fault('invalid', 'start_date and end_date or detection_ids are needed');
  const scope = makeScope({ ...request, start_date, end_date, group_by }, timeZone, asOf);
  const data = await loadSelection(queries, scope, request);
  const found = await loadRowsOfPeriod(queries, scope);
  const contents = { ...data, ...sortDetections(found, request), requested: found.length };
  if (request.include_survey === false) return contents;
  const { occasion_days: occasionDays = DEFAULT_OCCASION_DAYS, identities = 'roster' } = request;
  const survey = await loadSurvey(queries, scope, contents.rows, { occasionDays, identities, locator });
  return { ...contents, survey };
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

async function sortByIds(
  queries: Queries,
  request: ZipRequest,
  ids: readonly string[],
  timeZone: string,
): Promise<SortedDetections> {
  const valid = ids.filter((id) => UUID.test(id));
  const found = await loadRowsByIds(queries, valid, timeZone);
  const sorted = sortDetections(found, request);
  const known = new Set(found.map((row) => row.id));
  for (const id of ids) if (!known.has(id)) sorted.skipped.push({ detection_id: id, reason: 'no such detection' });
  return sorted;
}

async function readByIds(
  queries: Queries,
  request: ZipRequest,
  detectionIds: readonly string[],
  timeZone: string,
  asOf: Date,
): Promise<ArchiveContents> {
  const { start_date, end_date, group_by } = request;
  if (request.classifications?.length || request.locations?.length) checkNames(request, await loadNames(queries));
  const ids = [...new Set(detectionIds.map((id) => id.toLowerCase()))];
  const sorted = await sortByIds(queries, request, ids, timeZone);
  const { rows, observed, skipped } = sorted;
  const [first, last] = [observed[0], observed.at(-1)];
  if (rows.length === 0 || first === undefined || last === undefined) {
    if (start_date !== undefined && end_date !== undefined) throw nothingFound(start_date, end_date);
    const reason = skipped[0]?.reason ?? 'none given';
    throw new Fault('invalid', `None of the ${ids.length} detection_ids can be exported: ${reason}`);
  }
  const [start, end] = [start_date ?? first.local.slice(0, 10), end_date ?? last.local.slice(0, 10)];
  // A request by ids may span any time, because animals live for years. But the wrong clock of one
  // camera (1970) would make 20,000 columns of days.
  const tooFine = daysBetween(start, end) > LONGEST_SPAN_DAYS && group_by !== 'month' ? group_by : undefined;
  const grouping = tooFine === undefined ? (group_by ?? 'month') : 'month';
  const scope = makeScope(
    { ...request, start_date: start, end_date: end, group_by: grouping },
    timeZone,
    asOf,
    observed.map((row) => row.id),
  );
  const data = await loadSelection(queries, scope, request);
  return { ...data, ...sorted, requested: ids.length, ...(tooFine === undefined ? {} : { tooFine }) };
}

/**
 * Reads everything that an archive shows from one snapshot.
 * @throws Fault `invalid`: unknown names, or neither dates nor ids, or nothing to export
 */
export const readContents = ({
  database,
  request,
  timeZone,
  createdAt,
  locator,
}: Pick<
  RenderJob<ZipRequest>,
  'database' | 'request' | 'timeZone' | 'createdAt' | 'locator'
>): Promise<ArchiveContents> =>
  database.read((queries) =>
    request.detection_ids === undefined
      ? readByDates(queries, request, timeZone, createdAt, locator)
      : readByIds(queries, request, request.detection_ids, timeZone, createdAt),
  );
