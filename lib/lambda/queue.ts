// The edge, queue side: each record of an SQS batch alone; only the failed ones are reported back
// (batchItemFailures).
import middy from '@middy/core';
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import type { Contract } from '../contract.ts';
import { errorMessage, Fault, isFault, type Problem } from '../errors.ts';
import { type Fields, log, logAbout } from '../log.ts';
import { joinTrace, type Part } from '../trace.ts';
import { problemFinder } from './validate.ts';

export interface Delivery<Message> {
  message: Message;
  /** The body as it was received, to move it to another queue. */
  text: string;
  messageId: string;
  /** How often SQS has given this message out; only for logs. */
  receives: number;
  /** Aborted a little before the function's own time is over. */
  signal: AbortSignal;
}

export type QueueHandler = (event: SQSEvent, context: Context) => Promise<SQSBatchResponse>;

/**
 * Time kept back before the function's timeout, to write down why and hand the message back, in ms.
 */
const RESERVE = 5_000;

/** Messages nested deeper than this are refused unread: parsers and walkers recurse. */
const DEEPEST = 32;

/** One pass without going back: a hostile body has a million quotes. */
function depth(text: string): number {
  let deepest = 0;
  let at = 0;
  let quoted = false;
  for (let i = 0; i < text.length; i += 1) {
    const letter = text[i];
    if (quoted) {
      if (letter === '\\') i += 1;
      else if (letter === '"') quoted = false;
    } else if (letter === '"') quoted = true;
    else if (letter === '[' || letter === '{') deepest = Math.max(deepest, ++at);
    else if (letter === ']' || letter === '}') at -= 1;
  }
  return deepest;
}

/**
 * The message in a body.
 * @throws Fault `corrupt` saying why it is none: not JSON, too deep, or the first broken rule of
 *   the contract.
 */
export function readMessage<Message>(contract: Contract<Message>): (text: string) => Message {
  const findProblems = problemFinder(contract);
  return (text) => {
    if (depth(text) > DEEPEST) throw new Fault('corrupt', `message is nested deeper than ${DEEPEST} levels`);
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch (cause) {
      throw new Fault('corrupt', 'message is not valid JSON', { cause });
    }
    const problems: Problem[] = findProblems(value, undefined);
    if (problems[0] !== undefined)
      throw new Fault('corrupt', `message is not valid: ${problems[0].detail}`, { problems });
    return value as Message;
  };
}

export interface QueueOptions<Message> {
  /** Fields of every log entry about a message, in addition to its id, e.g. its job. */
  about?: (message: Message) => Fields;
  unreadable?: (fault: Fault, delivery: Omit<Delivery<Message>, 'message'>) => Promise<void>;
}

/** What a message causes goes on with the trace of the one who sent it. */
function beginTrace({ messageId, messageAttributes, eventSourceARN = '' }: SQSRecord): Part {
  const carrier = Object.fromEntries(
    Object.entries(messageAttributes ?? {}).map(([name, { stringValue }]) => [name, stringValue]),
  );
  const queue = eventSourceARN.split(':').at(-1) ?? '';
  return joinTrace(`process ${queue}`, 'consumer', carrier, {
    'messaging.system': 'aws_sqs',
    'messaging.operation.type': 'process',
    'messaging.destination.name': queue,
    'messaging.message.id': messageId,
  });
}

/**
 * An SQS function. `act` is called once for each record; what it throws returns that record, and
 * only that one, to the queue. `unreadable` is called instead when the body breaks the contract;
 * absent, such a record is returned to the queue (and ends in the dead-letter queue).
 */
export function queue<Message>(
  contract: Contract<Message>,
  act: (delivery: Delivery<Message>) => Promise<void>,
  { about, unreadable }: QueueOptions<Message> = {},
): QueueHandler {
  const read = readMessage(contract);
  const handle = async (record: SQSRecord, signal: AbortSignal, fields: Fields): Promise<void> => {
    const delivery = {
      text: record.body,
      messageId: record.messageId,
      receives: Number(record.attributes?.ApproximateReceiveCount ?? 1),
      signal,
    };
    let message: Message;
    try {
      message = read(record.body);
    } catch (error) {
      if (unreadable === undefined || !isFault(error)) throw error;
      return unreadable(error, delivery);
    }
    Object.assign(fields, about?.(message));
    return logAbout(fields, () => act({ ...delivery, message }));
  };
  /** Whether it is done with; otherwise it goes back to the queue. */
  const take = async (record: SQSRecord, context: Context): Promise<boolean> => {
    const began = performance.now();
    const overtime = new AbortController();
    const stop = (): void => overtime.abort(new Fault('unavailable', 'the function ran out of time'));
    const left = (context?.getRemainingTimeInMillis?.() ?? 300_000) - RESERVE;
    const timer = setTimeout(stop, Math.max(0, left));
    const fields: Fields = { request_id: context?.awsRequestId, message_id: record.messageId };
    const receives = Number(record.attributes?.ApproximateReceiveCount ?? 1);
    const part = beginTrace(record);
    const spent = (): Fields => ({ ...fields, receives, ms: Math.round(performance.now() - began) });
    try {
      await part.within(() => logAbout(fields, () => handle(record, overtime.signal, fields)));
      part.within(() => log.info('message done', spent()));
      if (typeof fields.job_id === 'string') part.note({ 'hoofprint.job_id': fields.job_id });
      part.end();
      return true;
    } catch (error) {
      const stack = !isFault(error) && error instanceof Error ? { stack: error.stack } : {};
      part.within(() => log.error('message failed', { ...spent(), reason: errorMessage(error), ...stack }));
      part.end(error);
      return false;
    } finally {
      clearTimeout(timer);
    }
  };
  return middy<SQSEvent, SQSBatchResponse>(
    async (event: SQSEvent, context: Context) => {
      const batchItemFailures: SQSBatchResponse['batchItemFailures'] = [];
      for (const record of event.Records)
        if (!(await take(record, context))) batchItemFailures.push({ itemIdentifier: record.messageId });
      return { batchItemFailures };
    },
    { timeoutEarlyInMillis: 0 },
  );
}
