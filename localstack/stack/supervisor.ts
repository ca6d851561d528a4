// Keeps one engine process alive: starts it, restarts it on the same port when it crashes, and
// gives up after three quick crashes.
import { type ChildProcess, fork } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Fault } from '../../lib/errors.ts';
import { log } from '../../lib/log.ts';
import type { EngineMessage, EngineOptions } from './engine-messages.ts';

export type EngineName = 'postgres' | 'redis' | 'aws' | 'images';

export interface Engine {
  readonly name: EngineName;
  readonly port: number;
  readonly pid: number | undefined;
  /** Stops the process and waits for its end (it is killed after 12 s). */
  stop(): Promise<void>;
}

export interface EngineRequest extends EngineOptions {
  name: EngineName;
  /** Called when the engine cannot be kept alive; the stack has to end. */
  onGivenUp: (fault: Fault) => void;
}

const QUICK_MS = 30_000;
const QUICK_CRASHES = 3;
const STOP_MS = 12_000;

interface Running {
  child: ChildProcess;
  port: number;
}

/**
 * Resolves when the engine says that it is ready. @throws Fault `unavailable` with the engine's own
 * reason.
 */
function launch(request: EngineRequest, port: number, anyPort: boolean): Promise<Running> {
  const options: EngineOptions = { folder: request.folder, port, anyPort, settings: request.settings };
  const child = fork(
    fileURLToPath(new URL(`./engines/${request.name}.ts`, import.meta.url)),
    [JSON.stringify(options)],
    {
      execArgv: ['--disable-warning=ExperimentalWarning'],
      // stdout is the answer of `invoke local`; errors of an engine go to stderr.
      stdio: ['ignore', 'ignore', 2, 'ipc'],
      // In a separate process group: Ctrl-C in the terminal reaches only the owner, which ends its
      // engines last.
      detached: true,
    },
  );
  return new Promise((resolve, reject) => {
    const fail = (reason: string): void =>
      reject(new Fault('unavailable', `the local ${request.name} did not start: ${reason}`));
    child.once('error', (error) => fail(error.message));
    child.once('exit', (code, signal) => fail(`it ended with ${signal ?? code}`));
    child.once('message', (message) => {
      const answer = message as EngineMessage;
      if (answer.kind === 'ready') resolve({ child, port: answer.port });
      else fail(answer.reason);
    });
  });
}

export async function keepEngine(request: EngineRequest): Promise<Engine> {
  mkdirSync(request.folder, { recursive: true });
  let stopping = false;
  let running = await launch(request, request.port, request.anyPort);
  const { port } = running;
  const crashes: number[] = [];

  const ended = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null;

  const onExit = (code: number | null, signal: NodeJS.Signals | null): void => {
    if (stopping) return;
    crashes.push(Date.now());
    const quick = crashes.filter((at) => Date.now() - at < QUICK_MS).length;
    log.error('engine ended', { engine: request.name, code, signal, port, crashes: quick });
    if (quick >= QUICK_CRASHES) {
      request.onGivenUp(
        new Fault(
          'unavailable',
          `the local ${request.name} ended ${quick} times within ${QUICK_MS / 1000} s; the lines above say why, and \`npm run doctor\` shows whether there is room`,
        ),
      );
      return;
    }
    // The same port: clients hold its address and reconnect by themselves.
    launch(request, port, false).then(
      (next) => {
        running = next;
        watch(next.child);
        log.warn('engine restarted', { engine: request.name, port, pid: next.child.pid });
        if (stopping) void stop();
      },
      (error: unknown) => {
        log.error('engine not restarted', {
          engine: request.name,
          reason: error instanceof Error ? error.message : String(error),
        });
        onExit(null, null);
      },
    );
  };
  const watch = (child: ChildProcess): void => {
    child.removeAllListeners('exit');
    child.on('exit', onExit);
    if (ended(child)) onExit(child.exitCode, child.signalCode);
  };
  watch(running.child);

  const stop = async (): Promise<void> => {
    stopping = true;
    const { child } = running;
    if (ended(child)) return;
    await new Promise<void>((resolve) => {
      const kill = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
      child.once('exit', () => {
        clearTimeout(kill);
        resolve();
      });
      if (child.connected) child.send('stop', () => undefined);
      else child.kill('SIGTERM');
    });
  };

  return {
    name: request.name,
    port,
    get pid() {
      return running.child.pid;
    },
    stop,
  };
}
