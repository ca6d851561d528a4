// The whole path as a client sees it: `npm start`, HTTP, SQS, the consumer in its process,
// Redis, S3, download; and docs/quickstart.md, block after block.

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeDescriptor } from '../../lib/exports/zip/camtrap-dp/descriptor.ts';
import { download, followExport } from '../../scripts/demo/client.ts';
import { members } from '../content/archive.ts';
import { signPost } from '../support/sign.ts';
import { SMALL_REPORT } from '../support/small-report.ts';
import { ask } from '../support/surface.ts';
import { until } from '../support/wait.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const text = (file: string): string => readFileSync(join(root, file), 'utf8');
const blocks = [...text('docs/quickstart.md').matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].map(([, language, body]) => ({
  language,
  body: body!,
}));

const url = process.env.HOOFPRINT_TEST_SERVICE!;
const invocations = process.env.HOOFPRINT_TEST_INVOCATIONS!;
const logFile = process.env.HOOFPRINT_TEST_SERVICE_LOG!;
const folder = mkdtempSync(join(tmpdir(), 'hoofprint-service-'));
const silent = (): void => undefined;
/** Other files have used the service as well. */
const loggedBefore = statSync(logFile).size;
const readLog = (): string => readFileSync(logFile).subarray(loggedBefore).toString();

beforeAll(() => mkdirSync(join(folder, 'out')));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('a report is asked for, followed, downloaded', async () => {
  const { status, seen } = await followExport(url, 'pdf', SMALL_REPORT, silent);
  expect(seen.at(-1)).toBe(100);
  expect(status.error).toBeUndefined();
  expect(status).toMatchObject({
    status: 'completed',
    filename: expect.stringMatching(/^deer-report_2023-11-01_to_2023-11-30_.*\.pdf$/),
  });
  const path = await download(url, status, folder);
  expect(readFileSync(path).subarray(0, 5).toString()).toBe('%PDF-');
  const again = await fetch(`${url}${status.download_url}`);
  expect(again.headers.get('etag')).toBe(`"${status.sha256}"`);
  expect(again.headers.get('content-type')).toBe('application/pdf');
  expect(
    createHash('sha256')
      .update(Buffer.from(await again.arrayBuffer()))
      .digest('hex'),
  ).toBe(status.sha256);
  for (const tag of [`"${status.sha256}"`, `W/"${status.sha256}"`, `"other", "${status.sha256}"`, '*']) {
    const known = await fetch(`${url}${status.download_url}`, { headers: { 'if-none-match': tag } });
    expect([tag, known.status]).toEqual([tag, 304]);
  }
});

test('serverless package at the same time takes nothing from it: a function that was not called before still answers', async () => {
  rmSync(join(root, '.esbuild'), { recursive: true, force: true });
  const answer = await fetch(`${url}/api/exports/zip/3b241101-e2bb-4255-8caf-4136c566a962`);
  expect([answer.status, await answer.json()]).toEqual([404, { detail: 'Job not found or expired' }]);
});

test('curl -d sends a form type, and is read as JSON anyway', () => {
  const out = execFileSync('curl', [
    '-sS',
    '-X',
    'POST',
    `${url}/api/exports/pdf`,
    '-d',
    JSON.stringify({ ...SMALL_REPORT, group_by: 'hour' }),
  ]);
  expect(JSON.parse(out.toString()).detail).toBe('group_by must be one of: day, week, month');
});

test('several exports of both kinds at once all complete', async () => {
  const count = process.env.HOOFPRINT_SOAK === '1' ? 10 : 4;
  const rut = { start_date: '2023-11-01', end_date: '2023-11-02', group_by: 'week' };
  const done = await Promise.all(
    Array.from({ length: count }, (_, i) =>
      i % 2 === 0
        ? followExport(url, 'pdf', SMALL_REPORT, silent)
        : followExport(url, 'zip', { ...rut, crop_size: 128 + i }, silent),
    ),
  );
  expect(done.map(({ status }) => status.status)).toEqual(Array(count).fill('completed'));
  expect(new Set(done.map(({ status }) => status.filename)).size).toBe(count);
}, 120_000);

test('an export without data fails with a sentence', async () => {
  await expect(
    followExport(url, 'pdf', { start_date: '2001-01-01', end_date: '2001-02-01', group_by: 'week' }, silent),
  ).rejects.toThrow('No detections found between 2001-01-01 and 2001-02-01');
});

test('a cancelled job is gone at once and stays gone', async () => {
  const accepted = await fetch(`${url}/api/exports/zip`, {
    method: 'POST',
    body: JSON.stringify({ start_date: '2023-11-01', end_date: '2023-11-30', group_by: 'week' }),
  });
  const { job_id } = (await accepted.json()) as { job_id: string };
  expect((await fetch(`${url}/api/exports/${job_id}`, { method: 'DELETE' })).status).toBe(204);
  const after = await fetch(`${url}/api/exports/zip/${job_id}`);
  expect([after.status, await after.json()]).toEqual([404, { detail: 'Job not found or expired' }]);
  expect((await fetch(`${url}/api/exports/${job_id}`, { method: 'DELETE' })).status).toBe(404);
});

