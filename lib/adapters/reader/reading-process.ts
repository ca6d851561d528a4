// One process that reads files (child.ts), and the reads that it was asked for and did not answer.
import { type ChildProcess, spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import type { Socket } from 'node:net';
import type { Folders } from '../../allowed-path.ts';
import type { Fault } from '../../errors.ts';
import type { Crop, CutImage } from '../crops/crops.ts';
import { answerParser } from './answers.ts';
import type { Answer, CutOrder, FileVersion, NotRead, Wanted } from './child.ts';

/** What came of a path; `bytes` is the whole file. */
export type Read = { bytes: Buffer } | NotRead;
export type CutRead = CutImage | NotRead;
export type Answered = Read | CutRead | FileVersion;

/**
 * Files that hang hold a thread each, and decoding needs others. What an image took is kept for the
 * next one: by default glibc gives it back to the system each time, a tenth of all work.
 */
const ENVIRONMENT = {
  UV_THREADPOOL_SIZE: '12',
  MALLOC_MMAP_THRESHOLD_: String(32 * 1_048_576),
  MALLOC_TRIM_THRESHOLD_: String(64 * 1_048_576),
};

/** A bundle is CommonJS and has no import.meta. It may run where the decoder is not installed. */
function findDecoder(): string {
  try {
    return createRequire(import.meta.filename ?? __filename).resolve('sharp');
  } catch {
    return '';
  }
}

export interface PendingRead {
  path: string;
  folders: Folders;
  cut?: CutOrder | undefined;
  /** To cut instead of a file. */
  image?: Buffer | undefined;
  stat?: boolean | undefined;
  /** With crops when `cut` is given. */
  settle: (read: Answered | Fault) => void;
  /** How often its process was lost under it. */
  lost: number;
  sentAt: number;
  /** What it may take, in ms. */
  within: number;
  timer?: NodeJS.Timeout;
  onLate?: () => void;
  /** The file is read, and is being cut. */
  isRead?: boolean;
}

function takeCrops(made: readonly ({ bytes: number } | { reason: string })[], bytes: Buffer): Crop[] {
  let at = 0;
  return made.map((crop) => {
    if ('reason' in crop) return crop;
    at += crop.bytes;
    return { jpeg: bytes.subarray(at - crop.bytes, at) };
  });
}

export interface ReadingProcessOptions {
  /** Program text of the process. */
  text: string;
  /** Bytes of the largest file that is read. */
  largest: number;
  /** Bound on the crops of an image that is read, in ms. */
  cutDeadline: number;
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
    const child = spawn(process.execPath, ['--input-type=commonjs', '-e', options.text, '--', findDecoder()], {
      stdio: ['pipe', 'pipe', 'ignore'],
      env: ENVIRONMENT,
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
    const { path, folders, cut, stat } = entry;
    const image = entry.image?.toString('base64');
    const wanted: Wanted = { id: this.ids++, path, folders, largest: this.options.largest, cut, image, stat };
    this.pending.set(wanted.id, entry);
    this.limit(entry, within, onLate);
    this.child.stdin?.write(`${JSON.stringify(wanted)}\n`);
  }

  /** From now on it may take `within` ms. */
  private limit(entry: PendingRead, within: number, onLate: () => void): void {
    clearTimeout(entry.timer);
    entry.sentAt = Date.now();
    entry.within = within;
    entry.onLate = onLate;
    entry.timer = setTimeout(onLate, within);
  }

  private settle({ id, ...found }: Answer, bytes: Buffer): void {
    const entry = this.pending.get(id);
    if (entry === undefined) return;
    if ('isRead' in found) {
      entry.isRead = true;
      this.limit(entry, this.options.cutDeadline, entry.onLate!);
      return;
    }
    this.pending.delete(id);
    clearTimeout(entry.timer);
    if ('bytes' in found) entry.settle({ bytes });
    else if ('crops' in found) entry.settle({ crops: takeCrops(found.crops, bytes), whole: found.whole });
    else entry.settle(found);
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
