// npm run migrate: brings the database of DATABASE_URL, or the embedded one, to this version's tables.
import { postgres } from '../lib/adapters/postgres.ts';
import { migrate } from '../lib/data/schema.ts';
import { reasonOf } from '../lib/errors.ts';
import { openStack } from '../localstack/stack.ts';

async function main(): Promise<void> {
  // Only the database is needed, so an external one is not kept waiting for the rest of a stack.
  const stack = process.env.DATABASE_URL ? undefined : await openStack({ role: 'brief' });
  const database = postgres({ url: process.env.DATABASE_URL || stack!.environment.DATABASE_URL!, queryTimeout: 600_000 });
  try {
    const { applied, notes = [] } = await migrate(database);
    console.log(
      applied.length === 0 ? 'Nothing to apply: the database is up to date.' : `Applied:\n${applied.map((name) => `  ${name}`).join('\n')}`,
    );
    for (const note of notes) console.log(`note: ${note}`);
  } finally {
    await database.close();
    await stack?.close();
  }
}

main().catch((error: unknown) => {
  console.error(`migrate: ${reasonOf(error)}`);
  process.exitCode = 1;
});
