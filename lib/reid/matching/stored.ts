// The newest recommendation of a method, kept in hoofprint_meta: plans and runs use its center
// until a new recommendation replaces both.
import type { Database, Queries } from '../../adapters/postgres.ts';
import { readCatalog } from '../../deer/columns.ts';
import { errorMessage } from '../../errors.ts';
import { hashCenter } from './matching.ts';
import type { MethodName } from './methods.ts';

const KEY = 'matching_recommendation';

export interface StoredRecommendation {
  method: MethodName;
  /** The lowest safe threshold then. */
  threshold: number;
  max_fpir: number;
  min_animals: number;
  /** ISO instant. */
  made_at: string;
  embedding_version: string | null;
  /** What is taken off each vector; null where the method is not centered. */
  center: Float64Array | null;
  /** Detections that the center is the mean of. */
  center_n: number;
}

interface Value extends Omit<StoredRecommendation, 'center'> {
  /** Numbers as little-endian float64, in base64. */
  center: string | null;
  center_hash: string | null;
}

const encode = (center: Float64Array): string =>
  Buffer.from(center.buffer, center.byteOffset, center.byteLength).toString('base64');

const decode = (text: string): Float64Array => {
  const bytes = Buffer.from(text, 'base64');
  return Float64Array.from({ length: bytes.length / 8 }, (_, i) => bytes.readDoubleLE(8 * i));
};

/** @returns why it could not be stored; undefined where it was */
export async function storeRecommendation(
  database: Database,
  found: StoredRecommendation,
): Promise<string | undefined> {
  const { center } = found;
  const value: Value = {
    ...found,
    center: center === null ? null : encode(center),
    center_hash: center === null ? null : hashCenter(center),
  };
  try {
    return await database.write(async (queries) => {
      const { has } = await readCatalog(queries, ['hoofprint_meta']);
      if (!has('hoofprint_meta')) return 'the database has no table hoofprint_meta. Type: npm run migrate';
      await queries.rows(
        `INSERT INTO hoofprint_meta (key, value) VALUES ($1, $2::jsonb) ON CONFLICT (key) DO UPDATE SET value = excluded.value, written_at = now()`,
        [KEY, JSON.stringify(value)],
      );
      return undefined;
    });
  } catch (error) {
    // The analysis is done: a database that takes no changes takes nothing from who asked for it.
    return errorMessage(error);
  }
}

/** @returns undefined where none was stored, or what was stored cannot be read */
export async function readRecommendation(queries: Queries): Promise<StoredRecommendation | undefined> {
  const { has } = await readCatalog(queries, ['hoofprint_meta']);
  if (!has('hoofprint_meta')) return undefined;
  const [row] = await queries.rows<{ value: Value }>('SELECT value FROM hoofprint_meta WHERE key = $1', [KEY]);
  if (row === undefined) return undefined;
  const { center: text, center_hash: hash, ...rest } = row.value;
  const center = text === null ? null : decode(text);
  return center !== null && hashCenter(center) !== hash ? undefined : { ...rest, center };
}
