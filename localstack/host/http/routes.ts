// Which function answers a request: routes of an HTTP API, the most specific one first.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html
import { Fault } from '../../../lib/errors.ts';
import { makeMatcher, splitPath } from '../../../lib/routes.ts';
import type { HostFunction } from '../declared/functions.ts';

export interface Match {
  target: HostFunction;
  /** `GET /api/exports/pdf/{job_id}`, or `$default`. */
  routeKey: string;
  parameters: Readonly<Record<string, string>> | undefined;
}

interface Route extends Pick<Match, 'target' | 'routeKey'> {
  method: string;
  match: ReturnType<typeof makeMatcher>;
}

function parseRoute(text: string, target: HostFunction): Route {
  const [, method, path] = /^([A-Z]+) (\/\S*)$/.exec(text) ?? [];
  if (method === undefined || path === undefined)
    throw new Fault('invalid', `serverless.yml: the host does not know the route ${JSON.stringify(text)}`);
  return { method, match: makeMatcher(path), target, routeKey: text };
}

const countParameters = ({ routeKey }: Route): number => routeKey.split('{').length;

/**
 * The path of a request whose proxy has left the base path on it.
 * @param basePath such as /herd/
 */
export const stripBase = (path: string, basePath: string): string =>
  basePath !== '/' && path.startsWith(basePath) ? path.slice(basePath.length - 1) : path;

/**
 * @returns finds the function of a request; undefined where no route takes it. HEAD is answered as
 *   GET. The function throws URIError for a path that is not percent-encoded properly.
 * @throws Fault `invalid` for a route that is not of the form `METHOD /path`, or `*`
 */
export function makeRouter(functions: readonly HostFunction[]): (method: string, path: string) => Match | undefined {
  const catchAll = functions.find(({ routes }) => routes.includes('*'));
  const routes = functions
    .flatMap((target) => target.routes.filter((route) => route !== '*').map((route) => parseRoute(route, target)))
    .sort((a, b) => countParameters(a) - countParameters(b));
  return (method, path) => {
    const asked = method === 'HEAD' ? 'GET' : method;
    const segments = splitPath(path);
    for (const { method: taken, match, target, routeKey } of routes) {
      const found = taken === asked ? match(segments) : undefined;
      if (found !== undefined)
        return { target, routeKey, parameters: Object.keys(found).length === 0 ? undefined : found };
    }
    return catchAll && { target: catchAll, routeKey: '$default', parameters: undefined };
  };
}
