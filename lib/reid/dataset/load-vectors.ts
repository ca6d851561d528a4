// Vectors of detections and deer out of the database, of the one embedding version that is reported
// on.
import type { Queries } from '../../adapters/postgres.ts';
import type { Catalog } from '../../deer/columns.ts';
import { isAccepted } from '../../deer/detections.ts';
import type { Source } from './dataset.ts';
import { decodeVectors } from './decode-vectors.ts';
import type { VectorTable } from './vector-table.ts';
import { chooseVersion, type VersionCount } from './versions.ts';

export interface Vectors {
  vectors: VectorTable;
  profileVectors: VectorTable;
  versions: VersionCount[];
}

export interface ReadVectors {
  /** The version that is reported on; null where none is recorded. */
  version: string | null;
  /** Detections and deer both have vectors, and of one size. */
  usable: boolean;
  found: Vectors;
  /** The same, with the reason for each of these rows that has no vector in the tables. */
  reasoned(rows: { detections: readonly Wanted[]; profiles: readonly { id: string }[] }): Promise<Vectors>;
}

interface Wanted {
  id: string;
  valid: boolean;
  duplicate: boolean;
}

const attached = ({ has }: Catalog): boolean => has('hoofprint_embeddings');
const ownColumn = ({ has }: Catalog): boolean => has('detections', 'feature_vector');
const ownVersion = ({ has }: Catalog): string =>
  has('detections', 'embedding_version') ? 'd.embedding_version::text' : 'NULL::text';
/** A vector that was attached is used before any column of the owner's. */
const notAttached = (catalog: Catalog): string =>
  attached(catalog) ? 'NOT EXISTS (SELECT FROM hoofprint_embeddings x WHERE x.detection_id = d.id)' : 'true';

/**
 * SQL for the version of a detection `d`: the chosen one where it has a vector of it, else the one
 * that it has.
 */
export function versionSql(catalog: Catalog, chosen: string): string {
  if (!attached(catalog)) return ownVersion(catalog);
  return `coalesce((SELECT x.version FROM hoofprint_embeddings x WHERE x.detection_id = d.id ORDER BY x.version = ${chosen}::text DESC, x.version LIMIT 1),
    ${ownVersion(catalog)})`;
}

/** Detections with a vector and deer with one, by version. */
async function countVersions(queries: Queries, catalog: Catalog): Promise<VersionCount[]> {
  const parts = [
    ...(attached(catalog)
      ? [
          `SELECT x.version, 1 AS detections, 0 AS profiles FROM hoofprint_embeddings x JOIN detections d ON d.id = x.detection_id WHERE ${isAccepted('d')}`,
        ]
      : []),
    ...(ownColumn(catalog)
      ? [
          `SELECT ${ownVersion(catalog)}, 1, 0 FROM detections d WHERE d.feature_vector IS NOT NULL AND ${isAccepted('d')} AND ${notAttached(catalog)}`,
        ]
      : []),
    ...(catalog.has('deer', 'feature_vector')
      ? [`SELECT ${profileVersion(catalog)}, 0, 1 FROM deer e WHERE e.feature_vector IS NOT NULL`]
      : []),
  ];
  if (parts.length === 0) return [];
  return queries.rows<VersionCount>(
    `SELECT version, sum(detections)::int AS detections, sum(profiles)::int AS profiles
     FROM (SELECT NULL::text AS version, 0 AS detections, 0 AS profiles WHERE false UNION ALL ${parts.join(' UNION ALL ')}) v
     GROUP BY version ORDER BY version COLLATE "C" NULLS FIRST`,
  );
}

const profileVersion = ({ has }: Catalog): string =>
  has('deer', 'embedding_version') ? 'e.embedding_version::text' : 'NULL::text';

/** One side: where its vectors are, and which rows have one of the chosen version. */
interface Side {
  vector: string;
  from: string;
  where: string;
}

