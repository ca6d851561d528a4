// Every formula of the statistics comes with an example in its doc comment; here the examples run.
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
const STATISTICS = 'lib/reid/statistics/';
const files = ['lib/distributions.ts', ...readdirSync(`${root}${STATISTICS}`).map((file) => `${STATISTICS}${file}`)];

interface Example {
  file: string;
  expression: string;
  expected: string;
}

/** Doc comments, each with the name of the exported function or constant that follows it. */
const documented = (text: string): { name: string; comment: string }[] =>
  [...text.matchAll(/(?:\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*)?^export (?:const|function) (\w+)/gm)].map(
    ([, comment = '', name]) => ({ name: name!, comment }),
  );

/** Expressions such as `searchesNeeded(0.05) // => 59` after @example, on one line or several. */
function examplesIn(comment: string): [expression: string, expected: string][] {
  const found: [string, string][] = [];
  let expression = '';
  for (const line of (comment.split('@example')[1] ?? '').split('\n')) {
    const [code, expected] = line.replace(/^\s*\*/, '').split(' // => ');
    expression += code!;
    if (expected === undefined) continue;
    found.push([expression.replace(/\s+/g, ' ').trim(), expected]);
    expression = '';
  }
  return found;
}

const functions = files.flatMap((file) =>
  documented(readFileSync(`${root}${file}`, 'utf8')).map(({ name, comment }) => ({ file, name, comment })),
);
const examples: Example[] = functions.flatMap(({ file, comment }) =>
  examplesIn(comment).map(([expression, expected]) => ({ file, expression, expected })),
);

/** Numbers with as many decimals as the longest one of the expected text. */
function rounded(value: unknown, expected: string): unknown {
  const decimals = Math.max(0, ...[...expected.matchAll(/\.(\d+)/g)].map(([, digits]) => digits!.length));
  return JSON.parse(JSON.stringify(value), (_, part: unknown) =>
    typeof part === 'number' ? Number(part.toFixed(decimals)) : part,
  );
}

test('every exported formula has an example', () => {
  expect(functions.length).toBeGreaterThan(10);
  expect(functions.filter(({ comment }) => examplesIn(comment).length === 0).map(({ name }) => name)).toEqual([]);
});

test.each(examples)('$file: $expression // => $expected', async ({ file, expression, expected }) => {
  const module = (await import(`../../${file}`)) as Record<string, unknown>;
  const evaluate = (code: string): unknown =>
    new Function(...Object.keys(module), `return ${code}`)(...Object.values(module));
  expect(rounded(evaluate(expression), expected)).toEqual(evaluate(expected));
});
