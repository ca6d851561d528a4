// Each function's bundle holds only what it uses: the heavy packages of each, as the bundler sees
// them.
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build, type Metafile } from 'esbuild';
import { parse } from 'yaml';
import { createName, kindNames, statusName } from '../support/kinds.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const { custom } = parse(readFileSync(`${root}serverless.yml`, 'utf8').replace(/!(GetAtt|Ref) /g, '')) as {
  custom: { esbuild: { external: string[] } };
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
  ...Object.fromEntries(kindNames.map((kind) => [statusName(kind), ['ioredis']])),
  cancelExport: ['ioredis', '@aws-sdk/client-s3', '@aws-sdk/lib-storage'],
  downloadExport: ['ioredis', '@aws-sdk/client-s3', '@aws-sdk/lib-storage'],
  health: ['ioredis', 'pg', '@aws-sdk/client-sqs', '@aws-sdk/client-s3', '@aws-sdk/lib-storage'],
  notFound: [],
  generateExport: EVERYTHING,
  deadLetterExport: ['ajv', 'ioredis', '@aws-sdk/client-sqs'],
  sweepExports: ['ioredis', '@aws-sdk/client-s3', '@aws-sdk/lib-storage'],
};

let outputs: Metafile['outputs'];
beforeAll(async () => {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: Object.keys(USED).map((handler) => `handlers/${handler}.ts`),
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
});

test.each(Object.keys(USED))('%s', (handler) => {
  const output = outputs[`nowhere/${handler}.js`]!;
  const kept = Object.entries(output.inputs)
    .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
    .map(([path]) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1]);
  const outside = output.imports.filter(({ external }) => external).map(({ path }) => path);
  expect(WATCHED.filter((name) => kept.includes(name) || outside.includes(name))).toEqual(USED[handler]);
});

test('every export function is watched', () => {
  const exports = readdirSync(`${root}handlers`).filter((file) => !file.startsWith('reid'));
  expect(exports.map((file) => file.replace('.ts', '')).sort()).toEqual(Object.keys(USED).sort());
});
