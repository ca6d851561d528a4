// The import of embeddings with a table of identities, so that a published data set can be analysed: checked whole, loaded in one transaction.
import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import type { Database } from '../../adapters/postgres.ts';
import { Fault } from '../../errors.ts';
import { nameBased } from '../camtrap-dp/ids.ts';
import type { Stored } from '../store.ts';
import { linesOf, readMetadata, type Sighting } from './metadata.ts';
import { type Matrix, readNpy } from './npy.ts';
import { openEmbeddingsTarget, type Rows, refuseOtherSize, store } from './store.ts';

export interface EmbeddingsInput {
  vectors: { name: string; bytes: Buffer };
  metadata: { name: string; bytes: Buffer };
  /** Identities that are enrolled, one a line; absent: all of them. */
  gallery?: { name: string; bytes: Buffer };
  /** Which program made the vectors; vectors of two versions are never compared. Default: the vectors' own fingerprint. */
  version?: string;
  skipInvalid?: boolean;
}

export interface EmbeddingsSummary {
  title: string;
  rows: number;
  dimensions: number;
  identities: number;
  enrolled: number;
  stored: Record<'locations' | 'images' | 'deer' | 'detections' | 'reviews', Stored>;
  skipped: string[];
  notes: string[];
}

/** Namespace of data sets; a data set is its vectors, so that the same file is always the same set. */
const SETS = '0d1f5b0e-2f6c-5c0a-9a53-0b8c6f8f3f10';
const SHOWN = 20;
const SEXES = ['buck', 'doe', 'fawn'];

/** Rows whose vector cannot be used, with the reason. */
function unusable({ rows, columns, values }: Matrix): Map<number, string> {
  const found = new Map<number, string>();
  for (let row = 0; row < rows; row++) {
    let squares = 0;
    for (let d = 0; d < columns; d++) squares += values[row * columns + d]! ** 2;
    if (!Number.isFinite(squares)) found.set(row, 'its vector has a part that is not a number or infinite');
    else if (squares === 0) found.set(row, 'its vector is zero');
  }
  return found;
}

/** The one most like the others of its encounter: the sum of its cosines with them is highest (tie: the first). */
function typical(sightings: readonly Sighting[], { columns, values }: Matrix): Sighting {
  const unit = (row: number): Float32Array => {
    const vector = values.slice(row * columns, (row + 1) * columns);
    const length = Math.hypot(...vector);
    return vector.map((part) => part / length);
  };
  const units = sightings.slice(0, 64).map(({ row }) => unit(row));
  const mean = new Float64Array(columns);
  for (const vector of units) for (let d = 0; d < columns; d++) mean[d]! += vector[d]!;
  let [best, most] = [0, Number.NEGATIVE_INFINITY];
  units.forEach((vector, i) => {
    const sum = vector.reduce((total, part, d) => total + part * mean[d]!, 0);
    if (sum > most + 1e-9) [best, most] = [i, sum];
  });
  return sightings[best]!;
}

function galleryOf({ gallery }: EmbeddingsInput, identities: Set<string>): Set<string> {
  if (gallery === undefined) return identities;
  const names = gallery.bytes
    .toString('utf8')
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const strange = names.filter((name) => !identities.has(name));
  if (strange.length > 0)
    throw new Fault('invalid', `${gallery.name}: not among the identities: ${strange.slice(0, SHOWN).join(', ')}; nothing was loaded`);
  if (names.length === 0) throw new Fault('invalid', `${gallery.name} names no identity; nothing was loaded`);
  return new Set(names);
}

/**
 * Loads vectors and their table: cameras become locations, files images, rows detections, encounters bursts. Of each enrolled identity the first encounter
 * makes the profile (its most typical picture); every other row is a probe, and its identity a human review with inclusion probability 1.
 * @throws Fault `invalid` naming rows and columns (nothing has been loaded then), `conflict` when the database has no tables of ours.
 */
