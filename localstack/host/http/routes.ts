// Which function answers a request: routes of an HTTP API, the most specific one first.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html
import { Fault } from '../../../lib/errors.ts';
import type { HostFunction } from '../declared/functions.ts';

export interface Match {
  target: HostFunction;
  /** `GET /api/exports/pdf/{job_id}`, or `$default`. */
  routeKey: string;
  parameters: Readonly<Record<string, string>> | undefined;
}

/** One of a path: its text, or the name of the parameter that takes it. */
interface Segment {
  text: string;
  parameter: string | undefined;
}

interface Route {
  method: string;
  segments: readonly Segment[];
  target: HostFunction;
  routeKey: string;
}

const PARAMETER = /^\{(\w+)\}$/;

function parseRoute(text: string, target: HostFunction): Route {
  const [, method, path] = /^([A-Z]+) (\/\S*)$/.exec(text) ?? [];
  if (method === undefined || path === undefined)
    throw new Fault('invalid', `serverless.yml: the host does not know the route ${JSON.stringify(text)}`);
  const segments = path.split('/').map((segment) => ({ text: segment, parameter: PARAMETER.exec(segment)?.[1] }));
  return { method, segments, target, routeKey: text };
}

const parametersIn = (route: Route): number => route.segments.filter(({ parameter }) => parameter !== undefined).length;

/**
 * @returns finds the function of a request; undefined where no route takes it. Paths that are equal
 * once percent-decoded are equal (RFC 3986 section 6.2.2), a slash at the end is ignored, and HEAD
 * is
 *   answered as GET. The function throws URIError for a path that is not percent-encoded properly.
 * @throws Fault `invalid` for a route that is not of the form `METHOD /path`, or `*`
 */
export function makeRouter(functions: readonly HostFunction[]): (method: string, path: string) => Match | undefined {
  const catchAll = functions.find(({ routes }) => routes.includes('*'));
  const routes = functions
    .flatMap((target) => target.routes.filter((route) => route !== '*').map((route) => parseRoute(route, target)))
    .sort((a, b) => parametersIn(a) - parametersIn(b));
  const takes = (route: Route, segments: readonly string[]): boolean =>
    route.segments.length === segments.length &&
    route.segments.every(({ text, parameter }, at) =>
      parameter === undefined ? text === segments[at] : segments[at] !== '',
    );
  return (method, path) => {
    const asked = method === 'HEAD' ? 'GET' : method;
    const segments = path
      .replace(/(?<=.)\/$/, '')
      .split('/')
      .map((segment) => decodeURIComponent(segment));
    const route = routes.find((each) => each.method === asked && takes(each, segments));
    if (route !== undefined) {
      const parameters = route.segments.flatMap(({ parameter }, at): [string, string][] =>
        parameter === undefined ? [] : [[parameter, segments[at]!]],
      );
      const { target, routeKey } = route;
      return { target, routeKey, parameters: parameters.length === 0 ? undefined : Object.fromEntries(parameters) };
    }
    return catchAll && { target: catchAll, routeKey: '$default', parameters: undefined };
  };
}
