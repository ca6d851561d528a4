// Runs functions: light ones in this process, heavy ones in the pool.
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import type { HttpHandler } from '../../lib/lambda/http.ts';
import type { EsbuildOptions } from '../bundles/bundle.ts';
import { PROJECT } from '../stack/folder.ts';
import type { HostFunction } from './declared/functions.ts';
import { type Asked, type HttpAnswer, type LateAnswer, readReply, readResult } from './http/answer.ts';
import { type Bundling, startBundling } from './pool/bundles.ts';
import { type Handler, type Invocation, loadHandler, makeContext } from './pool/context.ts';
import { LateError } from './pool/errors.ts';
import { FunctionPool } from './pool/pool.ts';

const describe = ({ functionName, memorySize, timeout }: HostFunction, requestId: string): Invocation => ({
  functionName,
  requestId,
  memorySize,
  deadline: Date.now() + timeout * 1_000,
});

export class FunctionRunner {
  private readonly handlers = new Map<HostFunction, Handler>();
  private readonly pool = new FunctionPool();
  private bundling: Bundling | undefined;

  /**
   * With what runs in this process loaded. Functions read their variables from process.env when
   * they first run. @throws Error of a module that cannot be loaded
   */
  static async load(functions: readonly HostFunction[]): Promise<FunctionRunner> {
    const runner = new FunctionRunner();
    for (const target of functions.filter(({ heavy }) => !heavy))
      runner.handlers.set(target, await loadHandler(join(PROJECT, target.file), target.exported));
    return runner;
  }

  /**
   * For when nobody waits: bundles what runs in the pool, and has one process load each of `soon`,
   * so that the first invocation finds it.
   */
  async prepare(
    heavy: readonly HostFunction[],
    soon: readonly HostFunction[],
    options: EsbuildOptions | undefined,
  ): Promise<void> {
    this.bundling = startBundling([...new Set(heavy.map(({ file }) => file))], options ?? {});
    this.pool.use(await this.bundling.bundles);
    for (const target of soon) this.pool.warm(target);
  }

  /**
   * @returns what the function returned
   * @throws what it threw, or LateError when its time is over; a function of the pool is killed
   *   then, one of this process goes on, and whatever it still writes is refused by the job's table
   */
  async run(target: HostFunction, event: unknown, requestId: string = randomUUID()): Promise<unknown> {
    const invocation = describe(target, requestId);
    const handler = this.handlers.get(target);
    if (handler === undefined) return JSON.parse(await this.pool.invoke(target, { ...invocation, event }));
    return this.inTime(target, () => handler(event, makeContext(invocation)));
  }

  /** As run(), for an HTTP function: one of this process may answer with a stream, or later. */
  async answer(
    target: HostFunction,
    event: APIGatewayProxyEventV2,
    { requestId, onGone }: Asked,
  ): Promise<HttpAnswer | LateAnswer | undefined> {
    const stream = (this.handlers.get(target) as Partial<HttpHandler> | undefined)?.stream;
    if (stream === undefined) return readResult(await this.run(target, event, requestId));
    const context = makeContext(describe(target, requestId));
    const reply = await this.inTime(target, () => stream(event, context, onGone));
    return 'later' in reply ? { later: reply.later.then(readReply) } : readReply(reply);
  }

  private async inTime<T>(target: HostFunction, act: () => T): Promise<Awaited<T>> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new LateError(target.timeout)), target.timeout * 1_000);
    });
    try {
      return await Promise.race([act(), late]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Kills what still runs in the pool. */
  close(): Promise<void> {
    this.bundling?.end();
    return this.pool.close();
  }
}