test.each([
  ['GET', '/api/exports/pdf/3b241101-e2bb-4255-8caf-4136c566a962', 'Job not found or expired'],
  ['GET', '/api/exports/pdf/..%2f..%2fetc%2fpasswd', 'Job not found or expired'],
  ['GET', '/api/exports/pdf/%00', 'Job not found or expired'],
  ['DELETE', '/api/exports/not-an-id', 'Job not found or expired'],
  ['GET', '/api/static/exports/..%2f..%2fetc%2fpasswd', 'File not found or expired'],
  ['GET', '/api/static/exports/deer-report_3b241101-e2bb-4255-8caf-4136c566a962.pdf', 'File not found or expired'],
  ['GET', '/nowhere', 'Not found'],
  ['POST', '/api', 'Not found'],
])('%s %s: 404 problem JSON, nothing given away', async (method, path, detail) => {
  const response = await fetch(`${url}${path}`, { method });
  expect([response.status, response.headers.get('content-type'), await response.json()]).toEqual([
    404,
    'application/problem+json',
    { detail },
  ]);
  expect(response.headers.get('x-content-type-options')).toBe('nosniff');
  expect(response.headers.get('access-control-allow-origin')).toBeNull();
});

test('the invoke port takes requests with the token or a signature only, and none of web pages', async () => {
  const path = '/2015-03-31/functions/hoofprint-dev-reidScores/invocations';
  const body = '{"colour":"red"}';
  const { token } = JSON.parse(
    readFileSync(join(process.env.HOOFPRINT_TEST_SERVICE_FOLDER!, 'secrets.json'), 'utf8'),
  ) as { token: string };
  // Those of the external services: functions have one pair.
  const { AWS_ACCESS_KEY_ID: accessKeyId = '', AWS_SECRET_ACCESS_KEY: secretAccessKey = '' } = process.env;
  const bearer = { authorization: `Bearer ${token}` };
  const invoke = (headers: Record<string, string>) => ask(invocations, { method: 'POST', path, headers, body });
  for (const headers of [{}, { authorization: 'Bearer wrong' }, { authorization: `Bearer ${accessKeyId}` }])
    expect((await invoke(headers as Record<string, string>)).status).toBe(403);
  const pages = [{ origin: 'http://evil.example' }, { 'sec-fetch-site': 'cross-site' }] as Record<string, string>[];
  for (const page of pages) {
    const answer = await invoke({ ...bearer, ...page, 'content-type': 'text/plain' });
    expect([answer.status, answer.headers['access-control-allow-origin']]).toEqual([403, undefined]);
  }
  expect((await invoke({ ...bearer, host: 'evil.example' })).status).toBe(421);
  const { host } = new URL(invocations);
  const signed = signPost('lambda', { host, path, body }, { accessKeyId, secretAccessKey });
  for (const allowed of [bearer, signed]) {
    const waited = await invoke(allowed);
    expect([waited.status, waited.headers['x-amz-function-error'], waited.text]).toEqual([
      200,
      'Unhandled',
      expect.stringContaining('colour is not a known field'),
    ]);
  }
  const changed = await ask(invocations, { method: 'POST', path, headers: signed, body: '{}' });
  expect(changed.status).toBe(403);
}, 60_000);

test('a failed invocation that nobody waits for ends nothing', async () => {
  const { token } = JSON.parse(
    readFileSync(join(process.env.HOOFPRINT_TEST_SERVICE_FOLDER!, 'secrets.json'), 'utf8'),
  ) as { token: string };
  const failed = (): number => readLog().match(/"event":"invocation failed"/g)?.length ?? 0;
  const before = failed();
  const event = { authorization: `Bearer ${token}`, 'x-amz-invocation-type': 'Event' };
  const path = '/2015-03-31/functions/hoofprint-dev-reidScores/invocations';
  expect((await ask(invocations, { method: 'POST', path, headers: event, body: '{"colour":"red"}' })).status).toBe(202);
  await until('its failure', () => (failed() === before + 1 ? true : undefined));
  // A busy machine may let one question pass.
  await until('its health', async () => ((await fetch(`${url}/health`)).status === 200 ? true : undefined));
}, 60_000);

test('health names every service', async () => {
  const response = await fetch(`${url}/health`);
  expect([response.status, await response.json()]).toEqual([
    200,
    { status: 'ok', services: { postgres: 'ok', redis: 'ok', sqs: 'ok', s3: 'ok' } },
  ]);
});

/** A block of the page, with the test's port for 8001; its files land in the test's folder. */
const run = (block: string): string =>
  execFileSync('sh', ['-eu', '-c', block.replaceAll('http://localhost:8001', url)], {
    cwd: folder,
    encoding: 'utf8',
    timeout: 60_000,
  });
const out = (name: string): Buffer => readFileSync(join(folder, 'out', name));

