// AWS Signature Version 4, verified: in the Authorization header or in the query of a link.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
import { createHash, createHmac } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { isSame } from '../../../lib/access/secret.ts';
import type { Secrets } from '../secrets.ts';

export interface SignedRequest {
  method: string;
  /** Path and query as they were received. */
  url: string;
  headers: IncomingHttpHeaders;
}

/** The code by which S3 and SQS name a refusal, and a sentence. */
export interface Denial {
  code: string;
  message: string;
}

/** What a request says of its signature. */
export interface Claim {
  /** Signed in the query: a link, which ends. */
  isLink: boolean;
  keyId: string;
  /** date/region/service/aws4_request */
  scope: string;
  service: string;
  /** YYYYMMDDTHHMMSSZ */
  date: string;
  signedHeaders: string[];
  signature: string;
  /** What the body is said to be: a SHA-256, or a word; undefined when nothing is said. */
  payload: string | undefined;
}

export const EMPTY_SHA256 = createHash('sha256').digest('hex');
/** Of a body that is not part of the signature, as the AWS SDK for JavaScript sends it. */
const UNSIGNED = ['UNSIGNED-PAYLOAD', 'STREAMING-UNSIGNED-PAYLOAD-TRAILER'];
const ALGORITHM = 'AWS4-HMAC-SHA256';
const LONGEST_SECONDS = 604_800;
const PARAMETERS = ['Algorithm', 'Credential', 'Date', 'Expires', 'SignedHeaders', 'Signature'] as const;

export const deny = (code: string, message: string): Denial => ({ code, message });
const UNREADABLE = deny('AccessDenied', 'The signature of this request cannot be read.');

const isDenial = (value: object): value is Denial => 'code' in value;

/** @throws URIError for what is no UTF-8 */
const encode = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);

/** The query as pairs of decoded texts; `+` is no blank here. @throws URIError */
function readQuery(url: string): [name: string, value: string][] {
  const at = url.indexOf('?');
  if (at < 0) return [];
  const parts = url.slice(at + 1).split('&');
  return parts.filter(Boolean).map((part) => {
    const [name = '', ...value] = part.split('=');
    return [decodeURIComponent(name), decodeURIComponent(value.join('='))];
  });
}

/** @param payload the header that says what the body is */
function readHeader(text: string, date: unknown, payload: string | undefined): Claim | Denial {
  const found = /^AWS4-HMAC-SHA256 +Credential=([^,\s]+), *SignedHeaders=([^,\s]+), *Signature=([0-9a-f]{64})$/.exec(
    text,
  );
  if (found === null || typeof date !== 'string') return UNREADABLE;
  const [, credential = '', signedHeaders = '', signature = ''] = found;
  return readScope({ isLink: false, credential, date, signedHeaders, signature, payload });
}

function readLink(query: readonly [string, string][], now: number, payload: string | undefined): Claim | Denial {
  const values = PARAMETERS.map((name) =>
    query.filter(([other]) => other === `X-Amz-${name}`).map(([, value]) => value),
  );
  // A parameter that is there twice could be read in two ways.
  if (values.some(({ length }) => length !== 1)) return UNREADABLE;
  const [algorithm, credential, date, expires, signedHeaders, signature] = values.flat() as [string, ...string[]];
  const seconds = /^\d{1,6}$/.test(expires!) ? Number(expires) : 0;
  const [, ...parts] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(date!)?.map(Number) ?? [];
  const [year = Number.NaN, month = 0, ...rest] = parts;
  if (algorithm !== ALGORITHM || seconds < 1 || seconds > LONGEST_SECONDS) return UNREADABLE;
  const begun = Date.UTC(year, month - 1, ...rest);
  // Written so that a date which is none counts as over.
  if (!(now < begun + seconds * 1_000)) return deny('AccessDenied', 'Request has expired');
  const said = payload ?? query.find(([name]) => name === 'X-Amz-Content-Sha256')?.[1] ?? 'UNSIGNED-PAYLOAD';
  return readScope({
    isLink: true,
    credential: credential!,
    date: date!,
    signedHeaders: signedHeaders!,
    signature: signature!,
    payload: said,
  });
}

