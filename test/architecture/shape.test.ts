// How long files, functions and lines may be.
import { code, type FunctionSource, filesIn, readSyntax, type Syntax, text } from './source.ts';

const all = [...code, ...filesIn('test').filter((file) => !file.endsWith('.generated.ts'))];
/** JavaScript that is loaded before TypeScript can be, and the kernel's AssemblyScript. */
const others = ['localstack', 'scripts', 'lib/reid/kernel'].flatMap((folder) =>
  ['.mjs', '.cjs', '.as'].flatMap((ending) => filesIn(folder, ending)),
);

test('handlers have at most 20 lines, scripts 60, everything else 300 without a stated reason', () => {
  const limit = (file: string): number =>
    file.startsWith('handlers/') ? 20 : /^scripts\/[^/]+$/.test(file) ? 60 : 300;
  const long = all.filter(
    (file) =>
      text(file).trimEnd().split('\n').length > limit(file) && !/^\/\/ Longer than .* lines because /m.test(text(file)),
  );
  expect(long).toEqual([]);
});

describe('by the syntax', () => {
  let syntax: Map<string, Syntax>;
  beforeAll(() => {
    const read = readSyntax(all);
    syntax = new Map(all.map((file, index) => [file, read[index]!]));
  }, 120_000);

  test('no function has more than 60 lines without a stated reason', () => {
    const functions = code.flatMap((file): FunctionSource[] => syntax.get(file)!.functions);
    expect(functions.length).toBeGreaterThan(1_000);
    const long = functions.filter(
      ({ lines, comment }) => lines > 60 && !comment.includes('Longer than 60 lines because '),
    );
    expect(long.map(({ file, line, lines }) => `${file}:${line} (${lines})`)).toEqual([]);
  });

  test('lines end at 120 columns, but for a text, template or regular expression that cannot be broken', () => {
    const long = all.flatMap((file) =>
      text(file)
        .split('\n')
        .flatMap((line, index) =>
          line.length > 120 && !/^\s*(\/\/|\*|\/\*)/.test(line) && !syntax.get(file)!.unbreakable.has(index + 1)
            ? [`${file}:${index + 1}`]
            : [],
        ),
    );
    expect(long).toEqual([]);
  });
});

test('comments end at 100 columns, but for an address', () => {
  const long = [...all, ...others].flatMap((file) =>
    text(file)
      .split('\n')
      .flatMap((line, index) =>
        line.length > 100 && /^\s*(\/\/|\*|\/\*)/.test(line) && !/https?:\/\/|biome-ignore/.test(line)
          ? [`${file}:${index + 1}`]
          : [],
      ),
  );
  expect(long).toEqual([]);
});
