// Each function's bundle holds only what it uses: the heavy packages of each, as the bundler sees
// them. The bundles are those of the emulator: what one test has made, another one finds.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Metafile } from 'esbuild';
import { parse } from 'yaml';
import { ANALYSES } from '../../lib/exports/reid/kind.ts';
import { bundleFunctions, type EsbuildOptions } from '../../localstack/bundles/bundle.ts';
import { readContents } from '../../localstack/bundles/bundle-cache.ts';
import { capitalized, createName, kindNames, statusName } from '../support/kinds.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const { custom, functions } = parse(readFileSync(`${root}serverless.yml`, 'utf8').replace(/!(GetAtt|Ref) /g, '')) as {
  custom: { esbuild: EsbuildOptions; hoofprint: { heavy: string[] } };
  functions: Record<string, { handler: string }>;
};

/**
 * What is worth watching: big, slow to load, or out of place in a function that does not use it.
 */
const WATCHED = [
  'ajv',
  'ioredis',
  'pg',
  '@aws-sdk/client-sqs',
  '@aws-sdk/client-s3',
  '@aws-sdk/lib-storage',
  'pdfmake',
  'd3-scale',
  'd3-shape',
  'archiver',
  'sharp',
];
const EVERYTHING = [...WATCHED];
const CREATE = ['ajv', 'ioredis', 'pg', '@aws-sdk/client-sqs', '@aws-sdk/client-s3', '@aws-sdk/lib-storage'];
const USED: Record<string, string[]> = {
  ...Object.fromEntries(kindNames.map((kind) => [createName(kind), CREATE])),
  ...Object.fromEntries(kindNames.map((kind) => [statusName(kind), ['ioredis', 'pg']])),
  ...Object.fromEntries(ANALYSES.map((analysis) => [`createReid${capitalized(analysis)}`, CREATE])),
  reidStatus: ['ioredis', 'pg'],
  reidReport: ['ioredis', 'pg', '@aws-sdk/client-s3', '@aws-sdk/lib-storage'],
  reidResult: ['ioredis', 'pg', '@aws-sdk/client-s3', '@aws-sdk/lib-storage'],
  createImport: ['ajv', 'ioredis', 'pg', '@aws-sdk/client-s3', '@aws-sdk/lib-storage'],
  importParts: ['ioredis', 'pg', '@aws-sdk/client-s3', '@aws-sdk/lib-storage'],
  importPart: ['ioredis', 'pg', '@aws-sdk/client-s3', '@aws-sdk/lib-storage'],
  startImport: CREATE,
  importStatus: ['ioredis', 'pg'],
  removeImport: ['ioredis', 'pg', '@aws-sdk/client-s3', '@aws-sdk/lib-storage'],
  listExports: ['ioredis', 'pg'],
  exportEvents: ['ioredis', 'pg'],
  cancelExport: ['ioredis', 'pg', '@aws-sdk/client-s3', '@aws-sdk/lib-storage'],
  downloadExport: ['ioredis', 'pg', '@aws-sdk/client-s3', '@aws-sdk/lib-storage'],
  health: ['ioredis', 'pg', '@aws-sdk/client-sqs', '@aws-sdk/client-s3', '@aws-sdk/lib-storage'],
  livez: [],
  metrics: ['ioredis', 'pg', '@aws-sdk/client-sqs'],
  readyz: ['ioredis', 'pg', '@aws-sdk/client-sqs', '@aws-sdk/client-s3', '@aws-sdk/lib-storage'],
  notFound: [],
  page: [],
  asset: [],
  session: ['ioredis', 'pg'],
  season: ['ioredis', 'pg', '@aws-sdk/client-sqs'],
  names: ['ioredis', 'pg'],
  deer: ['ioredis', 'pg'],
  oneDeer: ['ioredis', 'pg'],
  crop: ['ioredis', 'pg'],
  signIn: ['ajv', 'ioredis', 'pg'],
  signOut: ['ioredis'],
  generateExport: EVERYTHING,
  sendWebhooks: ['ajv', 'ioredis', 'pg', '@aws-sdk/client-sqs'],
  deadLetterExport: ['ajv', 'ioredis', '@aws-sdk/client-sqs'],
  sweepExports: ['ioredis', '@aws-sdk/client-sqs', '@aws-sdk/client-s3', '@aws-sdk/lib-storage'],
};

/**
 * What draws, decodes or computes for seconds: a function that uses one runs in a process that can
 * be killed.
 */
const HEAVY = ['pdfmake', 'archiver', 'sharp', 'lib/reid/kernel', 'lib/survey/counts'];

const handlers = readdirSync(`${root}handlers`)
  .map((file) => file.replace('.ts', ''))
  .sort();
let outputs: Metafile['outputs'];
beforeAll(async () => {
  outputs = readContents(
    await bundleFunctions(
      Object.values(functions).map(({ handler }) => handler),
      custom.esbuild,
    ),
  );
}, 180_000);

/** Packages, and folders of ours, whose code is in a function's bundle or is loaded by it. */
function partsOf(handler: string, watched: readonly string[]): string[] {
  const output = outputs[`handlers/${handler}.cjs`]!;
  const inside = Object.entries(output.inputs)
    .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
    .map(([path]) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? dirname(path));
  const outside = output.imports.filter(({ external }) => external).map(({ path }) => path);
  return watched.filter((name) => inside.includes(name) || outside.includes(name));
}

test.each(Object.keys(USED))('%s', (handler) => {
  expect(partsOf(handler, WATCHED)).toEqual(USED[handler]);
});

test('the functions that serverless.yml calls heavy are those that hold something heavy', () => {
  const heavy = handlers.filter((handler) => partsOf(handler, HEAVY).length > 0);
  expect(heavy).toContain('generateExport');
  expect(heavy).toEqual([...custom.hoofprint.heavy].sort());
});

test('every export function is watched', () => {
  const isInvoked = (handler: string): boolean =>
    handler !== 'generateExport' && custom.hoofprint.heavy.includes(handler);
  const exports = handlers.filter((handler) => !isInvoked(handler));
  expect(exports).toEqual(Object.keys(USED).sort());
});
