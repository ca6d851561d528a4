// Bundles are made again exactly when something that they are made of has changed, or what was kept
// is not whole.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { bundleOnce } from '../../localstack/bundles/bundle-cache.ts';

let project: string;
let starts = 0;
const path = (name: string): string => join(project, name);
const write = (name: string, text: string, secondsAgo = 60): void => {
  writeFileSync(path(name), text);
  const then = Date.now() / 1_000 - secondsAgo;
  utimesSync(path(name), then, then);
};
async function start(options: { minify?: boolean } = {}): Promise<{ made: boolean; text: string }> {
  starts += 1;
  // As files that were there before: what is written while esbuild reads is not kept.
  await pause(20);
  const outdir = path(`own/${starts}`);
  const made = await bundleOnce(
    {
      absWorkingDir: project,
      entryPoints: ['handlers/one.ts', 'handlers/two.ts'],
      outbase: '.',
      bundle: true,
      platform: 'node',
      logLevel: 'silent',
      ...options,
    },
    { outdir, bundleCache: path('cache/kept') },
  );
  return {
    made,
    text: ['one', 'two'].map((name) => readFileSync(join(outdir, `handlers/${name}.js`), 'utf8')).join(''),
  };
}

beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), 'hoofprint-kept-'));
  mkdirSync(path('handlers'));
  mkdirSync(path('node_modules/helper'), { recursive: true });
  write('node_modules/helper/package.json', '{"name":"helper","version":"1.0.0"}');
  write('node_modules/helper/index.js', 'module.exports = "helper 1";');
  write('node_modules/.package-lock.json', '{"helper":"1.0.0"}');
  write('package.json', '{"name":"project"}');
  write('shared.ts', 'export const shared: string = "shared 1";');
  write(
    'handlers/one.ts',
    'import { shared } from "../shared.ts"; import helper from "helper"; console.log(shared, helper);',
  );
  write('handlers/two.ts', 'console.log("two");');
});
afterEach(() => rmSync(project, { recursive: true, force: true }));

test('the second start takes what the first one made, byte by byte', async () => {
  const first = await start();
  expect(first.made).toBe(true);
  expect(first.text).toContain('helper 1');
  expect(await start()).toEqual({ made: false, text: first.text });
  rmSync(path('own'), { recursive: true });
  expect(await start()).toEqual({ made: false, text: first.text });
});

test.each<[string, () => void, string]>([
  ['an entry', () => write('handlers/two.ts', 'console.log("new");', 50), '"new"'],
  ['a file that one imports', () => write('shared.ts', 'export const shared: string = "shared 2";', 50), 'shared 2'],
  [
    'a file for one of the same size and date',
    () => write('node_modules/helper/index.js', 'module.exports = "helper 2";'),
    'helper 2',
  ],
  ['the installed packages', () => write('node_modules/.package-lock.json', '{"helper":"2.0.0"}', 50), 'helper 1'],
])('it is made again after a change of %s', async (_what, change, text) => {
  await start();
  change();
  const again = await start();
  expect([again.made, again.text]).toEqual([true, expect.stringContaining(text)]);
  expect(await start()).toEqual({ made: false, text: again.text });
});

test('other options make other bundles', async () => {
  const { text } = await start();
  const small = await start({ minify: true });
  expect(small.made).toBe(true);
  expect(small.text.length).toBeLessThan(text.length);
});

test.each<[string, () => void]>([
  ['a bundle was lost', () => rmSync(path('cache/kept/handlers/two.js'))],
  ['a bundle is empty, as after a loss of power', () => truncateSync(path('cache/kept/handlers/two.js'))],
  ['the recipe is half a recipe', () => truncateSync(path('cache/kept/recipe.json'), 40)],
])('it is made again where %s', async (_what, damage) => {
  const { text } = await start();
  rmSync(path('own'), { recursive: true });
  damage();
  expect(await start()).toEqual({ made: true, text });
  expect(await start()).toEqual({ made: false, text });
});

test('what was edited while it was read is not kept', async () => {
  write('shared.ts', 'export const shared: string = "shared 2";', -60);
  expect((await start()).made).toBe(true);
  expect((await start()).made).toBe(true);
});

test('a source that does not compile is reported each time, and leaves what was kept', async () => {
  const { text } = await start();
  const good = readFileSync(path('shared.ts'), 'utf8');
  write('shared.ts', 'export const shared = ;', 50);
  for (let i = 0; i < 2; i += 1) await expect(start()).rejects.toThrow('Unexpected ";"');
  write('shared.ts', good);
  expect((await start()).text).toBe(text);
});
