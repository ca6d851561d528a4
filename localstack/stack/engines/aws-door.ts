// The door of fauxqs, which believes any credentials: nothing reaches it unsigned, from a page, or
// by a route that this program does not use.
import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { Transform } from 'node:stream';
import type { buildApp } from 'fauxqs';
import type { Secrets } from '../secrets.ts';
import { isFromOtherSite, refuseBrowser } from './browsers.ts';
import { type Claim, type Denial, deny, EMPTY_SHA256, isTrue, readClaim } from './signature.ts';

type App = ReturnType<typeof buildApp>;

const SHA256 = /^[0-9a-f]{64}$/;
const CONNECT = 'To see the keys of this server, type in the folder of Hoofprint: npm run doctor -- --connect';

class Refused extends Error {
  readonly statusCode: number;
  readonly code: string;

  constructor({ code, message }: Denial, statusCode = 403) {
    super(message);
    this.statusCode = statusCode;
    this.code = code;
  }
}

const isJson = ({ headers }: IncomingMessage): boolean =>
  /^application\/x-amz-json/i.test(headers['content-type'] ?? '');

/** In the form that the AWS SDK reads from SQS (JSON) or S3 (XML). Our texts need no escaping. */
function body(request: IncomingMessage, { code, message }: Refused): string {
  return isJson(request)
    ? JSON.stringify({ __type: `com.amazonaws.sqs#${code}`, message })
    : `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${message}</Message></Error>`;
}

/** GET and HEAD have none that anybody reads. */
function hasBody({ method, headers }: IncomingMessage): boolean {
  if (method === 'GET' || method === 'HEAD') return false;
  return headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0';
}

/** SQS is asked by POST / alone; every other request is one of S3. */
const findService = (request: IncomingMessage, path: string): string =>
  request.method === 'POST' && path === '/' ? 'sqs' : 's3';

/** What fauxqs can do and nobody here needs: SNS, STS, uploads by form, its own pages. */
function refuseRoute(request: IncomingMessage, path: string): void {
  const form = /^(multipart\/form-data|application\/x-www-form-urlencoded)/i.test(
    request.headers['content-type'] ?? '',
  );
  if (request.method === 'POST' && (form || (path === '/' && !isJson(request))))
    throw new Refused(deny('AccessDenied', 'Only SQS and S3 are served here, and no forms.'));
  if (/^\/(health$|_fauxqs(\/|$))/.test(path)) throw new Refused(deny('NotFound', 'There is nothing here.'), 404);
}

/** The SHA-256 of what passes; `check` throws at its end when it is wrong. */
function hashing(check: (sha256: string) => void): Transform {
  const hash = createHash('sha256');
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      done(null, chunk);
    },
    flush(done) {
      try {
        check(hash.digest('hex'));
        done();
      } catch (error) {
        done(error as Error);
      }
    },
  });
}

class AwsDoor {
  private readonly secrets: Secrets;
  /** Checks that a request still has to pass, at the end of its body. */
  private readonly atEnd = new WeakMap<IncomingMessage, (sha256: string) => void>();

  constructor(secrets: Secrets) {
    this.secrets = secrets;
  }

  /** @throws Refused */
  check(request: IncomingMessage, url: string): void {
    const refusal = refuseBrowser(request);
    if (refusal !== undefined) throw new Refused(deny('AccessDenied', refusal.message), refusal.status);
    if (isFromOtherSite(request) && request.method !== 'GET')
      throw new Refused(deny('AccessDenied', 'Pages of other sites may only link to downloads.'));
    const path = url.split('?', 1)[0]!;
    this.verify(request, url, findService(request, path));
    refuseRoute(request, path);
  }

  private verify(request: IncomingMessage, url: string, service: string): void {
    const signed = { method: request.method ?? '', url, headers: request.headers };
    const claim = readClaim(signed, Date.now());
    if (!('keyId' in claim)) throw new Refused(claim);
    const verify = (payload: string): void => {
      if (claim.service === service && isTrue(claim, signed, payload, this.secrets)) return;
      throw new Refused(this.explain(claim, service));
    };
    const { payload } = claim;
    if (!hasBody(request)) {
      if (payload !== undefined && SHA256.test(payload) && payload !== EMPTY_SHA256) throw new Refused(WRONG_BODY);
      verify(payload ?? EMPTY_SHA256);
    } else if (payload === undefined) this.atEnd.set(request, verify);
    else {
      verify(payload);
      if (SHA256.test(payload))
        this.atEnd.set(request, (sha256) => {
          if (sha256 !== payload) throw new Refused(WRONG_BODY);
        });
    }
  }

  private explain({ keyId }: Claim, service: string): Denial {
    if (keyId === this.secrets.accessKeyId)
      return deny('SignatureDoesNotMatch', `The request signature does not match. ${CONNECT}`);
    const code = service === 's3' ? 'InvalidAccessKeyId' : 'InvalidClientTokenId';
    return deny(code, `The access key id is not of this server. ${CONNECT}`);
  }

  checkBody(request: IncomingMessage): ((sha256: string) => void) | undefined {
    return this.atEnd.get(request);
  }
}

const WRONG_BODY = deny('XAmzContentSHA256Mismatch', 'The body is not the one that was signed.');

/** What is stored was made from the names in a database: a browser saves it and never shows it. */
const asAttachment = (disposition: string): string =>
  /^\s*attachment\b/i.test(disposition) ? disposition : `attachment${disposition.replace(/^[^;]*/, '')}`;

/** Before any other hook of the app. */
export function guard(app: App, secrets: Secrets): void {
  const door = new AwsDoor(secrets);
  app.setErrorHandler((error: Error & { statusCode?: number }, request, reply) => {
    if (!(error instanceof Refused)) return reply.send(error);
    return reply
      .code(error.statusCode)
      .type(isJson(request.raw) ? 'application/x-amz-json-1.0' : 'application/xml')
      .send(body(request.raw, error));
  });
  app.addHook('onRequest', async ({ raw, originalUrl }) => door.check(raw, originalUrl));
  app.addHook('preParsing', async ({ raw }, _reply, payload) => {
    const check = door.checkBody(raw);
    if (check === undefined) return payload;
    const hashed = hashing(check);
    payload.on('error', (error) => hashed.destroy(error));
    return payload.pipe(hashed);
  });
  app.addHook('onSend', async (request, reply, payload) => {
    reply.header('x-content-type-options', 'nosniff').header('cache-control', 'no-store');
    if (request.method === 'GET' && reply.statusCode < 300)
      reply.header('content-disposition', asAttachment(String(reply.getHeader('content-disposition') ?? '')));
    return payload;
  });
}
