// A Node process that runs test files, one after the other, as its parent sees it.
import { type ChildProcess, fork } from 'node:child_process';
import { basename, join } from 'node:path';
import type { TestResult } from '@jest/test-result';
import type { Answer, Order, TestFile } from './test-file.ts';

/** What a process may still take to end after it has said that it does, in ms. */
const EXIT_MS = 5_000;
/** Next to the packages that it was compiled from. */
export const COMPILED = join(import.meta.dirname, '../../../node_modules/.cache/compiled');

export class TestProcess {
  private readonly child: ChildProcess;
  private readonly closed: Promise<string>;
  private said: Buffer[] = [];
  private readonly ran: string[] = [];

  constructor(environment: Readonly<Record<string, string>>) {
    this.child = fork(join(import.meta.dirname, 'test-file.ts'), {
      env: { ...process.env, NODE_COMPILE_CACHE: COMPILED, ...environment },
      // Each process that collects garbage in several threads takes from the others.
      execArgv: ['--disable-warning=ExperimentalWarning', '--single-threaded-gc'],
      serialization: 'advanced',
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    for (const stream of [this.child.stdout, this.child.stderr])
      stream?.on('data', (chunk: Buffer) => this.said.push(chunk));
    // Not 'exit': what it has said is complete only then.
    this.closed = new Promise((resolve, reject) => {
      this.child.once('error', reject);
      this.child.once('close', (code, signal) => resolve(String(signal ?? code)));
    });
    this.closed.catch(() => undefined);
  }

  /**
   * @throws Error with the last words of a process that ends before the tests of the file do, or of
   *   a file that cannot be loaded; the process has ended then
   */
  async run(file: TestFile): Promise<TestResult> {
    this.ran.push(basename(file.path));
    const answer = await this.ask({ kind: 'run', file });
    if (answer.kind === 'ran') return answer.result;
    this.child.kill('SIGKILL');
    await this.closed;
    throw new Error(answer.kind === 'failed' ? answer.message : `the process answered a file with "${answer.kind}"`);
  }

  /** Waits for its end. @returns what would have kept it alive, in words */
  async end(grace: number): Promise<string[]> {
    const answer = await this.ask({ kind: 'end', grace });
    const openHandles = answer.kind === 'ended' ? answer.openHandles : [];
    const late = setTimeout(() => {
      openHandles.push(`the process itself: it did not end within ${EXIT_MS / 1_000} s of process.exit`);
      this.child.kill('SIGKILL');
    }, EXIT_MS);
    await this.closed;
    clearTimeout(late);
    return openHandles;
  }

  /** Names of the files that it has run. */
  get files(): string {
    return this.ran.join(', ');
  }

  /** What it has written since it was asked last. */
  takeOutput(): string {
    const output = this.output;
    this.said = [];
    return output;
  }

  private get output(): string {
    return Buffer.concat(this.said).toString().trimEnd();
  }

  private async ask(order: Order): Promise<Answer> {
    const answered = new Promise<Answer>((resolve) =>
      this.child.once('message', (answer) => resolve(answer as Answer)),
    );
    if (this.child.connected) this.child.send(order, () => undefined);
    const ended = this.closed.then((how) => {
      // Also when it was asked to end: what it has said stays for the one who takes it.
      throw new Error(`the process ended (${how}) before its tests did\n${this.output}`);
    });
    return Promise.race([answered, ended]);
  }
}
