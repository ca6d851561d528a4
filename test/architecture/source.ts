// The source of the repository as the tests of its architecture see it: files, imports, functions.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Node, type SourceFile, SyntaxKind } from 'typescript/unstable/ast';
import { API } from 'typescript/unstable/sync';

export const root = fileURLToPath(new URL('../../', import.meta.url));
export const filesIn = (folder: string, ending = '.ts'): string[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith(ending))
    .map((file) => `${folder}/${file}`);
export const text = (file: string): string => readFileSync(join(root, file), 'utf8');

/** Phrases that read badly to a newcomer, or that meant several things. */
export const RETIRED_PHRASE =
  /\b(told|lies|lay|whoever|beside|stands?|stood|of (its|their|our) own|all the same|by itself|cut to|no animal)\b|\d %/i;

/** Everything that runs outside of tests, but for what was generated. */
export const code = ['handlers', 'lib', 'localstack', 'scripts']
  .flatMap((folder) => [...filesIn(folder), ...filesIn(folder, '.tsx')])
  .filter((file) => !file.endsWith('.generated.ts'));

export interface Import {
  from: string;
  to: string;
  /** Gone at run time. */
  types: boolean;
}

/** Imports and re-exports of other files of the repository. */
export function importsOf(file: string): Import[] {
  const found = [...text(file).matchAll(/^(?:import|export)\s+(type\s)?([^;]*?)\s*from\s+'(\.[^']+)'/gm)];
  const inside = (to: string): string => normalize(join(dirname(file), to));
  const dynamic = [...text(file).matchAll(/\bimport\('(\.[^']+)'\)/g)];
  return [
    ...found.map(([, type, names, to]) => ({
      from: file,
      to: inside(to!),
      types:
        type !== undefined ||
        (/^\{/.test(names!) &&
          names!
            .replace(/[{}]/g, '')
            .split(',')
            .filter((name) => name.trim())
            .every((name) => /^\s*type\s/.test(name))),
    })),
    ...dynamic.map(([, to]) => ({ from: file, to: inside(to!), types: false })),
  ];
}

/** A graph by its edges; `circles` are groups of nodes that all reach one another. */
export function circles(edges: ReadonlyMap<string, ReadonlySet<string>>): string[][] {
  const reach = new Map<string, Set<string>>();
  for (const start of edges.keys()) {
    const seen = new Set<string>();
    const waiting = [...(edges.get(start) ?? [])];
    for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
      if (seen.has(node)) continue;
      seen.add(node);
      waiting.push(...(edges.get(node) ?? []));
    }
    reach.set(start, seen);
  }
  const groups = new Map<string, string[]>();
  for (const [node, reached] of reach) {
    if (!reached.has(node)) continue;
    const group = [...reached].filter((other) => reach.get(other)?.has(node)).sort();
    groups.set(group[0]!, group);
  }
  return [...groups.values()];
}

export interface FunctionSource {
  file: string;
  /** First line, from 1. */
  line: number;
  lines: number;
  /** The comment directly above it. */
  comment: string;
}

const FUNCTIONS = new Set([
  SyntaxKind.FunctionDeclaration,
  SyntaxKind.FunctionExpression,
  SyntaxKind.ArrowFunction,
  SyntaxKind.MethodDeclaration,
  SyntaxKind.Constructor,
  SyntaxKind.GetAccessor,
  SyntaxKind.SetAccessor,
]);
const LITERALS = new Set([
  SyntaxKind.StringLiteral,
  SyntaxKind.NoSubstitutionTemplateLiteral,
  SyntaxKind.TemplateHead,
  SyntaxKind.TemplateMiddle,
  SyntaxKind.TemplateTail,
  SyntaxKind.RegularExpressionLiteral,
]);
const BEFORE = /^(?:\s+|\/\/[^\n]*\n|\/\*[\s\S]*?\*\/)*/;

export interface Syntax {
  functions: FunctionSource[];
  /** Lines (from 1) on which a text, template or regular expression lies that cannot be broken. */
  unbreakable: Set<number>;
}

/** Reads files with the compiler's own parser. */
export function readSyntax(files: readonly string[]): Syntax[] {
  const ofPage = files.filter((file) => file.startsWith(PAGE));
  const others = files.filter((file) => !file.startsWith(PAGE));
  const found = new Map([...readProject('tsconfig.json', others), ...readProject(`${PAGE}tsconfig.json`, ofPage)]);
  return files.map((file) => found.get(file)!);
}

/** What runs in browsers is compiled with a configuration for them. */
const PAGE = 'lib/page/app/';

function readProject(config: string, files: readonly string[]): [string, Syntax][] {
  const api = new API({ cwd: root });
  try {
    const { program } = api.updateSnapshot({ openProject: join(root, config) }).getProjects()[0]!;
    return files.map((file) => [file, syntaxOf(file, program.getSourceFile(join(root, file))!)]);
  } finally {
    api.close();
  }
}

function syntaxOf(file: string, source: SourceFile): Syntax {
  const content = text(file);
  const starts = [0, ...[...content.matchAll(/\n/g)].map(({ index }) => index + 1)];
  const lineOf = (position: number): number => {
    let [low, high] = [0, starts.length];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (starts[middle]! <= position) low = middle;
      else high = middle;
    }
    return low + 1;
  };
  const syntax: Syntax = { functions: [], unbreakable: new Set() };
  const visit = (node: Node, above: string): void => {
    const before = BEFORE.exec(content.slice(node.pos, node.end))![0];
    // `export const f = () => ...`: the comment is above the statement, the function begins later.
    const comment = before.includes('/') ? before : above;
    const line = lineOf(node.pos + before.length);
    if (FUNCTIONS.has(node.kind))
      syntax.functions.push({ file, line, lines: lineOf(node.end) - line + 1, comment: comment.trim() });
    if (LITERALS.has(node.kind)) for (let at = line; at <= lineOf(node.end); at += 1) syntax.unbreakable.add(at);
    node.forEachChild((child) => {
      const isFirstLine = lineOf(child.pos + BEFORE.exec(content.slice(child.pos, child.end))![0].length) === line;
      visit(child, isFirstLine ? comment : '');
      return undefined;
    });
  };
  visit(source, '');
  return syntax;
}
