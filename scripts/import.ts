// npm run import -- <folder or zip> [--skip-invalid]: a Camtrap DP package into the database.
import { parseArgs } from 'node:util';
import { postgres } from '../lib/adapters/postgres.ts';
import { importPackage, type Summary } from '../lib/data/camtrap-dp/import.ts';
import { reasonOf } from '../lib/errors.ts';
import { herdPresent } from '../localstack/herd/load.ts';
import { openStack } from '../localstack/stack.ts';

const USAGE = 'Usage: npm run import -- <folder or zip of a Camtrap DP 1.0 package> [--skip-invalid]';

function progress(done: number, total: number): void {
  if (!process.stderr.isTTY || (done % 25 !== 0 && done !== total)) return;
  const filled = Math.round((30 * done) / total);
  process.stderr.write(`\r  media [${'#'.repeat(filled)}${'.'.repeat(30 - filled)}] ${done}/${total}${done === total ? '\n' : ''}`);
}

function report(summary: Summary): string {
  const list = (counts: Record<string, number>): string =>
    Object.entries(counts)
      .map(([name, count]) => `    ${String(count).padStart(6)}  ${name}`)
      .join('\n');
  const stored = (['locations', 'deployments', 'images', 'detections', 'deer'] as const).map(
    (table) => `    ${String(summary[table].made).padStart(6)} new ${String(summary[table].there).padStart(6)} already there  ${table}`,
  );
  const skipped =
    summary.skipped.length === 0 ? [] : [`  skipped, ${summary.skipped.length} reasons:`, ...summary.skipped.map((line) => `    ${line}`)];
  const [types, classes] = [list(summary.observations), list(summary.classes)];
  return [
    `Imported ${summary.package.title}`,
    ...['  observations by type:', types, '  detections of animals by class:', classes, '  in the database:', ...stored],
    ...skipped,
    ...summary.notes.map((note) => `  note: ${note}`),
  ].join('\n');
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: { 'skip-invalid': { type: 'boolean', default: false } } });
  const [where, ...more] = positionals;
  if (where === undefined || more.length > 0) throw new Error(USAGE);
  const stack = await openStack({ role: 'brief' });
  const database = postgres({ url: stack.environment.DATABASE_URL!, queryTimeout: 300_000 });
  try {
    const options = { database, imageRoot: stack.environment.IMAGE_ROOT ?? '', skipInvalid: values['skip-invalid'], progress };
    console.log(report(await importPackage(where, options)));
    if ((await herdPresent(database)) !== undefined) {
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
  console.error(`import: ${error instanceof Error && error.message.includes('\n') ? error.message : reasonOf(error)}`);
  process.exitCode = 1;
});
