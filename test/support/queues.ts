// Looking into queues as an operator does.
import { DeleteMessageCommand, type Message, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';

const clients = new Map<string, SQSClient>();
function clientOf(url: string): SQSClient {
  const { origin } = new URL(url);
  const client = clients.get(origin) ?? new SQSClient({ endpoint: origin });
  clients.set(origin, client);
  return client;
}

/** Takes every visible message off a queue. */
export async function take(url: string): Promise<Message[]> {
  const taken: Message[] = [];
  for (;;) {
    const { Messages = [] } = await clientOf(url).send(
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
      await clientOf(url).send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle: message.ReceiptHandle }));
    }
  }
}

/** Bodies of every visible message, taken off the queue. */
export const drain = async (url: string): Promise<string[]> => (await take(url)).map(({ Body }) => Body ?? '');
