// Notifies the webhooks of an owner's keys that a job of his has ended, and tries again where that
// fails.
import type { Webhook, WebhookStore } from '../access/webhooks.ts';
import type { Poster } from '../adapters/poster.ts';
import type { Queue } from '../adapters/sqs.ts';
import { errorMessage, isFault } from '../errors.ts';
import type { FoundJob } from '../exports/job/lists.ts';
import { log } from '../log.ts';
import { askToSend, LONGEST_DELAY_MS } from './message.ts';
import type { Delivery, Outbox } from './outbox.ts';
import { webhookHeaders } from './signature.ts';

/** What webhooks are notified of. */
export const EVENTS = ['export.completed', 'export.failed'] as const;
/** What `npm run keys -- webhook test` sends. */
export const TEST_EVENT = 'webhook.test';

/** Pauses before it is tried for the first time, the second, and so on, in ms. */
export const PAUSES_MS: readonly number[] = [0, 5_000, 300_000, 1_800_000, 7_200_000];

export interface SendPorts {
  outbox: Outbox;
  webhooks: WebhookStore;
  poster: Poster;
  queue: Queue;
  /** What readers see of a job: as the list of jobs shows it. */
  show: (job: FoundJob) => object;
  /** Notes that a webhook has ended. */
  noteEnd: (webhook: Webhook) => void;
  clock: () => Date;
  pauses?: readonly number[];
}

/** A receiver that knows its id has it: it is the same each time. */
const makeId = (jobId: string): string => `msg_${jobId}`;

export function describeEnd(job: FoundJob, show: SendPorts['show']): string {
  const { status, completed_at } = job.record;
  const type: (typeof EVENTS)[number] = status === 'completed' ? 'export.completed' : 'export.failed';
  return JSON.stringify({ type, timestamp: completed_at ?? new Date().toISOString(), data: show(job) });
}

/**
 * Sends what is due of a job.
 * @throws Fault `unavailable` when Redis or what holds the keys does not answer; it stays due
 */
export async function sendWebhooks(ports: SendPorts, jobId: string): Promise<void> {
  const { outbox, webhooks, show } = ports;
  let due = await outbox.claim(jobId);
  if (due.ended !== undefined) {
    const wanted = await webhooks.ofOwner(due.ended.record.owner ?? '');
    const body = describeEnd(due.ended, show);
    await outbox.spread(
      jobId,
      wanted.map(({ key }) => ({ key, body })),
    );
    if (wanted.length > 0) due = await outbox.claim(jobId);
  }
  for (const delivery of due.deliveries) await sendOne(ports, jobId, delivery);
}

async function sendOne(ports: SendPorts, jobId: string, delivery: Delivery): Promise<void> {
  const { outbox, webhooks, poster, clock } = ports;
  const { key, body, failures } = delivery;
  const fields = { job_id: jobId, key, attempt: failures + 1 };
  const webhook = await webhooks.find(key);
  if (webhook === undefined) {
    log.info('webhook has ended', fields);
    return outbox.finish(jobId, key);
  }
  let outcome: { status: number } | { reason: string };
  const began = performance.now();
  try {
    const headers = webhookHeaders(webhook.secret, makeId(jobId), body, clock());
    outcome = { status: await poster.post(webhook.url, headers, body) };
  } catch (error) {
    if (!isFault(error)) throw error;
    outcome = { reason: errorMessage(error) };
  }
  const ms = Math.round(performance.now() - began);
  if ('status' in outcome && outcome.status >= 200 && outcome.status < 300) {
    log.info('webhook notified', { ...fields, ...outcome, ms });
    return outbox.finish(jobId, key);
  }
  log.warn('webhook not notified', { ...fields, ...outcome, ms });
  if ('status' in outcome && outcome.status === 410) {
    await endWebhook(ports, webhook);
    return outbox.finish(jobId, key);
  }
  await tryAgain(ports, jobId, { ...delivery, failures: failures + 1 });
}

/** @throws Fault `unavailable` or `conflict`: it is asked again, and ends then */
async function endWebhook({ webhooks, noteEnd }: SendPorts, webhook: Webhook): Promise<void> {
  try {
    await webhooks.end(webhook.key, 'the receiver answered 410 Gone');
    noteEnd(webhook);
  } catch (error) {
    if (isFault(error)) throw error;
    // A file of keys that may not be written: the next end of a job is answered by 410 again.
    log.error('webhook could not be ended', { key: webhook.key, reason: errorMessage(error) });
  }
}

async function tryAgain(ports: SendPorts, jobId: string, delivery: Delivery): Promise<void> {
  const { outbox, queue, pauses = PAUSES_MS } = ports;
  const pause = pauses[delivery.failures];
  if (pause === undefined) {
    log.warn('webhook given up', { job_id: jobId, key: delivery.key, attempts: delivery.failures });
    return outbox.finish(jobId, delivery.key);
  }
  await outbox.postpone(jobId, delivery, pause);
  if (pause <= LONGEST_DELAY_MS) await askToSend(queue, jobId, pause);
}

/** Of one run of the sweeper: what is left is for the next one, a minute later. */
const MOST_SWEPT = 500;

/**
 * Asks again for what is due: what comes after the longest delay of the queue, and what a process
 * left that has died.
 * @returns how many
 */
export async function sweepWebhooks({ outbox, queue }: Pick<SendPorts, 'outbox' | 'queue'>): Promise<number> {
  const jobs = await outbox.due(MOST_SWEPT);
  const asked = await Promise.all(jobs.map((jobId) => askToSend(queue, jobId)));
  return asked.filter(Boolean).length;
}
