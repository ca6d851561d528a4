// The whole path as a client sees it: `serverless offline`, HTTP, SQS, the consumer in its worker, Redis, S3, download.

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { download, followExport } from '../../localstack/demo/client.ts';
import { freePorts } from '../../localstack/ports.ts';
import { type Service, startService } from '../../localstack/service.ts';
import { openServices, type Services } from '../support/services.ts';

let services: Services;
let service: Service;
const folder = mkdtempSync(join(tmpdir(), 'hoofprint-service-'));
const logFile = join(folder, 'service.log');
const silent = (): void => undefined;

beforeAll(async () => {
  services = await openServices();
  const [httpPort, lambdaPort] = await freePorts(2);
  const env = { ...process.env, ...services.environment, LOG_LEVEL: 'info', HOOFPRINT_DATA: join(folder, 'data'), HOOFPRINT_PORTS: 'free' };
  service = await startService({ httpPort: httpPort!, lambdaPort: lambdaPort!, env, logFile });
}, 120_000);
afterAll(async () => {
  expect(await service?.stop()).toBe(0);
  await services?.close();
  rmSync(folder, { recursive: true, force: true });
}, 120_000);

const quickstart = { start_date: '2023-09-01', end_date: '2024-01-31', group_by: 'month' };

test('the quickstart: a report is asked for, followed, downloaded', async () => {
  const { status, seen } = await followExport(service.url, 'pdf', quickstart, silent);
  expect(seen.at(-1)).toBe(100);
  expect(status.error).toBeUndefined();
  expect(status).toMatchObject({
    status: 'completed',
    filename: expect.stringMatching(/^deer-report_2023-09-01_to_2024-01-31_.*\.pdf$/),
  });
  const path = await download(service.url, status, folder);
  expect(readFileSync(path).subarray(0, 5).toString()).toBe('%PDF-');
  const again = await fetch(`${service.url}${status.download_url}`);
  expect(again.headers.get('etag')).toBe(`"${status.sha256}"`);
  expect(again.headers.get('content-type')).toBe('application/pdf');
  expect(
    createHash('sha256')
      .update(Buffer.from(await again.arrayBuffer()))
      .digest('hex'),
  ).toBe(status.sha256);
  for (const tag of [`"${status.sha256}"`, `W/"${status.sha256}"`, `"other", "${status.sha256}"`, '*']) {
    const known = await fetch(`${service.url}${status.download_url}`, { headers: { 'if-none-match': tag } });
    expect([tag, known.status]).toEqual([tag, 304]);
  }
});

test('curl -d sends a form type, and is read as JSON all the same', () => {
  const out = execFileSync('curl', [
    '-sS',
    '-X',
    'POST',
    `${service.url}/api/exports/pdf`,
    '-d',
    JSON.stringify({ ...quickstart, group_by: 'hour' }),
  ]);
  expect(JSON.parse(out.toString()).detail).toBe('group_by must be one of: day, week, month');
});

test('ten exports of both kinds at once all complete', async () => {
  const rut = { start_date: '2023-11-01', end_date: '2023-11-20', group_by: 'week' };
  const done = await Promise.all(
    Array.from({ length: 10 }, (_, i) =>
      i % 2 === 0
        ? followExport(service.url, 'pdf', quickstart, silent)
        : followExport(service.url, 'zip', { ...rut, crop_size: 128 + i }, silent),
    ),
  );
  expect(done.map(({ status }) => status.status)).toEqual(Array(10).fill('completed'));
  expect(new Set(done.map(({ status }) => status.filename)).size).toBe(10);
}, 120_000);

test('an export without data fails with a sentence', async () => {
  await expect(
    followExport(service.url, 'pdf', { start_date: '2001-01-01', end_date: '2001-02-01', group_by: 'week' }, silent),
  ).rejects.toThrow('No detections found between 2001-01-01 and 2001-02-01');
});

test('a cancelled job is gone at once and stays gone', async () => {
  const accepted = await fetch(`${service.url}/api/exports/zip`, {
    method: 'POST',
    body: JSON.stringify({ start_date: '2023-09-01', end_date: '2024-08-31', group_by: 'month' }),
  });
  const { job_id } = (await accepted.json()) as { job_id: string };
  expect((await fetch(`${service.url}/api/exports/${job_id}`, { method: 'DELETE' })).status).toBe(204);
  const after = await fetch(`${service.url}/api/exports/zip/${job_id}`);
  expect([after.status, await after.json()]).toEqual([404, { detail: 'Job not found or expired' }]);
  expect((await fetch(`${service.url}/api/exports/${job_id}`, { method: 'DELETE' })).status).toBe(404);
});

test.each([
  ['GET', '/api/exports/pdf/3b241101-e2bb-4255-8caf-4136c566a962', 'Job not found or expired'],
  ['GET', '/api/exports/pdf/..%2f..%2fetc%2fpasswd', 'Job not found or expired'],
  ['GET', '/api/exports/pdf/%00', 'Job not found or expired'],
  ['DELETE', '/api/exports/not-an-id', 'Job not found or expired'],
  ['GET', '/api/static/exports/..%2f..%2fetc%2fpasswd', 'File not found or expired'],
  ['GET', '/api/static/exports/deer-report_3b241101-e2bb-4255-8caf-4136c566a962.pdf', 'File not found or expired'],
  ['GET', '/', 'Not found'],
  ['PUT', '/api/exports/pdf', 'Not found'],
])('%s %s: 404 problem JSON, nothing given away', async (method, path, detail) => {
  const response = await fetch(`${service.url}${path}`, { method });
  expect([response.status, response.headers.get('content-type'), await response.json()]).toEqual([
    404,
    'application/problem+json',
    { detail },
  ]);
  expect(response.headers.get('x-content-type-options')).toBe('nosniff');
  expect(response.headers.get('access-control-allow-origin')).toBeNull();
});

test('health names every service', async () => {
  const response = await fetch(`${service.url}/health`);
  expect([response.status, await response.json()]).toEqual([
    200,
    { status: 'ok', services: { postgres: 'ok', redis: 'ok', sqs: 'ok', s3: 'ok' } },
  ]);
});

test('the log is JSON lines with request and job ids, and no stack', () => {
  const lines = readFileSync(logFile, 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('{'));
  const events = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(events.some(({ event, job_id }) => event === 'job completed' && typeof job_id === 'string')).toBe(true);
  expect(
    events
      .filter(({ event }) => event === 'request')
      .every(({ request_id, status }) => typeof request_id === 'string' && typeof status === 'number'),
  ).toBe(true);
});
