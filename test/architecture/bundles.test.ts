// Each function's bundle holds only what it uses: the heavy packages of each, as the bundler sees
// them.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Metafile } from 'esbuild';
import { parse } from 'yaml';
import { createName, kindNames, statusName } from '../support/kinds.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const { custom } = parse(readFileSync(`${root}serverless.yml`, 'utf8').replace(/!(GetAtt|Ref) /g, '')) as {
  custom: { esbuild: { external: string[] }; hoofprint: { heavy: string[] } };
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
  'echarts',
  'archiver',
  'sharp',
];
const EVERYTHING = [...WATCHED];
const CREATE = ['ajv', 'ioredis', 'pg', '@aws-sdk/client-sqs', '@aws-sdk/client-s3', '@aws-sdk/lib-storage'];
const USED: Record<string, string[]> = {
  ...Object.fromEntries(kindNames.map((kind) => [createName(kind), CREATE])),
  ...Object.fromEntries(kindNames.map((kind) => [statusName(kind), ['ioredis', 'pg']])),
  listExports: ['ioredis', 'pg'],
  exportEvents: ['ioredis', 'pg'],
  cancelExport: ['ioredis', 'pg', '@aws-sdk/client-s3', '@aws-sdk/lib-storage'],
  downloadExport: ['ioredis', 'pg', '@aws-sdk/client-s3', '@aws-sdk/lib-storage'],
  health: ['ioredis', 'pg', '@aws-sdk/client-sqs', '@aws-sdk/client-s3', '@aws-sdk/lib-storage'],
  livez: [],
  metrics: ['ioredis', 'pg', '@aws-sdk/client-sqs'],
  readyz: ['ioredis', 'pg', '@aws-sdk/client-sqs', '@aws-sdk/client-s3', '@aws-sdk/lib-storage'],
  notFound: [],
  session: ['ioredis', 'pg'],
  signIn: ['ajv', 'ioredis', 'pg'],
  signOut: ['ioredis'],
  generateExport: EVERYTHING,
  deadLetterExport: ['ajv', 'ioredis', '@aws-sdk/client-sqs'],
  sweepExports: ['ioredis', '@aws-sdk/client-s3', '@aws-sdk/lib-storage'],
};

/**
 * What draws, decodes or computes for seconds: a function that uses one runs in a process that can
 * be killed.
 */
const HEAVY = ['pdfmake', 'echarts', 'archiver', 'sharp', 'lib/reid/kernel'];

const handlers = readdirSync(`${root}handlers`)
  .map((file) => file.replace('.ts', ''))
  .sort();
let outputs: Metafile['outputs'];
beforeAll(async () => {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: handlers.map((handler) => `handlers/${handler}.ts`),
    outdir: 'nowhere',
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'cjs',
    external: custom.esbuild.external,
    metafile: true,
    write: false,
    logLevel: 'silent',
  });
  ({ outputs } = metafile);
}, 180_000);

/** Packages, and folders of ours, whose code is in a function's bundle or is loaded by it. */
function partsOf(handler: string, watched: readonly string[]): string[] {
  const output = outputs[`nowhere/${handler}.js`]!;
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
  const exports = handlers.filter((handler) => !handler.startsWith('reid'));
  expect(exports).toEqual(Object.keys(USED).sort());
});
