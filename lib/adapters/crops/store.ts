// Crops on disk, for the next one who asks: cutting one costs the decoding of a whole image. Lost
// files and full disks only cost time.
import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface CropStore {
  /** @param key all that the crop depends on */
  get(key: string): Promise<Buffer | undefined>;
  put(key: string, jpeg: Buffer): Promise<void>;
}

export interface CropStoreOptions {
  folder: string;
  /** Bytes that all files may take. */
  most?: number;
  /** Files that are written before the folder is looked at again. */
  every?: number;
}

const MOST = 200_000_000;
/** Several processes write at once: each looks often enough that all stay below the bound. */
const EVERY = 50;
/** What is left when the folder is full, as a part of the bound. */
const LEFT = 0.8;
const FULL = 0.95;
const ENDING = '.jpg';
/** Another process may be writing one. */
const UNFINISHED = '.new';
const HOUR_MS = 3_600_000;

interface Entry {
  path: string;
  size: number;
  writtenMs: number;
}

async function listFiles(folder: string): Promise<Entry[]> {
  const names = await readdir(folder);
  const found = await Promise.all(
    names.map(async (name): Promise<Entry | undefined> => {
      const path = join(folder, name);
      const { size, mtimeMs } = (await stat(path).catch(() => undefined)) ?? {};
      return size === undefined ? undefined : { path, size, writtenMs: mtimeMs ?? 0 };
    }),
  );
  return found.filter((entry) => entry !== undefined);
}

/** Removes what a dead process left, and the oldest files of a folder that is nearly full. */
async function tidy(folder: string, most: number): Promise<void> {
  const entries = (await listFiles(folder)).sort((a, b) => a.writtenMs - b.writtenMs);
  let sum = entries.reduce((bytes, { size }) => bytes + size, 0);
  const isFull = sum > FULL * most;
  for (const { path, size, writtenMs } of entries) {
    const isLeft = path.endsWith(UNFINISHED) && Date.now() - writtenMs > HOUR_MS;
    if (!isLeft && (!isFull || sum <= LEFT * most)) continue;
    await rm(path, { force: true });
    sum -= size;
  }
}

/** Files of one folder; the oldest are removed before it is full. */
export function storeCrops({ folder, most = MOST, every = EVERY }: CropStoreOptions): CropStore {
  const nameFile = (key: string): string =>
    join(folder, `${createHash('sha256').update(key).digest('hex').slice(0, 40)}${ENDING}`);
  let written = 0;
  return {
    get: (key) => readFile(nameFile(key)).catch(() => undefined),
    put: async (key, jpeg) => {
      const path = nameFile(key);
      const unfinished = `${path}.${randomUUID()}${UNFINISHED}`;
      try {
        await mkdir(folder, { recursive: true, mode: 0o700 });
        if (written++ % every === 0) await tidy(folder, most);
        await writeFile(unfinished, jpeg, { mode: 0o600 });
        await rename(unfinished, path);
      } catch {
        await rm(unfinished, { force: true }).catch(() => undefined);
      }
    },
  };
}
