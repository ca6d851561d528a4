// Queue -> function by AWS's rules, on a real queue server and a function endpoint of the test.
import { createServer, type Server } from 'node:http';
import { GetQueueAttributesCommand, ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { SQSEvent } from 'aws-lambda';
import { type EventSource, startEventSource } from '../../localstack/host/queues/event-source.ts';
import { checkEndpoint, invokeAt } from '../../localstack/offline/invoke.ts';
import { ACCOUNT, QUEUES } from '../../localstack/stack/resources.ts';
import type { Engine } from '../../localstack/stack/supervisor.ts';
import { type FaultyLine, openProxy } from '../faults/proxy.ts';
import { startEngine } from '../support/engine.ts';
import { endAll, eventually } from '../support/owners.ts';
import { SECRETS } from '../support/secrets.ts';

describe('on a queue', () => {
  let engine: Engine;
  let sqs: SQSClient;
  let endpoint: Server;
  let invokeUrl: string;
  let source: EventSource | undefined;
  /** What the function does with an event: its answer, or an error status. */
  let respond: (event: SQSEvent) => Promise<{ status?: number; body?: unknown; error?: boolean }>;
  let events: { at: number; event: SQSEvent }[];
  let ill: object;
  /** Between the event source and the queue, where a test wants one. */
  let line: FaultyLine | undefined;
  const queueUrl = (name: string, port = engine.port) => `http://127.0.0.1:${port}/${ACCOUNT}/${name}`;
  const environment = () => ({
    AWS_REGION: 'us-east-1',
    AWS_ENDPOINT_URL_SQS: `http://127.0.0.1:${line?.port ?? engine.port}`,
    AWS_ACCESS_KEY_ID: SECRETS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: SECRETS.secretAccessKey,
  });

  beforeAll(async () => {
    engine = await startEngine('aws', SECRETS, 'hoofprint-exports');
    sqs = new SQSClient({
      endpoint: `http://127.0.0.1:${engine.port}`,
      region: 'us-east-1',
      credentials: SECRETS,
    });
    endpoint = createServer(async (request, response) => {
      let body = '';
      for await (const part of request) body += String(part);
      if (request.method !== 'POST') return response.writeHead(404).end();
      const event = JSON.parse(body) as SQSEvent;
      events.push({ at: Date.now(), event });
      const answer = await respond(event);
      response.writeHead(answer.status ?? 200, answer.error ? { 'x-amz-function-error': 'Unhandled' } : {});
      return response.end(answer.body === undefined ? '' : JSON.stringify(answer.body));
    });
    await new Promise<void>((resolve) => endpoint.listen(0, '127.0.0.1', resolve));
    invokeUrl = `http://127.0.0.1:${(endpoint.address() as { port: number }).port}`;
  });
  afterAll(async () => {
    endpoint?.close();
    endpoint?.closeAllConnections();
    sqs?.destroy();
    await engine?.stop();
    await endAll();
  });
  beforeEach(() => {
    events = [];
    ill = {};
    respond = async () => ({});
  });
  afterEach(async () => {
    await source?.stop(2_000);
    source = undefined;
    await line?.close();
    line = undefined;
  });

  const start = (queue: string, batchSize: number): void => {
    source = startEventSource({
      functions: [
        {
          functionName: `hoofprint-dev-${queue}`,
          queue,
          batchSize,
          reportsFailures: true,
          concurrency: 2,
          timeout: 30,
        },
      ],
      invoke: invokeAt(invokeUrl),
      queueUrl: (name) => queueUrl(name, line?.port),
      environment: environment(),
      health: async () => ({ ...ill, ...(await checkEndpoint(invokeUrl)) }),
    });
  };
  const send = (queue: string, body: string) =>
    sqs.send(
      new SendMessageCommand({
        QueueUrl: queueUrl(queue),
        MessageBody: body,
        MessageAttributes: { reason: { DataType: 'String', StringValue: 'test' } },
      }),
    );
  async function depth(queue: string): Promise<{ ready: number; hidden: number }> {
    const { Attributes } = await sqs.send(
      new GetQueueAttributesCommand({ QueueUrl: queueUrl(queue), AttributeNames: ['All'] }),
    );
    return {
      ready: Number(Attributes?.ApproximateNumberOfMessages),
      hidden: Number(Attributes?.ApproximateNumberOfMessagesNotVisible),
    };
  }
  const isEmpty = async (queue: string): Promise<boolean> => {
    const { ready, hidden } = await depth(queue);
    return ready + hidden === 0;
  };
  const bodies = (): string[] => events.flatMap(({ event }) => event.Records.map(({ body }) => body));

  test('records look as Lambda gives them, successes are deleted, failures alone come back after 1 and 2 s', async () => {
    respond = async (event) => ({
      body: {
        batchItemFailures: event.Records.filter(({ body }) => body === 'bad').map(({ messageId }) => ({
          itemIdentifier: messageId,
        })),
      },
    });
    for (const body of ['good 1', 'bad', 'good 2']) await send(QUEUES.parked, body);
    start(QUEUES.parked, 10);
    await eventually('the bad one is tried three times', () => bodies().filter((body) => body === 'bad').length === 3);
    expect(bodies().filter((body) => body.startsWith('good'))).toHaveLength(2);
    const tries = events.flatMap(({ at, event }) =>
      event.Records.filter(({ body }) => body === 'bad').map((record) => ({
        at,
        count: record.attributes.ApproximateReceiveCount,
      })),
    );
    expect(tries.map(({ count }) => count)).toEqual(['1', '2', '3']);
    expect(tries[1]!.at - tries[0]!.at).toBeGreaterThanOrEqual(950);
    expect(tries[2]!.at - tries[1]!.at).toBeGreaterThanOrEqual(1_950);
    expect(events[0]?.event.Records[0]).toEqual({
      messageId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      receiptHandle: expect.any(String),
      body: expect.any(String),
      attributes: expect.objectContaining({
        ApproximateReceiveCount: '1',
        SentTimestamp: expect.stringMatching(/^\d{13}$/),
        ApproximateFirstReceiveTimestamp: expect.stringMatching(/^\d{13}$/),
        SenderId: ACCOUNT,
      }),
      messageAttributes: {
        reason: { stringValue: 'test', stringListValues: [], binaryListValues: [], dataType: 'String' },
      },
      md5OfBody: expect.stringMatching(/^[0-9a-f]{32}$/),
      md5OfMessageAttributes: expect.stringMatching(/^[0-9a-f]{32}$/),
      eventSource: 'aws:sqs',
      eventSourceARN: `arn:aws:sqs:us-east-1:${ACCOUNT}:${QUEUES.parked}`,
      awsRegion: 'us-east-1',
    });
    respond = async () => ({});
    await eventually('the queue is empty', () => isEmpty(QUEUES.parked));
  });

  test('a function that throws or cannot be found fails its whole batch, which is tried again', async () => {
    const answers = [{ error: true, body: { errorMessage: 'boom' } }, { status: 404 }];
    respond = async () => answers.shift() ?? {};
    await send(QUEUES.dead, 'message');
    start(QUEUES.dead, 10);
    await eventually('three tries', () => events.length === 3);
    await eventually('the queue is empty', () => isEmpty(QUEUES.dead));
  });

  test('an outage stops receiving and costs what is queued no attempt', async () => {
    ill = { postgres: 'down' };
    start(QUEUES.exports, 1);
    await send(QUEUES.exports, 'waits');
    const began = Date.now();
    // Longer than a poll and than a cached good answer: had anything been received by then, it
    // would not be ready.
    await eventually('two seconds of outage', () => Date.now() - began > 2_000);
    expect(events).toHaveLength(0);
    expect(await depth(QUEUES.exports)).toEqual({ ready: 1, hidden: 0 });
    ill = {};
    await eventually('the message is handled', () => events.length === 1);
    expect(events[0]?.event.Records[0]?.attributes.ApproximateReceiveCount).toBe('1');
    await eventually('the queue is empty', () => isEmpty(QUEUES.exports));
  });

  test('stop waits for a running function, deletes what it finished, and receives nothing more', async () => {
    let running: (() => void) | undefined;
    respond = () =>
      new Promise((resolve) => {
        running = () => resolve({});
      });
    await send(QUEUES.exports, 'runs');
    start(QUEUES.exports, 1);
    await eventually('the function runs', () => running !== undefined);
    const stopped = source!.stop(10_000);
    await send(QUEUES.exports, 'later');
    running?.();
    await stopped;
    expect(bodies()).toEqual(['runs']);
    const { ready, hidden } = await depth(QUEUES.exports);
    // The later one was perhaps on its way to us: then it was handed back for one second.
    expect(ready + hidden).toBe(1);
    const received = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl: queueUrl(QUEUES.exports), WaitTimeSeconds: 3, VisibilityTimeout: 1 }),
    );
    expect(received.Messages?.map(({ Body }) => Body)).toEqual(['later']);
    respond = async () => ({});
    start(QUEUES.exports, 1);
    await eventually('the queue is empty', () => isEmpty(QUEUES.exports));
  });

  test('stop hands back what does not end in time: another owner has it a second later', async () => {
    let running = false;
    respond = () => {
      running = true;
      return new Promise(() => undefined);
    };
    await send(QUEUES.exports, 'hangs');
    start(QUEUES.exports, 1);
    await eventually('the function runs', () => running);
    await source!.stop(100);
    source = undefined;
    const received = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl: queueUrl(QUEUES.exports), WaitTimeSeconds: 5 }),
    );
    expect(received.Messages?.map(({ Body }) => Body)).toEqual(['hangs']);
  });

  test('lines to SQS that somebody forgot are given up, and receiving goes on', async () => {
    line = await openProxy({ host: '127.0.0.1', port: engine.port });
    start(QUEUES.parked, 1);
    await send(QUEUES.parked, 'first');
    await eventually('the first', () => bodies().length === 1);
    await eventually('it is deleted', () => isEmpty(QUEUES.parked));
    line.forget();
    // Longer than a poll: else the queue itself may give the message to one that nobody hears any
    // more, and hide it for 20 s.
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    for (const body of ['second', 'third']) await send(QUEUES.parked, body);
    await eventually('the others', () => bodies().length === 3);
    await eventually('the queue is empty', () => isEmpty(QUEUES.parked));
  });

  test('stop ends although SQS says nothing any more, with one message done and one in hand', async () => {
    line = await openProxy({ host: '127.0.0.1', port: engine.port });
    let running = 0;
    respond = (event) => {
      running += 1;
      return event.Records[0]?.body === 'hangs' ? new Promise(() => undefined) : Promise.resolve({});
    };
    for (const body of ['hangs', 'done']) await send(QUEUES.parked, body);
    start(QUEUES.parked, 1);
    await eventually('both', () => running === 2);
    line.pause();
    const began = Date.now();
    await source!.stop(500);
    // Its timeout, three seconds for last calls, and a busy machine; a call that is waited for
    // would take ten.
    expect(Date.now() - began).toBeLessThan(7_000);
    source = undefined;
    // Neither was deleted: both are seen again, and the one that is done is known to be.
    const { ready, hidden } = await depth(QUEUES.parked);
    expect(ready + hidden).toBe(2);
  });
});
