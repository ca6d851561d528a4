// The data set out of the database: one short read-only snapshot, whatever optional tables and
// columns an owner's database has.
import type { Database, Queries } from '../../adapters/postgres.ts';
import { readBox } from '../../deer/boxes.ts';
import { type Catalog, readCatalog } from '../../deer/columns.ts';
import { finalClass, isDuplicate, isValid } from '../../deer/detections.ts';
import { readNames, refuseUnknownNames } from '../../deer/names.ts';
import { makeShortNames } from '../../deer/short-names.ts';
import { judgeUsability } from '../../deer/usability.ts';
import { Fault } from '../../errors.ts';
import { count, number } from '../../format.ts';
import { assemble } from './assemble.ts';
import type { Dataset, Source } from './dataset.ts';
import type { Draw } from './draws.ts';
import { readDraws, readReviews } from './load-draws.ts';
import { readStored } from './load-scores.ts';
import { readVectors, versionSql } from './load-vectors.ts';
import type { Detection, Profile, Review } from './records.ts';
import type { StoredRaw } from './stored-scores.ts';

export interface LoadOptions {
  /** Final classes and location names; absent = all. */
  classes?: readonly string[];
  locations?: readonly string[];
  /** Calendar days in `timeZone`, YYYY-MM-DD, both inclusive. */
  since?: string;
  until?: string;
  timeZone: string;
  /**
   * What scores are computed from; absent = vectors if they can be used, else the stored scores.
   */
  source?: Source;
}

/**
 * $1 classes, $2 location names, $3 since, $4 until, $5 zone; with attached vectors $6, the
 * embedding version that is reported on. Boxes are needed only for pairs of one image, which only
 * vectors can score.
 */
const detectionsSql = (catalog: Catalog, stored: boolean): string => `
SELECT d.id::text, d.image_id::text AS image, i.location_id::text AS location, i."timestamp" AS at, ${finalClass('d')} AS label,
       d.burst_group_id::text AS burst, ${written(catalog).deer}, d.is_reviewed IS TRUE AS reviewed, d.confidence::float8 AS confidence,
       ${stored ? 'NULL' : 'd.bbox'} AS box, ${isValid('d')} AS valid, ${isDuplicate('d')} AS duplicate, ${versionSql(catalog, '$6')} AS version,
       d.classification::text AS model, d.created_at AS created_at
FROM detections d
JOIN images i ON i.id = d.image_id
LEFT JOIN locations l ON l.id = i.location_id ${written(catalog).join}
WHERE ($1::text[] IS NULL OR ${finalClass('d')} = ANY ($1::text[]))
  AND ($2::text[] IS NULL OR l.name = ANY ($2::text[]))
  AND ($3::date IS NULL OR i."timestamp" >= $3::date::timestamp AT TIME ZONE $5)
  AND ($4::date IS NULL OR i."timestamp" < ($4::date + 1)::timestamp AT TIME ZONE $5)`;

/** Names that Hoofprint wrote on pictures itself are apart: they are never evidence. */
const written = ({ has }: Catalog): { deer: string; join: string } =>
  has('hoofprint_assignments')
    ? {
        deer: 'CASE WHEN w.deer_id IS NULL THEN d.deer_id::text END AS deer, w.deer_id::text AS applied',
        join: `LEFT JOIN (SELECT DISTINCT detection_id, deer_id FROM hoofprint_assignments WHERE undone_at IS NULL) w
  ON w.detection_id = d.id AND w.deer_id = d.deer_id`,
      }
    : { deer: 'd.deer_id::text AS deer, NULL AS applied', join: '' };

