// Vectors of detections and deer out of the database, of the embedding version that is reported on.
import type { Queries } from '../../adapters/postgres.ts';
import type { Catalog } from '../../deer/columns.ts';
import { isAccepted } from '../../deer/detections.ts';
import type { Source } from './dataset.ts';
import { decodeVectors } from './decode-vectors.ts';
import { sortTable, type VectorTable } from './vector-table.ts';
import { chooseVersion, type VersionCount } from './versions.ts';

export interface Vectors {
  vectors: VectorTable;
  profileVectors: VectorTable;
  versions: VersionCount[];
}

export interface ReadVectors {
  /** The version that is reported on; null where none is recorded. */
  version: string | null;
  /** Detections and deer have vectors of the same length. */
  usable: boolean;
  found: Vectors;
  /** The same, with the reason for each of these rows that has no vector in the tables. */
  explain(rows: { detections: readonly DetectionFlags[]; profiles: readonly { id: string }[] }): Promise<Vectors>;
}

interface DetectionFlags {
  id: string;
  valid: boolean;
  duplicate: boolean;
}

const hasAttached = ({ has }: Catalog): boolean => has('hoofprint_embeddings');
const hasColumn = ({ has }: Catalog): boolean => has('detections', 'feature_vector');
const ownVersion = ({ has }: Catalog): string =>
  has('detections', 'embedding_version') ? 'd.embedding_version::text' : 'NULL::text';
/** An attached vector is used instead of the owner's column. */
const notAttached = (catalog: Catalog): string =>
  hasAttached(catalog) ? 'NOT EXISTS (SELECT FROM hoofprint_embeddings x WHERE x.detection_id = d.id)' : 'true';

/**
 * SQL for the embedding version of a detection `d`: `chosen` if it has a vector of that version,
 * else the version that it has.
 */
export function versionSql(catalog: Catalog, chosen: string): string {
  if (!hasAttached(catalog)) return ownVersion(catalog);
  return `coalesce((SELECT x.version FROM hoofprint_embeddings x WHERE x.detection_id = d.id ORDER BY x.version = ${chosen}::text DESC, x.version LIMIT 1),
    ${ownVersion(catalog)})`;
}

/** Numbers of detections and deer with a vector, by version. */
async function countVersions(queries: Queries, catalog: Catalog): Promise<VersionCount[]> {
  const parts = [
    ...(hasAttached(catalog)
      ? [
          `SELECT x.version, 1 AS detections, 0 AS profiles FROM hoofprint_embeddings x JOIN detections d ON d.id = x.detection_id WHERE ${isAccepted('d')}`,
        ]
      : []),
    ...(hasColumn(catalog)
      ? [
          `SELECT ${ownVersion(catalog)}, 1, 0 FROM detections d WHERE d.feature_vector IS NOT NULL AND ${isAccepted('d')} AND ${notAttached(catalog)}`,
        ]
      : []),
    ...(catalog.has('deer', 'feature_vector')
      ? [`SELECT ${profileVersion(catalog, 'e')}, 0, 1 FROM deer e WHERE e.feature_vector IS NOT NULL`]
      : []),
  ];
  if (parts.length === 0) return [];
  return queries.rows<VersionCount>(
    `SELECT version, sum(detections)::int AS detections, sum(profiles)::int AS profiles
     FROM (SELECT NULL::text AS version, 0 AS detections, 0 AS profiles WHERE false UNION ALL ${parts.join(' UNION ALL ')}) v
     GROUP BY version ORDER BY version COLLATE "C" NULLS FIRST`,
  );
}

const profileVersion = ({ has }: Catalog, deer: string): string =>
  has('deer', 'embedding_version') ? `${deer}.embedding_version::text` : 'NULL::text';

/** Where the vectors of detections or of deer (alias `d`) are, and which rows have version $1. */
interface Side {
  vector: string;
  from: string;
  where: string;
}

const hasVersion = (version: string): string => `(${version} IS NULL OR ${version} = $1)`;

function findDetectionSide(catalog: Catalog): Side | undefined {
  const own = `(d.feature_vector IS NOT NULL AND ${notAttached(catalog)} AND ${hasVersion(ownVersion(catalog))})`;
  const attached = 'detections d LEFT JOIN hoofprint_embeddings h ON h.detection_id = d.id AND h.version = $1';
  const [has, column] = [hasAttached(catalog), hasColumn(catalog)];
  if (has && column) {
    return {
      vector: 'CASE WHEN h.vector IS NOT NULL THEN h.vector ELSE d.feature_vector END',
      from: attached,
      where: `${isAccepted('d')} AND (h.vector IS NOT NULL OR ${own})`,
    };
  }
  if (has) return { vector: 'h.vector', from: attached, where: `${isAccepted('d')} AND h.vector IS NOT NULL` };
  return column
    ? { vector: 'd.feature_vector', from: 'detections d', where: `${isAccepted('d')} AND ${own}` }
    : undefined;
}

const findProfileSide = (catalog: Catalog): Side | undefined =>
  catalog.has('deer', 'feature_vector')
    ? {
        vector: 'd.feature_vector',
        from: 'deer d',
        where: `d.feature_vector IS NOT NULL AND ${hasVersion(profileVersion(catalog, 'd'))}`,
      }
    : undefined;

const NONE: VectorTable = { ids: [], values: new Float32Array(0), dimensions: 0, wrongSize: [] };

/**
 * @param source 'scores': no vector is read
 * @throws Fault `corrupt`, `too-large` as decodeVectors does
 */
export async function readVectors(
  queries: Queries,
  catalog: Catalog,
  source: Source | undefined,
): Promise<ReadVectors> {
  if (source === 'scores') {
    const found = { vectors: NONE, profileVectors: NONE, versions: [] };
    return { version: null, usable: false, found, explain: () => Promise.resolve(found) };
  }
  const versions = await countVersions(queries, catalog);
  const version = chooseVersion(versions);
  const [detections, profiles] = [findDetectionSide(catalog), findProfileSide(catalog)];
  const [vectors, profileVectors] = [
    await readTable(queries, detections, version),
    await readTable(queries, profiles, version),
  ];
  return {
    version,
    found: { vectors, profileVectors, versions },
    usable: vectors.ids.length > 0 && profileVectors.ids.length > 0 && vectors.dimensions === profileVectors.dimensions,
    explain: async (rows) => ({
      vectors: await explainMissing(
        queries,
        detections,
        version,
        vectors,
        rows.detections.filter(({ valid, duplicate }) => valid && !duplicate),
      ),
      profileVectors: await explainMissing(queries, profiles, version, profileVectors, rows.profiles),
      versions,
    }),
  };
}

async function readTable(queries: Queries, side: Side | undefined, version: string | null): Promise<VectorTable> {
  if (side === undefined) return NONE;
  // In the order of the disk, and sorted here: the database would read each from another page.
  const sql = `SELECT d.id, ${side.vector} FROM ${side.from} WHERE ${side.where}`;
  const { ids, vectors: values, dimensions } = await decodeVectors(queries.copyOut(sql, [version ?? '']));
  return sortTable({ ids, values, dimensions, wrongSize: [] });
}

/**
 * Why rows have no vector in the table. A vector of the right length that was left out is zero
 * unless its norm says otherwise: pgvector refuses parts that are not finite.
 */
async function explainMissing(
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
