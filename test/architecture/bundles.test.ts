// Each function's bundle holds only what it uses: the heavy packages of each, as the bundler sees them.
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { parse } from 'yaml';

const root = fileURLToPath(new URL('../../', import.meta.url));
const { custom } = parse(readFileSync(`${root}serverless.yml`, 'utf8').replace(/!(GetAtt|Ref) /g, '')) as {
  custom: { esbuild: { external: string[] } };
};

/** What is worth watching: big, slow to load, or out of place in a function that does not use it. */
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
const USED: Record<string, string[]> = {
  createPdfExport: ['ajv', 'ioredis', 'pg', '@aws-sdk/client-sqs', '@aws-sdk/client-s3', '@aws-sdk/lib-storage'],
  createZipExport: ['ajv', 'ioredis', 'pg', '@aws-sdk/client-sqs', '@aws-sdk/client-s3', '@aws-sdk/lib-storage'],
  pdfExportStatus: ['ioredis'],
  zipExportStatus: ['ioredis'],
  cancelExport: ['ioredis', '@aws-sdk/client-s3', '@aws-sdk/lib-storage'],
  downloadExport: ['ioredis', '@aws-sdk/client-s3', '@aws-sdk/lib-storage'],
  health: ['ioredis', 'pg', '@aws-sdk/client-sqs', '@aws-sdk/client-s3', '@aws-sdk/lib-storage'],
  notFound: [],
  generateExport: EVERYTHING,
  closeExport: ['ajv', 'ioredis', '@aws-sdk/client-sqs'],
  sweepExports: ['ioredis', '@aws-sdk/client-s3', '@aws-sdk/lib-storage'],
};

async function packagesOf(handler: string): Promise<string[]> {
  const { metafile } = await build({
    entryPoints: [`${root}handlers/${handler}.ts`],
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'cjs',
    external: custom.esbuild.external,
    metafile: true,
    write: false,
    logLevel: 'silent',
  });
  const [output] = Object.values(metafile.outputs);
  const kept = Object.entries(output!.inputs)
    .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
    .map(([path]) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1]);
  const outside = output!.imports.filter(({ external }) => external).map(({ path }) => path);
  return WATCHED.filter((name) => kept.includes(name) || outside.includes(name));
}

test.each(Object.keys(USED))('%s', async (handler) => {
  expect(await packagesOf(handler)).toEqual(USED[handler]);
});

test('every export function is watched', () => {
  const exports = readdirSync(`${root}handlers`).filter((file) => !file.startsWith('reid'));
  expect(exports.map((file) => file.replace('.ts', '')).sort()).toEqual(Object.keys(USED).sort());
});
