// Looking into queues as an operator does.
import { randomBytes } from 'node:crypto';
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  DeleteQueueCommand,
  type Message,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';

const clients = new Map<string, SQSClient>();
function openClient(url: string): SQSClient {
  const { origin } = new URL(url);
  const client = clients.get(origin) ?? new SQSClient({ endpoint: origin });
  clients.set(origin, client);
  return client;
}

/**
 * Queues for this test file alone, from here to its end, in place of the suite's: files run side by
 * side, and a file that takes messages takes all of them. To be called before anything reads the
 * variables.
 */
export async function ownQueues(): Promise<void> {
  for (const variable of ['EXPORTS_QUEUE_URL', 'EXPORTS_PARKED_QUEUE_URL', 'WEBHOOKS_QUEUE_URL']) {
    const suite = new URL(process.env[variable]!);
    const name = `${suite.pathname.split('/').at(-1)}-${randomBytes(4).toString('hex')}`;
    const { QueueUrl } = await openClient(suite.href).send(new CreateQueueCommand({ QueueName: name }));
    afterAll(() => openClient(suite.href).send(new DeleteQueueCommand({ QueueUrl })));
    process.env[variable] = QueueUrl;
  }
}

/** Takes every visible message off a queue. */
export async function take(url: string): Promise<Message[]> {
  const taken: Message[] = [];
  for (;;) {
    const { Messages = [] } = await openClient(url).send(
      new ReceiveMessageCommand({
        QueueUrl: url,
        MaxNumberOfMessages: 10,
        WaitTimeSeconds: 0,
        MessageAttributeNames: ['All'],
        MessageSystemAttributeNames: ['All'],
      }),
    );
    if (Messages.length === 0) return taken;
    for (const message of Messages) {
      taken.push(message);
      await openClient(url).send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle: message.ReceiptHandle }));
    }
  }
}

/** Bodies of every visible message, taken off the queue. */
export const drain = async (url: string): Promise<string[]> => (await take(url)).map(({ Body }) => Body ?? '');
