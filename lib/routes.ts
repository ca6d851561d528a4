// The routes of the API by path, for the answer to a request that none of them takes, and how a
// path is compared with one. serverless.yml declares them; a test compares the two.
import { KINDS } from './exports/kinds/index.ts';
import { PAGE_PATHS } from './page/paths.ts';

/** `METHOD /path/{parameter}`. */
export const ROUTES: readonly string[] = [
  ...KINDS.flatMap(({ path, asks, result, parameter = 'job_id' }) => [
    ...(asks?.map((ask) => `POST ${path}/${ask}`) ?? [`POST ${path}`]),
    `GET ${path}/{${parameter}}`,
    ...(result === undefined ? [] : [`GET ${path}/{job_id}/report`, `GET ${path}/{job_id}/${result.name}`]),
  ]),
  'POST /api/imports',
  'GET /api/imports/{id}/parts',
  'PUT /api/imports/{id}/{n}',
  'DELETE /api/imports/{id}',
  'GET /api/exports',
  'GET /api/events',
  'DELETE /api/exports/{job_id}',
  'POST /api/session',
  'GET /api/session',
  'DELETE /api/session',
  'GET /api/season',
  'GET /api/names',
  'GET /api/deer',
  'GET /api/deer/{deer_id}',
  'GET /api/crops/{detection_id}',
  'GET /api/static/exports/{filename}',
  'GET /assets/{name}',
  ...PAGE_PATHS.map((path) => `GET ${path}`),
  'GET /health',
  'GET /livez',
  'GET /metrics',
  'GET /readyz',
];

/**
 * The segments of a path: paths that are equal once percent-decoded are equal (RFC 3986 section
 * 6.2.2), and a slash at the end is ignored.
 * @throws URIError for a path that is not percent-encoded properly
 */
export const splitPath = (path: string): string[] =>
  path
    .replace(/(?<=.)\/$/, '')
    .split('/')
    .map((segment) => decodeURIComponent(segment));

/** @returns finds the parameters of a path by its segments; undefined where it does not fit */
export function makeMatcher(template: string): (asked: readonly string[]) => Record<string, string> | undefined {
  const segments = template.split('/').map((text) => ({ text, name: /^\{(\w+)\}$/.exec(text)?.[1] }));
  return (asked) => {
    const fits = ({ text, name }: { text: string; name: string | undefined }, at: number): boolean =>
      name === undefined ? text === asked[at] : asked[at] !== '';
    if (asked.length !== segments.length || !segments.every(fits)) return undefined;
    return Object.fromEntries(segments.flatMap(({ name }, at) => (name === undefined ? [] : [[name, asked[at]!]])));
  };
}

const routes = ROUTES.map((route) => {
  const [method = '', path = ''] = route.split(' ');
  return { method, match: makeMatcher(path) };
});

/**
 * Methods that a path takes, as the Allow header lists them; none for an unknown path.
 * @param path percent-encoded
 */
export function findMethods(path: string): string[] {
  let asked: string[];
  try {
    asked = splitPath(path);
  } catch {
    return [];
  }
  return routes
    .filter(({ match }) => match(asked) !== undefined)
    .flatMap(({ method }) => (method === 'GET' ? ['GET', 'HEAD'] : [method]));
}
