// Messages in the parked queue: what could not be done, why, and how to request it again.
import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  type Message,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { Fault } from '../../lib/errors.ts';
import { findKind } from '../../lib/exports/kinds/index.ts';

export interface Parked {
  messageId: string;
  /** When it was parked, ISO. */
  at: string;
  reason: string;
  /** undefined: the message named no valid job. */
  jobId: string | undefined;
  /** The body as it came. */
  body: string;
}

/** Longer than reading a full queue takes, in seconds; undone at the end. */
const HIDDEN_S = 120;
/** Not 0: the embedded queue's store refuses that. */
const SEEN_AGAIN_S = 1;
const BATCH = 10;

const batches = <T>(items: readonly T[]): T[][] =>
  Array.from({ length: Math.ceil(items.length / BATCH) }, (_, index) =>
    items.slice(index * BATCH, (index + 1) * BATCH),
  );

async function receiveAll(sqs: SQSClient, url: string): Promise<Message[]> {
  const all = new Map<string, Message>();
  for (;;) {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({
        QueueUrl: url,
        MaxNumberOfMessages: BATCH,
        VisibilityTimeout: HIDDEN_S,
        WaitTimeSeconds: SEEN_AGAIN_S + 1,
        MessageAttributeNames: ['All'],
        MessageSystemAttributeNames: ['SentTimestamp'],
      }),
    );
    if (Messages.length === 0) return [...all.values()];
    for (const message of Messages) all.set(message.MessageId ?? '', message);
  }
}

const describe = (message: Message): Parked => ({
  messageId: message.MessageId ?? '',
  at: new Date(Number(message.Attributes?.SentTimestamp ?? 0)).toISOString(),
  reason: message.MessageAttributes?.reason?.StringValue ?? 'no reason was given',
  jobId: message.MessageAttributes?.job_id?.StringValue,
  body: message.Body ?? '',
});

/**
 * Everything that is parked, oldest first. `remove` deletes what is returned, after `show` has seen
 * it; otherwise all of it stays and can be received again a second later. @throws Fault
 * `unavailable` when the queue keeps some of what was to be removed.
 */
export async function parked(
  environment: Readonly<Record<string, string>>,
  remove: boolean,
  show: (found: readonly Parked[]) => void = () => undefined,
): Promise<Parked[]> {
  const QueueUrl = environment.EXPORTS_PARKED_QUEUE_URL ?? '';
  const sqs = new SQSClient({ endpoint: new URL(QueueUrl).origin, region: environment.AWS_REGION ?? 'us-east-1' });
  try {
    const messages = await receiveAll(sqs, QueueUrl);
    const found = messages.map(describe).sort((a, b) => (a.at < b.at ? -1 : 1));
    show(found);
    let failed = 0;
    for (const batch of batches(messages)) {
      const handles = batch.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
      if (remove) {
        const { Failed = [] } = await sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries: handles }));
        failed += Failed.length;
      } else {
        const Entries = handles.map((handle) => ({ ...handle, VisibilityTimeout: SEEN_AGAIN_S }));
        await sqs.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl, Entries }));
      }
    }
    if (failed > 0)
      throw new Fault('unavailable', `${failed} of ${found.length} messages could not be removed; try again`);
    return found;
  } finally {
    sqs.destroy();
  }
}

/** JSON in printable ASCII: a parked body could hold control characters for the terminal. */
const printable = (value: unknown): string =>
  JSON.stringify(value).replace(/[^\x20-\x7e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** Linux takes 128 KiB as one argument; what is longer goes through a here-document. */
const LONGEST_ARGUMENT = 100_000;

/** How to request a parked job again: a curl line, or why there is none. */
export function askAgain(body: string, url: string): string {
  try {
    const { kind, request, stored } = JSON.parse(body) as {
      kind?: unknown;
      request?: unknown;
      stored?: { object_key?: unknown };
    };
    const known = findKind(kind)?.kind;
    if (known !== undefined) {
      if (typeof request === 'object' && request !== null) {
        const body = printable(request);
        const post = `curl -X POST ${url}/api/exports/${known} -d`;
        return body.length > LONGEST_ARGUMENT
          ? `${post} @- <<'END'\n${body}\nEND`
          : `${post} '${body.replaceAll("'", "'\\''")}'`;
      }
      if (stored !== undefined)
        return `a ${known} request too large for a message; it was stored in the bucket as ${printable(stored.object_key)}`;
    }
  } catch {
    // Reported below, like everything else that is not a message.
  }
  return `not a readable message: ${printable(body.slice(0, 200))}`;
}
