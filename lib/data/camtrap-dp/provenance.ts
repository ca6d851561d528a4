// Where the data of a database come from: what each source says of people, licences and project is
// passed on only while it speaks for all of them.
import type { Queries } from '../../adapters/postgres.ts';
import { SOURCE_KEY } from '../../deer/camtrap-dp.ts';

export interface Sources {
  /** Of this database; undefined never after the migrations, unless somebody has removed it. */
  own: string | undefined;
  /** It holds images that came from no source that is noted: the owner's. */
  unnamed: boolean;
}

/** To be asked before the rows of a package are stored. */
export async function sourcesOf({ rows }: Queries): Promise<Sources> {
  const [found] = await rows<Sources>(
    `SELECT (SELECT value #>> '{}' FROM hoofprint_meta WHERE key = 'database_id') AS own,
       EXISTS (SELECT FROM images) AND NOT EXISTS (SELECT FROM hoofprint_meta WHERE starts_with(key, $1)) AS unnamed`,
    [SOURCE_KEY],
  );
  return found!;
}

/**
 * Notes a package that brought something; a database is no source of itself, and an imported
 * licence is not that of the owner's own images.
 */
export async function noteSource({ rows }: Queries, before: Sources, packageId: string, about: object): Promise<void> {
  const note = (id: string, said: object): Promise<unknown> =>
    rows('INSERT INTO hoofprint_meta (key, value) VALUES ($1, $2) ON CONFLICT (key) DO NOTHING', [
      SOURCE_KEY + id,
      JSON.stringify(said),
    ]);
  if (packageId === before.own) return;
  if (before.unnamed) await note(before.own ?? 'own', {});
  await note(packageId, about);
}
