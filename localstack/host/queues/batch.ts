// AWS's rules of a queue behind a function: the event's records, and which messages a response
// leaves undone. https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
import type { Message } from '@aws-sdk/client-sqs';
import type { SQSMessageAttribute, SQSRecord } from 'aws-lambda';
import { ACCOUNT, REGION } from '../../stack/resources.ts';

/**
 * What the function answered: its text, or the fact that it threw, timed out or could not be
 * reached.
 */
export type Answer = { text: string } | { error: string };

/** Message ids that go back to the queue. */
export interface Verdict {
  failed: ReadonlySet<string>;
  /** Why, when a whole batch failed. */
  reason?: string;
}

const success: Verdict = { failed: new Set() };

function identifiers(response: unknown): unknown[] | undefined {
  if (response === null) return [];
  if (typeof response !== 'object' || Array.isArray(response)) return undefined;
  const list = (response as { batchItemFailures?: unknown }).batchItemFailures;
  if (list === undefined || list === null) return [];
  return Array.isArray(list)
    ? list.map((item: { itemIdentifier?: unknown } | null) => item?.itemIdentifier)
    : undefined;
}

/**
 * `reports` is functionResponseType ReportBatchItemFailures: without it any answer that is not an
 * error is a success of all.
 */
export function judge(answer: Answer, messageIds: readonly string[], reports: boolean): Verdict {
  const all = (reason: string): Verdict => ({ failed: new Set(messageIds), reason });
  if ('error' in answer) return all(answer.error);
  if (!reports || answer.text.trim() === '') return success;
  let response: unknown;
  try {
    response = JSON.parse(answer.text);
  } catch {
    return all('the response is not JSON');
  }
  const named = identifiers(response);
  if (named === undefined) return all('the response is malformed');
  const known = new Set(messageIds);
  const failed = new Set<string>();
  for (const id of named) {
    if (typeof id !== 'string' || !known.has(id))
      return all(`the response names an unknown itemIdentifier: ${JSON.stringify(id) ?? 'none'}`);
    failed.add(id);
  }
  return { failed };
}

function attribute(value: NonNullable<Message['MessageAttributes']>[string]): SQSMessageAttribute {
  return {
    ...(value.StringValue === undefined ? {} : { stringValue: value.StringValue }),
    ...(value.BinaryValue === undefined ? {} : { binaryValue: Buffer.from(value.BinaryValue).toString('base64') }),
    stringListValues: [],
    binaryListValues: [],
    dataType: value.DataType as SQSMessageAttribute['dataType'],
  };
}

/** One message as Lambda hands it to a function. */
export function toRecord(message: Message, queue: string): SQSRecord {
  const attributes = message.Attributes ?? {};
  return {
    messageId: message.MessageId ?? '',
    receiptHandle: message.ReceiptHandle ?? '',
    body: message.Body ?? '',
    attributes: {
      ...attributes,
      ApproximateReceiveCount: attributes.ApproximateReceiveCount ?? '1',
      SentTimestamp: attributes.SentTimestamp ?? '',
      SenderId: attributes.SenderId ?? '',
      ApproximateFirstReceiveTimestamp: attributes.ApproximateFirstReceiveTimestamp ?? '',
    },
    messageAttributes: Object.fromEntries(
      Object.entries(message.MessageAttributes ?? {}).map(([name, value]) => [name, attribute(value)]),
    ),
    md5OfBody: message.MD5OfBody ?? '',
    ...(message.MD5OfMessageAttributes === undefined ? {} : { md5OfMessageAttributes: message.MD5OfMessageAttributes }),
    eventSource: 'aws:sqs',
    eventSourceARN: `arn:aws:sqs:${REGION}:${ACCOUNT}:${queue}`,
    awsRegion: REGION,
  };
}

/**
 * Messages in groups whose bodies, as JSON, have at most `bytes` together; a larger one goes alone.
 */
export function groupBySize(messages: readonly Message[], bytes: number): Message[][] {
  const parts: Message[][] = [];
  let left = 0;
  for (const message of messages) {
    const size = Buffer.byteLength(JSON.stringify(message.Body ?? ''));
    if (size > left) {
      parts.push([]);
      left = bytes;
    }
    parts.at(-1)!.push(message);
    left -= size;
  }
  return parts;
}

/**
 * Seconds until a failed message is tried again: 1, 2, 4, 8 by receive count. Never 0: one emulator
 * loses the message then.
 */
export function retryDelay(receives: number): number {
  return 2 ** Math.min(Math.max(receives, 1) - 1, 3);
}
