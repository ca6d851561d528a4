// Lambda's Invoke call, for programs of this machine: `aws lambda invoke --endpoint-url ...`.
// https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
import { createHash, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isBearer } from '../../lib/access/secret.ts';
import { errorMessage } from '../../lib/errors.ts';
import { log } from '../../lib/log.ts';
import { isFromOtherSite, refuseBrowser } from '../stack/engines/browsers.ts';
import { isTrue, readClaim } from '../stack/engines/signature.ts';
import type { Secrets } from '../stack/secrets.ts';
import type { HostFunction } from './declared/functions.ts';
import { readBody } from './http/body.ts';

const PATH = /^\/2015-03-31\/functions\/([^/?]+)\/invocations$/;
/** Lambda's own bound of a request, in bytes. */
const MOST_BYTES = 6_000_000;
const BODY_MS = 20_000;
const FOREIGN = { status: 403, message: 'Pages of other origins may not use this port.' };
const UNSIGNED = 'Sign this request, or send the token: npm run doctor -- --connect shows both';
export interface InvokePort {
  listen(port: number): Promise<number>;
  stop(): Promise<void>;
}

type Invoke = (target: HostFunction, event: unknown, requestId: string) => Promise<unknown>;

/** Signed as an AWS SDK does, or with the token of the data folder. */
function isAllowed(request: IncomingMessage, body: Buffer, secrets: Secrets): boolean {
  const { headers, method = '', url = '' } = request;
  if (isBearer(headers.authorization, secrets.token)) return true;
  const signed = { method, url, headers };
  const claim = readClaim(signed, Date.now());
  if ('code' in claim || claim.isLink || claim.service !== 'lambda') return false;
  const sha256 = createHash('sha256').update(body).digest('hex');
  return (claim.payload === undefined || claim.payload === sha256) && isTrue(claim, signed, sha256, secrets);
}

function reply(response: ServerResponse, status: number, body: string, headers: Record<string, string> = {}): void {
  if (response.destroyed) return;
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(body);
}

const refusal = (type: string, message: string): string => JSON.stringify({ Type: 'User', __type: type, message });

class LocalInvokePort implements InvokePort {
  private readonly functions: ReadonlyMap<string, HostFunction>;
  private readonly invoke: Invoke;
  private readonly secrets: Secrets;
  private readonly server: Server;

  constructor(functions: readonly HostFunction[], secrets: Secrets, invoke: Invoke) {
    this.secrets = secrets;
    this.functions = new Map(functions.map((target) => [target.functionName, target]));
    this.invoke = invoke;
    this.server = createServer((request, response) => void this.take(request, response));
    // A function may take ten minutes.
    this.server.requestTimeout = 0;
    this.server.on('clientError', (_error, socket) => socket.destroy());
  }

  async listen(port: number): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(port, '127.0.0.1', resolve);
    });
    return (this.server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    this.server.closeAllConnections();
    await closed;
  }

  private async take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.on('error', () => undefined);
    const foreign = refuseBrowser(request) ?? (isFromOtherSite(request) ? FOREIGN : undefined);
    if (foreign !== undefined) {
      log.warn('invocation refused', { reason: foreign.message });
      return reply(response, foreign.status, refusal('AccessDeniedException', foreign.message));
    }
    const body = await readBody(request, MOST_BYTES, BODY_MS);
    if (typeof body === 'string') return reply(response, 413, refusal('RequestTooLargeException', body));
    if (!isAllowed(request, body, this.secrets)) {
      log.warn('invocation refused', { reason: 'not signed' });
      return reply(response, 403, refusal('AccessDeniedException', UNSIGNED));
    }
    const name = PATH.exec(request.url ?? '')?.[1];
    const target = name === undefined ? undefined : this.functions.get(name);
    if (request.method !== 'POST' || target === undefined)
      return reply(response, 404, refusal('ResourceNotFoundException', 'Function not found'));
    let event: unknown;
    try {
      event = body.length === 0 ? {} : JSON.parse(body.toString());
    } catch {
      return reply(response, 400, refusal('InvalidRequestContentException', 'Could not parse request body into json'));
    }
    await this.answer(target, event, request.headers['x-amz-invocation-type'], response);
  }

  private async answer(
    target: HostFunction,
    event: unknown,
    type: string | string[] | undefined,
    response: ServerResponse,
  ): Promise<void> {
    const requestId = randomUUID();
    const headers = { 'x-amzn-requestid': requestId, 'x-amz-executed-version': '$LATEST' };
    if (type === 'DryRun') return reply(response, 204, '', headers);
    const invoked = this.invoke(target, event, requestId);
    if (type === 'Event') {
      invoked.catch((error: unknown) => log.error('invocation failed', { reason: errorMessage(error) }));
      return reply(response, 202, '', headers);
    }
    await invoked.then(
      (result) => reply(response, 200, JSON.stringify(result ?? null), headers),
      (error: Error) =>
        reply(response, 200, JSON.stringify({ errorType: error.name, errorMessage: error.message }), {
          ...headers,
          'x-amz-function-error': 'Unhandled',
        }),
    );
  }
}

export const openInvokePort = (functions: readonly HostFunction[], secrets: Secrets, invoke: Invoke): InvokePort =>
  new LocalInvokePort(functions, secrets, invoke);