function sides(catalog: Catalog): { detections: Side | undefined; profiles: Side | undefined } {
  const join = attached(catalog) ? ' LEFT JOIN hoofprint_embeddings h ON h.detection_id = d.id AND h.version = $1' : '';
  const own = `(d.feature_vector IS NOT NULL AND ${notAttached(catalog)} AND (${ownVersion(catalog)} IS NULL OR ${ownVersion(catalog)} = $1))`;
  const [has, column] = [attached(catalog), ownColumn(catalog)];
  const detections: Side | undefined =
    !has && !column
      ? undefined
      : {
          vector:
            has && column
              ? `CASE WHEN h.vector IS NOT NULL THEN h.vector ELSE d.feature_vector END`
              : has
                ? 'h.vector'
                : 'd.feature_vector',
          from: `detections d${join}`,
          where: `${isAccepted('d')} AND ${has && column ? `(h.vector IS NOT NULL OR ${own})` : has ? 'h.vector IS NOT NULL' : own}`,
        };
  const profiles: Side | undefined = !catalog.has('deer', 'feature_vector')
    ? undefined
    : {
        vector: 'd.feature_vector',
        from: 'deer d',
        where: `d.feature_vector IS NOT NULL AND (${profileVersion(catalog).replaceAll('e.', 'd.')} IS NULL OR ${profileVersion(catalog).replaceAll('e.', 'd.')} = $1)`,
      };
  return { detections, profiles };
}

const NONE: VectorTable = { ids: [], values: new Float32Array(0), dimensions: 0, wrongSize: [] };

/** @param source 'scores': no vector is read */
export async function readVectors(
  queries: Queries,
  catalog: Catalog,
  source: Source | undefined,
): Promise<ReadVectors> {
  if (source === 'scores') {
    const found = { vectors: NONE, profileVectors: NONE, versions: [] };
    return { version: null, usable: false, found, reasoned: () => Promise.resolve(found) };
  }
  const versions = await countVersions(queries, catalog);
  const version = chooseVersion(versions);
  const { detections, profiles } = sides(catalog);
  const [vectors, profileVectors] = [
    await readTable(queries, detections, version),
    await readTable(queries, profiles, version),
  ];
  return {
    version,
    found: { vectors, profileVectors, versions },
    usable: vectors.ids.length > 0 && profileVectors.ids.length > 0 && vectors.dimensions === profileVectors.dimensions,
    reasoned: async (rows) => ({
      vectors: await reasoned(
        queries,
        detections,
        version,
        vectors,
        rows.detections.filter(({ valid, duplicate }) => valid && !duplicate),
      ),
      profileVectors: await reasoned(queries, profiles, version, profileVectors, rows.profiles),
      versions,
    }),
  };
}

async function readTable(queries: Queries, side: Side | undefined, version: string | null): Promise<VectorTable> {
  if (side === undefined) return NONE;
  const sql = `SELECT d.id, ${side.vector} FROM ${side.from} WHERE ${side.where} ORDER BY d.id`;
  const { ids, vectors: values, dimensions } = await decodeVectors(queries.copyOut(sql, [version ?? '']));
  return { ids, values, dimensions, wrongSize: [] };
}

/**
 * pgvector itself refuses parts that are not finite; a vector of the right size that was left out
 * is therefore zero unless its norm says otherwise.
 */
async function reasoned(
  queries: Queries,
  side: Side | undefined,
  version: string | null,
  table: VectorTable,
  wanted: readonly { id: string }[],
): Promise<VectorTable> {
  const { ids, dimensions } = table;
  const found = new Set(ids);
  const missing = wanted.flatMap(({ id }) => (found.has(id) ? [] : [id]));
  const reasons =
    missing.length === 0 || side === undefined
      ? []
      : await queries.rows<{ id: string; size: number; norm: number }>(
          `SELECT d.id::text, vector_dims(${side.vector}) AS size, vector_norm(${side.vector}) AS norm FROM ${side.from}
           WHERE d.id = ANY ($2::uuid[]) AND ${side.where}`,
          [version ?? '', missing],
        );
  const named = (holds: (reason: (typeof reasons)[number]) => boolean): string[] =>
    reasons.filter(holds).map(({ id }) => id);
  return {
    ...table,
    wrongSize: named(({ size }) => size !== dimensions && dimensions > 0),
    zero: named(({ size, norm }) => (size === dimensions || dimensions === 0) && norm === 0),
    nonFinite: named(({ size, norm }) => (size === dimensions || dimensions === 0) && norm !== 0),
  };
}
