// The deer platform's own database (platform-database of the test data): its tables and invented
// rows, without anything of Hoofprint's.
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import pg from 'pg';
import { type OwnDatabase, ownDatabase } from './database.ts';

const FOLDER = resolve(process.env.HOOFPRINT_TEST_DATA ?? '../shared/data', 'platform-database');

export const platformPresent: boolean = existsSync(FOLDER);
if (!platformPresent)
  console.error(
    "TEST DATA ABSENT: the platform's own database is not tried; set HOOFPRINT_TEST_DATA to the folder that holds platform-database",
  );
/** `describe` where the platform's files are there; else a test that says that they are not. */
export const withPlatform = platformPresent
  ? describe
  : (name: string, _: () => void) => test(`${name}: ABSENT, not checked`, () => undefined);

type SqlFile = 'schema' | 'later' | 'fill';

/** Text of schema.sql, later.sql or fill.sql. */
export const platformSql = (name: SqlFile): string => readFileSync(join(FOLDER, `${name}.sql`), 'utf8');

export interface Platform extends OwnDatabase {
  /** Runs any SQL, also several statements at once, as the platform's own application would. */
  run(sql: string): Promise<void>;
}

/**
 * A fresh database with these files applied in order; by default the whole platform: both states
 * and its rows.
 */
export async function platform(files: readonly SqlFile[] = ['schema', 'later', 'fill']): Promise<Platform> {
  const own = await ownDatabase();
  const run = async (sql: string): Promise<void> => {
    const client = new pg.Client({ connectionString: own.url });
    await client.connect();
    try {
      await client.query(sql);
    } finally {
      await client.end();
    }
  };
  for (const file of files) await run(platformSql(file));
  return { ...own, run };
}
