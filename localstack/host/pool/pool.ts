// Functions that decode, draw or analyze run in separate processes: one that hangs, leaks or
// crashes costs only its invocation. As on Lambda a process runs one invocation at a time, and is
// kept for the next one.
import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { PROJECT } from '../../stack/folder.ts';
import { GIVEN } from '../../stack/given.ts';
import { MEDIUM_YOUNG_GENERATION } from '../../stack/memory-flags.ts';
import type { HostFunction } from '../declared/functions.ts';
import type { Bundles } from './bundles.ts';
import { FunctionError, LateError } from './errors.ts';
import type { InvokeAnswer, InvokeOrder } from './messages.ts';

/** What a process may hold and still be kept, in bytes, and how long it is kept in all, in ms. */
const MOST_KEPT_BYTES = 700e6;
const OLDEST_MS = 3_600_000;
/** An idle process is ended after this long, in ms, but for the last one of its function. */
const IDLE_MS = 60_000;

/** Whether a process is started before anything is asked of it. */
type Start = 'ahead' | 'asked';

class FunctionProcess {
  readonly target: HostFunction;
  private readonly child: ChildProcess;
  private readonly started = Date.now();
  private readonly closed: Promise<string>;
  private idle: NodeJS.Timeout | undefined;
  private rss = 0;

  /** @param path of its module, absolute */
  constructor(target: HostFunction, path: string, start: Start) {
    this.target = target;
    this.child = fork(join(import.meta.dirname, 'function-process.ts'), [path, target.exported, start], {
      cwd: process.cwd(),
      env: GIVEN,
      execArgv: [
        '--disable-warning=ExperimentalWarning',
        MEDIUM_YOUNG_GENERATION,
        `--max-old-space-size=${target.memorySize}`,
      ],
      serialization: 'json',
      stdio: ['ignore', 2, 2, 'ipc'],
      // In a separate process group: Ctrl-C in the terminal reaches only the host.
      detached: true,
    });
    // Before any order.
    this.child.send({ ...process.env, ...target.environment }, () => undefined);
    this.closed = new Promise((resolve) => {
      this.child.once('error', (error) => resolve(error.message));
      this.child.once('exit', (code, signal) => resolve(String(signal ?? code)));
    });
    this.child.unref();
    this.child.channel?.unref();
  }

  /**
   * @throws FunctionError for what the function threw, its end before the answer, or its timeout
   */
  async run(order: InvokeOrder): Promise<string> {
    clearTimeout(this.idle);
    this.child.ref();
    this.child.channel?.ref();
    const answered = new Promise<InvokeAnswer>((resolve) =>
      this.child.once('message', (answer) => resolve(answer as InvokeAnswer)),
    );
    const ended = this.closed.then((how): never => {
      throw new FunctionError('Runtime.ExitError', `the process of the function ended (${how})`);
    });
    const late = new AbortController();
    const overtime = pause(order.deadline - Date.now(), undefined, { signal: late.signal }).then((): never => {
      this.kill();
      throw new LateError(this.target.timeout);
    });
    overtime.catch(() => undefined);
    try {
      this.child.send(order, () => undefined);
      const answer = await Promise.race([answered, ended, overtime]);
      this.rss = answer.rss;
      if (answer.kind === 'result') return answer.text;
      throw new FunctionError(answer.name, answer.message);
    } finally {
      late.abort();
      this.child.unref();
      this.child.channel?.unref();
    }
  }

  /** Whether it may run another invocation. */
  get isGood(): boolean {
    const isRunning = this.child.exitCode === null && this.child.signalCode === null && !this.child.killed;
    return isRunning && this.rss < MOST_KEPT_BYTES && Date.now() - this.started < OLDEST_MS;
  }

  endAfter(ms: number, end: () => void): void {
    this.idle = setTimeout(end, ms).unref();
  }

  kill(): void {
    clearTimeout(this.idle);
    this.child.kill('SIGKILL');
  }

  /** Kills it and waits until it is gone. */
  async end(): Promise<void> {
    this.kill();
    await this.closed;
  }
}

export class FunctionPool {
  /** The one that ran last is at the end. */
  private readonly waiting: FunctionProcess[] = [];
  private readonly all = new Set<FunctionProcess>();
  private bundles: Bundles = new Map();
  private isClosed = false;

  /** From now on new processes load these instead of the sources. */
  use(bundles: Bundles): void {
    this.bundles = bundles;
  }

  /** Has a process of this function load it, unless there is one. */
  warm(target: HostFunction): void {
    if (this.isClosed || [...this.all].some((process) => process.target === target)) return;
    this.keep(this.make(target, 'ahead'));
  }

  /**
   * @returns the function's result as JSON
   * @throws FunctionError for what it threw, its timeout (it is killed then), or a crash
   */
  async invoke(target: HostFunction, order: InvokeOrder): Promise<string> {
    if (this.isClosed) throw new FunctionError('ServiceException', 'the service is ending');
    const process = this.take(target);
    try {
      return await process.run(order);
    } finally {
      this.keep(process);
    }
  }

  async close(): Promise<void> {
    this.isClosed = true;
    await Promise.all([...this.all].map((process) => process.end()));
  }

  private take(target: HostFunction): FunctionProcess {
    const at = this.waiting.findLastIndex((process) => process.target === target);
    const [found] = at === -1 ? [] : this.waiting.splice(at, 1);
    if (found?.isGood === true) return found;
    if (found !== undefined) this.drop(found);
    return this.make(target);
  }

  private make(target: HostFunction, start: Start = 'asked'): FunctionProcess {
    const made = new FunctionProcess(target, this.bundles.get(target.file) ?? join(PROJECT, target.file), start);
    this.all.add(made);
    return made;
  }

  private keep(process: FunctionProcess): void {
    if (this.isClosed || !process.isGood) {
      this.drop(process);
      return;
    }
    this.waiting.push(process);
    process.endAfter(IDLE_MS, () => {
      const others = this.waiting.filter(({ target }) => target === process.target);
      if (others.at(-1) === process) return;
      this.waiting.splice(this.waiting.indexOf(process), 1);
      this.drop(process);
    });
  }

  private drop(process: FunctionProcess): void {
    process.kill();
    this.all.delete(process);
  }
}
