// Keeps one engine process alive: starts it, restarts it on the same port when it crashes, and
// gives up after three quick crashes.
import { type ChildProcess, fork } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { errorMessage, Fault } from '../../lib/errors.ts';
import { log } from '../../lib/log.ts';
import type { EngineMessage, EngineOptions, EngineOrder } from './engine-messages.ts';
import { SMALL_YOUNG_GENERATION } from './memory-flags.ts';
import type { Secrets } from './secrets.ts';

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
  secrets: Secrets;
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

const tell = (child: ChildProcess, order: EngineOrder): boolean => child.send(order, () => undefined);

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
      execArgv: ['--disable-warning=ExperimentalWarning', SMALL_YOUNG_GENERATION],
      // stdout is the answer of `invoke local`; errors of an engine go to stderr.
      stdio: ['ignore', 'ignore', 2, 'ipc'],
      // In a separate process group: Ctrl-C in the terminal reaches only the owner, which ends its
      // engines last.
      detached: true,
    },
  );
  // An engine that ends before it has heard this says so by its end.
  tell(child, { kind: 'start', secrets: request.secrets });
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

const hasEnded = ({ exitCode, signalCode }: ChildProcess): boolean => exitCode !== null || signalCode !== null;

class KeptEngine implements Engine {
  readonly name: EngineName;
  readonly port: number;
  private readonly request: EngineRequest;
  private child: ChildProcess;
  private stopping = false;
  /** When its processes ended, in ms. */
  private readonly crashes: number[] = [];

  constructor(request: EngineRequest, { child, port }: Running) {
    this.name = request.name;
    this.port = port;
    this.request = request;
    this.child = child;
    this.watch();
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  private watch(): void {
    const { child } = this;
    const ended = (code: number | null, signal: NodeJS.Signals | null): void => this.onCrash(code, signal);
    child.removeAllListeners('exit');
    child.on('exit', ended);
    if (hasEnded(child)) ended(child.exitCode, child.signalCode);
  }

  private onCrash(code: number | null, signal: NodeJS.Signals | null): void {
    if (this.stopping) return;
    this.crashes.push(Date.now());
    const quick = this.crashes.filter((at) => Date.now() - at < QUICK_MS).length;
    log.error('engine ended', { engine: this.name, code, signal, port: this.port, crashes: quick });
    if (quick < QUICK_CRASHES) void this.restart();
    else this.giveUp(quick);
  }

  private giveUp(crashes: number): void {
    this.request.onGivenUp(
      new Fault(
        'unavailable',
        `the local ${this.name} ended ${crashes} times within ${QUICK_MS / 1000} s; the lines above say why, and \`npm run doctor\` shows whether there is room`,
      ),
    );
  }

  private async restart(): Promise<void> {
    let next: Running;
    try {
      // The same port: clients hold its address and reconnect by themselves.
      next = await launch(this.request, this.port, false);
    } catch (error) {
      log.error('engine not restarted', { engine: this.name, reason: errorMessage(error) });
      this.onCrash(null, null);
      return;
    }
    this.child = next.child;
    this.watch();
    log.warn('engine restarted', { engine: this.name, port: this.port, pid: this.pid });
    if (this.stopping) void this.stop();
  }

  async stop(): Promise<void> {
    this.stopping = true;
    const { child } = this;
    if (hasEnded(child)) return;
    await new Promise<void>((resolve) => {
      const kill = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
      child.once('exit', () => {
        clearTimeout(kill);
        resolve();
      });
      if (child.connected) tell(child, { kind: 'stop' });
      else child.kill('SIGTERM');
    });
  }
}

/** @throws Fault `unavailable` when it does not start for the first time. */
export async function keepEngine(request: EngineRequest): Promise<Engine> {
  mkdirSync(request.folder, { recursive: true, mode: 0o700 });
  return new KeptEngine(request, await launch(request, request.port, request.anyPort));
}
