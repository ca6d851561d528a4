// The running service under hostile hands: whatever is sent, the answer is one that the document
// allows, gives nothing away, and leaves one line in the log.
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { followExport } from '../../scripts/demo/client.ts';
import { members } from '../content/archive.ts';
import { downloadsAtOnce, placeFile } from '../support/downloads.ts';
import { SMALL_REPORT } from '../support/small-report.ts';
import { type Answer, type Asked, ask, complaints, shout } from '../support/surface.ts';
import { until } from '../support/wait.ts';
import { fair, odd } from './random-requests.ts';

const service = process.env.HOOFPRINT_TEST_SERVICE!;
const logFile = process.env.HOOFPRINT_TEST_SERVICE_LOG!;

type Line = Record<string, unknown> & { event: string };
const parsed: Line[] = [];
let read = 0;
/** Each line is parsed once. */
function lines(): readonly Line[] {
  const fresh = readFileSync(logFile).subarray(read);
  const whole = fresh.subarray(0, fresh.lastIndexOf('\n') + 1);
  read += whole.length;
  for (const line of whole.toString().split('\n')) if (line.startsWith('{')) parsed.push(JSON.parse(line) as Line);
  return parsed;
}
const requestsLogged = (): Line[] => lines().filter(({ event }) => event === 'request');

/** Asks, and holds the answer to everything that is promised of every answer. */
async function asked(one: Asked): Promise<Answer> {
  let answer = await ask(service, one);
  // Where the machine is too busy, a 503 with its Retry-After is the promise; then the answer of a
  // later try counts.
  for (let tries = 1; answer.status === 503 && answer.headers['retry-after'] !== undefined && tries < 20; tries += 1) {
    await new Promise((resolve) => setTimeout(resolve, 1_000 * Number(answer.headers['retry-after'])));
    answer = await ask(service, one);
  }
  expect({ ...one, body: String(one.body).slice(0, 500), complaints: complaints(one, answer) }).toEqual({
    ...one,
    body: String(one.body).slice(0, 500),
    complaints: [],
  });
  return answer;
}

async function loggedOnce(answers: readonly Answer[]): Promise<void> {
  const wanted = answers.map(({ headers }) => String(headers['x-request-id']));
  const counts = await until('a line for every request', () => {
    const seen = requestsLogged();
    return wanted.every((id) => seen.some(({ request_id }) => request_id === id)) ? seen : undefined;
  });
  for (const id of wanted) expect(counts.filter(({ request_id }) => request_id === id)).toHaveLength(1);
}

const season = { start_date: '2023-09-01', end_date: '2024-01-31', group_by: 'month' };
const JOB = '3b241101-e2bb-4255-8caf-4136c566a962';

