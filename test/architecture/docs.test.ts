// What README.md and docs/ name is there: files in backticks, links and their anchors, scripts of
// npm.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

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
