// The process that opens image files. A read that never returns (a hung drive) holds a thread for
// good; here it holds a process that can be killed. It does one thing: a line of JSON in, a line of
// JSON and the bytes of the file out. Bundled into child.generated.ts as text.
import { constants, type Stats } from 'node:fs';
import { type FileHandle, lstat, open } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { allowedFile, type Folders } from '../../allowed-path.ts';

export interface Wanted {
  id: number;
  path: string;
  folders: Folders;
  /** Bytes of the largest file that is read. */
  largest: number;
}

/**
 * `bytes` of the file follow the line. `refused` is a reason, `code` a system error such as EIO.
 */
export type Found = { bytes: number } | { missing: true } | { refused: string } | { code: string };
export type Answer = Found & { id: number };

const CHANGED = 'image file changed while it was read';
/**
 * A system may lack some of these flags. With them, a pipe that replaced the file after it was
 * checked opens at once, and is refused.
 */
const FLAGS = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOFOLLOW ?? 0);

/** Why this cannot be read; undefined for a file that has bytes. */
function refusal(stat: Stats, largest: number): string | undefined {
  if (stat.isDirectory()) return 'image path is not a file';
  if (!stat.isFile())
    return `image path is not a file: it is a ${stat.isFIFO() ? 'pipe' : stat.isSocket() ? 'socket' : 'device'}`;
  if (stat.size > largest) return `image file is larger than ${largest / 1_048_576} MiB`;
  return stat.size === 0 ? 'image file is empty' : undefined;
}

/**
 * The bytes of a file; undefined when there are fewer or more than `size`, because the file is
 * being written.
 */
async function whole(file: FileHandle, size: number): Promise<Buffer | undefined> {
  const bytes = Buffer.allocUnsafe(size + 1);
  let had = 0;
  while (had <= size) {
    const { bytesRead } = await file.read(bytes, had, size + 1 - had, had);
    if (bytesRead === 0) break;
    had += bytesRead;
  }
  return had === size ? bytes.subarray(0, size) : undefined;
}

async function read({ path, folders, largest }: Wanted): Promise<Exclude<Found, { bytes: number }> | Buffer> {
  const allowed = await allowedFile(path, folders);
  if (!('file' in allowed)) return allowed;
  // Checked before it is opened: opening a device may have effects, and opening a pipe without
  // O_NONBLOCK would wait for a writer.
  const before = refusal(await lstat(allowed.file), largest);
  if (before !== undefined) return { refused: before };
  await using file = await open(allowed.file, FLAGS);
  for (let turn = 0; turn < 2; turn++) {
    const stat = await file.stat();
    const now = refusal(stat, largest);
    if (now !== undefined) return { refused: now };
    const bytes = await whole(file, stat.size);
    if (bytes !== undefined) return bytes;
  }
  return { refused: CHANGED };
}

const write = (chunk: string | Buffer): Promise<void> =>
  new Promise((done) => process.stdout.write(chunk, () => done()));
let turn = Promise.resolve();
/** A line and its bytes stay together. */
function answer(id: number, found: Exclude<Found, { bytes: number }> | Buffer): void {
  turn = turn.then(async () => {
    const bytes = Buffer.isBuffer(found) ? found : undefined;
    const line: Answer =
      bytes === undefined ? { id, ...(found as Exclude<Found, { bytes: number }>) } : { id, bytes: bytes.length };
    await write(`${JSON.stringify(line)}\n`);
    if (bytes !== undefined) await write(bytes);
  });
}

// Signals are ignored: reads under way are finished, and this process ends when its input does.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
process.stdout.on('error', () => undefined);
createInterface({ input: process.stdin })
  .on('line', (line) => {
    const wanted = JSON.parse(line) as Wanted;
    read(wanted).then(
      (found) => answer(wanted.id, found),
      (error: unknown) => answer(wanted.id, { code: (error as NodeJS.ErrnoException).code ?? 'unknown' }),
    );
  })
  // process.exit would wait for a thread whose read never returns.
  .on('close', () => process.kill(process.pid, 'SIGKILL'));
