// What the tests of the import share: one database per file, packages with ids and names of their
// own.
import type { Database } from '../../lib/adapters/postgres.ts';
import { importPackage, type PackageSummary } from '../../lib/data/camtrap-dp/import.ts';
import { migrate } from '../../lib/deer/schema.ts';
import { errorMessage } from '../../lib/errors.ts';
import { ownDatabase } from '../support/database.ts';
import { deployment, medium, newFolder, type PackageParts, removeFolders, writePackage } from './package.ts';

export async function openImports() {
  const own = await ownDatabase();
  await migrate(own.database);
  const imageRoot = newFolder();
  const rows = <T extends object = Record<string, unknown>>(
    sql: string,
    params: readonly unknown[] = [],
  ): Promise<T[]> => own.database.read((queries) => queries.rows<T>(sql, params));
  let packages = 0;
  return {
    database: own.database,
    imageRoot,
    rows,
    load: (where: string, more: { skipInvalid?: boolean; database?: Database } = {}): Promise<PackageSummary> =>
      importPackage(where, { database: own.database, imageRoot, ...more }),
    /**
     * A URL or a name that the database knows is the same image or place to it: every package gets
     * its own.
     */
    write: (parts: PackageParts): string => {
      packages += 1;
      const id = `test-package-${packages}`;
      const deployments = (parts.deployments ?? [deployment()]).map((row) => ({
        ...row,
        locationName: `${row.locationName} of ${id}`,
      }));
      const media = (parts.media === undefined ? [medium('m1')] : parts.media)?.map((row) => ({
        ...row,
        filePath: String(row.filePath).replace('//example.org/', `//example.org/${id}/`),
      }));
      return writePackage({ ...parts, media: media ?? null, deployments, descriptor: { id, ...parts.descriptor } });
    },
    /** Everything in the tables, to see that nothing has changed. */
    everything: () =>
      rows(`SELECT (SELECT json_agg(d ORDER BY d.id)::text FROM detections d) AS detections, (SELECT json_agg(i ORDER BY i.id)::text FROM images i) AS images,
        (SELECT json_agg(l ORDER BY l.id)::text FROM locations l) AS locations, (SELECT json_agg(p ORDER BY p.id)::text FROM deployments p) AS deployments,
        (SELECT json_agg(e ORDER BY e.id)::text FROM deer e) AS deer`),
    close: async () => {
      await own.close();
      removeFolders();
    },
  };
}

export type OpenImports = Awaited<ReturnType<typeof openImports>>;

/** What an act is refused with, in words. */
export const refusal = (act: () => Promise<unknown>): Promise<string> =>
  act().then(
    () => 'nothing was refused',
    (error: unknown) => (error instanceof Error && error.message.includes('\n') ? error.message : errorMessage(error)),
  );
