// The page as functions answer it: one document for all screens, and its assets.
import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { Fault } from '../errors.ts';
import { isKnownTag } from '../etag.ts';
import { assets, names } from './assets.generated.ts';

/** Nothing but what this service sends, no text that becomes code, and no frame around it. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' blob:",
  "connect-src 'self'",
  "font-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ');

interface PageAnswer {
  status: number;
  headers: Record<string, string>;
  body?: string | Buffer;
}

type Headers = Readonly<Record<string, string | undefined>>;

/** Safe inside a double-quoted attribute. */
const attribute = (text: string): string => text.replace(/[&"<>]/g, (sign) => `&#${sign.charCodeAt(0)};`);

/** @param basePath of the service, with a slash at both ends */
const write = (basePath: string): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="hoofprint-base" content="${attribute(basePath)}">
<title>Hoofprint</title>
<link rel="icon" type="image/svg+xml" href="${attribute(basePath)}assets/${names.svg}">
<link rel="stylesheet" href="${attribute(basePath)}assets/${names.css}">
<script type="module" src="${attribute(basePath)}assets/${names.js}"></script>
</head>
<body>
<div id="app"></div>
<noscript><p>Hoofprint needs JavaScript. Everything can be done from a terminal too: see the README.</p></noscript>
</body>
</html>
`;

/** GET of any screen. */
export function pageAnswer(basePath: string, headers: Headers): PageAnswer {
  const body = write(basePath);
  const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 16)}"`;
  const sent = {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': POLICY,
    'referrer-policy': 'same-origin',
    'cache-control': 'no-cache',
    etag,
  };
  return isKnownTag(headers['if-none-match'], etag)
    ? { status: 304, headers: sent }
    : { status: 200, headers: sent, body };
}

/**
 * GET of an asset by its name, which changes with its bytes.
 * @throws Fault `not-found` for a name that is not of this version
 */
export function assetAnswer(name: string | undefined, headers: Headers): PageAnswer {
  const asset = name !== undefined && Object.hasOwn(assets, name) ? assets[name] : undefined;
  if (asset === undefined) throw new Fault('not-found', 'Not an asset of this version; reload the page');
  const etag = `"${name}"`;
  const sent = {
    'content-type': asset.type,
    'cache-control': 'public, max-age=31536000, immutable',
    vary: 'accept-encoding',
    etag,
  };
  if (isKnownTag(headers['if-none-match'], etag)) return { status: 304, headers: sent };
  const accepted = headers['accept-encoding'] ?? '';
  const encoding = /\bbr\b/.test(accepted) ? 'br' : /\bgzip\b/.test(accepted) ? 'gzip' : undefined;
  if (encoding === undefined)
    return { status: 200, headers: sent, body: gunzipSync(Buffer.from(asset.gzip, 'base64')) };
  return {
    status: 200,
    headers: { ...sent, 'content-encoding': encoding },
    body: Buffer.from(asset[encoding], 'base64'),
  };
}
