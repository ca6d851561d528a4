// Vectors for detections that the database has already, into a table of ours: checked as a whole,
// stored in one transaction.
import type { Database, Queries } from '../../adapters/postgres.ts';
import { Fault } from '../../errors.ts';
import { count } from '../../format.ts';
import { withProblems } from '../problems.ts';
import { openTarget } from '../target.ts';
import { type DetectionIds, readDetectionIds } from './ids.ts';
import { findUnusableRows, type Matrix, readNpy } from './npy.ts';
import { chooseVersion, readProfileVersions } from './versions.ts';

export interface AttachInput {
  vectors: { name: string; bytes: Buffer };
  /** A table with a column detection_id; its row i belongs to row i of the vectors. */
  detections: { name: string; bytes: Buffer };
  /**
   * Which program made the vectors; default: the version that the deer's vectors of this size have.
   */
  version?: string;
  /** Leaves out what cannot be used instead of refusing everything. */
  skipInvalid?: boolean;
}

export interface AttachSummary {
  title: string;
  rows: number;
  dimensions: number;
  version: string;
  /**
   * Vectors that are new, that were there already, and that replaced another vector of the same
   * detection and version.
   */
  stored: { made: number; there: number; changed: number };
  skipped: string[];
  notes: string[];
}

/** Rows of a statement: 2 MB at 512 dimensions. */
const BATCH = 1_000;

/** What cannot be used of ids and vectors, by row, before the database is asked. */
function findProblems(matrix: Matrix, vectors: string, table: DetectionIds, ids: string): Map<number, string> {
  const found = new Map(table.problems);
  for (const [row, reason] of findUnusableRows(matrix))
    if (!found.has(row)) found.set(row, `${vectors} row ${row + 1}: ${reason}`);
  const first = new Map<string, number>();
  const equal = (a: number, b: number): boolean => {
    for (let d = 0; d < matrix.columns; d++) {
      if (matrix.values[a * matrix.columns + d] !== matrix.values[b * matrix.columns + d]) return false;
    }
    return true;
  };
  table.ids.forEach((id, row) => {
    if (id === undefined || found.has(row)) return;
    const before = first.get(id);
    if (before === undefined) {
      first.set(id, row);
      return;
    }
    found.set(row, `${ids} row ${row + 1}: ${id} is the id of row ${before + 1} already`);
    // Which of two vectors is right cannot be known: neither is stored.
    if (!equal(before, row) && !found.has(before))
      found.set(before, `${ids} row ${before + 1}: ${id} comes again with another vector`);
  });
  return found;
}

async function findKnown({ rows }: Queries, ids: readonly string[]): Promise<Set<string>> {
  const found = await rows<{ id: string }>('SELECT id::text FROM detections WHERE id = ANY($1::uuid[])', [ids]);
  return new Set(found.map(({ id }) => id));
}

/**
 * PostgreSQL's binary form of vector[]: text of the same numbers takes ten times as long on both
 * sides.
 */
function encodeVectors({ columns, values }: Matrix, rows: readonly number[], type: number): Buffer {
  const size = 4 + 4 * columns;
  const bytes = Buffer.alloc(20 + rows.length * (4 + size));
  [1, 0, type, rows.length, 1].forEach((part, i) => {
    bytes.writeUInt32BE(part, 4 * i);
  });
  let at = 20;
  for (const row of rows) {
    bytes.writeInt32BE(size, at);
    bytes.writeInt16BE(columns, at + 4);
    at += 8;
    for (let d = row * columns; d < (row + 1) * columns; d++, at += 4) bytes.writeFloatBE(values[d]!, at);
  }
  return bytes;
}

const UPSERT = `INSERT INTO hoofprint_embeddings AS e (detection_id, version, vector)
SELECT r.id, $2, r.vector FROM unnest($1::uuid[], $3::vector[]) AS r(id, vector)
ON CONFLICT (detection_id, version) DO UPDATE SET vector = EXCLUDED.vector
  WHERE CASE WHEN vector_dims(e.vector) <> vector_dims(EXCLUDED.vector) THEN true ELSE e.vector <> EXCLUDED.vector END
RETURNING e.xmax = 0 AS made`;