const hostile: [name: string, asked: Asked, status: number][] = [
  ['traversal in job_id', { method: 'GET', path: '/api/exports/pdf/..%2f..%2fetc%2fpasswd' }, 404],
  ['traversal past the root', { method: 'GET', path: '/../../../../etc/passwd' }, 404],
  ['traversal in filename', { method: 'GET', path: '/api/static/exports/..%2f..%2f..%2fetc%2fpasswd' }, 404],
  ['backslashes in filename', { method: 'GET', path: '/api/static/exports/..%5c..%5cwindows%5cwin.ini' }, 404],
  ['a neighbour in filename', { method: 'GET', path: `/api/static/exports/${JOB}%2f1%2freport.pdf` }, 404],
  ['NUL in job_id', { method: 'DELETE', path: '/api/exports/%00' }, 404],
  ['CRLF in job_id', { method: 'GET', path: `/api/exports/zip/${JOB}%0d%0aSet-Cookie:%20a=b` }, 404],
  ['CRLF in filename', { method: 'GET', path: `/api/static/exports/a.pdf%0d%0aX-Injected:%201` }, 404],
  ['CRLF in query', { method: 'GET', path: '/health?x=%0d%0aSet-Cookie:%20a=b' }, 200],
  ['prototype keys as path', { method: 'GET', path: '/api/exports/pdf/__proto__' }, 404],
  ['a malformed escape', { method: 'GET', path: '/api/exports/pdf/%zz' }, 400],
  ['overlong UTF-8', { method: 'GET', path: '/api/static/exports/%c0%ae%c0%ae%c0%af' }, 400],
  ['a very long job_id', { method: 'GET', path: `/api/exports/pdf/${'a'.repeat(10_000)}` }, 404],
  ['markup as path', { method: 'GET', path: '/api/exports/pdf/%3Cscript%3Ealert(1)%3C%2Fscript%3E' }, 404],
  ['an unwelcome method', { method: 'PUT', path: '/api/exports/pdf', body: '{}' }, 405],
  ['TRACE', { method: 'TRACE', path: '/health' }, 405],
  [
    'a preflight while CORS is closed',
    {
      method: 'OPTIONS',
      path: '/api/exports/pdf',
      headers: { origin: 'http://evil.example', 'access-control-request-method': 'POST' },
    },
    403,
  ],
  [
    'another origin while CORS is closed',
    { method: 'GET', path: '/health', headers: { origin: 'http://evil.example' } },
    403,
  ],
  ['a bad Range', { method: 'GET', path: '/health', headers: { range: 'bytes=abc' } }, 200],
  ['an impossible Range', { method: 'GET', path: '/health', headers: { range: 'bytes=900-' } }, 200],
  ['a malformed cookie', { method: 'GET', path: '/health', headers: { cookie: 'x"y; =; ;' } }, 200],
  [
    'a forged authorizer',
    {
      method: 'GET',
      path: '/health',
      headers: { 'sls-offline-authorizer-override': '{', authorization: 'Bearer x.y.z' },
    },
    200,
  ],
  [
    'a malformed Content-Type',
    { method: 'POST', path: '/api/exports/pdf', headers: { 'content-type': ';;;' }, body: '{' },
    400,
  ],
  [
    'a gzip that is none',
    { method: 'POST', path: '/api/exports/pdf', headers: { 'content-encoding': 'gzip' }, body: 'x' },
    400,
  ],
  [
    'bytes that are no text',
    { method: 'POST', path: '/api/exports/pdf', body: Buffer.from('7b227469746c65223a22ff227d', 'hex') },
    400,
  ],
  ['a body of 600 KiB', { method: 'POST', path: '/api/exports/pdf', body: 'x'.repeat(600 * 1024) }, 413],
  ['a body of 11 MiB', { method: 'POST', path: '/api/exports/zip', body: Buffer.alloc(11 * 1024 ** 2, 32) }, 413],
  [
    'half a million errors',
    { method: 'POST', path: '/api/exports/pdf', body: `{"comparison_periods":[${Array(170_000).fill('{}').join()}]}` },
    400,
  ],
  [
    '60,000 unknown fields',
    {
      method: 'POST',
      path: '/api/exports/zip',
      body: `{${Array.from({ length: 52_000 }, (_, i) => `"${i}":1`).join()}}`,
    },
    400,
  ],
  ['deep nesting', { method: 'POST', path: '/api/exports/pdf', body: '['.repeat(200_000) }, 400],
  [
    '__proto__ in the body',
    { method: 'POST', path: '/api/exports/pdf', body: `{"__proto__":{"start_date":"2024-01-01"},"group_by":"day"}` },
    400,
  ],
  [
    'a huge number',
    {
      method: 'POST',
      path: '/api/exports/pdf',
      body: JSON.stringify({ ...season }).replace('}', ',"independence_minutes":1e999}'),
    },
    400,
  ],
];

test.each(hostile)('%s is refused or harmless, and logged once', async (_name, one, status) => {
  const answer = await asked(one);
  expect(answer.status).toBe(status);
  // Range is not honored here, so nothing says that it is.
  expect(answer.headers['accept-ranges']).toBeUndefined();
  await loggedOnce([answer]);
});

test('bytes that are no HTTP at all get the bare 400 of the server, and the service lives on', async () => {
  for (const bytes of [
    'GET /health HTTP/1.1\r\nHost: x\r\nX: a\rb\r\n\r\n',
    'GET /a b HTTP/1.1\r\nHost: x\r\n\r\n',
    'FOO /health HTTP/1.1\r\nHost: x\r\n\r\n',
    'POST /api/exports/pdf HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    `GET /health HTTP/1.1\r\nHost: x\r\nX: ${'a'.repeat(40_000)}\r\n\r\n`,
    '\u0016\u0003\u0001\u0002\u0000\u0001',
  ])
    expect((await shout(service, bytes)).split('\r\n').filter(Boolean).slice(0, 1)).toEqual([
      expect.stringMatching(/^HTTP\/1\.1 4\d\d /),
    ]);
  expect((await asked({ method: 'GET', path: '/health' })).status).toBe(200);
  await until('a line for each', () =>
    lines().filter(({ reason }) => String(reason).startsWith('no HTTP (HPE_')).length >= 5 ? true : undefined,
  );
});

