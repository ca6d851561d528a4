// What an archive holds: the rows, the season of the same rows, and why each other requested
// detection is not in it.
import type { Database, Queries } from '../../adapters/postgres.ts';
import { daysBetween } from '../../deer/calendar.ts';
import { nonAnimal } from '../../deer/classes.ts';
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
import { type GroupBy, LONGEST_SPAN_DAYS, type Selection } from '../shared/request.ts';
import { type Field, fieldOf } from './camtrap-dp/read.ts';
import { type Histories, historiesOf } from './history.ts';
import { peopleIn } from './people.ts';
import type { ZipRequest } from './request.ts';
import { type DetectionRow, rowsOfIds, rowsOfPeriod } from './rows.ts';

export interface Skip {
  detection_id: string;
  reason: string;
}

export interface Contents {
  season: Season;
  /** Counted detections by time. */
  rows: DetectionRow[];
  /**
   * The same and, between them, those of people, vehicles and nothing: not counted, but a Camtrap
   * DP package has a word for them.
   */
  observed: DetectionRow[];
  /** Requested detections that are not counted. */
  skips: Skip[];
  /** Those of them that no filter and no date excludes. */
  leftOut: LeftOut;
  /** The grouping asked for, where the span is too long for it. */
  tooFine?: GroupBy;
  /** Different detections asked for. */
  requested: number;
  histories: Histories;
  /** Where people are: no picture of these images leaves. */
  people: People;
  /** What the Camtrap DP package needs; absent when it is not wanted. */
  field?: Field;
}

/** What an archive holds beside its rows, read in the same snapshot. */
async function around(
  queries: Queries,
  scope: Scope,
  request: ZipRequest,
): Promise<Pick<Contents, 'season' | 'histories' | 'people' | 'field'>> {
  const season = await readFilledSeason(queries, scope);
  const histories = await historiesOf(queries, scope);
  const people = await peopleIn(queries, scope);
  const more = { season, histories, people };
  return (request.include_camtrap_dp ?? true) ? { ...more, field: await fieldOf(queries, scope, people.images) } : more;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Why a row lies outside the request. */
function exclusion(row: DetectionRow, request: ZipRequest): string | undefined {
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

function sorted(
  found: readonly DetectionRow[],
  request: ZipRequest,
): Pick<Contents, 'rows' | 'observed' | 'skips' | 'leftOut'> {
  const rows: DetectionRow[] = [];
  const observed: DetectionRow[] = [];
  const skips: Skip[] = [];
  const leftOut: LeftOut = { invalid: 0, duplicate: 0, nonAnimal: 0 };
  for (const row of found) {
    const skip = (reason: string): number => skips.push({ detection_id: row.id, reason });
    const reason = exclusion(row, request);
    if (reason !== undefined) skip(reason);
    else if (!row.valid) {
      leftOut.invalid += 1;
      skip('marked as not valid');
    } else if (row.duplicate) {
      leftOut.duplicate += 1;
      skip('marked as duplicate');
    } else {
      observed.push(row);
      const other = nonAnimal(row.class);
      if (other === undefined) rows.push(row);
      else {
        leftOut.nonAnimal += 1;
        skip(`no animal: its class is ${row.class}`);
      }
    }
  }
  return { rows, observed, skips, leftOut };
}

/**
 * One snapshot of everything that an archive shows.
 * @throws Fault `invalid`: unknown names, neither dates nor ids, or nothing to export.
 */
export function readContents(database: Database, request: ZipRequest, timeZone: string, asOf: Date): Promise<Contents> {
  return database.read(async (queries) => {
    const { start_date, end_date, group_by } = request;
    if (request.detection_ids === undefined) {
      if (start_date === undefined || end_date === undefined)
        throw new Fault('invalid', 'start_date and end_date or detection_ids are needed');
      const scope = makeScope({ ...request, group_by: group_by ?? 'month' } as Selection, timeZone, asOf);
      const more = await around(queries, scope, request);
      const found = await rowsOfPeriod(queries, scope);
      return { ...more, ...sorted(found, request), requested: found.length };
    }

    if (request.classifications?.length || request.locations?.length) checkNames(request, await loadNames(queries));
    const asked = [...new Set(request.detection_ids.map((id) => id.toLowerCase()))];
    const found = await rowsOfIds(
      queries,
      asked.filter((id) => UUID.test(id)),
      timeZone,
    );
    const { rows, observed, skips, leftOut } = sorted(found, request);
    const known = new Set(found.map((row) => row.id));
    for (const id of asked) if (!known.has(id)) skips.push({ detection_id: id, reason: 'no such detection' });
    const [first, last] = [observed[0], observed.at(-1)];
    if (rows.length === 0 || first === undefined || last === undefined) {
      if (start_date !== undefined && end_date !== undefined) throw nothingFound(start_date, end_date);
      throw new Fault(
        'invalid',
        `None of the ${asked.length} detection_ids can be exported: ${skips[0]?.reason ?? 'none given'}`,
      );
    }
    const [start, end] = [start_date ?? first.local.slice(0, 10), end_date ?? last.local.slice(0, 10)];
    // Ids have no longest span: animals live for years. But one camera whose clock stood at 1970
    // would make 20,000 days of columns.
    const tooFine = daysBetween(start, end) > LONGEST_SPAN_DAYS && group_by !== 'month' ? group_by : undefined;
    const scope = makeScope(
      {
        ...request,
        start_date: start,
        end_date: end,
        group_by: tooFine === undefined ? (group_by ?? 'month') : 'month',
      },
      timeZone,
      asOf,
      observed.map((row) => row.id),
    );
    const more = await around(queries, scope, request);
    return {
      ...more,
      rows,
      observed,
      skips,
      leftOut,
      requested: asked.length,
      ...(tooFine === undefined ? {} : { tooFine }),
    };
  });
}
