// What tests of exports that come back share: worlds, an image folder, archives read back, every
// table as one sum.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { importPackage, type PackageSummary } from '../../lib/data/camtrap-dp/import.ts';
import { members } from './archive.ts';
import { type World, world } from './fixture.ts';
import { type Package, packageIn } from './standard.ts';

const TABLES = ['locations', 'deployments', 'images', 'detections', 'deer', 'hoofprint_meta'];
const nothing = { made: 0 };
/** What the summary of a package says that brings nothing. */
export const unchanged = {
  locations: nothing,
  deployments: nothing,
  images: nothing,
  deer: nothing,
  detections: nothing,
  skipped: [],
};

export const sql = <T extends object>(on: World, text: string, params: readonly unknown[] = []): Promise<T[]> =>
  on.database.write((queries) => queries.rows<T>(text, params));

/** Every row of every table, as one sum each. */
export async function sums(on: World): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const table of TABLES) {
    const [row] = await sql<{ sum: string }>(
      on,
      `SELECT count(*) || ' ' || md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) AS sum FROM ${table} t`,
    );
    found[table] = row!.sum;
  }
  return found;
}

export const tablesOf = async (zip: Buffer): Promise<Package> => packageIn(await members(zip));

export interface Reimports {
  /** The image folder of all worlds. */
  folder: string;
  worlds: World[];
  /** Reads an archive as it was downloaded. */
  into(on: World, zip: Buffer): Promise<PackageSummary>;
  /** The folder of the package in an archive. */
  unpacked(zip: Buffer): Promise<string>;
  clear(): Promise<void>;
  close(): Promise<void>;
}

export async function openReimports(count: number): Promise<Reimports> {
  const folder = mkdtempSync(join(tmpdir(), 'reimport-'));
  mkdirSync(join(folder, 'cards'));
  const worlds: World[] = [];
  for (let n = 0; n < count; n++) worlds.push(await world());
  let saved = 0;
  return {
    folder,
    worlds,
    into: (on, zip) => {
      const file = join(folder, `${++saved}.zip`);
      writeFileSync(file, zip);
      return importPackage(file, { database: on.database, imageRoot: folder });
    },
    unpacked: async (zip) => {
      const where = mkdtempSync(join(folder, 'camtrap-dp-'));
      for (const [name, { body }] of await members(zip))
        if (name.startsWith('camtrap-dp/')) writeFileSync(join(where, name.slice('camtrap-dp/'.length)), body);
      return where;
    },
    clear: async () => {
      for (const one of worlds) {
        await one.clear();
        await sql(one, `DELETE FROM hoofprint_meta WHERE key LIKE 'camtrap%'`);
      }
    },
    close: async () => {
      for (const one of worlds) await one.close();
      rmSync(folder, { recursive: true });
    },
  };
}