export async function importEmbeddings(database: Database, input: EmbeddingsInput): Promise<EmbeddingsSummary> {
  const target = await openEmbeddingsTarget(database);
  const matrix = readNpy(input.vectors.bytes, input.vectors.name);
  if (matrix.columns > 16_000) throw new Fault('invalid', `${input.vectors.name}: pgvector takes at most 16,000 dimensions`);
  refuseOtherSize(target, input.vectors.name, matrix.columns);
  const metadata = readMetadata(input.metadata.bytes, input.metadata.name);
  const lines = linesOf(metadata);
  if (lines !== matrix.rows)
    throw new Fault(
      'invalid',
      `${input.vectors.name} has ${matrix.rows} vectors and ${input.metadata.name} ${lines} rows; nothing was loaded`,
    );
  const { problems } = metadata;
  if (problems.length > 0 && input.skipInvalid !== true) {
    const more = problems.length > SHOWN ? `\n  and ${problems.length - SHOWN} more` : '';
    throw new Fault(
      'invalid',
      `the table has ${problems.length} broken cells; nothing was loaded\n  ${problems.slice(0, SHOWN).join('\n  ')}${more}`,
    );
  }
  const bad = unusable(matrix);
  const skipped = [...problems, ...[...bad].map(([row, reason]) => `${input.vectors.name} row ${row + 1}: ${reason}`)];
  const sightings = metadata.sightings.filter(({ row }) => !bad.has(row));
  if (sightings.length === 0) throw new Fault('invalid', 'no row is left to load');
  const identities = new Set(sightings.map(({ identity }) => identity));
  const enrolled = galleryOf(input, identities);
  const print = createHash('sha256').update(input.vectors.bytes).digest('hex');
  const rows = rowsOf(
    sightings,
    matrix,
    enrolled,
    nameBased(SETS, print),
    input.version ?? `npy ${print.slice(0, 12)}`,
    input.metadata.name,
  );
  const { stored, notes } = await database.write((queries) => store(queries, target, rows));
  if (metadata.ignored.length > 0) notes.push(`columns that are not used: ${metadata.ignored.join(', ')}`);
  if (sightings.every(({ at }) => at === null))
    notes.push('no captured_at: pictures stand at 1970-01-01, one second apart, in the order of the rows');
  if (sightings.every(({ encounter }) => encounter === null)) notes.push('no encounter: every row is an event of its own');
  if (enrolled.size === identities.size)
    notes.push('every identity is enrolled, so FPIR cannot be measured: name a part of them in a --gallery list');
  return {
    title: basename(input.vectors.name),
    rows: sightings.length,
    dimensions: matrix.columns,
    identities: identities.size,
    enrolled: enrolled.size,
    stored,
    skipped,
    notes,
  };
}

function rowsOf(sightings: readonly Sighting[], matrix: Matrix, enrolled: Set<string>, set: string, version: string, from: string): Rows {
  const named = (kind: string, name: string | number): string => nameBased(set, `${kind} ${name}`);
  const when = ({ at, row }: Sighting): string => new Date(at ?? row * 1_000).toISOString();
  const encounterOf = ({ identity, encounter, row }: Sighting): string => JSON.stringify([identity, encounter ?? row]);
  const byTime = sightings.toSorted((a, b) => (when(a) < when(b) ? -1 : when(a) > when(b) ? 1 : a.row - b.row));
  const reviewedAt = new Date(Date.parse(when(byTime.at(-1)!)) + 86_400_000).toISOString();
  const rows: Rows = { locations: [], images: [], deer: [], detections: [], reviews: [] };
  for (const camera of new Set(sightings.flatMap((one) => one.camera ?? [])))
    rows.locations.push({ id: named('camera', camera), name: camera });

  const sources = new Map<string, { encounter: string; deer: string }>();
  for (const [identity, seen] of Map.groupBy(byTime, (one) => one.identity)) {
    if (!enrolled.has(identity)) continue;
    const first = seen.filter((one) => encounterOf(one) === encounterOf(seen[0]!));
    const source = typical(first, matrix);
    const votes = [...Map.groupBy(seen, (one) => one.class.toLowerCase())].toSorted((a, b) => b[1].length - a[1].length);
    const sex = votes.map(([label]) => label).find((label) => SEXES.includes(label)) ?? 'unknown';
    const deer = named('deer', identity);
    sources.set(identity, { encounter: encounterOf(first[0]!), deer });
    const span = { first_seen: when(first[0]!), last_seen: when(first.at(-1)!), sighting_count: first.length };
    const vector = vectorText(matrix, source.row);
    rows.deer.push({
      id: deer,
      name: identity,
      sex,
      ...span,
      embedding_version: version,
      source_detection_id: named('row', source.row),
      vector,
    });
  }
  const images = new Map<string, string>();
  for (const sighting of sightings) {
    const { row, file, camera, identity } = sighting;
    const path = file ?? `embeddings:${set}/${row}`;
    const image = images.get(path) ?? named('image', path);
    if (!images.has(path)) {
      images.set(path, image);
      const location = camera === null ? null : named('camera', camera);
      rows.images.push({
        id: image,
        filename: basename(path.replaceAll('\\', '/')),
        path,
        timestamp: when(sighting),
        location_id: location,
      });
    }
    const detection = named('row', row);
    const source = sources.get(identity);
    const burst = sighting.encounter === null ? null : named('encounter', encounterOf(sighting));
    rows.detections.push({
      ...{ id: detection, image_id: image, classification: sighting.class, burst_group_id: burst, created_at: when(sighting) },
      ...{ embedding_version: version, vector: vectorText(matrix, row) },
    });
    if (source?.encounter === encounterOf(sighting)) continue;
    const said =
      source === undefined ? { deer_id: null, identity, verdict: 'none' } : { deer_id: source.deer, identity: null, verdict: 'same' };
    rows.reviews.push({
      detection_id: detection,
      ...said,
      inclusion_probability: 1,
      reviewer: `identities of ${basename(from)}`,
      reviewed_at: reviewedAt,
    });
  }
  return rows;
}

/** pgvector's text; nine digits tell every float32 from its neighbours. */
function vectorText({ columns, values }: Matrix, row: number): string {
  const parts: string[] = [];
  for (let d = 0; d < columns; d++) parts.push(String(Number(values[row * columns + d]!.toPrecision(9))));
  return `[${parts.join(',')}]`;
}