/** A source detection may be outside of the selection: its location and time are read here. */
function profilesSql(catalog: Catalog): string {
  const { has } = catalog;
  const date = (column: string): string => (has('deer', column) ? `e.${column}` : 'NULL::timestamptz');
  const named = has('deer', 'source_detection_id');
  return `
SELECT e.id::text, e.name, coalesce(nullif(e.sex::text, ''), 'unknown') AS label,
       ${date('enrolled_at')} AS enrolled_at, ${date('created_at')} AS created_at, ${date('updated_at')} AS updated_at,
       ${has('deer', 'embedding_version') ? 'e.embedding_version::text' : 'NULL'} AS version,
       ${has('deer', 'feature_vector') ? 'e.feature_vector IS NOT NULL' : 'false'} AS vector, ${madeFrom(catalog)} AS made_from,
       ${named ? 'e.source_detection_id::text AS source, i.location_id::text AS source_location, i."timestamp" AS source_at' : 'NULL AS source, NULL AS source_location, NULL::timestamptz AS source_at'}
FROM deer e ${named ? 'LEFT JOIN detections d ON d.id = e.source_detection_id LEFT JOIN images i ON i.id = d.image_id' : ''}`;
}

/**
 * What a profile that Hoofprint wrote was made from, while its vector is still that one.
 */
const madeFrom = ({ has }: Catalog): string =>
  has('hoofprint_profiles') && has('deer', 'feature_vector')
    ? `(SELECT p.detections FROM hoofprint_profiles p WHERE p.deer_id = e.id AND p.new_vector::text = e.feature_vector::text ORDER BY p.id DESC LIMIT 1)`
    : 'NULL::jsonb';

/** Coordinates that are not numbers on the globe count as absent. */
const LOCATIONS = `
SELECT id::text, name, coordinates ->> 'lat' AS lat, coordinates ->> 'lon' AS lon FROM locations ORDER BY id`;

interface DetectionRow extends Omit<Detection, 'at' | 'box'> {
  at: Date | null;
  box: unknown;
  model: string | null;
  created_at: Date | null;
}

interface ProfileRow {
  id: string;
  name: string | null;
  label: string;
  enrolled_at: Date | null;
  created_at: Date | null;
  updated_at: Date | null;
  vector: boolean;
  version: string | null;
  source: string | null;
  source_location: string | null;
  source_at: Date | null;
  made_from: string[] | null;
}

const toMs = (at: Date | null): number | null => (at === null ? null : at.getTime());

function parseDegrees(text: string | null, most: number): number | null {
  const value = text === null || text.trim() === '' ? Number.NaN : Number(text);
  return Math.abs(value) <= most ? value : null;
}

const toDetection = (row: DetectionRow): Detection => ({
  id: row.id,
  image: row.image,
  location: row.location,
  at: toMs(row.at),
  label: row.label,
  burst: row.burst,
  deer: row.deer,
  applied: row.applied ?? null,
  reviewed: row.reviewed,
  confidence: row.confidence,
  box: readBox(row.box),
  valid: row.valid,
  duplicate: row.duplicate,
  version: row.version,
});

/**
 * Reads everything that an analysis needs; nothing is computed while the snapshot is open.
 * @throws Fault `invalid` for an unknown class or location (the known ones are listed), `conflict`
 *   when the database lacks what every analysis needs or the source that was asked for,
 *   `unavailable` when it does not answer
 */
export async function loadDataset(database: Database, options: LoadOptions): Promise<Dataset> {
  const { catalog, rows, vectors, stored } = await database.read((queries) => readAll(queries, options));
  const names = makeShortNames(rows.profiles);
  const detections = rows.detections.map(toDetection);
  // The copies are enough: there may be hundreds of thousands of rows.
  rows.detections = [];
  const dataset = assemble({
    detections,
    profiles: rows.profiles.map(
      ({ id, label, version, source, ...row }): Profile => ({
        ...{ id, name: names.get(id)!, label, version, source },
        enrolledAt: toMs(row.enrolled_at),
        sourceLocation: row.source_location,
        sourceAt: toMs(row.source_at),
        madeFrom: row.made_from ?? [],
      }),
    ),
    ...vectors,
    stored,
    reviews: rows.reviews,
    selection: {
      classes: options.classes ?? null,
      locations: options.locations ?? null,
      since: options.since ?? null,
      until: options.until ?? null,
    },
    draws: rows.draws,
    locations: rows.locations.map(({ id, name, lat, lon }) => ({
      id,
      name,
      lat: parseDegrees(lat, 90),
      lon: parseDegrees(lon, 180),
    })),
    absent: noteAbsent(catalog, stored !== undefined, rows.profiles.length > 0),
  });
  return {
    ...dataset,
    absent: [...dataset.absent, ...noteMissingVectors(dataset, catalog.has('reid_similarity_scores'))],
  };
}

