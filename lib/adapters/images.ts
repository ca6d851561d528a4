// Camera images by the path that the database holds: files, or an archive that answers GET. It never follows an address out of the database.
import { open } from 'node:fs/promises';
import { isAbsolute, resolve, sep } from 'node:path';
import { Fault } from '../errors.ts';

export interface Images {
  /**
   * The encoded bytes of an image.
   * @throws Fault `not-found` with a reason fit for a manifest ("image file is missing"), `unavailable` when a later try may succeed.
   */
  read(path: string): Promise<Buffer>;
}

export interface ImagesOptions {
  /** Folder of relative paths; '' = none. */
  root: string;
  /** Where a missing relative path is asked for, as `<archiveUrl>/<path>`; '' = nowhere. */
  archiveUrl?: string;
  /** Bound on one answer of the archive, in ms. */
  timeout?: number;
}

export const LARGEST_IMAGE = 64 * 1024 * 1024;

const MISSING = 'image file is missing';
const TOO_LARGE = 'image file is larger than 64 MiB';

const gone = (reason: string, cause?: unknown): Fault => new Fault('not-found', reason, { cause });

/** File errors that may pass: too many open files, a network drive that is away for a moment. */
const PASSING = new Set(['EMFILE', 'ENFILE', 'EIO', 'ESTALE', 'ETIMEDOUT', 'EBUSY', 'EAGAIN', 'ENETDOWN', 'EHOSTDOWN', 'ENOTCONN']);

/** undefined when there is no such file. */
async function fromFile(path: string): Promise<Buffer | undefined> {
  try {
    await using file = await open(path, 'r');
    const { size, ...stat } = await file.stat().then((it) => ({ size: it.size, regular: it.isFile() }));
    if (!stat.regular) throw gone('image path is not a file');
    if (size > LARGEST_IMAGE) throw gone(TOO_LARGE);
    return await file.readFile();
  } catch (error) {
    if (error instanceof Fault) throw error;
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    if (PASSING.has(code)) throw new Fault('unavailable', `image file cannot be read now (${code})`, { cause: error });
    throw gone(`image file cannot be read (${code})`, error);
  }
}

async function fromArchive(archiveUrl: string, path: string, timeout: number): Promise<Buffer | undefined> {
  const address = `${archiveUrl.replace(/\/+$/, '')}/${path.split('/').map(encodeURIComponent).join('/')}`;
  try {
    const answer = await fetch(address, { redirect: 'error', signal: AbortSignal.timeout(timeout) });
    if (!answer.ok || answer.body === null) {
      await answer.body?.cancel();
      if (answer.status === 404 || answer.status === 410) return undefined;
      if (answer.status < 500 && answer.status !== 429) throw gone(`image archive refused (status ${answer.status})`);
      throw new Fault('unavailable', `image archive failed (status ${answer.status})`);
    }
    const chunks: Uint8Array[] = [];
    let size = 0;
    for await (const chunk of answer.body as AsyncIterable<Uint8Array>) {
      size += chunk.length;
      if (size > LARGEST_IMAGE) throw gone(TOO_LARGE);
      chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  } catch (error) {
    if (error instanceof Fault) throw error;
    throw new Fault('unavailable', 'image archive does not answer', { cause: error });
  }
}

/** Where a path may point; `relative` is set for paths below the root. */
function locate(path: string, root: string): { file?: string; relative?: string } {
  if (path === '') throw gone(MISSING);
  if (path.includes('\0')) throw gone('image path is not valid');
  const scheme = /^([a-z][a-z0-9+.-]+):/i.exec(path)?.[1]?.toLowerCase();
  if (scheme === 'http' || scheme === 'https' || scheme === 's3') throw gone('image is a URL and URLs are not fetched');
  if (scheme !== undefined) throw gone('no image file belongs to this observation');
  if (isAbsolute(path)) return { file: path };
  const relative = path.split(/[\\/]+/).filter((part) => part !== '' && part !== '.');
  if (relative.includes('..')) throw gone('image path leaves the image folder');
  const below = relative.join('/');
  return root === '' ? { relative: below } : { file: `${resolve(root)}${sep}${relative.join(sep)}`, relative: below };
}

export function images({ root, archiveUrl = '', timeout = 10_000 }: ImagesOptions): Images {
  return {
    read: async (path) => {
      const { file, relative } = locate(path, root);
      const found =
        (file === undefined ? undefined : await fromFile(file)) ??
        (relative === undefined || archiveUrl === '' ? undefined : await fromArchive(archiveUrl, relative, timeout));
      if (found === undefined) throw gone(MISSING);
      return found;
    },
  };
}
