// Which known deer look most like one of them, by the similarity of their profiles.
import type { Queries } from '../adapters/postgres.ts';
import { passesGate, sexGate } from '../deer/class-gates.ts';
import { readColumns } from '../deer/columns.ts';

export interface LookAlike {
  deer_id: string;
  similarity: number;
}

const MOST = 5;
/** Profiles that are compared at most: a vector is some kilobytes. */
const MOST_PROFILES = 500;

interface Profile {
  id: string;
  sex: string | null;
  vector: Float64Array;
}

/** A vector as the database writes it, `[0.1,0.2]`; undefined for anything else. */
function parseVector(text: string): Float64Array | undefined {
  if (!/^\[[-+0-9.eE,\s]+\]$/.test(text)) return undefined;
  const vector = Float64Array.from(text.slice(1, -1).split(','), Number);
  return vector.every(Number.isFinite) ? vector : undefined;
}

/** The cosine of their angle; NaN for a vector without a direction. */
function compare(a: Float64Array, b: Float64Array): number {
  let [dot, aa, bb] = [0, 0, 0];
  for (let i = 0; i < a.length; i += 1) {
    dot += a[i]! * b[i]!;
    aa += a[i]! ** 2;
    bb += b[i]! ** 2;
  }
  return dot / Math.sqrt(aa * bb);
}

const readGate = ({ sex }: Profile): string => sexGate(sex ?? '') ?? 'unknown';

/**
 * The most similar deer of the same embedding version, of those that its gate allows; none where
 * the database has no profiles.
 */
export async function findLookAlikes(queries: Queries, id: string): Promise<LookAlike[]> {
  const has = await readColumns(queries);
  if (!has('deer', 'feature_vector')) return [];
  const version = has('deer', 'embedding_version') ? 'embedding_version::text' : 'NULL::text';
  const rows = await queries.rows<{ id: string; sex: string | null; vector: string }>(
    `SELECT id, sex::text, feature_vector::text AS vector FROM deer
     WHERE feature_vector IS NOT NULL AND ${version} IS NOT DISTINCT FROM (SELECT ${version} FROM deer WHERE id = $1)
     ORDER BY id = $1 DESC, id LIMIT ${MOST_PROFILES}`,
    [id],
  );
  const profiles = rows.flatMap(({ vector: text, ...row }): Profile[] => {
    const vector = parseVector(text);
    return vector === undefined ? [] : [{ ...row, vector }];
  });
  const own = profiles.find((profile) => profile.id === id);
  if (own === undefined) return [];
  return profiles
    .filter(
      (other) =>
        other !== own && other.vector.length === own.vector.length && passesGate(readGate(own), readGate(other)),
    )
    .map((other) => ({
      deer_id: other.id,
      similarity: Math.round(compare(own.vector, other.vector) * 10_000) / 10_000,
    }))
    .filter(({ similarity }) => Number.isFinite(similarity))
    .sort((a, b) => b.similarity - a.similarity)
    .slice(0, MOST);
}
