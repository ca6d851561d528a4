// One process that reads files (child.ts), and the reads that it was asked for and did not answer.
import { type ChildProcess, spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import type { Folders } from '../../allowed-path.ts';
import type { Fault } from '../../errors.ts';
import { answerParser } from './answers.ts';
import type { Answer, Found, Wanted } from './child.ts';

/** What came of a path; `bytes` is the whole file. */
export type Read = { bytes: Buffer } | Exclude<Found, { bytes: number }>;

export interface PendingRead {
  path: string;
  folders: Folders;
  settle: (read: Read | Fault) => void;
  /** How often its process was lost under it. */
  lost: number;
  sentAt: number;
  /** What it may take, in ms. */
  within: number;
  timer?: NodeJS.Timeout;
}

export interface ReadingProcessOptions {
  /** Program text of the process. */
  text: string;
  /** Bytes of the largest file that is read. */
  largest: number;
  /** A read was settled: there is room for another. */
  onRoom: () => void;
  /** The process ended, or cannot be reached; called more than once. */
  onGone: () => void;
}

/** It never keeps its parent alive unless a read is pending, and ends with it. */
export class ReadingProcess {
  private readonly pending = new Map<number, PendingRead>();
  private readonly child: ChildProcess;
  private readonly options: ReadingProcessOptions;
  private ids = 0;

  constructor(options: ReadingProcessOptions) {
    this.options = options;
    // A separate process group, as for the engines: Ctrl-C in a terminal reaches only the service,
    // and this process ends when its input ends.
    const child = spawn(process.execPath, ['--input-type=commonjs', '-e', options.text], {
      stdio: ['pipe', 'pipe', 'ignore'],
      env: {},
      detached: true,
    });
    child.on('error', options.onGone).on('exit', options.onGone);
    child.stdin.on('error', options.onGone);
    child.stdout.on('error', options.onGone);
    child.stdout.on(
      'data',
      answerParser((answer, bytes) => this.settle(answer, bytes)),
    );
    this.child = child;
  }

  /** How many reads are pending. */
  get load(): number {
    return this.pending.size;
  }

  /** Asks for a file; `onLate` is called when it is not read within so many ms. */
  ask(entry: PendingRead, within: number, onLate: () => void): void {
    const { path, folders } = entry;
    const wanted: Wanted = { id: this.ids++, path, folders, largest: this.options.largest };
    this.pending.set(wanted.id, entry);
    entry.sentAt = Date.now();
    entry.within = within;
    entry.timer = setTimeout(onLate, within);
    this.child.stdin?.write(`${JSON.stringify(wanted)}\n`);
  }

  private settle({ id, ...found }: Answer, bytes: Buffer): void {
    const entry = this.pending.get(id);
    if (entry === undefined) return;
    this.pending.delete(id);
    clearTimeout(entry.timer);
    entry.settle('bytes' in found ? { bytes } : found);
    this.options.onRoom();
  }

  /** Keeps the parent alive while a read is pending. */
  hold(): void {
    const act = this.load > 0 ? 'ref' : 'unref';
    const { child } = this;
    for (const handle of [child, child.stdin as Socket | null, child.stdout as Socket | null]) handle?.[act]();
  }

  /** Kills the process, and returns what was pending. */
  end(): PendingRead[] {
    const left = [...this.pending.values()];
    this.pending.clear();
    for (const entry of left) clearTimeout(entry.timer);
    this.hold();
    // The process may be stuck in the kernel and stay: nobody waits for it.
    this.child.stdout?.destroy();
    this.child.stdin?.destroy();
    this.child.kill('SIGKILL');
    return left;
  }
}
