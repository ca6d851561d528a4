// `npx serverless offline` alone: the same functions in the emulator of the Serverless Framework.
// It asks for keys.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Service } from '../../localstack/host/service.ts';
import { download, followExport } from '../../scripts/demo/client.ts';
import { offline, plain, refused } from '../start/person.ts';
import { EMULATOR_COMMAND } from '../support/emulator.ts';
import { readExposition } from '../support/exposition.ts';
import { SMALL_REPORT } from '../support/small-report.ts';
import { ask } from '../support/surface.ts';
import { openTenantService, type TenantService } from '../support/tenant-service.ts';
import { until } from '../support/wait.ts';

let own: TenantService;
let folder: string;
let service: Service;
let invocations: string;
let office: string;
let reader: string;
let admin: string;
let analyst: string;
const bearer = (key: string): Record<string, string> => ({ authorization: `Bearer ${key}` });
const readLog = (): string => readFileSync(own.logFile, 'utf8');

beforeAll(async () => {
  own = await openTenantService({
    env: { LOG_LEVEL: 'info' },
    command: EMULATOR_COMMAND,
    owners: [
      ['Office', 'exports'],
      ['Reader', 'read'],
      ['Admin', 'admin'],
      ['Analyst', 'reid'],
    ],
  });
  ({ service, folder, invocations } = own);
  [office, reader, admin, analyst] = own.keys as [string, string, string, string];
}, 120_000);
afterAll(() => own?.close(), 60_000);

test('the quickstart: a report is asked for, followed, downloaded, with a key; another key does not see it', async () => {
  const asked = { url: service.url, token: office };
  const { status, seen } = await followExport(asked, 'pdf', SMALL_REPORT, () => undefined);
  expect([status.status, seen.at(-1)]).toEqual(['completed', 100]);
  expect(
    readFileSync(await download(asked, status, folder))
      .subarray(0, 5)
      .toString(),
  ).toBe('%PDF-');
  const again = await fetch(`${service.url}${status.download_url}`, {
    headers: { ...bearer(office), 'if-none-match': `"${status.sha256}"`, range: 'bytes=0-3' },
  });
  expect(again.status).toBe(304);
  for (const path of [status.download_url!, `/api/exports/pdf/${status.job_id}`])
    expect((await fetch(`${service.url}${path}`, { headers: bearer(reader) })).status).toBe(404);
});

test('the list of jobs, and a status that is waited for until the job ends', async () => {
  const init = { method: 'POST', headers: bearer(office), body: JSON.stringify(SMALL_REPORT) };
  const posted = await fetch(`${service.url}/api/exports/pdf`, init);
  const { status_url, job_id } = (await posted.json()) as Record<string, string>;
  let tag = '"none"';
  let seen: { status: string };
  do {
    const headers = { ...bearer(office), prefer: 'wait=20', 'if-none-match': tag };
    const answer = await fetch(service.url + status_url, { headers });
    expect(answer.status).toBe(200);
    tag = answer.headers.get('etag')!;
    seen = (await answer.json()) as { status: string };
  } while (seen.status === 'processing');
  expect(seen.status).toBe('completed');
  const headers = { ...bearer(office), prefer: 'wait=1', 'if-none-match': tag };
  const over = await fetch(service.url + status_url, { headers });
  expect([over.status, over.headers.get('preference-applied')]).toEqual([304, 'wait']);
  const list = async (key: string): Promise<object[]> => {
    const answer = await fetch(`${service.url}/api/exports?limit=1`, { headers: bearer(key) });
    return ((await answer.json()) as { exports: object[] }).exports;
  };
  expect(await list(reader)).toEqual([]);
  expect(await list(office)).toEqual([{ ...seen, status_url: `/api/exports/pdf/${job_id}` }]);
}, 60_000);

