// Requests at random for the running service: odd ones of every method, path and header, and fair
// exports.
import fc from 'fast-check';
import { anyText, mutated, valid } from '../support/generators.ts';
import type { Asked } from '../support/surface.ts';

const JOB = '3b241101-e2bb-4255-8caf-4136c566a962';

const id = fc.oneof(
  fc.constant(JOB),
  fc.uuid({ version: 4 }),
  fc.constantFrom('pdf', 'zip', '..', '%2e%2e', '%2f', '%', '%zz', '%00', '%0d%0a', '..%2f', 'a%20b', '\\', ';', "'"),
  anyText.map((text) => encodeURIComponent(text.toWellFormed())),
);
const path = fc.oneof(
  fc
    .tuple(
      fc.constantFrom(
        '/api/exports/pdf/',
        '/api/exports/zip/',
        '/api/exports/',
        '/api/static/exports/',
        '/api/',
        '/',
        '//',
      ),
      id,
    )
    .map((parts) => parts.join('')),
  fc.constantFrom(
    '/api/exports',
    '/api/exports?limit=3',
    '/api/exports?limit=-1&before=x',
    '/health',
    '/health/',
    '/%68ealth',
    '/HEALTH',
    '/api/exports/pdf',
    '/api/exports/zip',
    '/api/exports/./pdf',
    '/api/exports/x/../pdf',
    '/2015-03-31/functions/health/invocations',
    '*'.replace('*', '/*'),
  ),
  fc
    .tuple(
      fc.constantFrom('/health', '/api/exports/pdf'),
      fc.constantFrom('?', '?a=%0d%0a', '?__proto__=1', '#x', '?a=%zz', '?%00'),
    )
    .map((parts) => parts.join('')),
);
const headers = fc.dictionary(
  fc.constantFrom(
    'content-type',
    'accept',
    'origin',
    'range',
    'cookie',
    'if-none-match',
    'idempotency-key',
    'last-event-id',
    'prefer',
    'authorization',
    'x-forwarded-host',
    'content-encoding',
    'x-http-method-override',
    'if-modified-since',
  ),
  fc.constantFrom(
    'application/json',
    'multipart/form-data; boundary=x',
    ';',
    '*',
    '"x"',
    'bytes=0-1',
    'Bearer x',
    'null',
    'DELETE',
    'a=b; c',
    'text/html',
    'Mon, 01 Jan 2024 00:00:00 GMT',
    'gzip',
  ),
  { maxKeys: 3 },
);
const body = fc.oneof(
  fc.constant(undefined),
  anyText,
  mutated('pdf').map((one) => JSON.stringify(one)),
  mutated('zip').map((one) => JSON.stringify(one)),
);
export const odd: fc.Arbitrary<Asked> = fc.record({
  method: fc.constantFrom('GET', 'POST', 'DELETE', 'PUT', 'PATCH', 'HEAD', 'OPTIONS'),
  path,
  headers,
  body,
});
export const fair: fc.Arbitrary<Asked> = fc.oneof(
  ...(['pdf', 'zip'] as const).map((kind) =>
    fc.record({
      method: fc.constant('POST'),
      path: fc.constant(`/api/exports/${kind}`),
      headers,
      body: fc.oneof(valid[kind], mutated(kind)).map((one) => JSON.stringify(one)),
    }),
  ),
);
