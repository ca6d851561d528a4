// The four ways into the database, chosen by the options of the command line; each returns what it
// did as text.
import { delimiter } from 'node:path';
import { parseArgs } from 'node:util';
import type { Database } from '../../lib/adapters/postgres.ts';
import { importPackage } from '../../lib/data/camtrap-dp/import.ts';
import { attachVectors } from '../../lib/data/embeddings/attach.ts';
import { importEmbeddings } from '../../lib/data/embeddings/import.ts';
import { readInput } from '../../lib/data/input-file.ts';
import { importReviews } from '../../lib/data/reviews/import.ts';
import { progressBar } from '../demo/progress.ts';
import { describeAttached, describeEmbeddings, describePackage, describeReviews } from './report.ts';

const USAGE = `Usage: npm run import -- <folder or zip of a Camtrap DP 1.0 package> [--skip-invalid]
       npm run import -- --embeddings vectors.npy --metadata meta.csv [--gallery list.txt] [--version NAME] [--skip-invalid]
       npm run import -- --embeddings vectors.npy --detections ids.csv [--version NAME] [--skip-invalid]
       npm run import -- --reviews file.json [--skip-invalid]`;

const text = { type: 'string' } as const;
const files = { embeddings: text, metadata: text, detections: text, gallery: text, reviews: text };
const known = { ...files, version: text, 'skip-invalid': { type: 'boolean', default: false } } as const;

/**
 * Reads the command line. @throws Error with the usage when the options are not those of one way.
 */
export function readOptions(args = process.argv.slice(2)) {
  const { values, positionals } = parseArgs({ args, allowPositionals: true, options: known });
  const { embeddings, metadata, detections, gallery, version, reviews, 'skip-invalid': skipInvalid } = values;
  const [tables, ways] = [
    [metadata, detections],
    [positionals[0], embeddings, reviews],
  ].map((all) => all!.filter((option) => option !== undefined));
  const wrong = [ways!.length !== 1, positionals.length > 1, tables!.length !== (embeddings === undefined ? 0 : 1)];
  const idle = [gallery !== undefined && metadata === undefined, version !== undefined && embeddings === undefined];
  if ([...wrong, ...idle].includes(true)) throw new Error(USAGE);
  return { ...values, skipInvalid, folder: positionals[0] };
}

/** Imports it. Files are read before the database is asked for anything. */
export async function runImport(
  options: ReturnType<typeof readOptions>,
  database: Database,
  environment: Readonly<Record<string, string | undefined>>,
) {
  const { embeddings, metadata, detections, gallery, version, reviews, skipInvalid, folder } = options;
  const root = environment.IMAGE_ROOT ?? '';
  if (reviews !== undefined) {
    const { name, bytes } = await readInput(reviews);
    return describeReviews(await importReviews(database, bytes, { name, skipInvalid }));
  }
  if (embeddings !== undefined) {
    const [vectors, table] = [await readInput(embeddings), await readInput((metadata ?? detections)!)];
    if (detections !== undefined)
      return describeAttached(await attachVectors(database, { vectors, detections: table, version, skipInvalid }));
    const folders = {
      root,
      others: (environment.IMAGE_ROOTS ?? '').split(delimiter).filter((folder) => folder !== ''),
    };
    const list = gallery === undefined ? undefined : await readInput(gallery);
    return describeEmbeddings(
      await importEmbeddings(database, { vectors, metadata: table, gallery: list, version, skipInvalid, folders }),
    );
  }
  const bar = progressBar('  media');
  const progress = (done: number, total: number): void => bar((100 * done) / total);
  return describePackage(await importPackage(folder!, { database, imageRoot: root, skipInvalid, progress }));
}
