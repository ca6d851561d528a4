// Which pictures of a known deer may be shown, and which of them is the best one: the same choice
// for a page and for a report.
import type { Queries } from '../../adapters/postgres.ts';
import { PLACEHOLDER } from '../../deer/camtrap-dp.ts';
import { decideClasses } from '../../deer/classes.ts';
import { readColumns } from '../../deer/columns.ts';
import { findPeople } from '../../deer/detections.ts';
import { DEER_CLASSES, isInSeason } from './activity.ts';
import { asRows, FOUND, foundParams, inPeriod, type Scope, UNDECIDED } from './scope.ts';

export interface Hidden {
  /** Ids of images of which no picture is shown. */
  images: ReadonlySet<string>;
  /** What paths without a file begin with. */
  placeholder: string;
}

export const hiddenParams = ({ images, placeholder }: Hidden): unknown[] => [[...images], placeholder];

/** $10 images of which no picture is shown, $11 the beginning of paths without a file. */
export const HAS_PICTURE = 'NOT i.id = ANY ($10::uuid[]) AND NOT starts_with(i.path, $11)';

/** Numeric: an owner's box may hold numbers that a float does not. */
const area = (box: string): string =>
  `CASE WHEN jsonb_typeof(${box} -> 'width') = 'number' AND jsonb_typeof(${box} -> 'height') = 'number'
     THEN (${box} ->> 'width')::numeric * (${box} ->> 'height')::numeric END`;
/** Pixels of an image whose size is not known. */
const USUAL_PIXELS = 2_000_000;

/**
 * SQL: the order of the pictures of a detection `d` in an image `i`. What a reviewer has seen comes
 * first, then the largest box, then what the model was surest of.
 */
export async function orderPictures(queries: Queries): Promise<string> {
  const has = await readColumns(queries);
  const pixels = has('images', 'width') && has('images', 'height') ? 'i.width::numeric * i.height' : 'NULL::numeric';
  const share = has('detections', 'bbox_relative')
    ? `, (${area('to_jsonb(d.bbox_relative)')}) * coalesce(${pixels}, ${USUAL_PIXELS})`
    : '';
  const size = `coalesce(${area('to_jsonb(d.bbox)')}${share})`;
  return `d.is_reviewed IS TRUE DESC, ${size} DESC NULLS LAST, d.confidence DESC NULLS LAST, i.timestamp DESC, d.id`;
}

/** What a picture is cut from. */
export interface PictureSource {
  /** Of the detection. */
  id: string;
  path: string;
  box: unknown;
  relative: unknown;
  /** A reviewer has seen the detection. */
  confirmed: boolean;
}

/** Images with a detection of one of some deer in a period. $1 to $3 the period, $4 the deer. */
const IMAGES_OF_DEER = `i.id IN (SELECT x.image_id FROM detections x JOIN images p ON p.id = x.image_id
  WHERE x.deer_id = ANY ($4::uuid[]) AND ${inPeriod('p.timestamp')})`;

/**
 * The best pictures of each of these deer among the detections that a season counts, the best
 * first; a deer without any is absent. Images that show a person are left out.
 */
export async function loadPictureSources(
  queries: Queries,
  scope: Scope,
  deer: readonly string[],
  most: number,
): Promise<Map<string, PictureSource[]>> {
  if (deer.length === 0) return new Map();
  const has = await readColumns(queries);
  const people = await findPeople(queries, IMAGES_OF_DEER, [scope.start, scope.end, scope.timeZone, deer]);
  const relative = has('detections', 'bbox_relative') ? 'd.bbox_relative' : 'NULL';
  const ranked = `SELECT deer_id, id, path, box, relative, confirmed FROM (
    SELECT f.deer_id, d.id, i.path, d.bbox AS box, ${relative} AS relative, d.is_reviewed IS TRUE AS confirmed,
           row_number() OVER (PARTITION BY f.deer_id ORDER BY ${await orderPictures(queries)}) AS place
    FROM found f JOIN detections d ON d.id = f.id JOIN images i ON i.id = d.image_id
    WHERE ${isInSeason(scope)} AND f.deer_id = ANY ($9::uuid[]) AND ${HAS_PICTURE}
  ) pictures WHERE place <= $12 ORDER BY deer_id, place`;
  const sql = `WITH ${FOUND}, ${DEER_CLASSES} SELECT ${asRows(ranked)} AS sources, ${asRows(UNDECIDED)} AS undecided`;
  const more = [deer, ...hiddenParams({ images: people.images, placeholder: PLACEHOLDER }), most];
  const { sources } = await decideClasses(
    async (decided) =>
      (
        await queries.rows<{ sources: (PictureSource & { deer_id: string })[]; undecided: { class: string }[] }>(sql, [
          ...foundParams(scope, decided),
          ...more,
        ])
      )[0]!,
  );
  const found = new Map<string, PictureSource[]>();
  for (const { deer_id, ...source } of sources) found.set(deer_id, [...(found.get(deer_id) ?? []), source]);
  return found;
}

/** Coordinates of locations as the database holds them, by id. */
export async function loadPlaces(queries: Queries, ids: readonly string[]): Promise<Map<string, unknown>> {
  if (ids.length === 0) return new Map();
  const rows = await queries.rows<{ id: string; coordinates: unknown }>(
    'SELECT id, coordinates FROM locations WHERE id = ANY ($1::uuid[])',
    [ids],
  );
  return new Map(rows.map(({ id, coordinates }) => [id, coordinates]));
}
