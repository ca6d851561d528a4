// No dead code: what a file exports is used outside of it, and outside of tests.
import { code, filesIn, importsOf, text } from './source.ts';

/** Tests set it in the process that they share; the product sets LOG_LEVEL. */
const OF_TESTS = ['lib/log.ts logFrom'];
/** A test bundles it, as browsers run it. */
const BUNDLED = ['lib/page/app/kinds/requests.ts checkRequest'];

const EXPORTED =
  /^export (?:declare )?(?:async )?(?<what>function\*?|class|const|let|type|interface|enum) (?<name>\w+)/gm;
/** Source of generated files among it. */
const TEMPLATE = /`(?:\\[\s\S]|[^`\\])*`/g;
const uncommented = (file: string): string => text(file).replace(/^\s*(\/\/|\*|\/\*).*$/gm, '');

/** The text of all files that import a file, by its path. */
function readImporters(files: readonly string[]): Map<string, string> {
  const found = new Map<string, string>();
  for (const file of files)
    for (const to of new Set(importsOf(file).map((edge) => edge.to)))
      found.set(to, `${found.get(to) ?? ''}\n${uncommented(file)}`);
  return found;
}

const product = readImporters(code);
const tests = readImporters(filesIn('test'));
const countName = (name: string, source = ''): number => source.match(new RegExp(`\\b${name}\\b`, 'g'))?.length ?? 0;

/** The functions of serverless.yml are called by their names there. */
const exported = code
  .filter((file) => !file.startsWith('handlers/'))
  .flatMap((file) =>
    [...uncommented(file).replace(TEMPLATE, '').matchAll(EXPORTED)].map(({ groups }) => ({
      ...{ file, name: groups!.name!, isType: /type|interface/.test(groups!.what!) },
      inside: countName(groups!.name!, uncommented(file)) - 1,
    })),
  );

test('what is exported is used by the product itself: no dead code, and no export for tests alone', () => {
  expect(exported.length).toBeGreaterThan(1_000);
  const unused = exported.filter(({ file, name, inside }) => inside === 0 && countName(name, product.get(file)) === 0);
  expect(unused.map(({ file, name }) => `${file} ${name}`)).toEqual(OF_TESTS);
});

test('what is used in its file alone is not exported', () => {
  const needless = exported.filter(
    ({ file, name, isType }) => !isType && countName(name, product.get(file)) + countName(name, tests.get(file)) === 0,
  );
  expect(needless.map(({ file, name }) => `${file} ${name}`)).toEqual(BUNDLED);
});
