// Messages that are sent at the same time leave by one call, and each fails alone.
import { createHash } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { sqsQueue } from '../../lib/adapters/sqs.ts';

interface Call {
  MessageBody?: string;
  Entries?: { Id: string; MessageBody: string }[];
}

const md5 = (text: string): string => createHash('md5').update(text).digest('hex');
const calls: Call[] = [];
let server: Server;
let queue: ReturnType<typeof sqsQueue>;

/** An SQS that refuses what says so. */
function answer({ MessageBody = '', Entries }: Call): object {
  if (Entries === undefined) return { MessageId: 'm', MD5OfMessageBody: md5(MessageBody) };
  const isRefused = ({ MessageBody: body }: { MessageBody: string }): boolean => body.startsWith('refuse');
  return {
    Successful: Entries.filter((entry) => !isRefused(entry)).map(({ Id, MessageBody: body }) => ({
      Id,
      MessageId: Id,
      MD5OfMessageBody: md5(body),
    })),
    Failed: Entries.filter(isRefused).map(({ Id }) => ({ Id, SenderFault: true, Code: 'no', Message: 'refused' })),
  };
}

beforeAll(async () => {
  Object.assign(process.env, { AWS_REGION: 'us-east-1', AWS_ACCESS_KEY_ID: 'id', AWS_SECRET_ACCESS_KEY: 'secret' });
  server = createServer(async (request, response) => {
    const call = (await json(request)) as Call;
    calls.push(call);
    response.setHeader('content-type', 'application/x-amz-json-1.0').end(JSON.stringify(answer(call)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  queue = sqsQueue({ url: `http://127.0.0.1:${port}/000000000000/exports`, timeout: 5_000 });
});
beforeEach(() => {
  calls.length = 0;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const sizes = (): number[] => calls.map(({ Entries }) => Entries?.length ?? 1).sort((a, b) => b - a);
const bodies = (): string[] =>
  calls.flatMap(({ MessageBody, Entries }) => Entries?.map((entry) => entry.MessageBody) ?? [MessageBody!]);

test('twenty-one messages of one turn are three calls, and none is lost or sent twice', async () => {
  const sent = Array.from({ length: 21 }, (_, at) => `message ${at}`);
  await Promise.all(sent.map((body) => queue.send(body)));
  expect(sizes()).toEqual([10, 10, 1]);
  expect(bodies().sort()).toEqual([...sent].sort());
});

test('a message that is refused fails alone', async () => {
  const ends = await Promise.allSettled(['one', 'refuse this', 'two'].map((body) => queue.send(body)));
  expect(ends.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect(ends[1]).toMatchObject({ reason: { kind: 'unavailable', cause: { message: 'refused' } } });
  expect(calls).toHaveLength(1);
});

test('a call holds no more bytes than SQS takes', async () => {
  await Promise.all(Array.from({ length: 5 }, (_, at) => queue.send(`${at}`.repeat(100 * 1_024))));
  expect(sizes()).toEqual([2, 2, 1]);
});

test('one message alone is sent as one', async () => {
  await queue.send('alone');
  expect(calls).toEqual([expect.objectContaining({ MessageBody: 'alone' })]);
});
