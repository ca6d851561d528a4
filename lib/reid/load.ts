// The data set out of the database: one short read-only snapshot, whatever optional tables and columns an owner's database has.
import type { Database, Queries } from '../adapters/postgres.ts';
import { Fault, type Problem } from '../errors.ts';
import { assemble, type Box, type Dataset, type Detection, type Profile, type Review, type VectorTable, type Verdict } from './dataset.ts';
import { decodeVectors } from './kernel/vectors.ts';

export interface LoadOptions {
  /** Final classes and location names; absent = all. */
  classes?: readonly string[];
  locations?: readonly string[];
  /** Calendar days in `timeZone`, YYYY-MM-DD, both inclusive. */
  since?: string;
  until?: string;
  timeZone: string;
}

type Has = (table: string, column?: string) => boolean;

const OPTIONAL = [
  ['detections', 'embedding_version'],
  ['deer', 'enrolled_at'],
  ['deer', 'source_detection_id'],
  ['reid_reviews', 'detection_id'],
] as const;

/** An owner's column may be an enum; what neither person nor model named is 'unknown'. */
const FINAL_CLASS = `coalesce(nullif(d.corrected_classification::text, ''), nullif(d.classification::text, ''), 'unknown')`;

/** $1 classes, $2 location names, $3 since, $4 until, $5 zone. */
const detectionsSql = (has: Has): string => `
SELECT d.id::text, d.image_id::text AS image, i.location_id::text AS location, i."timestamp" AS at, ${FINAL_CLASS} AS label,
       d.burst_group_id::text AS burst, d.deer_id::text AS deer, d.is_reviewed IS TRUE AS reviewed, d.confidence::float8 AS confidence,
       d.bbox AS box, d.is_valid IS NOT FALSE AS valid, d.is_duplicate IS TRUE AS duplicate,
       ${has('detections', 'embedding_version') ? 'd.embedding_version::text' : 'NULL'} AS version
FROM detections d
JOIN images i ON i.id = d.image_id
LEFT JOIN locations l ON l.id = i.location_id
WHERE ($1::text[] IS NULL OR ${FINAL_CLASS} = ANY ($1::text[]))
  AND ($2::text[] IS NULL OR l.name = ANY ($2::text[]))
  AND ($3::date IS NULL OR i."timestamp" >= $3::date::timestamp AT TIME ZONE $5)
  AND ($4::date IS NULL OR i."timestamp" < ($4::date + 1)::timestamp AT TIME ZONE $5)`;

/** A source detection may lie outside of the selection: its place and time come along. */
const profilesSql = (has: Has): string => `
SELECT e.id::text, coalesce(nullif(e.name, ''), e.id::text) AS name, coalesce(nullif(e.sex::text, ''), 'unknown') AS label,
       ${has('deer', 'enrolled_at') ? 'e.enrolled_at' : 'NULL::timestamptz'} AS enrolled_at, e.embedding_version::text AS version,
       ${
         has('deer', 'source_detection_id')
           ? `e.source_detection_id::text AS source, i.location_id::text AS source_location, i."timestamp" AS source_at
FROM deer e LEFT JOIN detections d ON d.id = e.source_detection_id LEFT JOIN images i ON i.id = d.image_id`
           : 'NULL AS source, NULL AS source_location, NULL::timestamptz AS source_at FROM deer e'
       }`;

const REVIEWS = `
SELECT detection_id::text AS detection, deer_id::text AS deer, identity, verdict::text, inclusion_probability::float8 AS inclusion, reviewed_at AS at
FROM reid_reviews ORDER BY detection_id, reviewed_at`;

/** Coordinates that are not numbers on the globe count as absent. */
const LOCATIONS = `
SELECT id::text, name, coordinates ->> 'lat' AS lat, coordinates ->> 'lon' AS lon FROM locations ORDER BY id`;

interface DetectionRow extends Omit<Detection, 'at' | 'box'> {
  at: Date | null;
  box: unknown;
}

interface ProfileRow {
  id: string;
  name: string;
  label: string;
  enrolled_at: Date | null;
  version: string | null;
  source: string | null;
  source_location: string | null;
  source_at: Date | null;
}

const ms = (at: Date | null): number | null => (at === null ? null : at.getTime());

function boxOf(value: unknown): Box | null {
  if (typeof value !== 'object' || value === null) return null;
  const { x, y, width, height } = value as Partial<Box>;
  const sound = [x, y, width, height].every((part) => typeof part === 'number' && Number.isFinite(part));
  return sound && width! > 0 && height! > 0 ? { x: x!, y: y!, width: width!, height: height! } : null;
}

function degrees(text: string | null, most: number): number | null {
  const value = text === null || text.trim() === '' ? Number.NaN : Number(text);
  return Math.abs(value) <= most ? value : null;
}

/**
 * Reads everything an analysis needs; nothing is computed while the snapshot is open.
 * @throws Fault `invalid` for an unknown class or location (the known ones are listed), `unavailable` when the database is.
 */
