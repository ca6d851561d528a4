// The process that opens image files. A read that never returns (a hung drive) holds a thread for
// good; here it holds a process that can be killed. A line of JSON in; out come a line of JSON and
// the bytes of the file, or those of the crops that were cut out of it: a decoder that crashes
// costs this process, and megabytes that live for a moment burden no heap with a season in it.
// Bundled into child.generated.ts as text.
import { constants, type Stats } from 'node:fs';
import { type FileHandle, lstat, open } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { allowedFile, type Folders } from '../../allowed-path.ts';
import type { Crops, Cut, Size } from '../crops/crops.ts';
import { TOO_SLOW } from '../crops/too-slow.ts';

/** Crops to cut, with a longest side of `size` pixels. */
export interface CutOrder {
  cuts: readonly Cut[];
  size: number;
}

export interface Wanted {
  id: number;
  path: string;
  folders: Folders;
  /** Bytes of the largest file that is read. */
  largest: number;
  /** Absent: the bytes of the file. */
  cut?: CutOrder | undefined;
  /** An encoded image in base 64, to cut instead of that of a file. */
  image?: string | undefined;
  /** Only what changes when the file does. */
  stat?: boolean | undefined;
}

/** What changes when a file does. */
export interface FileVersion {
  size: number;
  mtimeMs: number;
}

/** `refused` is a reason, `code` a system error such as EIO. */
export type NotRead = { missing: true } | { refused: string } | { code: string };
/**
 * `bytes` of the file follow the line, or those of all crops one after the other. `isRead`: the
 * file is read, and its crops will follow.
 */
export type Found =
  | NotRead
  | { bytes: number }
  | FileVersion
  | { isRead: true }
  | { crops: ({ bytes: number } | { reason: string })[]; whole?: Size | undefined };
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
 * Memory of images that were cut, for the next ones: fresh memory costs a tenth of all decoding. As
 * many as are in work at once, of usual sizes.
 */
const spare: Buffer[] = [];
const MOST_SPARE = 6;
const LARGEST_SPARE = 8 * 1_048_576;

function allocate(size: number): Buffer {
  const at = spare.findIndex(({ length }) => length >= size);
  const [found] = at === -1 ? [] : spare.splice(at, 1);
  return found ?? Buffer.allocUnsafeSlow(Math.max(size, 1_048_576));
}

function giveBack(bytes: Buffer): void {
  const memory = Buffer.from(bytes.buffer);
  if (memory.length <= LARGEST_SPARE && spare.unshift(memory) > MOST_SPARE) spare.pop();
}

/**
 * The bytes of a file; undefined when there are fewer or more than `size`, because the file is
 * being written.
 */
async function whole(file: FileHandle, size: number): Promise<Buffer | undefined> {
  const bytes = allocate(size + 1);
  let had = 0;
  while (had <= size) {
    const { bytesRead } = await file.read(bytes, had, size + 1 - had, had);
    if (bytesRead === 0) break;
    had += bytesRead;
  }
  return had === size ? bytes.subarray(0, size) : undefined;
}

/** In memory that can be given back: a small Buffer would share its own. */
function decode(image: string): Buffer {
  const size = Buffer.byteLength(image, 'base64');
  const bytes = allocate(size);
  return bytes.subarray(0, bytes.write(image, 'base64'));
}

async function read({ path, folders, largest, image, stat }: Wanted): Promise<NotRead | FileVersion | Buffer> {
  if (image !== undefined) return decode(image);
  const allowed = await allowedFile(path, folders);
  if (!('file' in allowed)) return allowed;
  // Checked before it is opened: opening a device may have effects, and opening a pipe without
  // O_NONBLOCK would wait for a writer.
  const found = await lstat(allowed.file);
  const before = refusal(found, largest);
  if (before !== undefined) return { refused: before };
  if (stat === true) return { size: found.size, mtimeMs: found.mtimeMs };
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
function answer(line: Answer, ...bytes: Buffer[]): void {
  turn = turn.then(async () => {
    await write(`${JSON.stringify(line)}\n`);
    for (const chunk of bytes) await write(chunk);
  });
}

let crops: Promise<Crops> | undefined;
/** The decoder is loaded when the first crop is cut. */
async function loadCrops(): Promise<Crops> {
  const { sharpCrops } = await import('../crops/crops.ts');
  return sharpCrops();
}

async function cut(id: number, image: Buffer, { cuts, size }: CutOrder): Promise<void> {
  answer({ id, isRead: true });
  crops ??= loadCrops();
  const { crops: made, whole } = await (await crops).cut(image, cuts, size);
  // A decoder that was given up may still read it.
  if (!made.some((crop) => 'reason' in crop && crop.reason === TOO_SLOW)) giveBack(image);
  const jpegs = made.flatMap((crop) => ('jpeg' in crop ? [crop.jpeg] : []));
  const lengths = made.map((crop) => ('jpeg' in crop ? { bytes: crop.jpeg.length } : crop));
  answer({ id, crops: lengths, whole }, ...jpegs);
}

async function serve(wanted: Wanted): Promise<void> {
  const { id } = wanted;
  const found = await read(wanted).catch((error: unknown) => ({
    code: (error as NodeJS.ErrnoException).code ?? 'unknown',
  }));
  if (!Buffer.isBuffer(found)) answer({ id, ...found });
  else if (wanted.cut === undefined) answer({ id, bytes: found.length }, found);
  else await cut(id, found, wanted.cut);
}

// Signals are ignored: reads under way are finished, and this process ends when its input does.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
process.stdout.on('error', () => undefined);
createInterface({ input: process.stdin })
  .on('line', (line) => void serve(JSON.parse(line) as Wanted))
  // process.exit would wait for a thread whose read never returns.
  .on('close', () => process.kill(process.pid, 'SIGKILL'));
