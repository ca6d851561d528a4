// The functions behind queues, read from the resolved Serverless service: serverless.yml stays the
// one place that names them.
import { Fault } from '../../lib/errors.ts';

export interface QueueFunction {
  /** Name under which the function is invoked: <service>-<stage>-<key>. */
  functionName: string;
  /** Name of its queue. */
  queue: string;
  batchSize: number;
  /** functionResponseType ReportBatchItemFailures. */
  reportsFailures: boolean;
  /** Invocations at a time. */
  concurrency: number;
  /** Seconds. */
  timeout: number;
}

interface SqsEvent {
  arn?: unknown;
  enabled?: boolean;
  batchSize?: number;
  functionResponseType?: string;
  maximumConcurrency?: number;
}

export interface Service {
  service: string;
  provider: { timeout?: number; stage?: string; environment?: Record<string, unknown> };
  functions?: Record<
    string,
    { name?: string; handler?: string; timeout?: number; events?: { sqs?: string | SqsEvent }[] }
  >;
  resources?: { Resources?: Record<string, { Properties?: { QueueName?: unknown } }> };
}

/** AWS's own defaults; 2 is the least that maximumConcurrency may say. */
const BATCH_SIZE = 10;
const CONCURRENCY = 2;
const TIMEOUT_S = 6;

function queueName(service: Service, arn: unknown): string | undefined {
  if (typeof arn === 'string') return arn.split(':').at(-1);
  const resource = (arn as { 'Fn::GetAtt'?: string | [string] } | undefined)?.['Fn::GetAtt'];
  const id = typeof resource === 'string' ? resource.split('.')[0] : resource?.[0];
  const name = id === undefined ? undefined : service.resources?.Resources?.[id]?.Properties?.QueueName;
  return typeof name === 'string' ? name : undefined;
}

/** @throws Fault `invalid` naming the function whose queue the file does not name. */
export function queueFunctions(service: Service): QueueFunction[] {
  return Object.entries(service.functions ?? {}).flatMap(([key, definition]) =>
    (definition.events ?? []).flatMap(({ sqs }) => {
      if (sqs === undefined || (typeof sqs === 'object' && sqs.enabled === false)) return [];
      const event: SqsEvent = typeof sqs === 'string' ? { arn: sqs } : sqs;
      const queue = queueName(service, event.arn);
      if (queue === undefined)
        throw new Fault(
          'invalid',
          `serverless.yml: the queue of ${key} must be an ARN or !GetAtt of a queue with a QueueName`,
        );
      return [
        {
          functionName: definition.name ?? `${service.service}-${service.provider.stage ?? 'dev'}-${key}`,
          queue,
          batchSize: Math.min(event.batchSize ?? BATCH_SIZE, 10),
          reportsFailures: event.functionResponseType === 'ReportBatchItemFailures',
          concurrency: event.maximumConcurrency ?? CONCURRENCY,
          timeout: definition.timeout ?? service.provider.timeout ?? TIMEOUT_S,
        },
      ];
    }),
  );
}
