// The functions, read from the resolved Serverless service: serverless.yml stays the one place that
// names them.
import { Fault } from '../../../lib/errors.ts';
import type { EsbuildOptions } from '../../bundles/bundle.ts';

export interface HostFunction {
  /** As in serverless.yml. */
  key: string;
  /** Name under which the function is invoked: <service>-<stage>-<key>. */
  functionName: string;
  /** Path of its module, relative to serverless.yml, and the name that it exports. */
  file: string;
  exported: string;
  /** Seconds. */
  timeout: number;
  /** MB. */
  memorySize: number;
  /** Runs in a separate process, which can be killed. */
  heavy: boolean;
  /** Answered also when the host is busy, or about to end. */
  probe?: boolean;
  /** Bytes that the body of a request may have; undefined = as everywhere. */
  mostBody?: number | undefined;
  environment: Readonly<Record<string, string>>;
  /** `GET /api/exports/pdf/{job_id}`, or `*` for whatever no other route takes. */
  routes: readonly string[];
  /** `rate(1 minute)`. */
  schedules: readonly string[];
}

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

interface FunctionDefinition {
  name?: string;
  handler?: string;
  timeout?: number;
  memorySize?: number;
  environment?: Record<string, string>;
  events?: { sqs?: string | SqsEvent; httpApi?: string; schedule?: string }[];
}

export interface Service {
  service: string;
  provider: { timeout?: number; stage?: string; memorySize?: number; environment?: Record<string, unknown> };
  custom?: {
    hoofprint?: { heavy?: string[]; probes?: string[]; worker?: string[]; bodies?: Record<string, number> };
    esbuild?: EsbuildOptions;
  };
  functions?: Record<string, FunctionDefinition>;
  resources?: { Resources?: Record<string, { Properties?: { QueueName?: unknown } }> };
}

/** What is no text refers to a resource of AWS. */
export const pickTexts = (environment: Readonly<Record<string, unknown>> = {}): Record<string, string> =>
  Object.fromEntries(
    Object.entries(environment).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );

/** AWS's own defaults; 2 is the least that maximumConcurrency may say. */
const BATCH_SIZE = 10;
const CONCURRENCY = 2;
const TIMEOUT_S = 6;
const MEMORY_MB = 1_024;

const nameFunction = (service: Service, key: string, { name }: FunctionDefinition): string =>
  name ?? `${service.service}-${service.provider.stage ?? 'dev'}-${key}`;
const findTimeout = (service: Service, { timeout }: FunctionDefinition): number =>
  timeout ?? service.provider.timeout ?? TIMEOUT_S;

/** Every function of the service. @throws Fault `invalid` for a handler that is no `path.name` */
export function hostFunctions(service: Service): HostFunction[] {
  const { custom, provider, functions = {} } = service;
  return Object.entries(functions).map(([key, definition]) => {
    const { handler = '', memorySize, environment = {}, events = [] } = definition;
    const [, path, exported] = /^(.+)\.(\w+)$/.exec(handler) ?? [];
    if (path === undefined || exported === undefined)
      throw new Fault('invalid', `serverless.yml: the handler of ${key} must be a path and a name: ${handler}`);
    return {
      key,
      functionName: nameFunction(service, key, definition),
      file: `${path}.ts`,
      exported,
      timeout: findTimeout(service, definition),
      memorySize: memorySize ?? provider.memorySize ?? MEMORY_MB,
      heavy: custom?.hoofprint?.heavy?.includes(key) ?? false,
      probe: custom?.hoofprint?.probes?.includes(key) ?? false,
      mostBody: custom?.hoofprint?.bodies?.[key],
      environment,
      routes: events.flatMap(({ httpApi }) => httpApi ?? []),
      schedules: events.flatMap(({ schedule }) => schedule ?? []),
    };
  });
}

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
          functionName: nameFunction(service, key, definition),
          queue,
          batchSize: Math.min(event.batchSize ?? BATCH_SIZE, 10),
          reportsFailures: event.functionResponseType === 'ReportBatchItemFailures',
          concurrency: event.maximumConcurrency ?? CONCURRENCY,
          timeout: findTimeout(service, definition),
        },
      ];
    }),
  );
}
