// A process that carries out a plan (arguments: database, file) and stops before the end of its
// transaction, to be killed there.
import { readFileSync } from 'node:fs';
import { postgres, type Writes } from '../../lib/adapters/postgres.ts';
import { readPlan } from '../../lib/reid/apply/file.ts';
import { writeRun } from '../../lib/reid/apply/journal.ts';

const [url, path] = process.argv.slice(2) as [string, string];
const database = postgres({ url });
await database.write(async (queries: Writes) => {
  await writeRun(queries, readPlan(readFileSync(path, 'utf8')), 'killed', new Date());
  console.log('written, not committed');
  await new Promise((resolve) => setTimeout(resolve, 60_000));
});
