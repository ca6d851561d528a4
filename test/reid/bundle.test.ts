// The functions as they are packaged: one CommonJS file each, run from an empty folder where
// no other file is.
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import pg from 'pg';
import { parse } from 'yaml';

const root = fileURLToPath(new URL('../../', import.meta.url));
const { custom, functions } = parse(readFileSync(`${root}serverless.yml`, 'utf8').replace(/!(GetAtt|Ref) /g, '')) as {
  custom: { esbuild: { external: string[]; minify: boolean } };
  functions: Record<string, { timeout: number; memorySize: number }>;
};

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'hoofprint-bundle-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** @returns packages that must be installed next to each of the bundles */
async function bundled(...names: string[]): Promise<string[][]> {
  const { metafile } = await build({
    entryPoints: names.map((name) => `${root}handlers/${name}.ts`),
    outdir: folder,
    outExtension: { '.js': '.cjs' },
    ...{ bundle: true, platform: 'node', target: 'node24', format: 'cjs', metafile: true, logLevel: 'error' },
    external: custom.esbuild.external,
  });
  const outputs = Object.entries(metafile.outputs);
  return names.map((name) => {
    const [, output] = outputs.find(([path]) => path.endsWith(`/${name}.cjs`))!;
    return output.imports
      .filter(({ path, external }) => external && custom.esbuild.external.includes(path))
      .map(({ path }) => path);
  });
}

test('only the function that shows pictures needs the library that cuts them; all have time and memory enough', async () => {
  const names = ['reidScores', 'reidPlot', 'reidThresholds'];
  expect(await bundled(...names)).toEqual([[], [], ['sharp']]);
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
  if (!existsSync(join(folder, 'reidPlot.cjs'))) await bundled('reidPlot');
  for (const file of readdirSync(folder)) if (file !== 'reidPlot.cjs') rmSync(join(folder, file));
  writeFileSync(
    join(folder, 'run.cjs'),
    `require('./reidPlot.cjs').handler(undefined, {}).then((report) => { console.log(JSON.stringify(report)); process.exit(0); });`,
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
