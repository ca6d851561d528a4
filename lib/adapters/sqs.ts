// Sends messages to one SQS queue. It knows no job.
import {
  GetQueueAttributesCommand,
  type QueueAttributeName,
  SendMessageBatchCommand,
  type SendMessageBatchRequestEntry,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { Fault } from '../errors.ts';
import { withTimeout } from '../timeout.ts';
import { carryTrace, traced } from '../trace.ts';

export interface Queue {
  /**
   * @param within bound on this call in ms, when it has to be shorter than the queue's own.
   * @throws Fault `unavailable` when SQS is down or slower than the bound; the message may then
   *   still have been accepted.
   */
  send(body: string, attributes?: Readonly<Record<string, string>>, within?: number): Promise<void>;
  ping(): Promise<void>;
  /** That it takes messages: by the outcome of the last one that was sent, or else as ping(). */
  check(): Promise<void>;
  /** About how many messages there are: those that wait, and those that were received. */
  count(): Promise<{ waiting: number; received: number }>;
}

export interface QueueSettings {
  url: string;
  /** Bound on one request, in ms. */
  timeout?: number;
  /** Tries of one request; 1 where an answer within a second matters more. */
  attempts?: number;
}

const clients = new Map<string, SQSClient>();

/**
 * One client per server and settings: it keeps its connections and credentials. The queue's URL
 * says where the server is; AWS_REGION is read by the SDK.
 */
function client(url: string, timeout: number, attempts: number): SQSClient {
  const { origin } = new URL(url);
  const key = `${origin} ${timeout} ${attempts}`;
  let found = clients.get(key);
  if (found === undefined) {
    found = new SQSClient({
      endpoint: origin,
      maxAttempts: attempts,
      // The bound is withTimeout()'s; these only make sure that no call waits forever.
      requestHandler: { connectionTimeout: 3 * timeout, requestTimeout: 3 * timeout, throwOnRequestTimeout: true },
    });
    clients.set(key, found);
  }
  return found;
}

/** What SQS takes in one call: messages, and bytes of them together. */
const MOST_ENTRIES = 10;
const MOST_BYTES = 256 * 1_024;

/** A message that is to be sent with others. */
interface Waiting {
  entry: Omit<SendMessageBatchRequestEntry, 'Id'>;
  /** Aborted when nobody waits for it any more. */
  signal: AbortSignal;
  sent: PromiseWithResolvers<void>;
}

const countBytes = ({ entry: { MessageBody = '', MessageAttributes = {} } }: Waiting): number =>
  Buffer.byteLength(MessageBody) + Buffer.byteLength(JSON.stringify(MessageAttributes));

/** In their order, as many at a time as one call may take. */
function groupByCall(messages: readonly Waiting[]): Waiting[][] {
  const calls: Waiting[][] = [];
  let bytes = 0;
  for (const message of messages) {
    const size = countBytes(message);
    const last = calls.at(-1);
    if (last !== undefined && last.length < MOST_ENTRIES && bytes + size <= MOST_BYTES) {
      last.push(message);
      bytes += size;
    } else {
      calls.push([message]);
      bytes = size;
    }
  }
  return calls;
}

/** Aborted when all of these are. */
function whenAll(signals: readonly AbortSignal[]): AbortSignal {
  const over = new AbortController();
  let left = signals.length;
  for (const signal of signals)
    signal.addEventListener('abort', () => {
      left -= 1;
      if (left === 0) over.abort(signal.reason);
    });
  return over.signal;
}

/**
 * Sends the messages of one turn of the event loop by one call: signing and sending it costs far
 * more than a message. Each one succeeds or fails alone.
 */
function makeSender(QueueUrl: string, sqs: () => SQSClient): (message: Omit<Waiting, 'sent'>) => Promise<void> {
  let waiting: Waiting[] = [];
  const call = async (messages: readonly Waiting[]): Promise<void> => {
    const [only, ...others] = messages;
    const abortSignal = whenAll(messages.map(({ signal }) => signal));
    try {
      if (others.length === 0) {
        await sqs().send(new SendMessageCommand({ QueueUrl, ...only!.entry }), { abortSignal });
        only!.sent.resolve();
        return;
      }
      const Entries = messages.map(({ entry }, at) => ({ Id: String(at), ...entry }));
      const { Failed = [] } = await sqs().send(new SendMessageBatchCommand({ QueueUrl, Entries }), { abortSignal });
      for (const { Id, Message } of Failed) messages[Number(Id)]?.sent.reject(new Error(Message ?? 'not accepted'));
      for (const { sent } of messages) sent.resolve();
    } catch (error) {
      for (const { sent } of messages) sent.reject(error);
    }
  };
  const flush = (): void => {
    const ready = waiting.filter(({ signal }) => !signal.aborted);
    waiting = [];
    for (const messages of groupByCall(ready)) void call(messages);
  };
  return (message) => {
    const sent = Promise.withResolvers<void>();
    if (waiting.push({ ...message, sent }) === 1) setImmediate(flush);
    return sent.promise;
  };
}

/** A message that was not taken is a bad sign for this long, in ms; then the queue is asked. */
const SIGN_MS = 30_000;

export function sqsQueue({ url, timeout = 400, attempts = 1 }: QueueSettings): Queue {
  const name = new URL(url).pathname.split('/').at(-1) ?? '';
  const about = { 'messaging.system': 'aws_sqs', 'messaging.destination.name': name };
  let failure: { at: number; error: unknown } | undefined;
  const note = async (sending: Promise<void>): Promise<void> => {
    try {
      await sending;
      failure = undefined;
    } catch (error) {
      failure = { at: Date.now(), error };
      throw error;
    }
  };
  const bounded = async <T>(within: number, work: (abortSignal: AbortSignal) => Promise<T>): Promise<T> => {
    try {
      return await withTimeout(within, work);
    } catch (error) {
      throw new Fault('unavailable', 'SQS is not available', { cause: error });
    }
  };
  const read = async (...AttributeNames: QueueAttributeName[]): Promise<Partial<Record<string, string>>> => {
    const command = new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames });
    const sqs = client(url, timeout, attempts);
    return (await bounded(timeout, (abortSignal) => sqs.send(command, { abortSignal }))).Attributes ?? {};
  };
  const ping = async (): Promise<void> => {
    await read('QueueArn');
  };
  const sendSoon = makeSender(url, () => client(url, timeout, attempts));
  return {
    send: (body, attributes = {}, within = timeout * attempts + 200) => {
      const send = (): Promise<void> => {
        const MessageAttributes = Object.fromEntries(
          Object.entries({ ...carryTrace(), ...attributes }).map(([name, value]) => [
            name,
            { DataType: 'String', StringValue: value },
          ]),
        );
        return bounded(within, (signal) => sendSoon({ entry: { MessageBody: body, MessageAttributes }, signal }));
      };
      return note(traced(`send ${name}`, 'producer', send, about));
    },
    ping,
    check: async () => {
      if (failure !== undefined && Math.abs(Date.now() - failure.at) < SIGN_MS) throw failure.error;
      await ping();
    },
    count: async () => {
      const names = ['', 'Delayed', 'NotVisible'].map((kind) => `ApproximateNumberOfMessages${kind}`);
      const found = await read(...(names as QueueAttributeName[]));
      const [visible = 0, delayed = 0, received = 0] = names.map((name) => Number(found[name] ?? 0));
      return { waiting: visible + delayed, received };
    },
  };
}