async function storeVectors(
  queries: Queries,
  matrix: Matrix,
  rows: readonly number[],
  ids: readonly (string | undefined)[],
  version: string,
) {
  const [type] = await queries.rows<{ oid: number }>(`SELECT 'vector'::regtype::oid::int8 AS oid`);
  const stored = { made: 0, there: 0, changed: 0 };
  for (let at = 0; at < rows.length; at += BATCH) {
    const batch = rows.slice(at, at + BATCH);
    const answer = await queries.rows<{ made: boolean }>(UPSERT, [
      batch.map((row) => ids[row]),
      version,
      encodeVectors(matrix, batch, type!.oid),
    ]);
    const made = answer.filter((row) => row.made).length;
    stored.made += made;
    stored.changed += answer.length - made;
    stored.there += batch.length - answer.length;
  }
  return stored;
}

/** Reads both files. @returns what is wrong with single rows, by row from 0. */
function readFiles({ vectors, detections }: AttachInput): {
  matrix: Matrix;
  list: DetectionIds;
  problems: Map<number, string>;
} {
  const matrix = readNpy(vectors.bytes, vectors.name);
  const list = readDetectionIds(detections.bytes, detections.name, matrix.rows);
  if (list.ids.length !== matrix.rows) {
    const many = list.ids.length > matrix.rows ? `more than ${matrix.rows}` : list.ids.length;
    throw new Fault(
      'invalid',
      `${vectors.name} has ${matrix.rows} vectors and ${detections.name} ${many} rows; nothing was stored`,
    );
  }
  return { matrix, list, problems: findProblems(matrix, vectors.name, list, detections.name) };
}

function writeNotes(
  stored: AttachSummary['stored'],
  unknown: string,
  { ignored }: DetectionIds,
  version: string | undefined,
): string[] {
  const notes: [applies: boolean, note: string][] = [
    [unknown !== '', unknown],
    [ignored.length > 0, `columns that are not used: ${ignored.slice(0, 20).join(', ')}`],
    [version !== undefined, `version ${version}: the version that the deer have at this size`],
    [stored.changed > 0, `${count(stored.changed, 'vector')} of this version differed, replaced by those of this file`],
  ];
  return notes.flatMap(([applies, note]) => (applies ? [note] : []));
}

/**
 * Stores vectors of detections that exist. The same files again change nothing; another vector of
 * the same detection and version replaces the one there.
 * @throws Fault `invalid` with what is wrong by row (nothing is stored then), `conflict` when the
 *   database has no table for it.
 */
export async function attachVectors(database: Database, input: AttachInput): Promise<AttachSummary> {
  const { catalog } = await openTarget(database, {}, ['hoofprint_embeddings']);
  const { matrix, list, problems } = readFiles(input);
  const { name } = input.vectors;
  return database.write(async (queries) => {
    const version = chooseVersion(await readProfileVersions(queries, catalog), matrix.columns, name, input.version);
    const there = await findKnown(queries, [...new Set(list.ids.flatMap((id) => id ?? []))]);
    list.ids.forEach((id, row) => {
      if (id === undefined || there.has(id) || problems.has(row)) return;
      problems.set(row, `${input.detections.name} row ${row + 1}: the database has no detection ${id}`);
    });
    const rows = list.ids.flatMap((_, row) => (problems.has(row) ? [] : [row]));
    const skipped = [...problems].sort(([a], [b]) => a - b).map(([, reason]) => reason);
    const strange = new Set(list.ids.filter((id) => id !== undefined && !there.has(id))).size;
    const unknown = strange > 0 ? `${count(strange, 'id is', 'ids are')} not in the database` : '';
    const and = unknown === '' ? '' : `, ${unknown}`;
    if (skipped.length > 0 && input.skipInvalid !== true) {
      const what = `${count(skipped.length, 'row')} cannot be used${and}; nothing was stored (--skip-invalid leaves such rows out)`;
      throw new Fault('invalid', withProblems(what, skipped));
    }
    if (rows.length === 0)
      throw new Fault('invalid', withProblems(`no row can be used${and}; nothing was stored`, skipped));
    const stored = await storeVectors(queries, matrix, rows, list.ids, version);
    const notes = writeNotes(stored, unknown, list, input.version === undefined ? version : undefined);
    return { title: name, rows: rows.length, dimensions: matrix.columns, version, stored, skipped, notes };
  });
}
