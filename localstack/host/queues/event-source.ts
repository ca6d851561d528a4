// Queue -> function, as Lambda's event source mapping does it.
import { setTimeout as pause } from 'node:timers/promises';
import type { Message } from '@aws-sdk/client-sqs';
import type { SQSRecord } from 'aws-lambda';
import { Consumer } from 'sqs-consumer';
import { errorMessage } from '../../../lib/errors.ts';
import { log } from '../../../lib/log.ts';
import type { QueueFunction } from '../declared/functions.ts';
import { type Answer, groupBySize, judge, retryDelay, toRecord, type Verdict } from './batch.ts';
import { type HealthWatch, watchHealth } from './health-watch.ts';
import { POLL_SECONDS, QueueClient, type QueueEnvironment } from './queue-client.ts';

export interface EventSourceOptions {
  functions: readonly QueueFunction[];
  invoke: InvokeQueueFunction;
  /** Queue URL of a queue's name. */
  queueUrl: (name: string) => string;
  environment: QueueEnvironment;
  /** What is down, by name; while anything is, nothing is received and batches wait. */
  health: () => Promise<object>;
  /** Seconds that a received message stays hidden, extended four times in that span; default 20. */
  visibility?: number;
}

export interface EventSource {
  /**
   * Stops receiving, waits at most `timeout` ms for running functions, and hands back what is not
   * done.
   */
  stop(timeout: number): Promise<void>;
}

/** Runs a function. Never rejects: a function that fails is an answer. */
export type InvokeQueueFunction = (target: QueueFunction, event: { Records: SQSRecord[] }) => Promise<Answer>;

const VISIBILITY_SECONDS = 20;
/** Pause after a queue refused a call while its server looks healthy. */
const TROUBLE_MS = 500;
/**
 * What Lambda takes in one invocation is 6 MB; a batch of large messages is handed over in parts.
 */
const LARGEST_EVENT = 5_000_000;

/** Where the messages of one function come from. */
interface Target extends QueueFunction {
  queueUrl: string;
}

function logFailure(target: Target, messages: readonly Message[], reason: string): void {
  log.warn('batch failed', {
    function: target.functionName,
    reason,
    message_ids: messages.map(({ MessageId }) => MessageId).join(' '),
    job_ids: messages.flatMap(({ Body = '' }) => /"job_id":"([0-9a-f-]{36})"/.exec(Body)?.[1] ?? []).join(' '),
  });
}

class LocalEventSource implements EventSource {
  private readonly options: EventSourceOptions;
  private readonly client: QueueClient;
  private readonly health: HealthWatch;
  private readonly consumers: Consumer[];
  /** Messages whose function runs, by their queue. */
  private readonly running = new Map<Message, string>();
  private stopping = false;
  private troubleAt = 0;

  constructor(options: EventSourceOptions) {
    this.options = options;
    this.client = new QueueClient(options.environment);
    this.health = watchHealth(options.health);
    this.consumers = options.functions.flatMap((target) => {
      const queueUrl = options.queueUrl(target.queue);
      return Array.from({ length: target.concurrency }, () => this.startConsumer({ ...target, queueUrl }));
    });
  }

  private startConsumer(target: Target): Consumer {
    const visibility = this.options.visibility ?? VISIBILITY_SECONDS;
    const consumer = Consumer.create({
      queueUrl: target.queueUrl,
      sqs: this.client.sqs,
      batchSize: target.batchSize,
      visibilityTimeout: visibility,
      heartbeatInterval: visibility / 4,
      waitTimeSeconds: POLL_SECONDS,
      terminateVisibilityTimeout: 1,
      authenticationErrorTimeout: 1_000,
      messageAttributeNames: ['All'],
      messageSystemAttributeNames: ['All'],
      // Rejecting here ends this round without receiving; the next one asks again.
      preReceiveMessageCallback: async () => {
        if (Date.now() - this.troubleAt < TROUBLE_MS) await pause(TROUBLE_MS);
        await this.untilHealthy();
        if (this.stopping) throw new Error('stopping');
      },
      // None is deleted by the consumer: the queue client does, a second later.
      handleMessageBatch: async (messages) => {
        for (const part of groupBySize(messages, LARGEST_EVENT)) await this.work(target, part);
        return [];
      },
    });
    consumer.on('error', (error) => {
      if (this.stopping) return;
      this.health.distrust();
      this.troubleAt = Date.now();
      log.warn('queue trouble', { queue: target.queue, reason: errorMessage(error) });
    });
    consumer.start();
    return consumer;
  }

  private untilHealthy(): Promise<void> {
    return this.health.untilHealthy(() => this.stopping);
  }

  private async work(target: Target, messages: Message[]): Promise<void> {
    for (const message of messages) this.running.set(message, target.queueUrl);
    try {
      // An outage that began while the message was on its way costs no attempt: the message waits
      // here, its visibility extended.
      await this.untilHealthy();
      if (this.stopping) await this.client.handBack(target.queueUrl, messages, () => 1);
      else await this.finish(target, messages, await this.invoke(target, messages));
    } finally {
      for (const message of messages) this.running.delete(message);
    }
  }

  private async invoke(target: Target, messages: readonly Message[]): Promise<Verdict> {
    const event = { Records: messages.map((message) => toRecord(message, target.queue)) };
    const answer = await this.options.invoke(target, event);
    const ids = messages.map((message) => message.MessageId ?? '');
    return judge(answer, ids, target.reportsFailures);
  }

  private async finish(target: Target, messages: readonly Message[], { failed, reason }: Verdict): Promise<void> {
    if (reason !== undefined) logFailure(target, messages, reason);
    if (failed.size > 0) this.health.distrust();
    const hasFailed = (message: Message): boolean => failed.has(message.MessageId ?? '');
    // What is no longer running was handed back by stop().
    const back = messages.filter((message) => this.running.has(message) && hasFailed(message));
    await this.client.handBack(target.queueUrl, back, (message) =>
      retryDelay(Number(message.Attributes?.ApproximateReceiveCount ?? 1)),
    );
    this.client.settle(
      target.queueUrl,
      messages.filter((message) => !hasFailed(message)),
    );
  }

  async stop(timeout: number): Promise<void> {
    this.stopping = true;
    for (const consumer of this.consumers) consumer.stop();
    const deadline = Date.now() + timeout;
    while (this.consumers.some((consumer) => consumer.status.isPolling) && Date.now() < deadline) await pause(20);
    const unfinished = [...this.running].map(([message, queueUrl]) => ({ message, queueUrl }));
    this.running.clear();
    await this.client.close(unfinished);
    if (unfinished.length > 0) log.warn('messages handed back unfinished', { messages: unfinished.length });
  }
}

/** Starts receiving at once; stop() ends it. */
export const startEventSource = (options: EventSourceOptions): EventSource => new LocalEventSource(options);
