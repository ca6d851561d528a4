// Brings the embedded database up to date, and puts the demo herd into an empty one.
import type { Database, Queries } from '../../lib/adapters/postgres.ts';
import type { Copy } from './bulk.ts';

/** The mark that herd/load.ts writes first and finishes last. */
const MARK = 'demo_herd';

type LoadHerd = (target: { copy: Copy; rows: Queries['rows'] }) => Promise<unknown>;

/**
 * none: nothing in the tables. half: a load of the demo herd was interrupted. some: data, invented
 * or not.
 */
async function contents({ rows }: Queries): Promise<'none' | 'half' | 'some'> {
  const [mark] = await rows<{ finished: boolean }>(
    "SELECT (value->>'finished')::boolean AS finished FROM hoofprint_meta WHERE key = $1",
    [MARK],
  );
  if (mark?.finished === false) return 'half';
  const [found] = await rows<{ some: boolean }>(
    'SELECT EXISTS (SELECT FROM images) OR EXISTS (SELECT FROM deer) OR EXISTS (SELECT FROM locations) AS some',
  );
  return found?.some === true ? 'some' : 'none';
}

/**
 * Only for the embedded database: an external one is migrated by `npm run migrate` and gets no
 * invented data.
 */
export async function prepareDatabase(
  database: Database,
  copy: Copy,
  options: { herd: boolean; say: (line: string) => void },
): Promise<void> {
  const { migrate } = await import('../../lib/deer/schema.ts');
  await migrate(database);
  const found = await database.read(contents);
  // A half-loaded herd is always completed: it cannot have been worked with, and an import must not
  // mix with it.
  if (found === 'some' || (found === 'none' && !options.herd)) return;
  options.say(
    `hoofprint: ${found === 'half' ? 'the last load of the demo herd was interrupted; loading it anew' : 'the database is empty; loading the demo herd'} ` +
      '(invented data: animals, images and reviews are made up; HOOFPRINT_DEMO=0 leaves it empty) ...',
  );
  const started = Date.now();
  const { loadHerd } = (await import('../herd/index.ts')) as { loadHerd: LoadHerd };
  await loadHerd({ copy, rows: (sql, params) => database.write((queries) => queries.rows(sql, params)) });
  options.say(`hoofprint: the demo herd is there (${((Date.now() - started) / 1000).toFixed(1)} s)`);
}
