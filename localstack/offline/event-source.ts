// Queue -> function, as Lambda's event source mapping does it, against the local invoke endpoint.
import { request } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  type Message,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { Consumer } from 'sqs-consumer';
import { errorMessage } from '../../lib/errors.ts';
import { log } from '../../lib/log.ts';
import { type Answer, judge, partsOf, retryDelay, toRecord } from './batch.ts';
import type { QueueFunction } from './functions.ts';

export interface EventSourceOptions {
  functions: readonly QueueFunction[];
  /** Base of the invoke endpoint, e.g. http://127.0.0.1:8002. */
  invokeUrl: string;
  /** Queue URL of a queue's name. */
  queueUrl: (name: string) => string;
  environment: Readonly<Record<string, string>>;
  /** Services that are down; while there are any, nothing is received and what is in hand waits. */
  health: () => Promise<object>;
  /** Seconds that a received message stays hidden, extended four times in that span; default 20. */
  visibility?: number;
}

export interface EventSource {
  /**
   * Stops receiving, waits at most `patience` ms for running functions, and hands back what is not
   * done.
   */
  stop(patience: number): Promise<void>;
}

const VISIBILITY_S = 20;
/**
 * Short, because a receive that is broken off may still take a message, which then stays hidden. A
 * message ends the wait at once.
 */
const POLL_S = 1;
/**
 * A connection that was forgotten without a word (by a router) would otherwise be waited for
 * without end, and with it a consumer, or the end of the service. Each try of a call has this on
 * top of the longest wait for messages.
 */
const SILENCE_MS = 4_000;
/** A good answer about health is believed this long: asking costs a query. */
const BELIEVED_MS = 500;
const ASK_AGAIN_MS = 250;
const TROUBLE_MS = 500;
/**
 * A message that is done is deleted this much later, so that whatever the function wrote is on disk
 * first: Redis may forget its last second when it crashes (appendfsync everysec), and only a
 * message that is still there makes a forgotten end good. Until then it stays hidden.
 */
const SETTLE_MS = 1_000;
/**
 * What Lambda takes in one invocation is 6 MB; a batch of large messages is handed over in parts.
 */
const LARGEST_EVENT = 5_000_000;
/**
 * What stop() waits for an SQS that does not answer: what is not handed back is seen again when its
 * time is over.
 */
const LAST_WORDS_MS = 3_000;
/** A function's own timeout ends it; this is for an endpoint that never answers. */
const GRACE_MS = 15_000;

/**
 * No timeout of the client itself: fetch gives up on headers after 300 s, long before a function of
 * ten minutes does.
 */
function invoke(url: string, event: unknown, timeout: number): Promise<Answer> {
  return new Promise((resolve) => {
    const fail = (error: unknown): void => resolve({ error: errorMessage(error) });
    const body = JSON.stringify(event);
    const signal = AbortSignal.timeout(timeout);
    const sent = request(
      url,
      {
        method: 'POST',
        signal,
        headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
      },
      (response) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part));
        response.on('error', fail);
        response.on('end', () => {
          const text = Buffer.concat(parts).toString();
          const status = response.statusCode ?? 0;
          const failed = status >= 300 || response.headers['x-amz-function-error'] !== undefined;
          resolve(failed ? { error: `the function failed (${status}): ${text.slice(0, 300)}` } : { text });
        });
      },
    );
    sent.on('error', fail);
    sent.end(body);
  });
}

