// The page holds a request to the rules of the service before it is sent: both say the same.

import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { CONTRACTS, type ExportKind } from '../../lib/exports/kinds/index.ts';
import { problemFinder } from '../../lib/lambda/validate.ts';
import { compiledContracts } from '../../scripts/page/contracts.ts';

type Check = (kind: string, body: unknown, today: string) => { pointer: string; detail: string }[];

let folder: string;
let checkRequest: Check;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hoofprint-page-'));
  const built = await build({
    entryPoints: ['lib/page/app/kinds/requests.ts'],
    bundle: true,
    format: 'esm',
    platform: 'node',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    write: false,
    plugins: [compiledContracts],
    // As a browser has it.
    banner: {
      js: 'globalThis.document ??= { querySelector: () => null }; globalThis.addEventListener ??= () => undefined;',
    },
  });
  const file = join(folder, 'requests.mjs');
  await writeFile(file, built.outputFiles[0]!.contents);
  ({ checkRequest } = (await import(file)) as { checkRequest: Check });
}, 60_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

interface Case {
  name: string;
  kind: ExportKind;
  body: unknown;
}
const cases = readFileSync('test/fixtures/requests.jsonl', 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Case);
const TODAY = '2026-01-15';

test.each(cases)('$name: page and service say the same', ({ kind, body }) => {
  const find = problemFinder<unknown, string>(CONTRACTS[kind]);
  expect(checkRequest(kind, structuredClone(body), TODAY)).toEqual(find(structuredClone(body), TODAY));
});

test('there are good and bad requests among them', () => {
  const counts = cases.map(({ kind, body }) => checkRequest(kind, structuredClone(body), TODAY).length);
  expect(counts.filter((count) => count === 0).length).toBeGreaterThan(10);
  expect(counts.filter((count) => count > 0).length).toBeGreaterThan(20);
});
