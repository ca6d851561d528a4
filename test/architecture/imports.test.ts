// Who may import what, and that nothing goes in circles.
import { dirname } from 'node:path';
import { circles, code, type Import, importsOf } from './source.ts';

/** The room a file belongs to: a folder of lib/, one file of lib/, or a top folder. */
const room = (file: string): string =>
  /^lib\/(access|adapters|charts|lambda|deer|exports|overview|reid|data|survey|webhooks|page\/app|page)\//.exec(
    file,
  )?.[1] ?? (file.startsWith('lib/') ? `lib:${file.slice(4, -3)}` : file.split('/')[0]!);
const features = ['exports', 'overview', 'reid', 'data', 'survey', 'webhooks', 'page', 'lib:health'];
const foundations = [
  'allowed-path',
  'box',
  'canonical',
  'contract',
  'csv',
  'decoder',
  'distributions',
  'ending',
  'errors',
  'etag',
  'format',
  'log',
  'metrics',
  'photo',
  'plain-text',
  'precision',
  'problems',
  'proxies',
  'timeout',
  'trace',
  'version',
].map((name) => `lib:${name}`);
/** What anything may use: foundations, and charts, which build on foundations alone. */
const free = [...foundations, 'charts'];

/** Where features and adapters are joined. */
const JOINTS = ['lib:clients', 'lib:wiring', 'lib:routes'];

/** Who may import what at run time; types may be taken from adapters by features as well. */
function allowed({ from, to, types }: Import): boolean {
  const [a, b] = [room(from), room(to)];
  if (a === b || free.includes(b)) return true;
  if (a === 'scripts') return b !== 'test';
  if (a === 'localstack') return b !== 'test' && b !== 'scripts';
  if (a === 'handlers' || a === 'lib:export-handlers')
    return (
      b === 'lambda' ||
      b === 'access' ||
      JOINTS.includes(b) ||
      features.includes(b) ||
      (a === 'handlers' && b === 'lib:export-handlers')
    );
  if (JOINTS.includes(a))
    return (
      b.startsWith('lib:') ||
      [
        'access',
        'adapters',
        'lambda',
        'deer',
        'exports',
        'overview',
        'reid',
        'data',
        'survey',
        'webhooks',
        'page',
      ].includes(b)
    );
  // They tell of jobs to those who have keys.
  if (a === 'webhooks' && (b === 'exports' || (b === 'access' && types))) return true;
  // The ground floor: every feature may build on it, it builds on none.
  if (a === 'deer') return (b === 'adapters' && types) || b === 'lib:config';
  // What a page shows is what exports count.
  if (a === 'overview' && /^lib\/exports\/(season|shared)\//.test(to)) return true;
  // A survey counts the search events and verdicts of Re-ID, and the effort of exports.
  if (a === 'survey' && /^lib\/(exports\/(season|shared)|reid\/(dataset|statistics))\//.test(to)) return true;
  // Reports and archives show it, and so do the page and a page of Re-ID.
  if (b === 'survey' && (a === 'overview' || a === 'reid' || /^lib\/exports\/(pdf|zip)\//.test(from))) return true;
  if (features.includes(a)) return b === 'deer' || (b === 'adapters' && types);
  if (a === 'access') return b === 'adapters' && types;
  // The page in the browser holds requests to the same rules.
  if (a === 'page/app') return /^lib\/exports\/\w+\/rules\.ts$/.test(to);
  // Who may call is asked through a port.
  if (a === 'lambda' && b === 'access') return types;
  return a === 'lib:log' && b === 'lib:config';
}

const imports = code.flatMap(importsOf);

test('the import law holds', () => {
  expect(imports.length).toBeGreaterThan(500);
  const broken = imports.filter((edge) => !allowed(edge));
  expect(broken.map(({ from, to }) => `${from} -> ${to}`)).toEqual([]);
});

/**
 * Kinds of export are joined by their list alone: none knows another, and what they share knows no
 * kind.
 */
test('no kind of export imports another, nor does what they share import a kind or a job', () => {
  const folder = (file: string): string | undefined => /^lib\/exports\/([^/]+)\//.exec(file)?.[1];
  const shared = ['shared', 'archive', 'season', 'sites'];
  const isAllowed = (from: string, to: string): boolean =>
    from === to || shared.includes(to)
      ? !(from === 'shared' && to !== 'shared') &&
        !(from === 'season' && ['archive', 'sites'].includes(to)) &&
        !(from === 'archive' && ['season', 'sites'].includes(to))
      : ['kinds', 'job'].includes(from) && !(from === 'kinds' && to === 'job');
  const broken = imports.filter(({ from, to }) => {
    const [a, b] = [folder(from), folder(to)];
    return a !== undefined && b !== undefined && !isAllowed(a, b);
  });
  expect(broken.map(({ from, to }) => `${from} -> ${to}`)).toEqual([]);
});

const graph = (name: (file: string) => string): Map<string, Set<string>> => {
  const edges = new Map<string, Set<string>>();
  for (const { from, to } of imports) {
    const [a, b] = [name(from), name(to)];
    if (a !== b) edges.set(a, (edges.get(a) ?? new Set()).add(b));
  }
  return edges;
};

test('no files import each other in a circle, not even types', () => {
  expect(circles(graph((file) => file))).toEqual([]);
});

test('no folders import each other in a circle; each file of lib/ itself is a room of its own', () => {
  expect(circles(graph((file) => (dirname(file) === 'lib' ? file : dirname(file))))).toEqual([]);
});

test('a circle is found', () => {
  const edges = new Map([
    ['a', new Set(['b'])],
    ['b', new Set(['c', 'd'])],
    ['c', new Set(['a'])],
    ['d', new Set<string>()],
  ]);
  expect(circles(edges)).toEqual([['a', 'b', 'c']]);
});