test('a Re-ID analysis: followed, its page in a sandbox, its result; with the scope reid alone it is cancelled', async () => {
  const call = (path: string, method = 'GET', body?: object): Promise<Response> =>
    fetch(service.url + path, {
      ...{ method, headers: bearer(analyst), redirect: 'manual' },
      ...(body && { body: JSON.stringify(body) }),
    });
  const post = async (body: object): Promise<{ status_url: string; job_id: string }> => {
    const answer = await call('/api/reid/thresholds', 'POST', body);
    expect(answer.status).toBe(202);
    return (await answer.json()) as { status_url: string; job_id: string };
  };
  const { status_url } = await post({ thresholds: [0.7] });
  const status = await until(
    'its end',
    async () => {
      const now = (await (await call(status_url)).json()) as Record<string, string>;
      return now.status === 'processing' ? undefined : now;
    },
    60_000,
  );
  expect(status.status).toBe('completed');
  // Larger than what Lambda may answer, but not when it is compressed.
  const page = await call(status.report_url!);
  expect([page.status, page.headers.get('content-encoding')]).toEqual([200, 'gzip']);
  expect(page.headers.get('content-security-policy')).toMatch(/^sandbox allow-scripts allow-downloads; .*'sha256-/);
  expect(
    createHash('sha256')
      .update(await page.text())
      .digest('hex'),
  ).toBe(status.sha256);
  const result = await call(status.result_url!);
  expect([result.status, (await result.json()) as object]).toEqual([
    ...[200, expect.objectContaining({ threshold_analysis: [expect.objectContaining({ threshold: 0.7 })] })],
  ]);
  const { job_id } = await post({});
  expect((await call(`/api/exports/${job_id}`, 'DELETE')).status).toBe(204);
  expect((await call('/api/exports/pdf', 'POST', SMALL_REPORT)).status).toBe(403);
}, 90_000);

test('with an Idempotency-Key a request is done once', async () => {
  const post = async (body: object): Promise<[number, string | null, string]> => {
    const headers = { ...bearer(office), 'idempotency-key': '"emulator"' };
    const answer = await fetch(`${service.url}/api/exports/pdf`, {
      method: 'POST',
      headers,
      body: JSON.stringify(body),
    });
    return [answer.status, answer.headers.get('idempotency-replayed'), await answer.text()];
  };
  const [status, replayed, text] = await post(SMALL_REPORT);
  expect([status, replayed]).toEqual([202, null]);
  expect(await post(SMALL_REPORT)).toEqual([202, 'true', text]);
  expect((await post({ ...SMALL_REPORT, group_by: 'month' }))[0]).toBe(422);
});

test('alive, ready without details for those without a key, and figures of jobs', async () => {
  expect(await (await fetch(`${service.url}/livez`)).json()).toEqual({ status: 'alive' });
  const look = async (headers: Record<string, string>) =>
    (await (await fetch(`${service.url}/readyz`, { headers })).json()) as Record<string, unknown>;
  await until('readiness', async () => ((await look({})).status === 'ready' ? true : undefined));
  expect(Object.keys(await look({}))).toEqual(['status']);
  expect(Object.keys(await look(bearer(reader)))).toEqual(['status', 'services']);
  expect((await fetch(`${service.url}/metrics`, { headers: bearer(office) })).status).toBe(403);
  const answer = await fetch(`${service.url}/metrics`, { headers: bearer(admin) });
  const submitted = readExposition(await answer.text()).get('jobs_submitted_total')!;
  expect(submitted.samples.get('jobs_submitted_total{kind="pdf"}')!.value).toBeGreaterThan(0);
});

test('events are not streamed here: 501 names what is', async () => {
  const { status, headers, text } = await ask(service.url, {
    method: 'GET',
    path: '/api/events',
    headers: bearer(reader),
  });
  expect([status, headers['content-type'], text]).toEqual([
    501,
    'application/problem+json',
    expect.stringContaining('Prefer: wait=20'),
  ]);
});

test('refusals are problem JSON, those of a key as well', async () => {
  for (const [headers, status] of [
    [bearer(office), 400],
    [bearer(reader), 403],
    [bearer('hp_x'), 401],
    [{}, 401],
  ] as const) {
    const init = { method: 'POST', headers, body: '{"start_date":1}' };
    const refused = await fetch(`${service.url}/api/exports/pdf`, init);
    expect([refused.status, refused.headers.get('content-type')]).toEqual([status, 'application/problem+json']);
    expect(refused.headers.get('www-authenticate') === null).toBe(status === 400);
  }
  const unknown = await fetch(`${service.url}/nothing`);
  expect([unknown.status, await unknown.json()]).toEqual([404, { detail: 'Not found' }]);
});

test('the invoke endpoint is closed to web pages, and a failed invocation that nobody waits for ends nothing', async () => {
  const scores = '/2015-03-31/functions/hoofprint-dev-reidScores/invocations';
  const later = '/2014-11-13/functions/hoofprint-dev-reidScores/invoke-async/';
  const body = '{"colour":"red"}';
  const pages = [{ origin: 'http://evil.example' }, { 'sec-fetch-site': 'cross-site' }] as Record<string, string>[];
  for (const path of [scores, later])
    for (const page of pages) {
      const headers = { ...page, 'content-type': 'text/plain' };
      const answer = await ask(invocations, { method: 'POST', path, headers, body });
      expect([answer.status, answer.headers['access-control-allow-origin']]).toEqual([404, undefined]);
    }
  const preflight = { origin: 'http://evil.example', 'access-control-request-method': 'POST' };
  const asked = await ask(invocations, { method: 'OPTIONS', path: scores, headers: preflight });
  expect([asked.status, asked.headers['access-control-allow-origin']]).toEqual([404, undefined]);
  const waited = await ask(invocations, { method: 'POST', path: scores, body });
  expect([waited.status, waited.text]).toEqual([200, expect.stringContaining('colour is not a known field')]);
  const failed = (): number => readLog().match(/"event":"invocation failed"/g)?.length ?? 0;
  expect((await ask(invocations, { method: 'POST', path: later, body })).status).toBe(200);
  const event = { method: 'POST', path: scores, headers: { 'x-amz-invocation-type': 'Event' }, body };
  expect((await ask(invocations, event)).status).toBe(202);
  await until('both failures', () => (failed() === 2 ? true : undefined));
  expect((await fetch(`${service.url}/health`)).status).toBe(200);
}, 60_000);

if (process.env.HOOFPRINT_SOAK === '1')
  test('a port that is taken, here by the first one: refused with what to type', async () => {
    const port = new URL(service.url).port;
    await refused(
      offline(plain({ HOOFPRINT_HTTP_PORT: port })),
      new RegExp(`port ${port} is in use.*npm run doctor.*HOOFPRINT_HTTP_PORT=\\d+ npm start \\(or --httpPort\\)`),
    );
  }, 60_000);

test('SIGTERM ends it in order', async () => {
  expect(await service.stop()).toBe(0);
}, 60_000);
