// npm run import: a Camtrap DP package, embeddings with a table of identities or for detections
// that exist, or human verdicts into the database.
import { setFlagsFromString } from 'node:v8';
import { postgres } from '../lib/adapters/postgres.ts';
import { errorMessage } from '../lib/errors.ts';
import { forTerminal } from '../lib/plain-text.ts';
import { herdPresent } from '../localstack/herd/load.ts';
import { openStack } from '../localstack/stack/index.ts';
import { readOptions, runImport } from './import/ways.ts';

// A large package is read once: without this the heap grows to three times what it holds before it
// is cleaned.
setFlagsFromString('--heap-growing-percent=50');

async function main(): Promise<void> {
  const options = readOptions();
  const stack = await openStack({ role: 'brief', engines: ['postgres'] });
  const database = postgres({ url: stack.environment.DATABASE_URL!, queryTimeout: 300_000 });
  try {
    // Names out of files may hold what steers a terminal.
    console.log(forTerminal(await runImport(options, database, stack.environment)));
    if (
      (options.folder !== undefined || options.metadata !== undefined) &&
      (await herdPresent(database)) !== undefined
    ) {
      console.log('\nWARNING: this database also holds the DEMO HERD, which is invented. Exports mix both.');
      console.log('Remove it with `npm run demo -- --remove`; what you imported stays.');
    }
  } finally {
    await database.close();
    await stack.close();
  }
}

main().catch((error: unknown) => {
  // A broken package has a list; everything else one line with its causes.
  const list = error instanceof Error && error.message.includes('\n');
  console.error(forTerminal(`import: ${list ? error.message : errorMessage(error)}`));
  process.exitCode = 1;
});
