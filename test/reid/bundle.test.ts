// The functions as they are packaged: one CommonJS file each, run from an empty folder where
// no other file is.
import { execFile } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import pg from 'pg';
import { parse } from 'yaml';
import { bundleFunctions, type EsbuildOptions } from '../../localstack/bundles/bundle.ts';
import { readContents } from '../../localstack/bundles/bundle-cache.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const { custom, functions } = parse(readFileSync(`${root}serverless.yml`, 'utf8').replace(/!(GetAtt|Ref) /g, '')) as {
  custom: { esbuild: EsbuildOptions };
  functions: Record<string, { handler: string; timeout: number; memorySize: number }>;
};

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'hoofprint-bundle-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** All of them, as the emulator has them: what another test has made is found. */
let bundles: string;
beforeAll(async () => {
  bundles = await bundleFunctions(
    Object.values(functions).map(({ handler }) => handler),
    custom.esbuild,
  );
}, 120_000);

/** @returns packages that must be installed next to the bundle */
const besides = (name: string): string[] =>
  readContents(bundles)
    [`handlers/${name}.cjs`]!.imports.filter(
      ({ path, external }) => external && custom.esbuild.external?.includes(path),
    )
    .map(({ path }) => path);

test('only the function that shows pictures needs the library that cuts them; all have time and memory enough', async () => {
  const names = ['reidScores', 'reidPlot', 'reidMatching', 'reidThresholds'];
  expect(names.map(besides)).toEqual([[], [], [], ['sharp']]);
  for (const name of names) expect(functions[name]).toMatchObject({ timeout: 300, memorySize: 3008 });
}, 60_000);

async function countedDetections(): Promise<{ count: number }[]> {
  const database = new pg.Client({ connectionString: process.env.DATABASE_URL });
  await database.connect();
  const { rows } = await database.query(
    'SELECT count(*)::int AS count FROM detections WHERE is_valid IS NOT FALSE AND is_duplicate IS NOT TRUE',
  );
  await database.end();
  return rows;
}

test('a bundle makes its page in an empty folder: kernel, workers and Plotly are inside', async () => {
  copyFileSync(join(bundles, 'handlers/reidPlot.cjs'), join(folder, 'reidPlot.cjs'));
  writeFileSync(
    join(folder, 'run.cjs'),
    `require('./reidPlot.cjs').handler(undefined, {}).then((report) => { process.stdout.write(JSON.stringify(report), () => process.exit(0)); });`,
  );
  const { stdout } = await promisify(execFile)(process.execPath, ['run.cjs'], {
    cwd: folder,
    env: { ...process.env, OUTPUT_ROOT: '', NODE_OPTIONS: '', NODE_PATH: '' },
    maxBuffer: 64 * 1024 * 1024,
  });
  const report = JSON.parse(stdout) as { report: string; total_detections: number; all_pairs: object };
  expect([{ count: report.total_detections }]).toEqual(await countedDetections());
  expect(report.all_pairs).not.toBeNull();
  const html = await (await fetch(report.report)).text();
  expect(html).toMatch(/plotly\.js v\d/);
  expect(html.length).toBeGreaterThan(1_200_000);
  expect(existsSync(join(folder, 'out'))).toBe(false);
}, 60_000);