/** What each block must leave or print, in the order of the page. */
const expected: [begins: string, check: (printed: string) => void | Promise<void>][] = [
  ['npm run setup', () => undefined],
  ['npm start', () => undefined],
  ['curl -s http://localhost:8001/health', (printed) => expect(JSON.parse(printed)).toMatchObject({ status: 'ok' })],
  [
    'mkdir -p out',
    (printed) => expect(JSON.parse(printed)).toMatchObject({ status: 'processing', expires_after_seconds: 3600 }),
  ],
  ['JOB=', (printed) => expect(JSON.parse(printed)).toMatchObject({ status: 'completed', progress: 100 })],
  ['FILE=', () => expect(out('report.pdf').subarray(0, 5).toString()).toBe('%PDF-')],
  ['JOB=', (printed) => expect(printed).toBe('204\n{"detail":"Job not found or expired"}')],
  ['curl -s -X POST', (printed) => expect(JSON.parse(printed)).toMatchObject({ status: 'processing' })],
  [
    'curl -s --retry 5',
    async () => {
      const names = [...(await members(out('archive.zip'))).keys()];
      for (const name of [
        'README.txt',
        'metadata.csv',
        'summary_by_week.csv',
        'capture_history.csv',
        'camtrap-dp/datapackage.json',
        'manifest.json',
      ])
        expect(names).toContain(name);
    },
  ],
  [
    'curl -s --retry 5',
    async () =>
      expect([...(await members(out('occupancy.zip'))).keys()]).toEqual([
        ...['detection_history.csv', 'effort.csv', 'sites.csv'],
        ...['README.txt', 'manifest.json'],
      ]),
  ],
  ['curl -s -X POST', (printed) => expect(JSON.parse(printed).detail).toBe('start_date must be before end_date')],
  ['curl -s -X POST', (printed) => expect(JSON.parse(printed).detail).toBe('Date range cannot exceed 1 year')],
  [
    'curl -s -X POST',
    (printed) => expect(JSON.parse(printed).detail).toBe('group_by must be one of: day, week, month'),
  ],
];

test('the page has these blocks and no other', () => {
  expect(blocks.map(({ language }) => language)).toEqual(expected.map(() => 'sh'));
  expect(blocks.map(({ body }, n) => body.startsWith(expected[n]?.[0] ?? ''))).toEqual(expected.map(() => true));
});

// `npm test` has run setup already. Here it runs without a PATH to npm: it finds everything in
// place, or fails before it could change packages under running tests. Start is what startService()
// has run: the same command in its own process group.
test('setup has nothing left to do, and npm start is the service that the other blocks run against', () => {
  const { scripts } = JSON.parse(text('package.json')) as { scripts: Record<string, string> };
  expect(blocks.slice(0, 2).map(({ body }) => body)).toEqual(['npm run setup\n', 'npm start\n']);
  expect([scripts.setup, scripts.pretest, scripts.start]).toEqual([
    scripts.pretest,
    'node scripts/bootstrap.mjs',
    // Its flags: test/start/command.test.ts.
    expect.stringMatching(/^(\w+=\S+ )*exec node (--\S+ )+scripts\/start\.ts$/),
  ]);
  execFileSync(process.execPath, ['scripts/bootstrap.mjs'], { cwd: root, env: { PATH: '/nowhere' }, timeout: 60_000 });
});

const parts = expected.map(([begins, check], n) => ({ n, begins, check }));
test.each(parts.slice(2))('block $n: $begins', async ({ n, check }) => {
  const printed = run(blocks[n]!.body);
  const status = existsSync(join(folder, 'out/status.json')) && String(out('status.json'));
  const found = await (async () => check(printed))().catch((cause: Error) => cause);
  expect({ printed, status, found }).toEqual({ printed, status, found: undefined });
});

test('the example of docs/data-model.md supplies all that the tables cannot', () => {
  const [, example] = /^```json\n([\s\S]*?)^```$/m.exec(text('docs/data-model.md')) ?? [];
  const facts = {
    created: new Date(0),
    title: undefined,
    start: '2024-01-01',
    end: '2024-01-02',
    points: [[-90, 43] as [number, number]],
    precision: 'exact' as const,
    taxa: [],
    id: undefined,
    named: false,
    individuals: [],
    levels: ['media' as const],
    temporal: { start: '2024-01-01', end: '2024-01-02' },
  };
  expect(makeDescriptor(facts, JSON.parse(example ?? '')).missing).toEqual([]);
  expect(makeDescriptor(facts, {}).missing).toContain('contributors');
});

test('the log is JSON lines with request and job ids, and no stack', () => {
  const lines = readLog()
    .split('\n')
    .filter((line) => line.startsWith('{'));
  const events = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  // Seven requests of the test above; nothing of the service itself is refused.
  expect(events.filter(({ event }) => event === 'invocation refused')).toHaveLength(7);
  expect(events.some(({ event, job_id }) => event === 'job completed' && typeof job_id === 'string')).toBe(true);
  expect(
    events
      .filter(({ event }) => event === 'request')
      .every(({ request_id, status }) => typeof request_id === 'string' && typeof status === 'number'),
  ).toBe(true);
});
