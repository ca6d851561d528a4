// The house rules: one table of variables, handlers = serverless.yml, no module mocks, ASCII.
import { parse } from 'yaml';
import { variables } from '../../lib/config.ts';
import { code, filesIn, text } from './source.ts';

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

test('no module mocks, no skipped or focused tests', () => {
  const found = filesIn('test').filter((file) =>
    /jest\.(mock|unstable_mockModule|doMock)\(|\b(it|test|describe)\.(skip|only|todo)\b/.test(
      text(file).replace(/\/[^\n]*jest\\\.[^\n]*/, ''),
    ),
  );
  expect(found).toEqual([]);
});

test('messages and docs are ASCII, and no address but loopback is in the product', () => {
  const docs = [...filesIn('docs', '.md'), 'README.md', ...code];
  // biome-ignore lint/suspicious/noControlCharactersInRegex: ASCII is what is asked
  expect(docs.filter((file) => /[^\x00-\x7f]/.test(text(file)))).toEqual([]);
  const foreign = code.filter((file) => /\b(?!127\.|0\.0\.0\.0)\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}\b/.test(text(file)));
  expect(foreign).toEqual([]);
});
