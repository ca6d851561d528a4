// README.md, CONTRIBUTING.md and docs/: what they name is there (files in backticks, links and
// their anchors, scripts of npm, pages that the code cites), and they read as the house asks:
// short lines, glossary first, no retired word.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { RETIRED_PHRASE } from './source.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const text = (file: string): string => readFileSync(join(root, file), 'utf8');
const docs = [
  'README.md',
  'CONTRIBUTING.md',
  ...readdirSync(join(root, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];

/** Outside of code blocks: those show what a person types and what comes back. */
const prose = (file: string): string => text(file).replace(/^```[\s\S]*?^```/gm, '');
const top = new Set(readdirSync(root));
/** Where a running project writes; of no fresh clone. */
const MADE = /^(node_modules|\.data|\.esbuild|\.serverless|out)(\/|$)/;

/**
 * What looks like a file or folder of the repository: it begins with a name that is there, or is
 * one word of code with a slash.
 */
function pathsIn(file: string): string[] {
  const spans = [...prose(file).matchAll(/`([^`\n]+)`/g)].map(([, span]) => span!.trim());
  return spans
    .map((span) => span.replace(/:\d+(-\d+)?$/, ''))
    .filter((span) => /^[\w.@-]+(\/[\w.@-]+)*\/?$/.test(span) && !MADE.test(span))
    .filter(
      (span) => (span.includes('/') && top.has(span.split('/')[0]!)) || /^[\w-]+\.(md|yml|ts|mjs|cjs)$/.test(span),
    );
}

const everything = readdirSync(root, { withFileTypes: true })
  .filter((entry) => !MADE.test(entry.name) && !entry.name.startsWith('.'))
  .flatMap((entry) =>
    entry.isDirectory()
      ? readdirSync(join(root, entry.name), { recursive: true, encoding: 'utf8' }).map(
          (name) => `${entry.name}/${name}`,
        )
      : [entry.name],
  );
/** A path from the root, or the end of one: `crops.ts` beside a sentence about lib/exports/zip. */
const isThere = (path: string): boolean => {
  const plain = path.replace(/\/$/, '');
  return (
    existsSync(join(root, plain)) ||
    existsSync(join(root, 'docs', plain)) ||
    everything.some((name) => name.endsWith(`/${plain}`))
  );
};

test.each(docs)('%s names no file that is not there', (file) => {
  expect(pathsIn(file).filter((path) => !isThere(path))).toEqual([]);
});

const slug = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[`*]/g, '')
    .replace(/[^\w\- ]/g, '')
    .trim()
    .replace(/ /g, '-');
const anchorsOf = (file: string): string[] =>
  [...prose(file).matchAll(/^#+ (.+)$/gm)].map(([, heading]) => slug(heading!));

test.each(docs)('%s links to what is there', (file) => {
  const links = [...prose(file).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, link]) => link!)
    .filter((link) => !/^[a-z]+:/.test(link));
  const broken = links.filter((link) => {
    const [path, anchor] = link.split('#');
    const target = path === '' ? file : relative(root, join(root, dirname(file), path!));
    if (!existsSync(join(root, target))) return true;
    return anchor !== undefined && target.endsWith('.md') && !anchorsOf(target).includes(anchor);
  });
  expect(broken).toEqual([]);
});

test.each(docs)('%s names no script that package.json lacks', (file) => {
  const { scripts } = JSON.parse(text('package.json')) as { scripts: Record<string, string> };
  const named = [...text(file).matchAll(/npm run (?:-s )?([a-z][\w:-]*)/g)].map(([, name]) => name!);
  expect(named.filter((name) => scripts[name] === undefined)).toEqual([]);
});

test.each(docs)('%s has no line over 120 characters but in tables and links', (file) => {
  const long = prose(file)
    .split('\n')
    .filter((line) => line.length > 120 && !line.startsWith('|') && !/^(- |\d+\. )?\S+$|\]\(\S{60,}\)/.test(line));
  expect(long).toEqual([]);
});

/** Text of a page that the repository does not have, in docs, configuration and comments. */
const cited = (file: string): string[] =>
  [...text(file).matchAll(/(?<![\w.*/{}-])(?:docs\/)?[A-Za-z][\w-]*\.md\b/g)].map(([name]) => name);
const written = [
  ...docs,
  ...['handlers', 'lib', 'localstack', 'scripts', 'test'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((name) => `${folder}/${name}`),
  ),
  'serverless.yml',
].filter((file) => /\.(ts|mjs|cjs|as|py|md|yml|yaml|conf|sh)$/.test(file) && !file.includes('.generated.'));

test('nothing cites a page that is not in the repository', () => {
  const pages = new Set([...docs, ...docs.map((file) => file.replace('docs/', ''))]);
  const foreign = written
    .filter((file) => file !== 'test/architecture/docs.test.ts')
    .flatMap((file) =>
      cited(file)
        .filter((page) => !pages.has(page))
        .map((page) => `${file}: ${page}`),
    );
  expect(foreign).toEqual([]);
});

const terms = [...text('docs/glossary.md').matchAll(/^### (.+)\n\n([\s\S]+?)\n(?=\n|$)/gm)].map(
  ([, term, meaning]) => ({ term: term!, meaning: meaning!.replace(/\n/g, ' ') }),
);

test('each term of the glossary has one meaning, in one sentence', () => {
  expect(terms.length).toBe(text('docs/glossary.md').match(/^### /gm)?.length);
  expect(new Set(terms.map(({ term }) => term.toLowerCase())).size).toBe(terms.length);
  expect(terms.filter(({ meaning }) => !/^[^.]*(\.(?! [A-Z])[^.]*)*\.$/.test(meaning))).toEqual([]);
});

test('architecture.md links to the glossary first, and every other page links to it', () => {
  expect(/\]\(([^)]+)\)/.exec(text('docs/architecture.md'))?.[1]).toBe('glossary.md');
  const without = docs.filter((file) => file !== 'docs/glossary.md' && !/\]\((docs\/)?glossary\.md/.test(text(file)));
  expect(without).toEqual([]);
});

test.each(docs)('%s has no retired word', (file) => {
  // A span of code names what is really called so.
  expect(
    prose(file)
      .replace(/`[^`\n]+`/g, '')
      .match(new RegExp(RETIRED_PHRASE, 'gi')) ?? [],
  ).toEqual([]);
});