type Said = Pick<Claim, 'isLink' | 'date' | 'signature' | 'payload'> & { credential: string; signedHeaders: string };

function readScope({ credential, signedHeaders, ...said }: Said): Claim | Denial {
  const [keyId = '', day = '', region = '', service = '', end = '', ...more] = credential.split('/');
  if (more.length > 0 || end !== 'aws4_request' || region === '' || !/^\d{8}$/.test(day)) return UNREADABLE;
  if (!/^\d{8}T\d{6}Z$/.test(said.date) || !said.date.startsWith(day)) return UNREADABLE;
  const scope = [day, region, service, end].join('/');
  return { ...said, keyId, scope, service, signedHeaders: signedHeaders.split(';') };
}

/**
 * What a request claims, with everything checked but the signature itself. Expiry is that of links;
 * the date of other requests is only signed, since the clock of a laptop may be wrong after sleep.
 */
export function readClaim({ url, headers }: SignedRequest, now: number): Claim | Denial {
  let query: [string, string][];
  try {
    query = readQuery(url);
  } catch {
    return UNREADABLE;
  }
  const payload = headers['x-amz-content-sha256'] as string | undefined;
  const isLink = query.some(([name]) => /^x-amz-(signature|algorithm|credential)$/i.test(name));
  if (headers.authorization !== undefined && isLink) return UNREADABLE;
  if (headers.authorization === undefined && !isLink) return deny('AccessDenied', 'This request is not signed.');
  const claim = isLink
    ? readLink(query, now, payload)
    : readHeader(headers.authorization ?? '', headers['x-amz-date'], payload);
  if (isDenial(claim)) return claim;
  // What a header of AWS means must not be added by somebody else.
  const mustBeSigned = ['host', ...Object.keys(headers).filter((name) => name.startsWith('x-amz-'))];
  if (!mustBeSigned.every((name) => claim.signedHeaders.includes(name)))
    return deny('AccessDenied', 'There were headers present in the request which were not signed');
  if (payload !== undefined && !/^[0-9a-f]{64}$/.test(payload) && !UNSIGNED.includes(payload))
    return deny('AccessDenied', 'This server does not verify the signatures of chunks.');
  return claim;
}

function canonicalPath(url: string, service: string): string {
  const path = url.split('?', 1)[0]!;
  const once = path.split('/').map((part) => encode(decodeURIComponent(part)));
  return (service === 's3' ? once : once.map(encode)).join('/');
}

function canonicalQuery(url: string): string {
  const pairs = readQuery(url).filter(([name]) => name !== 'X-Amz-Signature');
  const texts = pairs.map(([name, value]) => [encode(name), encode(value)] as const);
  const order = (a: string, b: string): number => (a < b ? -1 : Number(a > b));
  return texts
    .sort((a, b) => order(a[0], b[0]) || order(a[1], b[1]))
    .map((pair) => pair.join('='))
    .join('&');
}

/** Whether the claim is true. @param payload SHA-256 of the body, or the word in its place */
export function isTrue(claim: Claim, request: SignedRequest, payload: string, secrets: Secrets): boolean {
  let canonical: string;
  try {
    const headers = claim.signedHeaders.map(
      (name) =>
        `${name}:${String(request.headers[name] ?? '')
          .trim()
          .replace(/\s+/g, ' ')}\n`,
    );
    const [path, query] = [canonicalPath(request.url, claim.service), canonicalQuery(request.url)];
    canonical = [request.method, path, query, headers.join(''), claim.signedHeaders.join(';'), payload].join('\n');
  } catch {
    return false;
  }
  const hash = createHash('sha256').update(canonical).digest('hex');
  const key = claim.scope
    .split('/')
    .reduce<Buffer>(
      (last, part) => createHmac('sha256', last).update(part).digest(),
      Buffer.from(`AWS4${secrets.secretAccessKey}`),
    );
  const expected = createHmac('sha256', key)
    .update([ALGORITHM, claim.date, claim.scope, hash].join('\n'))
    .digest('hex');
  const isOurKey = isSame(claim.keyId, secrets.accessKeyId);
  return isSame(claim.signature, expected) && isOurKey;
}
