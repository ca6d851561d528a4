// The detections of an archive, row by row, with what a crop needs. Filters are those of FOUND in
// season/scope.ts, which every count uses.
import type { Queries } from '../../../adapters/postgres.ts';
import { type Catalog, readColumns } from '../../../deer/columns.ts';
import { finalClass, isDuplicate, isValid } from '../../../deer/detections.ts';
import { inPeriod, periodParams, type Scope } from '../../season/index.ts';

export interface DetectionRow {
  id: string;
  image_id: string;
  filename: string;
  path: string;
  /** Local time in the report's zone, `YYYY-MM-DDTHH:MM:SS`. */
  local: string;
  offset_minutes: number;
  location_id: string | null;
  location: string | null;
  class: string;
  model_class: string | null;
  confidence: number | null;
  bbox: unknown;
  /** {x, y, width, height} from 0 to 1, where only these shares of the image are known. */
  bbox_relative: unknown;
  deer_id: string | null;
  deer_name: string | null;
  deer_species: string | null;
  burst_group_id: string | null;
  is_reviewed: boolean | null;
  created_at: Date | null;
  valid: boolean;
  duplicate: boolean;
  captured_at: Date;
  /** Scientific name, where the database has it. */
  species: string | null;
  /** Other fields of the observation, from an imported package. */
  observation: unknown;
}

const select = (has: Catalog['has']): string => `
SELECT d.id, i.id AS image_id, i.filename, i.path,
       to_char(i.timestamp AT TIME ZONE $3, 'YYYY-MM-DD"T"HH24:MI:SS') AS local,
       (extract(epoch FROM (i.timestamp AT TIME ZONE $3) - (i.timestamp AT TIME ZONE 'UTC')) / 60)::int AS offset_minutes,
       i.location_id, l.name AS location, ${finalClass('d')} AS class, d.classification::text AS model_class, d.confidence, d.bbox,
       ${has('detections', 'bbox_relative') ? 'd.bbox_relative' : 'NULL AS bbox_relative'},
       ${has('detections', 'species') ? 'd.species' : 'NULL AS species'}, ${has('detections', 'observation') ? 'd.observation' : 'NULL AS observation'},
       i.timestamp AS captured_at, d.deer_id, k.name AS deer_name, k.species AS deer_species, d.burst_group_id, d.is_reviewed, d.created_at,
       ${isValid('d')} AS valid, ${isDuplicate('d')} AS duplicate
FROM detections d
JOIN images i ON i.id = d.image_id
LEFT JOIN locations l ON l.id = i.location_id
LEFT JOIN deer k ON k.id = d.deer_id`;

/** Detections by id (UUIDs), whatever their period; unknown ids are absent. */
export async function loadRowsByIds(
  queries: Queries,
  ids: readonly string[],
  timeZone: string,
): Promise<DetectionRow[]> {
  return queries.rows<DetectionRow>(
    `${select(await readColumns(queries))} WHERE d.id = ANY ($1::uuid[]) AND $2::text IS NULL ORDER BY i.timestamp, d.id`,
    [ids, null, timeZone],
  );
}

/** Every detection of the period and the filters, also those that are left out of counts. */
export async function loadRowsOfPeriod(queries: Queries, scope: Scope): Promise<DetectionRow[]> {
  return queries.rows<DetectionRow>(
    `${select(await readColumns(queries))}
     WHERE ${inPeriod('i.timestamp')} AND ($4::text[] IS NULL OR ${finalClass('d')} = ANY ($4::text[])) AND ($5::text[] IS NULL OR l.name = ANY ($5::text[]))
     ORDER BY i.timestamp, d.id`,
    periodParams(scope),
  );
}
