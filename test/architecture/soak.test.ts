// The table of faults names tests that exist, that `npm run test:soak` runs, and every row has one;
// what `npm test` leaves out is run by one of the longer scripts.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT } from '../../localstack/stack/folder.ts';
import { FAULTS, type Fault } from '../faults/rows.ts';

const text = (path: string): string => readFileSync(join(PROJECT, path), 'utf8');
const rows = Object.entries(FAULTS) as [string, Fault][];
const elsewhere = rows
  .flatMap(([, { elsewhere = [] }]) => elsewhere)
  .map((one) => ({ ...one, path: `test/${one.file}.test.ts` }));

test('every test that a row names exists', () => {
  const missing = elsewhere.filter(({ path }) => !existsSync(join(PROJECT, path))).map(({ file }) => file);
  expect(missing).toEqual([]);
  const nameless = elsewhere.filter(
    ({ path, title }) => existsSync(join(PROJECT, path)) && !text(path).includes(title),
  );
  expect(nameless).toEqual([]);
});

const { scripts } = JSON.parse(text('package.json')) as { scripts: Record<string, string> };
const patternsOf = (script: string): string[] => scripts[script]!.split(' ').filter((word) => word.startsWith('test/'));
const files = readdirSync(join(PROJECT, 'test'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.test.ts'))
  .map((name) => `test/${name}`);

test.each([
  ['soak', /\bSOAK\b|HOOFPRINT_SOAK/, ['test:soak', 'test:data']],
  ['pages', /\bopenBrowser\b/, ['test:pages']],
])('what only the %s tries is in its script', (_, mark, names) => {
  const patterns = names.flatMap(patternsOf);
  const marked = files.filter((file) => file !== 'test/architecture/soak.test.ts' && mark.test(text(file)));
  expect(marked.length).toBeGreaterThan(2);
  expect(marked.filter((file) => !patterns.some((pattern) => file.includes(pattern)))).toEqual([]);
});

test('each script of longer tests sets what its tests look at', () => {
  expect(scripts['test:pages']).toMatch(/^HOOFPRINT_PAGES=1 /);
  for (const name of ['test:soak', 'test:data']) expect(scripts[name]).toMatch(/^HOOFPRINT_SOAK=1 /);
});

test('npm run test:soak runs all of them', () => {
  const patterns = patternsOf('test:soak');
  expect(patterns.length).toBeGreaterThan(0);
  expect(
    elsewhere.map(({ path }) => path).filter((path) => !patterns.some((pattern) => path.includes(pattern))),
  ).toEqual([]);
});

test('every row without a test elsewhere is tried by one below test/faults or test/soak', () => {
  const sources = ['test/faults', 'test/soak'].flatMap((folder) =>
    readdirSync(join(PROJECT, folder))
      .filter((name) => name.endsWith('.ts') && name !== 'rows.ts')
      .map((name) => text(`${folder}/${name}`)),
  );
  const tried = (name: string): boolean => sources.some((source) => source.includes(`'${name}'`));
  expect(rows.filter(([name, fault]) => fault.elsewhere === undefined && !tried(name)).map(([name]) => name)).toEqual(
    [],
  );
});
