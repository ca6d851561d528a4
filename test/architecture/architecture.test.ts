// The house rules: import law, handlers = serverless.yml, sizes, no module mocks, generated files
// fresh, one table of variables.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { variables } from '../../lib/config.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const filesIn = (folder: string, ending = '.ts'): string[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith(ending))
    .map((file) => `${folder}/${file}`);
const text = (file: string): string => readFileSync(join(root, file), 'utf8');

interface Import {
  from: string;
  to: string;
  types: boolean;
}

const importsOf = (file: string): Import[] =>
  [...text(file).matchAll(/^(?:import|export)\s+(type\s)?([^;]*?)\s*from\s+'([^']+)'/gm)]
    .filter(([, , , to]) => to!.startsWith('.'))
    .map(([, type, names, to]) => ({
      from: file,
      to: relative(root, join(root, dirname(file), to!)),
      types:
        type !== undefined ||
        (/^\{/.test(names!) &&
          names!
            .replace(/[{}]/g, '')
            .split(',')
            .filter((name) => name.trim())
            .every((name) => /^\s*type\s/.test(name))),
    }));

/** The room a file belongs to: a folder of lib/, one file of lib/, or a top folder. */
const room = (file: string): string =>
  /^lib\/(adapters|lambda|deer|exports|reid|data)\//.exec(file)?.[1] ??
  (file.startsWith('lib/') ? `lib:${file.slice(4, -3)}` : file.split('/')[0]!);
const features = ['exports', 'reid', 'data', 'lib:health'];
const foundations = [
  'allowed-path',
  'box',
  'contract',
  'csv',
  'distributions',
  'errors',
  'format',
  'log',
  'timeout',
].map((name) => `lib:${name}`);

/** Who may import what at run time; types may be taken from adapters by features as well. */
function allowed({ from, to, types }: Import): boolean {
  const [a, b] = [room(from), room(to)];
  if (a === b || foundations.includes(b)) return true;
  if (a === 'scripts') return b !== 'test';
  if (a === 'localstack') return b !== 'test' && b !== 'scripts';
  if (a === 'test') return true;
  if (a === 'handlers' || a === 'lib:export-handlers')
    return (
      b === 'lambda' || b === 'lib:wiring' || features.includes(b) || (a === 'handlers' && b === 'lib:export-handlers')
    );
  if (a === 'lib:wiring') return b.startsWith('lib:') || ['adapters', 'lambda', 'deer', 'exports', 'reid'].includes(b);
  // The ground floor: every feature may build on it, it builds on none.
  if (a === 'deer') return (b === 'adapters' && types) || b === 'lib:config';
  if (features.includes(a)) return b === 'deer' || (b === 'adapters' && types);
  return a === 'lib:log' && b === 'lib:config';
}

const code = ['handlers', 'lib', 'localstack', 'scripts'].flatMap((folder) => filesIn(folder));

test('the import law holds', () => {
  const broken = code.flatMap(importsOf).filter((one) => !allowed(one));
  expect(broken.map(({ from, to }) => `${from} -> ${to}`)).toEqual([]);
});

test('only lib/config.ts reads the environment inside lib/ and handlers/', () => {
  const readers = code.filter(
    (file) => /^(lib|handlers)\//.test(file) && /process\.env/.test(text(file).replace(/^\s*(\/\/|\*).*$/gm, '')),
  );
  expect(readers).toEqual(['lib/config.ts']);
});

interface Service {
  functions: Record<string, { handler: string }>;
  provider: { environment: Record<string, string> };
}
const schema = (): Service => parse(text('serverless.yml').replace(/!(GetAtt|Ref) /g, '')) as Service;

test('handlers/ and serverless.yml name the same functions', () => {
  const declared = Object.entries(schema().functions).map(([name, { handler }]) => `${name} ${handler}`);
  const present = filesIn('handlers').map((file) => file.replace(/^handlers\/|\.ts$/g, ''));
  expect(declared.sort()).toEqual(present.map((name) => `${name} handlers/${name}.handler`).sort());
});

test('serverless.yml declares every variable of the configuration: worker threads see no other', () => {
  expect(Object.keys(schema().provider.environment).sort()).toEqual([...variables].sort());
});

test('handlers stay under 20 lines, scripts under 60, everything else under 300 without a stated reason', () => {
  const limit = (file: string): number =>
    file.startsWith('handlers/') ? 20 : /^scripts\/[^/]+$/.test(file) ? 60 : 300;
  const all = [...code, ...filesIn('test')].filter((file) => !file.endsWith('.generated.ts'));
  const waiting = new Set([
    'lib/data/camtrap-dp/rows.ts',
    'test/data/attach.test.ts',
    'test/data/import.test.ts',
    'test/data/platform-imports.test.ts',
    'test/service/hostile.test.ts',
    'test/reid/analysis.test.ts',
  ]);
  const long = all.filter(
    (file) =>
      !waiting.has(file) &&
      text(file).split('\n').length > limit(file) &&
      !/^\/\/ Longer than .* lines because /m.test(text(file)),
  );
  expect(long).toEqual([]);
});

test('no module mocks, no skipped or focused tests', () => {
  const found = filesIn('test').filter((file) =>
    /jest\.(mock|unstable_mockModule|doMock)\(|\b(it|test|describe)\.(skip|only|todo)\b/.test(
      text(file).replace(/\/[^\n]*jest\\\.[^\n]*/, ''),
    ),
  );
  expect(found).toEqual([]);
});

test('messages and docs are ASCII, and no address but loopback is in the product', () => {
  const docs = [...filesIn('docs', '.md'), 'README.md', ...code].filter((file) => !file.endsWith('.generated.ts'));
  // biome-ignore lint/suspicious/noControlCharactersInRegex: ASCII is what is asked
  expect(docs.filter((file) => /[^\x00-\x7f]/.test(text(file)))).toEqual([]);
  const foreign = code.filter((file) => /\b(?!127\.|0\.0\.0\.0)\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}\b/.test(text(file)));
  expect(foreign).toEqual([]);
});
