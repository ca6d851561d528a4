// What a head count needs of the database: detections of a period, verdicts of rosters, effort and
// images by day. Runs in the caller's snapshot.
import type { Queries } from '../../adapters/postgres.ts';
import type { Box } from '../../box.ts';
import { readBox } from '../../deer/boxes.ts';
import { readColumns } from '../../deer/columns.ts';
import { finalClass, isAccepted } from '../../deer/detections.ts';
import { inPeriod } from '../../exports/season/index.ts';
import type { Grouped } from '../../reid/dataset/search-events.ts';

/** Calendar days, both included, in a time zone. */
export interface Period {
  start: string;
  end: string;
  timeZone: string;
  /** Names; absent: all. */
  locations?: readonly string[] | undefined;
}

export interface HeadDetection extends Grouped {
  /** Local days since 1970-01-01. */
  day: number;
  /** The stored deer, unless a run of ours wrote it. */
  deer: string | null;
  box: Box | null;
}

/** A verdict of a roster, of its second look or of a repeat. */
export interface RosterReview {
  detection: string;
  deer: string | null;
  identity: string | null;
  verdict: string;
  purpose: 'roster' | 'second_look' | 'repeat';
  at: number;
  /** What the animal is, where the reviewer says so. */
  class: string | null;
}

export interface HeadDeer {
  id: string;
  name: string | null;
  sex: string;
  /** The detection that its profile was made from. */
  source: string | null;
}

/** What people and the database say of animals. */
export interface Verdicts {
  reviews: RosterReview[];
  deer: HeadDeer[];
}

export interface HeadRows extends Verdicts {
  detections: HeadDetection[];
  images: ImageDay[];
}

/** A day on which a location took an image. */
export interface ImageDay {
  location: string | null;
  day: number;
}

/** $4 names of locations. */
const AT_PLACES =
  '($4::text[] IS NULL OR EXISTS (SELECT FROM locations l WHERE l.id = i.location_id AND l.name = ANY ($4::text[])))';

const DAY = `(i."timestamp" AT TIME ZONE $3)::date - DATE '1970-01-01'`;

/**
 * A name that Hoofprint's own run wrote is no identity: it is left out while the run is not undone.
 */
const detectionsSql = (runs: boolean): string => `
SELECT d.id::text, d.image_id::text AS image, i.location_id::text AS location, i."timestamp" AS at, ${finalClass('d')} AS label,
  d.burst_group_id::text AS burst, d.bbox AS box, ${DAY} AS day,
  ${
    runs
      ? `CASE WHEN NOT EXISTS (SELECT FROM hoofprint_assignments w WHERE w.detection_id = d.id AND w.deer_id = d.deer_id AND w.undone_at IS NULL)
    THEN d.deer_id::text END`
      : 'd.deer_id::text'
  } AS deer
FROM detections d JOIN images i ON i.id = d.image_id
WHERE ${inPeriod('i."timestamp"')} AND ${AT_PLACES} AND ${isAccepted('d')} ORDER BY d.id`;

const reviewsSql = (classes: boolean): string => `
SELECT r.detection_id::text AS detection, r.deer_id::text AS deer, r.identity, r.verdict::text, r.purpose::text, r.reviewed_at AS at,
  ${classes ? "nullif(r.class, '')" : 'NULL'} AS class
FROM reid_reviews r JOIN detections d ON d.id = r.detection_id JOIN images i ON i.id = d.image_id
WHERE r.purpose IN ('roster', 'second_look', 'repeat') AND ${inPeriod('i."timestamp"')} AND ${AT_PLACES}
ORDER BY r.reviewed_at, r.detection_id, r.id`;

const IMAGES = `
SELECT DISTINCT i.location_id::text AS location, ${DAY} AS day FROM images i WHERE ${inPeriod('i."timestamp"')} AND ${AT_PLACES}`;

const listParams = ({ start, end, timeZone, locations }: Period): unknown[] => [
  ...[start, end, timeZone, locations ?? null],
];

export const readImageDays = (queries: Queries, period: Period): Promise<ImageDay[]> =>
  queries.rows<ImageDay>(IMAGES, listParams(period));

/** Reviews of rosters in a period, and every deer. */
export async function readVerdicts(queries: Queries, period: Period): Promise<Verdicts> {
  const has = await readColumns(queries);
  const reviews = has('reid_reviews', 'purpose')
    ? await queries.rows<Omit<RosterReview, 'at'> & { at: Date }>(
        reviewsSql(has('reid_reviews', 'class')),
        listParams(period),
      )
    : [];
  const source = has('deer', 'source_detection_id') ? 'e.source_detection_id::text' : 'NULL';
  return {
    reviews: reviews.map((row) => ({ ...row, at: row.at.getTime() })),
    deer: await queries.rows<HeadDeer>(
      `SELECT e.id::text, e.name, coalesce(nullif(e.sex::text, ''), 'unknown') AS sex, ${source} AS source FROM deer e ORDER BY e.id`,
    ),
  };
}

/** @throws Fault of the database alone */
export async function readHeadRows(queries: Queries, period: Period): Promise<HeadRows> {
  const has = await readColumns(queries);
  const detections = await queries.rows<Omit<HeadDetection, 'at' | 'box'> & { at: Date; box: unknown }>(
    detectionsSql(has('hoofprint_assignments')),
    listParams(period),
  );
  return {
    detections: detections.map((row) => ({ ...row, at: row.at.getTime(), box: readBox(row.box) })),
    ...(await readVerdicts(queries, period)),
    images: await readImageDays(queries, period),
  };
}
