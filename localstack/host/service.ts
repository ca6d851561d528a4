// A service as a child process in its own group: started, waited for, stopped without orphans.
import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pRetry from 'p-retry';
import { Fault } from '../../lib/errors.ts';
import { FEW_ARENAS, SMALL_YOUNG_GENERATION } from '../stack/memory-flags.ts';

const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

export interface Service {
  url: string;
  pid: number;
  /**
   * SIGTERM or what Ctrl-C sends, then waits for a clean end; SIGKILL for the whole group after
   * `timeout` ms. Resolves with the exit code.
   */
  stop(timeout?: number, signal?: 'SIGTERM' | 'SIGINT'): Promise<number | null>;
  /** kill -9 for the process and everything it started in its group. */
  kill(): Promise<void>;
}

export interface ServiceOptions {
  httpPort: number;
  lambdaPort: number;
  env?: NodeJS.ProcessEnv;
  /**
   * File that takes stdout and stderr; default: they are dropped, the last lines kept for an error.
   */
  logFile?: string;
  /** What starts it; default: the host. */
  command?: readonly [string, ...string[]] | undefined;
  /** How long starting may take, in ms. */
  timeout?: number;
}

const UP_AGAIN_MS = 100;
/** What `npm start` runs. */
export const HOST_COMMAND = [
  process.execPath,
  '--disable-warning=ExperimentalWarning',
  SMALL_YOUNG_GENERATION,
  join(ROOT, 'scripts/start.ts'),
] as const;

function groupKill(child: ChildProcess, signal: NodeJS.Signals): void {
  try {
    process.kill(-child.pid!, signal);
  } catch {
    // The group is gone already.
  }
}

/** Whether /health answers 200. */
export const isUp = (url: string): Promise<boolean> =>
  fetch(`${url}/health`, { signal: AbortSignal.timeout(3_000) }).then(
    (response) => response.status === 200,
    () => false,
  );

/** @throws when /health has not answered 200 within `timeout` ms, or `hasEnded` says so. */
async function untilUp(url: string, timeout: number, hasEnded: () => boolean): Promise<void> {
  const check = async (): Promise<void> => {
    if (!(await isUp(url))) throw new Error('not up');
  };
  const again = { factor: 1, minTimeout: UP_AGAIN_MS, maxRetryTime: timeout, shouldRetry: () => !hasEnded() };
  await pRetry(check, { retries: Number.POSITIVE_INFINITY, ...again });
}

/**
 * Starts the service and resolves when /health answers 200. @throws Fault `unavailable` with the
 * last lines it said.
 */
export async function startService({
  httpPort,
  lambdaPort,
  env = process.env,
  logFile,
  command = HOST_COMMAND,
  timeout = 120_000,
}: ServiceOptions): Promise<Service> {
  const [program, ...args] = command;
  const child = spawn(program, args, {
    cwd: ROOT,
    // Its own group, so that nothing it starts is left holding a port.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...FEW_ARENAS, ...env, HOOFPRINT_HTTP_PORT: String(httpPort), HOOFPRINT_LAMBDA_PORT: String(lambdaPort) },
  });
  const said: string[] = [];
  const log = logFile === undefined ? undefined : createWriteStream(logFile, { flags: 'a' });
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      log?.write(chunk);
      said.push(chunk.toString());
      if (said.length > 50) said.shift();
    });
  }
  const ended = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  // Ctrl-C reaches only the process that started it, which must not leave it behind.
  const together = (): void => {
    groupKill(child, 'SIGTERM');
    void ended.then(() => process.exit(130));
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, together);
    void ended.then(() => process.removeListener(signal, together));
  }
  const url = `http://${env.HOOFPRINT_HOST || '127.0.0.1'}:${httpPort}`;
  await untilUp(url, timeout, () => child.exitCode !== null).catch(() => {
    groupKill(child, 'SIGKILL');
    const last = said.join('').trim().split('\n').slice(-8).join(' | ');
    throw new Fault('unavailable', `the service did not start: ${last}`);
  });
  return {
    url,
    pid: child.pid!,
    async stop(wait = 40_000, signal = 'SIGTERM') {
      groupKill(child, signal);
      const late = setTimeout(() => groupKill(child, 'SIGKILL'), wait);
      const code = await ended;
      clearTimeout(late);
      return code;
    },
    async kill() {
      groupKill(child, 'SIGKILL');
      await ended;
    },
  };
}
