// The routes of the API by path, for the answer to a request that none of them takes.
// serverless.yml declares them; a test compares the two.
import { KINDS } from './exports/kinds/index.ts';

/** `METHOD /path/{parameter}`. */
export const ROUTES: readonly string[] = [
  ...KINDS.flatMap(({ kind }) => [`POST /api/exports/${kind}`, `GET /api/exports/${kind}/{job_id}`]),
  'DELETE /api/exports/{job_id}',
  'GET /api/static/exports/{filename}',
  'GET /health',
];

const split = (path: string): string[] => path.replace(/(?<=.)\/$/, '').split('/');
const routes = ROUTES.map((route) => {
  const [method = '', path = ''] = route.split(' ');
  return { method, segments: split(path) };
});

/**
 * Methods that a path takes, as the Allow header lists them; none for an unknown path.
 * @param path percent-encoded
 */
export function findMethods(path: string): string[] {
  let asked: string[];
  try {
    asked = split(path).map((segment) => decodeURIComponent(segment));
  } catch {
    return [];
  }
  const takes = (segment: string, at: number): boolean =>
    segment.startsWith('{') ? asked[at] !== '' : segment === asked[at];
  return routes
    .filter(({ segments }) => segments.length === asked.length && segments.every(takes))
    .flatMap(({ method }) => (method === 'GET' ? ['GET', 'HEAD'] : [method]));
}