export function startEventSource(options: EventSourceOptions): EventSource {
  const { environment, invokeUrl, visibility = VISIBILITY_S } = options;
  const sqs = new SQSClient({
    region: environment.AWS_REGION ?? 'us-east-1',
    ...(environment.AWS_ENDPOINT_URL_SQS ? { endpoint: environment.AWS_ENDPOINT_URL_SQS } : {}),
    ...(environment.AWS_ACCESS_KEY_ID && environment.AWS_SECRET_ACCESS_KEY
      ? {
          credentials: {
            accessKeyId: environment.AWS_ACCESS_KEY_ID,
            secretAccessKey: environment.AWS_SECRET_ACCESS_KEY,
          },
        }
      : {}),
    maxAttempts: 2,
    requestHandler: {
      connectionTimeout: SILENCE_MS,
      requestTimeout: POLL_S * 1_000 + SILENCE_MS,
      throwOnRequestTimeout: true,
    },
  });
  let stopping = false;
  let handedBack = false;
  // A function that outlives stop() must not extend what was handed back; deleting what it still
  // finished is right.
  sqs.middlewareStack.add(
    (next, context) => (args) =>
      handedBack && context.commandName?.startsWith('ChangeMessageVisibility')
        ? Promise.reject(new Error('handed back'))
        : next(args),
    { step: 'initialize' },
  );
  const inHand = new Map<Message, { queueUrl: string }>();

  let believedUntil = 0;
  let troubleAt = 0;
  let asked: Promise<boolean> | undefined;
  let down = false;
  const isHealthy = (): Promise<boolean> => {
    if (Date.now() < believedUntil) return Promise.resolve(true);
    asked ??= Promise.all([
      options.health(),
      fetch(invokeUrl, { signal: AbortSignal.timeout(2_000) }).then(
        (response) => response.body?.cancel(),
        (error: unknown) => Promise.reject(error),
      ),
    ])
      .then(([ill]) => Object.keys(ill))
      .catch(() => ['functions'])
      .then((ill) => {
        if (ill.length > 0 && !down) log.warn('event source waits', { for: ill.join(' ') });
        if (ill.length === 0 && down) log.info('event source goes on');
        down = ill.length > 0;
        believedUntil = down ? 0 : Date.now() + BELIEVED_MS;
        return !down;
      })
      .finally(() => {
        asked = undefined;
      });
    return asked;
  };
  const untilHealthy = async (): Promise<void> => {
    while (!stopping && !(await isHealthy())) await pause(ASK_AGAIN_MS);
  };

  async function handBack(
    queueUrl: string,
    messages: readonly Message[],
    delay: (message: Message) => number,
  ): Promise<void> {
    if (messages.length === 0) return;
    const Entries = messages.map((message, index) => ({
      Id: String(index),
      ReceiptHandle: message.ReceiptHandle,
      VisibilityTimeout: delay(message),
    }));
    // Failing to hand back is harmless: the message is seen again when its time is over.
    await sqs
      .send(new ChangeMessageVisibilityBatchCommand({ QueueUrl: queueUrl, Entries }))
      .catch((error: unknown) =>
        log.warn('messages not handed back', { queue: queueUrl, reason: errorMessage(error) }),
      );
  }

  const settling = new Set<{ now: () => void; done: Promise<void> }>();
  async function acknowledge(queueUrl: string, messages: readonly Message[]): Promise<void> {
    const Entries = messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
    // Failing to delete is harmless as well: the job has ended, and the message is dropped when it
    // is seen again.
    await sqs
      .send(new DeleteMessageBatchCommand({ QueueUrl: queueUrl, Entries }))
      .catch((error: unknown) => log.warn('messages not deleted', { queue: queueUrl, reason: errorMessage(error) }));
  }
  /** Deletes them in a while, or at once when the event source stops. */
  function settle(queueUrl: string, messages: readonly Message[]): void {
    if (messages.length === 0) return;
    const { promise, resolve: now } = Promise.withResolvers<void>();
    const timer = setTimeout(now, stopping ? 0 : SETTLE_MS);
    const entry = { now, done: promise.then(() => acknowledge(queueUrl, messages)) };
    settling.add(entry);
    void entry.done.finally(() => {
      clearTimeout(timer);
      settling.delete(entry);
    });
  }

  async function handle(target: QueueFunction, queueUrl: string, messages: Message[]): Promise<void> {
    for (const part of partsOf(messages, LARGEST_EVENT)) await work(target, queueUrl, part);
  }

  async function work(target: QueueFunction, queueUrl: string, messages: Message[]): Promise<void> {
    for (const message of messages) inHand.set(message, { queueUrl });
    try {
      // An outage that began while the message was on its way costs it nothing: it waits here, its
      // visibility extended.
      await untilHealthy();
      if (stopping) {
        await handBack(queueUrl, messages, () => 1);
        return;
      }
      const event = { Records: messages.map((message) => toRecord(message, target.queue)) };
      const url = `${invokeUrl}/2015-03-31/functions/${encodeURIComponent(target.functionName)}/invocations`;
      const answer = await invoke(url, event, target.timeout * 1_000 + GRACE_MS);
      const verdict = judge(
        answer,
        messages.map((message) => message.MessageId ?? ''),
        target.reportsFailures,
      );
      if (verdict.reason !== undefined)
        log.warn('batch failed', {
          function: target.functionName,
          reason: verdict.reason,
          message_ids: messages.map(({ MessageId }) => MessageId).join(' '),
          job_ids: messages.flatMap(({ Body = '' }) => /"job_id":"([0-9a-f-]{36})"/.exec(Body)?.[1] ?? []).join(' '),
        });
      if (verdict.failed.size > 0) believedUntil = 0;
      // Given up by stop(): handed back already.
      const mine = messages.filter((message) => inHand.has(message));
      const failed = mine.filter((message) => verdict.failed.has(message.MessageId ?? ''));
      await handBack(queueUrl, failed, (message) =>
        retryDelay(Number(message.Attributes?.ApproximateReceiveCount ?? 1)),
      );
      settle(
        queueUrl,
        messages.filter((message) => !verdict.failed.has(message.MessageId ?? '')),
      );
    } finally {
      for (const message of messages) inHand.delete(message);
    }
  }

  const consumers = options.functions.flatMap((target) => {
    const queueUrl = options.queueUrl(target.queue);
    return Array.from({ length: target.concurrency }, () => {
      const consumer = Consumer.create({
        queueUrl,
        sqs,
        batchSize: target.batchSize,
        visibilityTimeout: visibility,
        heartbeatInterval: visibility / 4,
        waitTimeSeconds: POLL_S,
        terminateVisibilityTimeout: 1,
        authenticationErrorTimeout: 1_000,
        messageAttributeNames: ['All'],
        messageSystemAttributeNames: ['All'],
        // Rejecting here ends this round without receiving; the next one asks again.
        preReceiveMessageCallback: async () => {
          // A queue that refuses while its server looks healthy is not asked in a tight loop.
          if (Date.now() - troubleAt < TROUBLE_MS) await pause(TROUBLE_MS);
          await untilHealthy();
          if (stopping) throw new Error('stopping');
        },
        // None is deleted by the consumer: see settle().
        handleMessageBatch: async (messages) => {
          await handle(target, queueUrl, messages);
          return [];
        },
      });
      consumer.on('error', (error) => {
        if (stopping) return;
        believedUntil = 0;
        troubleAt = Date.now();
        log.warn('queue trouble', { queue: target.queue, reason: errorMessage(error) });
      });
      consumer.start();
      return consumer;
    });
  });

  return {
    async stop(patience) {
      stopping = true;
      for (const consumer of consumers) consumer.stop();
      const deadline = Date.now() + patience;
      while (consumers.some((consumer) => consumer.status.isPolling) && Date.now() < deadline) await pause(20);
      const left = [...inHand];
      inHand.clear();
      for (const { now } of settling) now();
      const lastWords = [
        ...[...settling].map(({ done }) => done),
        ...left.map(([message, { queueUrl }]) => handBack(queueUrl, [message], () => 1)),
      ];
      await Promise.race([Promise.all(lastWords), pause(LAST_WORDS_MS, undefined, { ref: false })]);
      if (left.length > 0) log.warn('messages handed back unfinished', { messages: left.length });
      handedBack = true;
      if (left.length === 0) sqs.destroy();
    },
  };
}
