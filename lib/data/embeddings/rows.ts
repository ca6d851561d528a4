// What a table of identities becomes in the database: locations, images, profiles, detections and
// verdicts.
import { basename } from 'node:path';
import { SEXES } from '../../deer/class-gates.ts';
import type { Sighting } from './metadata.ts';
import type { Matrix } from './npy.ts';
import type { EmbeddingRows } from './store.ts';

/** Pictures of an encounter that are compared for the most typical one. */
const COMPARED = 64;

/** Begins the reviewer of verdicts that a table of identities gives. */
export const REVIEWER = 'identities of ';

export interface Origin {
  /** UUIDs of the data set, by name: two data sets with equal names have different ids. */
  named: (name: string) => string;
  /** UUID of the data set. */
  set: string;
  version: string;
  /** Name of the table, for the reviewer. */
  table: string;
}

/**
 * The sighting most like the others of its encounter: the sum of its cosines with them is highest
 * (tie: the first).
 */
function findTypical(sightings: readonly Sighting[], { columns, values }: Matrix): Sighting {
  const unit = (row: number): Float32Array => {
    const vector = values.slice(row * columns, (row + 1) * columns);
    const length = Math.sqrt(vector.reduce((sum, part) => sum + part * part, 0));
    return vector.map((part) => part / length);
  };
  const units = sightings.slice(0, COMPARED).map(({ row }) => unit(row));
  const mean = new Float64Array(columns);
  for (const vector of units) for (let d = 0; d < columns; d++) mean[d]! += vector[d]!;
  let [best, most] = [0, Number.NEGATIVE_INFINITY];
  units.forEach((vector, i) => {
    const sum = vector.reduce((total, part, d) => total + part * mean[d]!, 0);
    if (sum > most + 1e-9) [best, most] = [i, sum];
  });
  return sightings[best]!;
}

/** Without captured_at pictures are one second apart, in the order of the rows. */
const readTime = ({ at, row }: Sighting): number => at ?? row * 1_000;
const iso = (time: number): string => new Date(time).toISOString();

/** Encounters are named within an identity; a row without one is a separate encounter. */
const toEncounter = ({ identity, encounter, row }: Sighting): string => JSON.stringify([identity, encounter ?? row]);

/**
 * What is one burst. Names of encounters may repeat from animal to animal, so that of an unnamed
 * animal holds within one camera and day only, and not at all where those are not known.
 */
function toBurst(sighting: Sighting): string | null {
  if (sighting.encounter === null) return null;
  if (sighting.identity !== null) return toEncounter(sighting);
  if (sighting.camera === null || sighting.at === null) return null;
  return JSON.stringify([null, sighting.encounter, sighting.camera, iso(sighting.at).slice(0, 10)]);
}

/** pgvector's text; nine digits distinguish every float32 from its neighbors. */
function formatVector({ columns, values }: Matrix, row: number): string {
  const parts: string[] = [];
  for (let d = 0; d < columns; d++) parts.push(String(Number(values[row * columns + d]!.toPrecision(9))));
  return `[${parts.join(',')}]`;
}

/**
 * Of each enrolled identity the first encounter makes the profile. @returns by identity: the
 * encounter that is its source, and the id of the deer.
 */
function addProfiles(
  rows: EmbeddingRows,
  byTime: readonly Sighting[],
  matrix: Matrix,
  enrolled: ReadonlySet<string>,
  { named, version }: Origin,
) {
  const sources = new Map<string, { encounter: string; deer: string }>();
  for (const [identity, seen] of Map.groupBy(byTime, (sighting) => sighting.identity)) {
    if (identity === null || !enrolled.has(identity)) continue;
    const encounter = toEncounter(seen[0]!);
    const first = seen.filter((sighting) => toEncounter(sighting) === encounter);
    const source = findTypical(first, matrix);
    const votes = [...Map.groupBy(seen, (sighting) => sighting.class.toLowerCase())].toSorted(
      (a, b) => b[1].length - a[1].length,
    );
    const sex = votes.map(([label]) => label).find((label) => SEXES.some((sex) => sex === label)) ?? 'unknown';
    const deer = named(`deer ${identity}`);
    sources.set(identity, { encounter, deer });
    rows.deer.push({
      ...{ id: deer, name: identity, sex, sighting_count: first.length, embedding_version: version },
      ...{ first_seen: iso(readTime(first[0]!)), last_seen: iso(readTime(first.at(-1)!)) },
      ...{ source_detection_id: named(`row ${source.row}`), vector: formatVector(matrix, source.row) },
    });
  }
  return sources;
}

/**
 * @param enrolled identities that get a profile; pictures of the others are reviewed as none of
 * those.
 */
export function makeRows(
  sightings: readonly Sighting[],
  matrix: Matrix,
  enrolled: ReadonlySet<string>,
  origin: Origin,
): EmbeddingRows {
  const named = (kind: string, name: string | number): string => origin.named(`${kind} ${name}`);
  const byTime = sightings.toSorted((a, b) => readTime(a) - readTime(b) || a.row - b.row);
  const reviewed_at = iso(readTime(byTime.at(-1)!) + 86_400_000);
  const rows: EmbeddingRows = { locations: [], images: [], deer: [], detections: [], reviews: [] };
  for (const camera of new Set(sightings.flatMap((sighting) => sighting.camera ?? [])))
    rows.locations.push({ id: named('camera', camera), name: camera });
  const sources = addProfiles(rows, byTime, matrix, enrolled, origin);
  const images = new Map<string, string>();
  for (const sighting of sightings) {
    const { row, file, camera, identity } = sighting;
    const timestamp = iso(readTime(sighting));
    const path = file ?? `embeddings:${origin.set}/${row}`;
    const image = images.get(path) ?? named('image', path);
    if (!images.has(path)) {
      images.set(path, image);
      const location_id = camera === null ? null : named('camera', camera);
      rows.images.push({ id: image, filename: basename(path.replaceAll('\\', '/')), path, timestamp, location_id });
    }
    const [detection, burst] = [named('row', row), toBurst(sighting)];
    rows.detections.push({
      ...{ id: detection, image_id: image, classification: sighting.class, created_at: timestamp },
      ...{ burst_group_id: burst === null ? null : named('encounter', burst) },
      ...{ embedding_version: origin.version, vector: formatVector(matrix, row) },
    });
    if (identity === null) continue;
    const source = sources.get(identity);
    if (source?.encounter === toEncounter(sighting)) continue;
    const verdict =
      source === undefined
        ? { deer_id: null, identity, verdict: 'none' }
        : { deer_id: source.deer, identity: null, verdict: 'same' };
    rows.reviews.push({
      ...{
        detection_id: detection,
        ...verdict,
        inclusion_probability: 1,
        reviewer: `${REVIEWER}${basename(origin.table)}`,
      },
      reviewed_at,
    });
  }
  return rows;
}