test('markup, formulas, </script> and line breaks in a title end as text in a finished archive and report', async () => {
  const title = '=HYPERLINK("http://evil") </script><script>alert(1)</script> \r\n\u202e ../../x \ud83e\udd8c';
  const rut = { start_date: '2023-11-01', end_date: '2023-11-10', group_by: 'week', title, include_crops: false };
  const { status } = await followExport(service, 'zip', rut, () => undefined);
  const file = await asked({ method: 'GET', path: status.download_url! });
  expect(file.headers['content-disposition']).toMatch(/^attachment; filename="[\w.-]+"$/);
  const found = await members(file.bytes);
  expect(JSON.parse(found.get('manifest.json')!.body.toString()).request.title).toBe(title);
  for (const name of found.keys()) expect(name).toMatch(/^[\w./-]+$/);
  const report = await followExport(service, 'pdf', { ...SMALL_REPORT, title }, () => undefined);
  expect((await asked({ method: 'GET', path: report.status.download_url! })).bytes.subarray(0, 5).toString()).toBe(
    '%PDF-',
  );
});

test('random requests, fair and odd: each answer is documented, none is a 500, each is logged once', async () => {
  const answers: Answer[] = [];
  await fc.assert(
    fc.asyncProperty(fc.oneof(odd, odd, fair), async (one) => {
      const bare = one.method === 'GET' || one.method === 'HEAD' ? { ...one, body: undefined } : one;
      answers.push(await asked(bare));
    }),
    { numRuns: process.env.HOOFPRINT_SOAK === '1' ? 200 : 80 },
  );
  const seen = new Set(answers.map(({ status }) => status));
  // A key of idempotency that two of them have in common is a 422, or a 409.
  expect([...seen].filter((status) => status !== 409 && status !== 422).sort()).toEqual([200, 202, 400, 403, 404, 405]);
  await loggedOnce(answers);
}, 60_000);

test('lines of a job bear its id and the id of the request or message that caused them', async () => {
  const accepted = await asked({ method: 'POST', path: '/api/exports/pdf', body: JSON.stringify(SMALL_REPORT) });
  const { job_id } = JSON.parse(accepted.text) as { job_id: string };
  const own = await until('the job to be done', () => {
    const found = lines().filter((line) => line.job_id === job_id);
    return found.some(({ event }) => event === 'job completed') ? found : undefined;
  });
  const caused = (event: string): unknown[] =>
    own.filter((line) => line.event === event).map(({ request_id }) => request_id);
  expect([caused('job accepted'), caused('request')]).toEqual([
    [accepted.headers['x-request-id']],
    [accepted.headers['x-request-id']],
  ]);
  const completed = own.find(({ event }) => event === 'job completed');
  await asked({
    method: 'GET',
    path: `/api/static/exports/deer-report_${SMALL_REPORT.start_date}_to_${SMALL_REPORT.end_date}_${job_id}.pdf`,
  });
  await until('a line for the download', () =>
    lines().some((line) => line.job_id === job_id && String(line.path).startsWith('/api/static/')) ? true : undefined,
  );
  await until('the end of the message', () =>
    lines().some((line) => line.event === 'message done' && line.job_id === job_id) ? true : undefined,
  );
  expect(completed).toMatchObject({ request_id: expect.stringMatching(/./), message_id: expect.stringMatching(/./) });
});

test('ten downloads at once, slow ones and broken ones among them, of files around the limit: every byte right, and the service lives on', async () => {
  const [small, large] = await Promise.all([placeFile(4_499_999), placeFile(4_500_001)]);
  const result = await downloadsAtOnce(service, [small, large], { at: 10, slow: 2, broken: 2 });
  expect(result.wrong).toEqual([]);
  expect(result.whole).toBe(8);
  expect((await asked({ method: 'GET', path: '/health' })).status).toBe(200);
  expect((await asked({ method: 'GET', path: `/api/static/exports/deer-report_${randomUUID()}.pdf` })).status).toBe(
    404,
  );
}, 60_000);
