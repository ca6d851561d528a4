// Sends messages to one SQS queue. It knows no job.
import { GetQueueAttributesCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { Fault } from '../errors.ts';
import { withTimeout } from '../timeout.ts';

export interface Queue {
  /**
   * @param within bound on this call in ms, when it has to be shorter than the queue's own.
   * @throws Fault `unavailable` when SQS is down or slower than the bound; the message may then
   *   still have been accepted.
   */
  send(body: string, attributes?: Readonly<Record<string, string>>, within?: number): Promise<void>;
  ping(): Promise<void>;
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

export function sqsQueue({ url, timeout = 400, attempts = 1 }: QueueSettings): Queue {
  const bounded = async (within: number, work: (abortSignal: AbortSignal) => Promise<unknown>): Promise<void> => {
    try {
      await withTimeout(within, work);
    } catch (error) {
      throw new Fault('unavailable', 'SQS is not available', { cause: error });
    }
  };
  return {
    send: (body, attributes = {}, within = timeout * attempts + 200) => {
      const MessageAttributes = Object.fromEntries(
        Object.entries(attributes).map(([name, value]) => [name, { DataType: 'String', StringValue: value }]),
      );
      const command = new SendMessageCommand({ QueueUrl: url, MessageBody: body, MessageAttributes });
      return bounded(within, (abortSignal) => client(url, timeout, attempts).send(command, { abortSignal }));
    },
    ping: () => {
      const command = new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['QueueArn'] });
      return bounded(timeout, (abortSignal) => client(url, timeout, attempts).send(command, { abortSignal }));
    },
  };
}
