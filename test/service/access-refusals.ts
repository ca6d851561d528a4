// Requests that all that serves HTTP answers alike, by a person without the right to more.
import { makeKey } from '../../lib/access/key-text.ts';
import { type Asked, bearer, JOB, keys, POST } from './access-services.ts';

const UPLOAD = '/api/imports/0f8f5f0e-5a3b-4c8e-9d51-6b1f0a2c7d11';
const OF_IMPORTS = (
  [
    ['to begin an upload', 'POST', '/api/imports', '{"name":"a.zip","bytes":1}'],
    ['to send a part', 'PUT', `${UPLOAD}/1`, 'x'],
    ['to import', 'POST', UPLOAD, '{}'],
    ['to remove an upload', 'DELETE', UPLOAD, ''],
  ] as const
).map(([what, method, path, body]): [string, () => Asked, number, RegExp, string] => [
  `a scope that is missing ${what}`,
  () => ({ method, path, body, headers: bearer(keys.office) }),
  403,
  /the scope import/,
  'Bearer realm="hoofprint", error="insufficient_scope", scope="import"',
]);

/** Name, request, status, what the answer says, and its challenge. Asked when services are up. */
export const REFUSALS: [string, () => Asked, number, RegExp, string?][] = [
  ['no key', () => POST, 401, /A key is needed/, 'Bearer realm="hoofprint"'],
  ['no key for a status', () => ({ path: JOB }), 401, /A key is needed/, 'Bearer realm="hoofprint"'],
  [
    'no key for a file',
    () => ({ path: '/api/static/exports/a.pdf' }),
    401,
    /A key is needed/,
    'Bearer realm="hoofprint"',
  ],
  ['no key for the list', () => ({ path: '/api/exports' }), 401, /A key is needed/],
  ['no key to cancel', () => ({ method: 'DELETE', path: JOB.replace('/pdf', '') }), 401, /A key is needed/],
  [
    'a key in the address',
    () => ({ path: `${JOB}?key=${keys.office}&access_token=${keys.office}` }),
    401,
    /A key is needed/,
  ],
  ['a password', () => ({ ...POST, headers: { authorization: 'Basic YTpi' } }), 401, /not valid/],
  [
    'a typing error',
    () => ({ ...POST, headers: bearer(`${keys.office!.slice(0, -1)}_`) }),
    401,
    /not valid/,
    'Bearer realm="hoofprint", error="invalid_token"',
  ],
  ['a key that nobody made', () => ({ ...POST, headers: bearer(makeKey().text) }), 401, /not valid/],
  ['a key that has expired', () => ({ ...POST, headers: bearer(keys.old) }), 401, /unknown, revoked or expired/],
  [
    'a session that nobody has',
    () => ({ ...POST, headers: { cookie: 'hoofprint=abc; hoofprint-1=x' } }),
    401,
    /A key is needed/,
  ],
  [
    'a scope that is missing',
    () => ({ ...POST, headers: bearer(keys.reader) }),
    403,
    /the scope exports/,
    'Bearer realm="hoofprint", error="insufficient_scope", scope="exports"',
  ],
  ...OF_IMPORTS,
  ['a job that is not there', () => ({ path: JOB, headers: bearer(keys.reader) }), 404, /Job not found or expired/],
  [
    'another host name',
    () => ({ ...POST, headers: { ...bearer(keys.office), host: 'evil.example' } }),
    421,
    /PUBLIC_URL/,
  ],
  [
    'another page',
    () => ({ ...POST, headers: { ...bearer(keys.office), origin: 'http://evil.example' } }),
    403,
    /Other web pages/,
  ],
  [
    'a proxy that is not trusted',
    () => ({ path: '/health', headers: { 'x-forwarded-for': '127.0.0.1' } }),
    403,
    /TRUSTED_PROXIES/,
  ],
  [
    'Forwarded',
    () => ({ path: JOB, headers: { ...bearer(keys.office), forwarded: 'for=127.0.0.1' } }),
    403,
    /TRUSTED_PROXIES/,
  ],
  [
    'signing in with a key that is none',
    () => ({ method: 'POST', path: '/api/session', body: '{"key":"hp_x"}' }),
    401,
    /not valid/,
  ],
  ['signing in with nothing', () => ({ method: 'POST', path: '/api/session', body: '{}' }), 400, /key is required/],
  [
    'a list without any job',
    () => ({ path: '/api/exports', headers: bearer(keys.reader) }),
    200,
    /^\{"exports":\[\]\}$/,
  ],
  ['a path that nobody has', () => ({ path: '/api/keys' }), 404, /Not found/],
  ['life, which everybody may ask about', () => ({ path: '/livez' }), 200, /^\{"status":"alive"\}$/],
  ['figures without the scope', () => ({ path: '/metrics', headers: bearer(keys.office) }), 403, /the scope admin/],
  ['health, which everybody may ask', () => ({ path: '/health' }), 200, /"status":"ok"/],
];
