// The HTTP surface as docs/openapi.yaml promises it, and a client that sends what no well-behaved
// client would.
import { readFileSync } from 'node:fs';
import { type IncomingHttpHeaders, request } from 'node:http';
import { createConnection } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { parse } from 'yaml';
import { PAGE_PATHS } from '../../lib/page/paths.ts';

export interface Asked {
  method: string;
  /** Sent as it is. */
  path: string;
  headers?: Record<string, string>;
  body?: string | Buffer | undefined;
}
export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  bytes: Buffer;
  text: string;
}

export function ask(base: string, { method, path, headers = {}, body }: Asked): Promise<Answer> {
  const { hostname, port } = new URL(base);
  return new Promise((resolve, reject) => {
    // Node leaves the length out for methods that seldom have a body; what follows would then be
    // read as another request.
    const framed = body === undefined ? headers : { ...headers, 'content-length': String(Buffer.byteLength(body)) };
    const asked = request({ hostname, port, method, path, headers: framed, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const bytes = Buffer.concat(chunks);
        resolve({ status: response.statusCode ?? 0, headers: response.headers, bytes, text: bytes.toString() });
      });
    });
    asked.on('error', reject);
    asked.end(body);
  });
}

/** Whatever bytes, on a separate socket; what comes back until the other side closes. */
export function shout(base: string, bytes: string): Promise<string> {
  const { hostname, port } = new URL(base);
  return new Promise((resolve) => {
    let heard = '';
    const socket = createConnection({ host: hostname, port: Number(port) }, () => socket.write(bytes, 'latin1'));
    socket.on('data', (chunk) => {
      heard += chunk.toString('latin1');
      socket.end();
    });
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(heard));
    socket.setTimeout(5_000, () => socket.destroy());
  });
}

type Media = { schema: { $ref?: string } };
type Response = { content?: Record<string, Media>; headers?: Record<string, { required?: boolean }> };
export interface Operation {
  operationId: string;
  tags: string[];
  parameters?: { name: string; in: string; required: boolean }[];
  requestBody?: { content: Record<string, Media> };
  responses: Record<string, Response>;
}
export const document = parse(readFileSync(new URL('../../docs/openapi.yaml', import.meta.url), 'utf8')) as {
  openapi: string;
  tags: { name: string }[];
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, object> };
};
/** Strict in all but tuples: a word that is no keyword is an error. */
export const ajv = new Ajv2020({ strict: true, allErrors: true });
addFormats.default(ajv, { mode: 'full' });
ajv.addSchema({ $id: 'file:///api', $defs: document.components.schemas }, 'file:///api');

export function schemaProblems(schema: { $ref?: string }, value: unknown): unknown[] {
  const target =
    schema.$ref === undefined ? schema : { $ref: schema.$ref.replace('#/components/schemas/', 'file:///api#/$defs/') };
  const validate = ajv.compile(target);
  validate(value);
  return validate.errors ?? [];
}

/**
 * The path as a server reads it: unreserved letters decoded, dots left as they are (clients resolve
 * them); undefined when its escapes are wrong.
 */
function normal(path: string): string | undefined {
  const pathname = path.split('?')[0]!;
  try {
    decodeURIComponent(pathname);
  } catch {
    return undefined;
  }
  const plain = pathname.replace(/%([2-7][0-9a-f])/gi, (whole, hex: string) => {
    const letter = String.fromCharCode(Number.parseInt(hex, 16));
    return /[\w.~-]/.test(letter) ? letter : whole;
  });
  return plain.length > 1 ? plain.replace(/\/$/, '') : plain;
}

const SCREENS = new RegExp(`^(${PAGE_PATHS.map((path) => path.replace(/\{\w+\}/g, '[^/]+')).join('|')})$`);
/** Not in the document: test/page is about them. */
const isScreen = ({ method, path }: Asked): boolean =>
  (method === 'GET' || method === 'HEAD') && SCREENS.test(normal(path) ?? '');

/** Of a documented path or a screen, as the Allow header lists them. */
function methodsOf(path: string): string[] {
  if (isScreen({ method: 'GET', path })) return ['GET', 'HEAD'];
  const plain = normal(path);
  return Object.entries(document.paths).flatMap(([template, methods]) =>
    plain !== undefined && new RegExp(`^${template.replace(/\{\w+\}/g, '[^/]+')}$`).test(plain)
      ? Object.keys(methods).flatMap((verb) => (verb === 'get' ? ['GET', 'HEAD'] : [verb.toUpperCase()]))
      : [],
  );
}

