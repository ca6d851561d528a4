// Reads files in a process that is thrown away when a read does not return: one bad drive costs its
// own images and nothing else.
import { type ChildProcess, spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import type { Folders } from '../../allowed-path.ts';
import { Fault } from '../../errors.ts';
import { child as childText } from './child.generated.ts';
import type { Answer, Found, Wanted } from './child.ts';

/** What came of a path; `bytes` is the whole file. */
export type Read = { bytes: Buffer } | Exclude<Found, { bytes: number }>;

export interface Reader {
  /**
   * @throws Fault `unavailable`: not read in time (its cause is a TimeoutError), or the process
   * ended twice.
   */
  read(path: string, folders: Folders): Promise<Read>;
  close(): Promise<void>;
}

export interface ReaderOptions {
  /** Bytes of the largest file that is read. */
  largest: number;
  /** Bound on one read, in ms. */
  deadline: number;
  /** Program text of the process; tests have one whose reads hang. */
  text?: string;
}

interface PendingRead {
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

/** One process and what it was asked. */
interface Running {
  process: ChildProcess;
  pending: Map<number, PendingRead>;
}

/**
 * As many as a process has threads for files: a read that waits for a thread would seem to hang.
 */
const AT_ONCE = 4;
const IDLE_MS = 15_000;
/** A file that was asked nearly as long ago as one that is late hangs with it. */
const NEARLY = 0.75;
/**
 * After this many late reads in a while the others get less time, or a drive with thousands of
 * images would hold an archive for hours.
 */
const LATE_AT_MOST = 12;
const WHILE_MS = 300_000;
const SHORT_MS = 1_000;

const late = (deadline: number): Fault =>
  new Fault('unavailable', `image file was not read within ${deadline / 1_000} s`, {
    cause: new DOMException('the file system does not answer', 'TimeoutError'),
  });

/** Puts lines and the bytes after them together again. */
function parser(take: (answer: Answer, bytes: Buffer) => void): (chunk: Buffer) => void {
  let line: Buffer[] = [];
  let answer: Answer | undefined;
  let body: Buffer = Buffer.alloc(0);
  let had = 0;
  return (given) => {
    let chunk = given;
    for (;;) {
      if (answer === undefined) {
        const end = chunk.indexOf(10);
        line.push(end === -1 ? chunk : chunk.subarray(0, end));
        if (end === -1) return;
        answer = JSON.parse(Buffer.concat(line).toString()) as Answer;
        line = [];
        had = 0;
        body = Buffer.allocUnsafe('bytes' in answer ? answer.bytes : 0);
        chunk = chunk.subarray(end + 1);
      }
      const taken = chunk.copy(body, had);
      had += taken;
      if (had < body.length) return;
      const done = answer;
      answer = undefined;
      take(done, body);
      chunk = chunk.subarray(taken);
    }
  };
}

/** Keeps a process while it is used; it never keeps its parent alive, and ends with it. */
export function fileReader({ largest, deadline, text = childText }: ReaderOptions): Reader {
  const waiting: PendingRead[] = [];
  let current: Running | undefined;
  let ids = 0;
  let idle: NodeJS.Timeout | undefined;
  let lateAt: number[] = [];

  /** What a read may take now, in ms. */
  const bound = (): number => {
    lateAt = lateAt.filter((at) => Date.now() - at < WHILE_MS);
    return lateAt.length >= LATE_AT_MOST ? Math.min(SHORT_MS, deadline) : deadline;
  };

  const hold = ({ process, pending }: Running): void => {
    const act = pending.size > 0 ? 'ref' : 'unref';
    for (const handle of [process, process.stdin as Socket | null, process.stdout as Socket | null]) handle?.[act]();
  };

  function end(running: Running): PendingRead[] {
    if (current === running) current = undefined;
    const left = [...running.pending.values()];
    running.pending.clear();
    for (const entry of left) clearTimeout(entry.timer);
    hold(running);
    // The process may be stuck in the kernel and stay: nobody waits for it.
    running.process.stdout?.destroy();
    running.process.stdin?.destroy();
    running.process.kill('SIGKILL');
    return left;
  }

  function again(left: readonly PendingRead[]): void {
    for (const entry of left) {
      if (entry.lost++ === 0) waiting.unshift(entry);
      else entry.settle(new Fault('unavailable', 'image file cannot be read now (its reader ended)'));
    }
    send();
  }

  function expired(running: Running, id: number): void {
    const entry = running.pending.get(id);
    if (entry === undefined) return;
    const since = Date.now();
    const left = end(running);
    const hung = left.filter((other) => other === entry || since - other.sentAt >= NEARLY * other.within);
    for (const other of hung) other.settle(late(other.within));
    lateAt.push(...hung.map(() => since));
    again(left.filter((other) => !hung.includes(other)));
  }

  function start(): Running {
    // Its own process group, like the engines: Ctrl-C in a terminal reaches only the service, and
    // this ends when its input does.
    const process_ = spawn(process.execPath, ['--input-type=commonjs', '-e', text], {
      stdio: ['pipe', 'pipe', 'ignore'],
      env: {},
      detached: true,
    });
    const running: Running = { process: process_, pending: new Map() };
    const gone = (): void => {
      if (current === running || running.pending.size > 0) again(end(running));
    };
    process_.on('error', gone).on('exit', gone);
    process_.stdin.on('error', gone);
    process_.stdout.on('error', gone);
    process_.stdout.on(
      'data',
      parser(({ id, ...found }, bytes) => {
        const entry = running.pending.get(id);
        if (entry === undefined) return;
        running.pending.delete(id);
        clearTimeout(entry.timer);
        entry.settle('bytes' in found ? { bytes } : found);
        send();
      }),
    );
    return running;
  }

  function send(): void {
    clearTimeout(idle);
    while (waiting.length > 0) {
      current ??= start();
      const running = current;
      if (running.pending.size >= AT_ONCE) break;
      const entry = waiting.shift() as PendingRead;
      const wanted: Wanted = { id: ids++, path: entry.path, folders: entry.folders, largest };
      running.pending.set(wanted.id, entry);
      entry.sentAt = Date.now();
      entry.within = bound();
      entry.timer = setTimeout(() => expired(running, wanted.id), entry.within);
      running.process.stdin?.write(`${JSON.stringify(wanted)}\n`);
    }
    if (current === undefined) return;
    hold(current);
    const running = current;
    if (running.pending.size === 0) idle = setTimeout(() => end(running), IDLE_MS).unref();
  }

  return {
    read: (path, folders) =>
      new Promise<Read>((resolve, reject) => {
        const settle = (read: Read | Fault): void => (read instanceof Fault ? reject(read) : resolve(read));
        waiting.push({ path, folders, settle, lost: 0, sentAt: 0, within: deadline });
        send();
      }),
    close: async () => {
      clearTimeout(idle);
      if (current !== undefined)
        for (const entry of end(current)) entry.settle(new Fault('unavailable', 'image files are no longer read'));
    },
  };
}
