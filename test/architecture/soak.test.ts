// The table of faults names tests that exist, that `npm run test:soak` runs, and every row has one.
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

test('npm run test:soak runs all of them', () => {
  const { scripts } = JSON.parse(text('package.json')) as { scripts: Record<string, string> };
  const patterns = scripts['test:soak']!.split(' ').filter((word) => word.startsWith('test/'));
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