export async function loadDataset(database: Database, options: LoadOptions): Promise<Dataset> {
  const loaded = await database.read(async (queries) => {
    const has = await shapeOf(queries);
    await checkNames(queries, options);
    const filter = [options.classes ?? null, options.locations ?? null, options.since ?? null, options.until ?? null, options.timeZone];
    const detections = await queries.rows<DetectionRow>(detectionsSql(has), filter);
    const profiles = await queries.rows<ProfileRow>(profilesSql(has));
    const reviews = has('reid_reviews') ? await queries.rows<Omit<Review, 'at'> & { at: Date | null; verdict: Verdict }>(REVIEWS) : [];
    const locations = await queries.rows<{ id: string; name: string; lat: string | null; lon: string | null }>(LOCATIONS);
    const usable = detections.filter(({ valid, duplicate }) => valid && !duplicate);
    const vectors = await vectorsOf(queries, 'detections', 'is_valid IS NOT FALSE AND is_duplicate IS NOT TRUE', usable);
    const profileVectors = await vectorsOf(queries, 'deer', 'true', profiles);
    return { has, detections, profiles, reviews, locations, vectors, profileVectors };
  });
  const { has } = loaded;
  return assemble({
    detections: loaded.detections.map((row): Detection => ({ ...row, at: ms(row.at), box: boxOf(row.box) })),
    vectors: loaded.vectors,
    profiles: loaded.profiles.map(
      ({ id, name, label, version, source, ...row }): Profile => ({
        ...{ id, name, label, version, source },
        enrolledAt: ms(row.enrolled_at),
        sourceLocation: row.source_location,
        sourceAt: ms(row.source_at),
      }),
    ),
    profileVectors: loaded.profileVectors,
    reviews: loaded.reviews.map((row): Review => ({ ...row, at: ms(row.at) })),
    locations: loaded.locations.map(({ id, name, lat, lon }) => ({ id, name, lat: degrees(lat, 90), lon: degrees(lon, 180) })),
    absent: [
      ...(has('reid_reviews') ? [] : ['there is no table of human reviews (reid_reviews): npm run migrate adds it']),
      ...(has('deer', 'enrolled_at') ? [] : ['when profiles were enrolled is not told (deer.enrolled_at): all count for every review']),
      ...(has('deer', 'source_detection_id')
        ? []
        : ['which detection a profile was made from is not told (deer.source_detection_id): it is found by its score']),
    ],
  });
}

async function shapeOf({ rows }: Queries): Promise<Has> {
  const found = await rows<{ name: string }>(
    `SELECT c.relname || '.' || a.attname AS name FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
     WHERE c.oid = ANY (SELECT to_regclass(t) FROM unnest($1::text[]) AS t) AND a.attnum > 0 AND NOT a.attisdropped`,
    [[...new Set(OPTIONAL.map(([table]) => table))]],
  );
  const names = new Set(found.map(({ name }) => name));
  return (table, column) => names.has(`${table}.${column ?? OPTIONAL.find(([of]) => of === table)![1]}`);
}

async function checkNames({ rows }: Queries, { classes, locations }: LoadOptions): Promise<void> {
  const problems: Problem[] = [];
  const check = async (field: string, word: string, asked: readonly string[] | undefined, sql: string): Promise<void> => {
    if (asked === undefined) return;
    const known = (await rows<{ name: string }>(sql)).map(({ name }) => name);
    const listed = known.length === 0 ? 'none yet' : known.slice(0, 50).join(', ');
    asked.forEach((name, index) => {
      if (!known.includes(name)) problems.push({ pointer: `/${field}/${index}`, detail: `Unknown ${word} "${name}"; known: ${listed}` });
    });
  };
  await check('classes', 'class', classes, `SELECT DISTINCT ${FINAL_CLASS} AS name FROM detections d ORDER BY name`);
  await check('locations', 'location', locations, 'SELECT name FROM locations ORDER BY name');
  if (problems[0] !== undefined) throw new Fault('invalid', problems[0].detail, { problems });
}

/** COPY takes no parameters: the condition is ours. The selection is made by id afterwards; who is missing is then asked why. */
async function vectorsOf(
  queries: Queries,
  table: 'detections' | 'deer',
  where: string,
  wanted: readonly { id: string }[],
): Promise<VectorTable> {
  const { ids, vectors, dimensions } = await decodeVectors(
    queries.copyOut(`SELECT id, feature_vector FROM ${table} WHERE feature_vector IS NOT NULL AND ${where} ORDER BY id`),
  );
  const found = new Set(ids);
  const missing = wanted.flatMap(({ id }) => (found.has(id) ? [] : [id]));
  // pgvector itself refuses parts that are not finite; a vector of the right size that was left out is therefore zero unless its norm says otherwise.
  const reasons =
    missing.length === 0
      ? []
      : await queries.rows<{ id: string; size: number | null; norm: number | null }>(
          `SELECT id::text, vector_dims(feature_vector) AS size, vector_norm(feature_vector) AS norm FROM ${table}
           WHERE id = ANY ($1::uuid[]) AND feature_vector IS NOT NULL`,
          [missing],
        );
  const named = (holds: (reason: (typeof reasons)[number]) => boolean): string[] => reasons.filter(holds).map(({ id }) => id);
  return {
    ids,
    values: vectors,
    dimensions,
    wrongSize: named(({ size }) => size !== dimensions && dimensions > 0),
    zero: named(({ size, norm }) => (size === dimensions || dimensions === 0) && norm === 0),
    nonFinite: named(({ size, norm }) => (size === dimensions || dimensions === 0) && norm !== 0),
  };
}
