// Invokes handlers as API Gateway, SQS and the scheduler do.
import { randomUUID } from 'node:crypto';
import type {
  APIGatewayProxyEventV2,
  APIGatewayProxyStructuredResultV2,
  Context,
  SQSBatchResponse,
  SQSEvent,
} from 'aws-lambda';

export const context = (milliseconds = 300_000): Context => {
  const end = Date.now() + milliseconds;
  return {
    awsRequestId: randomUUID(),
    functionName: 'test',
    getRemainingTimeInMillis: () => end - Date.now(),
  } as unknown as Context;
};

export interface Reply {
  status: number;
  headers: Record<string, string>;
  text: string;
  bytes: Buffer;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
  json: any;
}

type HttpHandler = (event: APIGatewayProxyEventV2, context: Context) => Promise<APIGatewayProxyStructuredResultV2>;

export interface Call {
  method?: string;
  path?: string;
  parameters?: Record<string, string>;
  /** Sent as JSON unless it is text or bytes already. */
  body?: unknown;
  headers?: Record<string, string>;
}

export async function call(
  handler: HttpHandler,
  { method = 'GET', path = '/', parameters = {}, body, headers = {} }: Call,
): Promise<Reply> {
  const bytes = Buffer.isBuffer(body);
  const event = {
    version: '2.0',
    routeKey: `${method} ${path}`,
    rawPath: path,
    rawQueryString: '',
    headers,
    pathParameters: parameters,
    requestContext: { requestId: randomUUID(), http: { method, path } },
    body:
      body === undefined
        ? undefined
        : bytes
          ? body.toString('base64')
          : typeof body === 'string'
            ? body
            : JSON.stringify(body),
    isBase64Encoded: bytes,
  } as unknown as APIGatewayProxyEventV2;
  const result = await handler(event, context());
  const raw = Buffer.from(result.body ?? '', result.isBase64Encoded ? 'base64' : 'utf8');
  const reply: Reply = {
    status: result.statusCode ?? 0,
    headers: result.headers as Record<string, string>,
    text: raw.toString(),
    bytes: raw,
    json: undefined,
  };
  if (reply.headers['content-type']?.includes('json')) reply.json = JSON.parse(reply.text);
  return reply;
}

type QueueHandler = (event: SQSEvent, context: Context) => Promise<SQSBatchResponse>;

/** Delivers bodies as one batch; resolves with the indexes of those that came back as failures. */
export async function deliver(
  handler: QueueHandler,
  bodies: readonly string[],
  milliseconds?: number,
): Promise<number[]> {
  const Records = bodies.map((body, i) => ({
    messageId: `message-${i}`,
    receiptHandle: `receipt-${i}`,
    body,
    attributes: {
      ApproximateReceiveCount: '1',
      SentTimestamp: String(Date.now()),
      SenderId: 'test',
      ApproximateFirstReceiveTimestamp: String(Date.now()),
    },
    messageAttributes: {},
    md5OfBody: '',
    eventSource: 'aws:sqs',
    eventSourceARN: 'arn:aws:sqs:us-east-1:000000000000:exports',
    awsRegion: 'us-east-1',
  }));
  const { batchItemFailures } = await handler({ Records } as SQSEvent, context(milliseconds));
  return batchItemFailures.map(({ itemIdentifier }) => Number(itemIdentifier.split('-')[1]));
}
