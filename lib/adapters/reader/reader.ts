// Reads files in a process that is killed when a read does not return, so that a bad drive costs
// only its own images.
import type { Folders } from '../../allowed-path.ts';
import { Fault } from '../../errors.ts';
import { TOO_SLOW } from '../crops/too-slow.ts';
import { child as childText } from './child.generated.ts';
import type { CutOrder, FileVersion, NotRead } from './child.ts';
import { type Answered, type CutRead, type PendingRead, type Read, ReadingProcess } from './reading-process.ts';

export type { FileVersion, NotRead } from './child.ts';
export type { CutRead, Read } from './reading-process.ts';

export interface Reader {
  /**
   * @throws Fault `unavailable`: not read in time (its cause is a TimeoutError), or the process
   * ended twice.
   */
  read(path: string, folders: Folders): Promise<Read>;
  /** Crops of a file, cut by the process that reads it (Crops.cut). @throws as `read` */
  cut(path: string, folders: Folders, order: CutOrder): Promise<CutRead>;
  /** What changes when a file does. @throws as `read` */
  stat(path: string, folders: Folders): Promise<FileVersion | NotRead>;
  /** Crops of an image that is in memory already. @throws as `read` */
  cutBytes(image: Buffer, order: CutOrder): Promise<CutRead>;
  close(): Promise<void>;
}

/** An image that comes from no file. */
const NOWHERE: Folders = { root: '', others: [] };

export interface ReaderOptions {
  /** Bytes of the largest file that is read. */
  largest: number;
  /** Bound on one read, in ms. */
  deadline: number;
  /**
   * Bound on the crops of an image that is read, in ms; default: the most that those of several
   * large images take, one after the other.
   */
  cutDeadline?: number | undefined;
  /** Program text of the process; tests have one whose reads hang. */
  text?: string;
}

/**
 * Half of the threads of the process, so that others decode: a read that waits for a thread would
 * seem to hang. Fewer do not keep two cores busy.
 */
const AT_ONCE = 6;
const IDLE_MS = 15_000;
const CUT_MS = 300_000;
/** A read that began nearly as long ago as a late one, by this share, hangs with it. */
const NEARLY = 0.75;
/**
 * After this many late reads within RECENT_MS the others get less time, or a drive with thousands
 * of images would hold an archive for hours.
 */
const LATE_AT_MOST = 12;
const RECENT_MS = 300_000;
const SHORT_MS = 1_000;

const late = (deadline: number): Fault =>
  new Fault('unavailable', `image file was not read within ${deadline / 1_000} s`, {
    cause: new DOMException('the file system does not answer', 'TimeoutError'),
  });

/** Keeps a process while it is used. */
class FileReader implements Reader {
  private readonly options: Required<ReaderOptions>;
  private readonly waiting: PendingRead[] = [];
  private current: ReadingProcess | undefined;
  private idle: NodeJS.Timeout | undefined;
  /** When reads were late, in ms. */
  private lateAt: number[] = [];

  constructor(options: Required<ReaderOptions>) {
    this.options = options;
  }

  read(path: string, folders: Folders): Promise<Read> {
    return this.ask<Read>({ path, folders });
  }

  cut(path: string, folders: Folders, cut: CutOrder): Promise<CutRead> {
    return this.ask<CutRead>({ path, folders, cut });
  }

  stat(path: string, folders: Folders): Promise<FileVersion | NotRead> {
    return this.ask<FileVersion | NotRead>({ path, folders, stat: true });
  }

  cutBytes(image: Buffer, cut: CutOrder): Promise<CutRead> {
    return this.ask<CutRead>({ path: '', folders: NOWHERE, cut, image });
  }

  private ask<R extends Answered>(asked: Pick<PendingRead, 'path' | 'folders' | 'cut' | 'image' | 'stat'>): Promise<R> {
    return new Promise<R>((resolve, reject) => {
      const settle = (read: Answered | Fault): void => (read instanceof Fault ? reject(read) : resolve(read as R));
      this.waiting.push({ ...asked, settle, lost: 0, sentAt: 0, within: this.options.deadline });
      this.send();
    });
  }

  async close(): Promise<void> {
    clearTimeout(this.idle);
    if (this.current === undefined) return;
    for (const entry of this.end(this.current))
      entry.settle(new Fault('unavailable', 'image files are no longer read'));
  }

  /**
   * Asks the process for waiting reads while it has room, and ends it after IDLE_MS without any.
   */
  private send(): void {
    clearTimeout(this.idle);
    while (this.waiting.length > 0) {
      this.current ??= this.start();
      const process = this.current;
      if (process.load >= AT_ONCE) break;
      const entry = this.waiting.shift() as PendingRead;
      process.ask(entry, this.bound(), () => this.onLate(process, entry));
    }
    const process = this.current;
    if (process === undefined) return;
    process.hold();
    if (process.load === 0) this.idle = setTimeout(() => this.end(process), IDLE_MS).unref();
  }

  private start(): ReadingProcess {
    const { text, largest, cutDeadline } = this.options;
    const process = new ReadingProcess({
      text,
      largest,
      cutDeadline,
      onRoom: () => this.send(),
      onGone: () => {
        if (this.current === process || process.load > 0) this.again(this.end(process));
      },
    });
    return process;
  }

  private end(process: ReadingProcess): PendingRead[] {
    if (this.current === process) this.current = undefined;
    return process.end();
  }

  /** What a read may take now, in ms. */
  private bound(): number {
    const { deadline } = this.options;
    this.lateAt = this.lateAt.filter((at) => Date.now() - at < RECENT_MS);
    return this.lateAt.length >= LATE_AT_MOST ? Math.min(SHORT_MS, deadline) : deadline;
  }

  /** A read is late: its process is ended, and reads that do not hang with it are asked again. */
  private onLate(process: ReadingProcess, entry: PendingRead): void {
    const since = Date.now();
    const left = this.end(process);
    const hung = left.filter((other) => other === entry || since - other.sentAt >= NEARLY * other.within);
    for (const other of hung) other.settle(other.isRead === true ? { refused: TOO_SLOW } : late(other.within));
    this.lateAt.push(...hung.filter(({ isRead }) => isRead !== true).map(() => since));
    this.again(left.filter((other) => !hung.includes(other)));
  }

  private again(left: readonly PendingRead[]): void {
    for (const entry of left) {
      entry.isRead = false;
      if (entry.lost++ === 0) this.waiting.unshift(entry);
      else entry.settle(new Fault('unavailable', 'image file cannot be read now (its reader ended)'));
    }
    this.send();
  }
}

export const fileReader = ({ text = childText, cutDeadline = CUT_MS, ...options }: ReaderOptions): Reader =>
  new FileReader({ ...options, cutDeadline, text });