export function operationOf({ method, path }: Asked): Operation | 'malformed' | undefined {
  const plain = normal(path);
  if (plain === undefined) return 'malformed';
  const verb = method === 'HEAD' ? 'get' : method.toLowerCase();
  for (const [template, methods] of Object.entries(document.paths)) {
    const pattern = new RegExp(`^${template.replace(/\{\w+\}/g, '[^/]+')}$`);
    if (pattern.test(plain) && methods[verb] !== undefined) return methods[verb];
  }
  return undefined;
}

const HEADERS = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cache-control': 'no-store',
};
const LEAKS = [
  process.cwd(),
  homedir() === '/' ? '/root' : homedir(),
  tmpdir(),
  'node_modules',
  '/api/exports/zip"',
  'serverless',
  'existingRoutes',
  'stackTrace',
];

/**
 * Everything about an answer that the document or the house rules do not allow; none for a good
 * one.
 */
export function complaints(asked: Asked, answer: Answer): string[] {
  const found: string[] = [];
  const operation = operationOf(asked);
  const type = String(answer.headers['content-type'] ?? '').split(';')[0] ?? '';
  if (answer.status >= 500) found.push(`status ${answer.status}: ${answer.text}`);
  if (isScreen(asked)) return found;
  for (const [name, value] of Object.entries(HEADERS))
    if (answer.headers[name] !== value) found.push(`${name}: ${answer.headers[name]}`);
  if (!/^[0-9a-f-]{36}$/.test(String(answer.headers['x-request-id']))) found.push('no request id');
  for (const name of Object.keys(answer.headers))
    if (
      name.startsWith('access-control-') ||
      name === 'set-cookie' ||
      (name === 'accept-ranges' && !('etag' in answer.headers))
    )
      found.push(name);
  for (const leak of LEAKS) if (answer.text.includes(leak)) found.push(`shows ${leak}`);
  if (/\n\s+at |\.[cm]?[jt]s:\d/.test(answer.text)) found.push('shows a stack');
  // A name that was sent is quoted with its letters; nothing that cannot be seen is.
  if (type.endsWith('json') && !/^[ \p{L}\p{M}\p{N}\p{P}\p{S}]*$/u.test(answer.text)) found.push('not plain text');
  const problem = (status: number, detail: string): void => {
    if (answer.status !== status || type !== 'application/problem+json')
      found.push(`${answer.status} ${type} instead of ${status}`);
    if (asked.method !== 'HEAD' && answer.text !== JSON.stringify({ detail }))
      found.push(`says ${answer.text.slice(0, 200)}`);
  };
  const isForeign = Object.keys(asked.headers ?? {}).some((name) => /^(origin|sec-fetch-site)$/i.test(name));
  const forwards = Object.keys(asked.headers ?? {}).find((name) => /^(x-)?(forwarded|real-ip)/i.test(name));
  if (answer.status === 403 && forwards !== undefined)
    problem(
      403,
      `Requests that a proxy forwards are not taken (${forwards.toLowerCase()}). Set TRUSTED_PROXIES to the address of the proxy`,
    );
  else if (answer.status === 403 && isForeign) problem(403, 'Other web pages may not use this service');
  else if (operation === 'malformed') problem(400, 'Request is malformed');
  // Whether a backslash or a doubled slash makes an empty id or no path at all is the server's to
  // say; both are 404.
  else if (operation === undefined && methodsOf(asked.path).length > 0) {
    problem(405, 'Method not allowed');
    if (answer.headers.allow !== methodsOf(asked.path).join(', ')) found.push(`allow: ${answer.headers.allow}`);
  } else if (operation === undefined)
    problem(404, /\\|\/\//.test(asked.path) && answer.text.includes('Job') ? 'Job not found or expired' : 'Not found');
  else {
    const promised = operation.responses[answer.status];
    if (promised === undefined)
      return [
        ...found,
        `${answer.status} is not documented for ${operation.operationId}: ${answer.text.slice(0, 200)}`,
      ];
    if (asked.method === 'HEAD') return found;
    const media = Object.entries(promised.content ?? {});
    const fits = media.find(([name]) => name === type);
    if (media.length === 0 && answer.bytes.length > 0) found.push('a body that is not documented');
    if (media.length > 0 && fits === undefined) found.push(`type ${type}`);
    if (fits !== undefined && type.endsWith('json'))
      found.push(...schemaProblems(fits[1].schema, JSON.parse(answer.text)).map((one) => JSON.stringify(one)));
    for (const [name, { required = true }] of Object.entries(promised.headers ?? {}))
      if (name !== 'Retry-After' && required && answer.headers[name.toLowerCase()] === undefined)
        found.push(`no ${name}`);
  }
  return found;
}
