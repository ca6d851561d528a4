// Folders that an import has registered: absolute image paths may be below them, in addition to
// IMAGE_ROOT and IMAGE_ROOTS of the configuration.
import { realpath } from 'node:fs/promises';

const KEY = 'image_root:';

interface QueryRows {
  rows<Row extends object>(sql: string, params?: readonly unknown[]): Promise<Row[]>;
}

/**
 * Notes a folder, such as that of an imported package, in the import's own transaction. Needs the
 * table hoofprint_meta (`npm run migrate`).
 */
export async function registerRoot({ rows }: QueryRows, folder: string): Promise<void> {
  const real = await realpath(folder);
  await rows('INSERT INTO hoofprint_meta (key, value) VALUES ($1, to_jsonb($2::text)) ON CONFLICT (key) DO NOTHING', [
    KEY + real,
    real,
  ]);
}

/** All folders that imports have registered; none in a database that has no table for them yet. */
export async function registeredRoots({ rows }: QueryRows): Promise<string[]> {
  const [table] = await rows<{ there: boolean }>(`SELECT to_regclass('hoofprint_meta') IS NOT NULL AS there`);
  if (table?.there !== true) return [];
  const found = await rows<{ folder: string }>(
    `SELECT value #>> '{}' AS folder FROM hoofprint_meta WHERE starts_with(key, $1) ORDER BY key`,
    [KEY],
  );
  return found.map(({ folder }) => folder);
}
