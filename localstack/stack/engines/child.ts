// What all engine processes share: their one lock, the messages to and from the supervisor, and an
// end that cannot be missed.
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import type { EngineMessage, EngineOptions, EngineOrder } from '../engine-messages.ts';
import { waitForLock } from '../lock.ts';
import type { Secrets } from '../secrets.ts';

export interface RunningEngine {
  port: number;
  stop(): Promise<void>;
}

/**
 * A predecessor that was left by its killed parent may still be finishing a query or writing its
 * keys.
 */
const PREDECESSOR_MS = 30_000;
/** Stopping may not take longer: an engine that hangs would keep ports and locks. */
const STOP_MS = 10_000;

export const HOST = '127.0.0.1';

/** Engines that live for seconds: what makes long work fast is left out. */
const LIGHT = process.env.HOOFPRINT_ENGINES === 'light';

/**
 * WebAssembly that is never optimized: a start takes a third of the computing, and PostgreSQL a
 * third of the memory; long work takes longer. The first implies the others only on a command line.
 */
const UNOPTIMIZED = ['--liftoff-only', '--no-wasm-tier-up', '--no-wasm-dynamic-tiering'];

/**
 * Bytes of a WebAssembly function that run before it is optimized; V8's own 13 million optimize
 * during a start what then hardly runs again, a fifth of the start's computing.
 */
const LATE_OPTIMIZED = '--wasm-tiering-budget=100000000';

export type StartEngine = (options: EngineOptions, secrets: Secrets) => Promise<RunningEngine>;

/**
 * Runs one engine in this process: ends on the message `stop`, on SIGTERM, and when the IPC channel
 * closes (the parent ended, however it did). SIGINT is left to the parent: Ctrl-C reaches a whole
 * terminal group, and engines end last.
 */
export async function runEngine(start: StartEngine): Promise<void> {
  process.umask(0o077);
  const send = (message: EngineMessage): Promise<void> =>
    new Promise((resolve) =>
      process.connected ? process.send?.(message, undefined, undefined, () => resolve()) : resolve(),
    );
  const options = JSON.parse(process.argv[2] ?? '{}') as EngineOptions;
  let running: RunningEngine | undefined;
  let stopping = false;
  const stop = async (): Promise<void> => {
    if (stopping) return;
    stopping = true;
    setTimeout(() => process.exit(1), STOP_MS).unref();
    // Before it runs there is nothing to save, and process.exit can hang while WebAssembly is still
    // being compiled (seen: an orphan).
    if (running === undefined) process.kill(process.pid, 'SIGKILL');
    await running?.stop().catch((error: unknown) => console.error(error));
    process.exit(0);
  };
  process.on('SIGINT', () => undefined);
  process.on('SIGTERM', stop);
  process.on('disconnect', stop);
  const secrets = new Promise<Secrets>((resolve) =>
    process.on('message', (order: EngineOrder) => {
      if (order.kind === 'start') resolve(order.secrets);
      else void stop();
    }),
  );
  if (!process.connected) process.exit(0);
  for (const flag of LIGHT ? UNOPTIMIZED : [LATE_OPTIMIZED]) setFlagsFromString(flag);
  try {
    const lock = await waitForLock(join(options.folder, 'engine.lock'), PREDECESSOR_MS);
    if (lock === undefined) throw new Error(`another process still uses ${options.folder}`);
    running = await start(options, await secrets);
    if (stopping) await running.stop();
    else await send({ kind: 'ready', port: running.port });
  } catch (error) {
    await send({ kind: 'failed', reason: describeError(error) });
    process.exit(1);
  }
}

/** WebAssembly engines throw plain objects with a name and an errno. */
const describeError = (error: unknown): string =>
  error instanceof Error ? error.message : typeof error === 'object' ? JSON.stringify(error) : String(error);

/**
 * Opens what an earlier run of an engine left. @throws Error that says so, whatever the engine says
 * of it.
 */
export async function opening<T>(what: string, open: () => T | Promise<T>): Promise<T> {
  try {
    return await open();
  } catch (error) {
    throw new Error(`${what} cannot be opened (${describeError(error)})`, { cause: error });
  }
}

/**
 * Listens on the wanted port, or on any free one where that is allowed. `listen` must reject with
 * the system's error.
 */
export async function listenOn(options: EngineOptions, listen: (port: number) => Promise<number>): Promise<number> {
  try {
    return await listen(options.port);
  } catch (error) {
    if (options.anyPort && options.port !== 0 && (error as { code?: string }).code === 'EADDRINUSE') return listen(0);
    throw error;
  }
}
