// npm run migrate: brings the database of DATABASE_URL, or the embedded one, to this version's
// tables.
import { postgres } from '../lib/adapters/postgres.ts';
import { config } from '../lib/config.ts';
import { migrate } from '../lib/deer/schema.ts';
import { errorMessage, isFault, readSqlState } from '../lib/errors.ts';
import { forTerminal } from '../lib/plain-text.ts';
import { openStack } from '../localstack/stack/index.ts';

async function main(): Promise<void> {
  // Only the database is needed, so an external one is not kept waiting for the rest of a stack.
  const external = process.env.DATABASE_URL ? config('DATABASE_URL') : undefined;
  const stack = external === undefined ? await openStack({ role: 'brief', engines: ['postgres'] }) : undefined;
  const database = postgres({ url: external ?? stack!.environment.DATABASE_URL!, queryTimeout: 600_000 });
  try {
    const { applied, notes = [] } = await migrate(database);
    console.log(
      applied.length === 0
        ? 'Nothing to apply: the database is up to date.'
        : `Applied:\n${applied.map((name) => `  ${name}`).join('\n')}`,
    );
    for (const note of notes) console.log(forTerminal(`note: ${note}`));
  } finally {
    await database.close();
    await stack?.close();
  }
}

main().catch((error: unknown) => {
  // Nobody answered, or not to this user: the address is what a person can mend.
  const unanswered = isFault(error, 'unavailable') || /^(28|3D)/.test(readSqlState(error) ?? '');
  const hint = unanswered ? '. Check DATABASE_URL: npm run doctor shows more' : '';
  console.error(forTerminal(`migrate: ${errorMessage(error)}${hint}`));
  process.exitCode = 1;
});