/**
 * A few attached vectors replace all stored scores: a person who attached only a part has to see
 * it.
 */
function noteMissingVectors({ stored, detections, total }: Dataset, scores: boolean): string[] {
  if (stored !== null || detections.length === 0 || detections.length === total) return [];
  const other = scores ? '. To use the stored scores instead: --source scores, or "source": "scores"' : '';
  return [
    `${number(total - detections.length)} of ${count(total, 'detection')} have no usable vector and no score${other}`,
  ];
}

interface RawRows {
  detections: DetectionRow[];
  profiles: ProfileRow[];
  reviews: Review[];
  draws: Draw[];
  locations: { id: string; name: string; lat: string | null; lon: string | null }[];
}

async function readAll(queries: Queries, options: LoadOptions) {
  const catalog = await readCatalog(queries);
  const { faults } = judgeUsability(catalog);
  if (faults.length > 0) throw new Fault('conflict', faults.join('; '));
  if (options.source === 'scores' && !catalog.has('reid_similarity_scores')) {
    throw new Fault(
      'conflict',
      'the database has no stored scores (table reid_similarity_scores): leave out source, or type source=vectors',
    );
  }
  await checkNames(queries, options);
  const vectors = await readVectors(queries, catalog, options.source);
  const filter: unknown[] = [
    options.classes ?? null,
    options.locations ?? null,
    options.since ?? null,
    options.until ?? null,
    options.timeZone,
  ];
  if (catalog.has('hoofprint_embeddings')) filter.push(vectors.version);
  const wanted = options.source === 'scores' || (options.source === undefined && !vectors.usable);
  const useStored = wanted && catalog.has('reid_similarity_scores');
  const rows: RawRows = {
    detections: await queries.rows(detectionsSql(catalog, useStored), filter),
    profiles: await queries.rows(profilesSql(catalog)),
    reviews: await readReviews(queries, catalog),
    draws: await readDraws(queries, catalog),
    locations: await queries.rows(LOCATIONS),
  };
  const stored = useStored ? await readStoredScores(queries, catalog, rows) : undefined;
  return { catalog, rows, stored, vectors: stored === undefined ? await vectors.explain(rows) : vectors.found };
}

async function readStoredScores(
  queries: Queries,
  catalog: Catalog,
  { detections, profiles }: RawRows,
): Promise<StoredRaw> {
  return {
    rows: await readStored(queries, catalog),
    detections: new Map(
      detections.map(({ id, model, label, created_at: created }) => [
        id,
        { label: model || label, createdAt: toMs(created) },
      ]),
    ),
    profiles: new Map(
      profiles.map((row) => [
        row.id,
        { since: toMs(row.enrolled_at ?? row.created_at), changedAt: toMs(row.updated_at), vector: row.vector },
      ]),
    ),
  };
}

/** What is unknown because an optional table or column is absent, in sentences. */
function noteAbsent({ has }: Catalog, stored: boolean, profiles: boolean): string[] {
  const enrolled = stored
    ? 'when deer were enrolled is not recorded (deer.enrolled_at): the date of the row is used (deer.created_at)'
    : 'when deer were enrolled is not recorded (deer.enrolled_at): all profiles count for every review';
  return [
    ...(has('reid_reviews') ? [] : ['there is no table of reviews (reid_reviews). Type: npm run migrate']),
    ...(has('deer', 'enrolled_at') || !profiles ? [] : [enrolled]),
    ...(has('deer', 'source_detection_id') || !profiles
      ? []
      : [
          'which detection a profile was made from is not recorded (deer.source_detection_id): it is found by its score',
        ]),
  ];
}

async function checkNames(queries: Queries, { classes, locations }: LoadOptions): Promise<void> {
  if (classes === undefined && locations === undefined) return;
  const known = await readNames(queries);
  refuseUnknownNames([
    { field: 'classes', noun: 'class', asked: classes, known: known.classes },
    { field: 'locations', noun: 'location', asked: locations, known: known.locations },
  ]);
}
