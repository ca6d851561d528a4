// The job API of the host as its clients see it: the list of jobs, requests that are sent again,
// probes and figures.
import { randomUUID } from 'node:crypto';
import { counters, readExposition } from '../support/exposition.ts';
import { type Answer, ask } from '../support/surface.ts';
import { until } from '../support/wait.ts';
import { get, json, makeJob, ports, url } from './acted-jobs.ts';

afterAll(() => ports.close());

describe('the list', () => {
  test('entries are what the status says, the newest first, page after page', async () => {
    const made = [await makeJob(), await makeJob(), await makeJob()].reverse();
    await ports.jobs.fail(made[1]!.id, made[1]!.run, 'No detections found');
    const first = await get('/api/exports?limit=2');
    const { exports, next } = json(first);
    expect(exports.map(({ job_id }: { job_id: string }) => job_id)).toEqual(made.slice(0, 2).map(({ id }) => id));
    for (const { status_url, ...entry } of exports) expect(entry).toEqual(json(await get(status_url)));
    const second = json(await get(`/api/exports?limit=1&before=${next}`));
    expect(second.exports[0].job_id).toBe(made[2]!.id);
    await ports.jobs.cancel(made[0]!.id);
    expect(json(await get('/api/exports?limit=1')).exports[0].job_id).toBe(made[1]!.id);
  });

  test('a query that asks for no page is refused', async () => {
    const { status, headers, text } = await get('/api/exports?limit=1000');
    expect([status, headers['content-type'], text]).toEqual([
      400,
      'application/problem+json',
      '{"detail":"limit must be a whole number from 1 to 100"}',
    ]);
  });
});

test('alive, and ready with details, as everybody of this machine may know', async () => {
  expect(json(await get('/livez'))).toEqual({ status: 'alive' });
  const { status, text } = await get('/readyz');
  expect([status, JSON.parse(text)]).toEqual([
    200,
    { status: 'ready', services: expect.objectContaining({ postgres: 'ok', redis: 'ok', sqs: 'ok', s3: 'ok' }) },
  ]);
});

test('figures move as jobs do, counters only rise, and no label is an id', async () => {
  const read = async () => {
    const { status, headers, text } = await get('/metrics');
    expect([status, headers['content-type']]).toEqual([200, 'text/plain; version=0.0.4; charset=utf-8']);
    expect(text).not.toMatch(/[0-9a-f]{8}-[0-9a-f]{4}-/);
    return readExposition(text);
  };
  const before = counters(await read());
  const posted = await ask(url, {
    method: 'POST',
    path: '/api/exports/pdf',
    body: JSON.stringify({ start_date: '2023-11-01', end_date: '2023-11-30', group_by: 'week' }),
  });
  const { status_url } = json(posted);
  await until('its end', async () => (json(await get(status_url)).status === 'completed' ? true : undefined));
  await ask(url, { method: 'GET', path: '/api/exports/pdf/%zz' });
  const families = await read();
  const after = counters(families);
  for (const [key, value] of before) expect([key, after.get(key)! >= value]).toEqual([key, true]);
  const rise = (key: string): number => (after.get(key) ?? 0) - (before.get(key) ?? 0);
  expect(rise('jobs_submitted_total{kind="pdf"}')).toBe(1);
  expect(rise('jobs_finished_total{kind="pdf",outcome="completed"}')).toBe(1);
  expect(rise('job_duration_seconds_count{kind="pdf"}')).toBe(1);
  expect(rise('job_queue_wait_seconds_count{kind="pdf"}')).toBe(1);
  const requests = 'http_request_duration_seconds_count';
  expect(rise(`${requests}{route="/api/exports/pdf",method="POST",code="202"}`)).toBe(1);
  expect(rise(`${requests}{route="/api/exports/pdf/{job_id}",method="GET",code="200"}`)).toBeGreaterThan(0);
  expect(rise(`${requests}{route="none",method="GET",code="400"}`)).toBe(1);
  expect(rise('process_cpu_seconds_total{}')).toBeGreaterThan(0);
  const states = [...families.get('queue_messages')!.samples.keys()];
  expect(states).toEqual(['waiting', 'running', 'dead', 'parked'].map((state) => `queue_messages{state="${state}"}`));
  expect(families.has('queue_oldest_message_age_seconds')).toBe(true);
}, 60_000);

describe('Idempotency-Key', () => {
  const SEASON = { start_date: '2023-11-01', end_date: '2023-11-30', group_by: 'week' };
  const post = (key: string, body: object = SEASON, kind = 'pdf'): Promise<Answer> =>
    ask(url, {
      method: 'POST',
      path: `/api/exports/${kind}`,
      headers: { 'idempotency-key': key },
      body: JSON.stringify(body),
    });

  test('the same request gets the first answer again; another one is refused', async () => {
    const key = randomUUID();
    const first = await post(key);
    // The same once defaults are filled in.
    const again = await post(`"${key}"`, { ...SEASON, title: null });
    expect([again.status, again.text, again.headers.location]).toEqual([202, first.text, first.headers.location]);
    expect([first.headers['idempotency-replayed'], again.headers['idempotency-replayed']]).toEqual([undefined, 'true']);
    const other = await post(key, { ...SEASON, group_by: 'month' });
    expect([other.status, json(other)]).toEqual([422, { detail: 'This Idempotency-Key was used for another request' }]);
    const zip = await post(key, SEASON, 'zip');
    expect([zip.status, json(zip).job_id === json(first).job_id]).toEqual([202, false]);
  });

  test('ten at once make one job', async () => {
    const key = randomUUID();
    const answers = await Promise.all(Array.from({ length: 10 }, () => post(key)));
    const made = answers.filter(({ status }) => status === 202);
    expect(new Set(made.map((answer) => json(answer).job_id)).size).toBe(1);
    for (const { status, headers } of answers.filter((answer) => !made.includes(answer)))
      expect([status, headers['retry-after']]).toEqual([409, '1']);
  });

  test('what is refused leaves the key free', async () => {
    const key = randomUUID();
    expect((await post(key, { ...SEASON, group_by: 'hour' })).status).toBe(400);
    expect((await post(key, { ...SEASON, classifications: ['unicorn'] })).status).toBe(400);
    expect((await post(key)).status).toBe(202);
    expect((await post('a b')).status).toBe(400);
  });
});
