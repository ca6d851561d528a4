// The second argument of a function, as on Lambda.
import type { Context } from 'aws-lambda';
import { ACCOUNT, REGION } from '../../stack/resources.ts';

export interface Invocation {
  functionName: string;
  requestId: string;
  /** MB. */
  memorySize: number;
  /** Epoch in ms at which the function's time is over. */
  deadline: number;
}

const unsupported = (): never => {
  throw new Error('a handler answers with the promise that it returns, not by a callback');
};

export function makeContext({ functionName, requestId, memorySize, deadline }: Invocation): Context {
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionName,
    functionVersion: '$LATEST',
    invokedFunctionArn: `arn:aws:lambda:${REGION}:${ACCOUNT}:function:${functionName}`,
    memoryLimitInMB: String(memorySize),
    awsRequestId: requestId,
    logGroupName: `/aws/lambda/${functionName}`,
    logStreamName: 'local',
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
    done: unsupported,
    fail: unsupported,
    succeed: unsupported,
  };
}

export type Handler = (event: unknown, context: Context) => unknown;

/** What a module does before its first invocation, where there is time for it. */
export async function prepareModule(path: string): Promise<void> {
  const { prepare } = (await import(path)) as { prepare?: () => Promise<void> };
  await prepare?.();
}

/** @param path absolute @throws Error for a module that does not export a function of this name */
export async function loadHandler(path: string, exported: string): Promise<Handler> {
  const module = (await import(path)) as Record<string, unknown>;
  const handler = module[exported];
  if (typeof handler !== 'function') throw new Error(`${path} does not export a function ${exported}`);
  return handler as Handler;
}
