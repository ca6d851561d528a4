// The Camtrap DP package in an archive of a small world, and what tests of it change in that world.
import type { ZipRequest } from '../../lib/exports/zip/request.ts';
import { type Changes, made, members, PERIOD } from './archive.ts';
import type { World } from './fixture.ts';
import { type Package, packageIn, type Row } from './standard.ts';

/** @param earth the world, once it is there */
export function packager(earth: () => World) {
  const write = (sql: string, params: readonly unknown[] = []) =>
    earth().database.write((queries) => queries.rows(sql, params));
  return {
    exported: async (request: Partial<ZipRequest> = {}, work: Changes = {}): Promise<Package & { readme: string }> => {
      const found = await members(await made(earth(), { ...PERIOD, ...request }, work));
      return { ...packageIn(found), readme: String(found.get('README.txt')?.body) };
    },
    write,
    locate: (name: string, lat: number, lon: number) =>
      write('UPDATE locations SET coordinates = $2 WHERE name = $1', [name, JSON.stringify({ lat, lon })]),
  };
}

/** Some cells of a row in one line. */
export const brief = (row: Row | undefined, ...names: string[]): string =>
  names.map((name) => row?.[name] ?? '').join('|');
