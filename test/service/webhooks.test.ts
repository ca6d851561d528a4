// A webhook from the command to the receiver, which gets the end of a job asked for over HTTP.
import { readFileSync } from 'node:fs';
import { inFile } from '../../scripts/keys/holder.ts';
import { SMALL_REPORT } from '../support/small-report.ts';
import { until } from '../support/wait.ts';
import { openReceiver, type Receiver } from '../webhooks/receiver.ts';
import { ask, bearer, host, KEYS_FILE, keys, logOf, npmRunKeys, useServices } from './access-services.ts';

useServices({ WEBHOOK_ADDRESSES: 'any' });

let receiver: Receiver;
let secret = '';
let prefix = '';
beforeAll(async () => {
  process.env.WEBHOOK_ADDRESSES = 'any';
  receiver = await openReceiver(() => secret);
  prefix = keys.office!.slice(3, 11);
  expect(await npmRunKeys('webhook', 'set', prefix, receiver.url)).toBe(
    `The webhook of ${prefix} is ${receiver.url}. It is notified when jobs of the owner of this key end.`,
  );
  secret = (await inFile(KEYS_FILE).webhook(prefix))!.secret;
});
afterAll(() => receiver?.close());

async function post(kind: string, body: object, key = keys.office): Promise<{ job_id: string; status_url: string }> {
  const { status, text } = await ask(host, {
    ...{ method: 'POST', path: `/api/exports/${kind}`, headers: bearer(key), body: JSON.stringify(body) },
  });
  expect(status).toBe(202);
  return JSON.parse(text);
}
const notified = (jobId: string) => receiver.told.find(({ body }) => body.data.job_id === jobId);

test('a completed and a failed job are notified to the keys of their owner, as the status shows them', async () => {
  const good = await post('pdf', SMALL_REPORT);
  const bad = await post('occupancy', { start_date: '1999-01-01', end_date: '1999-02-01' });
  const foreign = await post('pdf', SMALL_REPORT, keys.chief);
  for (const [{ job_id, status_url }, type] of [
    [good, 'export.completed'],
    [bad, 'export.failed'],
  ] as const) {
    const { body, id } = await until(type, () => notified(job_id));
    expect([body.type, id]).toEqual([type, `msg_${job_id}`]);
    const status = await ask(host, { path: status_url.replace('/herd', ''), headers: bearer(keys.office) });
    expect(body.data).toEqual({ ...JSON.parse(status.text), status_url });
    expect(JSON.stringify(body)).not.toMatch(/https?:|X-Amz/);
  }
  expect(notified(bad.job_id)!.body.data.error).toMatch(/No camera effort|effort/);
  await until('the end of the other job', async () => {
    const { text } = await ask(host, { path: foreign.status_url.replace('/herd', ''), headers: bearer(keys.chief) });
    return JSON.parse(text).status === 'completed' ? true : undefined;
  });
  expect([receiver.refused, notified(foreign.job_id)]).toEqual([[], undefined]);
  expect(logOf('host')).not.toContain(secret);
}, 60_000);

test('410 ends it, and the audit has a line', async () => {
  receiver.answers.push(410);
  const { job_id } = await post('pdf', SMALL_REPORT);
  await until('the 410', () => notified(job_id));
  await until('its end', () =>
    /"ended_because": "the receiver/.test(readFileSync(KEYS_FILE, 'utf8')) ? true : undefined,
  );
  await until('the audit', () => (/"event":"audit".*"act":"webhook ended"/.test(logOf('host')) ? true : undefined));
  const later = await post('pdf', SMALL_REPORT);
  await until('its end', async () => {
    const { text } = await ask(host, { path: later.status_url.replace('/herd', ''), headers: bearer(keys.office) });
    return JSON.parse(text).status === 'completed' ? true : undefined;
  });
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(notified(later.job_id)).toBeUndefined();
}, 60_000);
