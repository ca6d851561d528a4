// Every request shape the original platform accepted, and every refusal, with the exact answer;
// nothing invalid reaches the queue.
import { readFileSync } from 'node:fs';
import { closeWiring } from '../../lib/clients.ts';
import type { ExportKind } from '../../lib/exports/kinds/index.ts';
import { call } from '../support/invoke.ts';
import { handlersOf } from '../support/kinds.ts';
import { drain, ownQueues } from '../support/queues.ts';

interface Case {
  name: string;
  kind: ExportKind;
  body: unknown;
  status: number;
  detail?: string;
}

const cases = readFileSync(new URL('../fixtures/requests.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Case);
const post = async (
  kind: ExportKind,
  body: unknown,
  headers: Record<string, string> = { 'content-type': 'application/json' },
) => call((await handlersOf(kind)).create, { method: 'POST', path: `/api/exports/${kind}`, body, headers });
await ownQueues();
const queue = process.env.EXPORTS_QUEUE_URL!;

beforeEach(() => drain(queue));
afterAll(closeWiring);

test.each(cases.filter(({ status }) => status === 202))('accepted: $name ($kind)', async ({ kind, body }) => {
  const { status, json, headers } = await post(kind, body);
  expect({ status, detail: json.detail }).toEqual({ status: 202, detail: undefined });
  expect(json).toEqual({
    job_id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/),
    status: 'processing',
    status_url: `/api/exports/${kind}/${json.job_id}`,
    expires_after_seconds: 3600,
  });
  expect(headers).toMatchObject({ location: json.status_url, 'retry-after': expect.stringMatching(/^\d+$/) });
  const [message, ...others] = await drain(queue);
  expect(others).toEqual([]);
  const given = Object.fromEntries(Object.entries(body as object).filter(([, value]) => value !== null));
  expect(JSON.parse(message!)).toMatchObject({ version: 1, job_id: json.job_id, kind, request: given });
  expect(message).not.toContain('null');
});

test.each(cases.filter(({ status }) => status === 400))('refused: $name ($kind)', async ({ kind, body, detail }) => {
  const { status, json, headers } = await post(kind, body);
  expect({ status, detail: json.detail, type: headers['content-type'] }).toEqual({
    status: 400,
    detail,
    type: 'application/problem+json',
  });
  expect(json.errors[0].detail).toBe(detail);
  expect(await drain(queue)).toEqual([]);
});

test('all broken rules are in errors, in the order of the contract', async () => {
  const { json } = await post('pdf', {
    start_date: '2090-12-31',
    end_date: '2080-01-01',
    group_by: 'hour',
    title: 5,
    colour: 'red',
  });
  expect(json.errors.map((error: { detail: string }) => error.detail)).toEqual([
    expect.stringMatching(/^colour is not a known field; known fields: start_date, /),
    'title must be text of up to 120 characters',
    'start_date must be before end_date',
    'group_by must be one of: day, week, month',
    'start_date cannot be in the future',
  ]);
});

test.each([
  ['__proto__', '{"start_date":"2024-01-01","end_date":"2024-01-02","group_by":"day","__proto__":{"polluted":true}}'],
  [
    'constructor',
    '{"start_date":"2024-01-01","end_date":"2024-01-02","group_by":"day","constructor":{"prototype":{"polluted":true}}}',
  ],
  ['emoji', '{"start_date":"2024-01-01","end_date":"2024-01-02","group_by":"day","\ud83e\udd8c":1}'],
])('an unknown field named %s is refused by name, in ASCII', async (_name, body) => {
  const { status, json, text } = await post('pdf', body);
  expect(status).toBe(400);
  expect(json.detail).toMatch(/^(__proto__|constructor|\\ud83e\\udd8c) is not a known field/);
  expect(text).toMatch(/^[\x20-\x7e]*$/);
  expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
});

test.each([
  '',
  '{',
  '{"start_date":',
  "{'start_date': 1}",
  'start_date=2024-01-01&end_date=2024-02-01',
  '\ufeff{}x',
  Buffer.from([0xff, 0xfe, 0x7b]),
])('malformed JSON %#', async (body) => {
  const { status, json, headers } = await post('pdf', body);
  expect({ status, json, type: headers['content-type'] }).toEqual({
    status: 400,
    json: { detail: 'Request body is not valid JSON' },
    type: 'application/problem+json',
  });
});

test('a body over 512 KiB is refused before it is read, one just under it is read', async () => {
  const padded = (bytes: number): string => {
    const body = JSON.stringify({ start_date: '2024-01-01', end_date: '2024-01-02', group_by: 'day' });
    return body + ' '.repeat(bytes - body.length);
  };
  const large = await post('pdf', padded(512 * 1024 + 1));
  expect([large.status, large.json, large.headers['content-type']]).toEqual([
    413,
    { detail: 'Request body is too large' },
    'application/problem+json',
  ]);
  expect(await drain(queue)).toEqual([]);
  expect((await post('pdf', padded(512 * 1024))).status).toBe(202);
});

test.each([{ 'content-type': 'application/x-www-form-urlencoded' }, {}, { 'content-type': 'text/plain' }])(
  'read as JSON whatever its Content-Type: %j',
  async (headers) => {
    const { status } = await post(
      'pdf',
      '{"start_date":"2024-01-01","end_date":"2024-01-02","group_by":"day"}',
      headers as Record<string, string>,
    );
    expect(status).toBe(202);
  },
);

test('10,000 ids are accepted: the large request is in the bucket and the message names it', async () => {
  const detection_ids = Array.from(
    { length: 10_000 },
    (_, i) => `3b241101-e2bb-4255-8caf-${String(i).padStart(12, '0')}`,
  );
  expect((await post('zip', { detection_ids: [...detection_ids, detection_ids[0]] })).json.detail).toBe(
    'detection_ids must be a list of 1 to 10000 detection ids',
  );
  const { status, json } = await post('zip', { detection_ids });
  expect(status).toBe(202);
  const [message] = await drain(queue);
  expect(message!.length).toBeLessThan(1_000);
  expect(JSON.parse(message!)).toMatchObject({
    job_id: json.job_id,
    stored: { object_key: `requests/${json.job_id}.json` },
  });
});

test('a class or place that the database does not know is refused with the known ones', async () => {
  const dates = { start_date: '2023-09-01', end_date: '2024-01-31', group_by: 'month' };
  const unknown = await post('pdf', { ...dates, classifications: ['buck', 'unicorn'] });
  expect(unknown.status).toBe(400);
  expect(unknown.json.detail).toMatch(/unicorn.*buck.*doe.*fawn/);
  const place = await post('pdf', { ...dates, locations: ['Atlantis'] });
  expect(place.status).toBe(400);
  expect(place.json.detail).toMatch(/Atlantis/);
  expect(await drain(queue)).toEqual([]);
});

test('title and names travel as text, whatever letters they have', async () => {
  const title = '=cmd|calc \u202e <b>J\u00e4ger</b> \ud83e\udd8c';
  const { status } = await post('pdf', { start_date: '2024-01-01', end_date: '2024-01-02', group_by: 'day', title });
  expect(status).toBe(202);
  const [message] = await drain(queue);
  expect(message).toMatch(/^[\x20-\x7e]*$/);
  expect(JSON.parse(message!).request.title).toBe(title);
});
