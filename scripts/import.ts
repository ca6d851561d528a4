// npm run import: a Camtrap DP package, embeddings with a table of identities, or human verdicts into the database.
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { parseArgs } from 'node:util';
import { postgres } from '../lib/adapters/postgres.ts';
import { importPackage } from '../lib/data/camtrap-dp/import.ts';
import { importEmbeddings } from '../lib/data/embeddings/import.ts';
import { importReviews } from '../lib/data/reviews/import.ts';
import { embeddingsTold, packageTold, reviewsTold } from '../lib/data/told.ts';
import { reasonOf } from '../lib/errors.ts';
import { progressBar } from '../localstack/demo/progress.ts';
import { herdPresent } from '../localstack/herd/load.ts';
import { openStack } from '../localstack/stack.ts';

const USAGE = `Usage: npm run import -- <folder or zip of a Camtrap DP 1.0 package> [--skip-invalid]
       npm run import -- --embeddings vectors.npy --metadata meta.csv [--gallery list.txt] [--version NAME] [--skip-invalid]
       npm run import -- --reviews file.json`;

const file = (path: string) => ({ name: basename(path), bytes: readFileSync(path) });
const text = { type: 'string' } as const;
const files = { embeddings: text, metadata: text, gallery: text, reviews: text };
const options = { ...files, version: text, 'skip-invalid': { type: 'boolean', default: false } } as const;

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({ allowPositionals: true, options });
  const { embeddings, metadata, gallery, version, reviews, 'skip-invalid': skipInvalid } = values;
  const [folder] = positionals;
  const ways = [folder, embeddings, reviews].filter((way) => way !== undefined);
  if (ways.length !== 1 || positionals.length > 1 || (embeddings === undefined) !== (metadata === undefined)) throw new Error(USAGE);
  const stack = await openStack({ role: 'brief' });
  const database = postgres({ url: stack.environment.DATABASE_URL!, queryTimeout: 300_000 });
  try {
    if (reviews !== undefined) console.log(reviewsTold(await importReviews(database, readFileSync(reviews, 'utf8'))));
    else if (embeddings !== undefined) {
      const input = { vectors: file(embeddings), metadata: file(metadata!), gallery: gallery === undefined ? undefined : file(gallery) };
      console.log(embeddingsTold(await importEmbeddings(database, { ...input, version, skipInvalid })));
    } else {
      const bar = progressBar('  media');
      const progress = (done: number, total: number): void => bar((100 * done) / total);
      const imageRoot = stack.environment.IMAGE_ROOT ?? '';
      console.log(packageTold(await importPackage(folder!, { database, imageRoot, skipInvalid, progress })));
    }
    if (reviews === undefined && (await herdPresent(database)) !== undefined) {
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
