// Camera images by the path that the database holds: files, or an archive that answers GET. It
// never follows an address out of the database.
import { type Folders, locate, MISSING, OUTSIDE, ROOTLESS } from '../allowed-path.ts';
import { Fault } from '../errors.ts';
import { fileReader, type Read, type Reader } from './reader/reader.ts';

export interface Images {
  /**
   * The encoded bytes of an image.
   * @throws Fault `not-found` with a reason fit for a manifest ("image file is missing"),
   *   `unavailable` when a later try may succeed.
   */
  read(path: string): Promise<Buffer>;
}

export interface ImagesOptions {
  /** Folder of relative paths; '' = none. */
  root: string;
  /** More folders that absolute paths may be below. */
  others?: readonly string[];
  /** Folders that imports have registered; asked only for a path outside the others. */
  registered?: () => Promise<readonly string[]>;
  /** Where a missing relative path is asked for, as `<archiveUrl>/<path>`; '' = nowhere. */
  archiveUrl?: string;
  /** What the archive is asked with, as `Authorization: Bearer`; '' = nothing. */
  archiveToken?: string;
  /** Bound on one answer of the archive, in ms. */
  timeout?: number;
  /** Reads the files; default: a separate process. */
  reader?: Reader;
}

export const LARGEST_IMAGE = 64 * 1024 * 1024;
/** A sleeping drive needs some seconds to turn. */
const READ_MS = 10_000;
/** Registered folders are believed this long. */
const BELIEVED_MS = 10_000;

const TOO_LARGE = 'image file is larger than 64 MiB';

const gone = (reason: string, cause?: unknown): Fault => new Fault('not-found', reason, { cause });

/** File errors that may pass: too many open files, a network drive that is away for a moment. */
const PASSING = new Set([
  'EMFILE',
  'ENFILE',
  'EIO',
  'ESTALE',
  'ETIMEDOUT',
  'EBUSY',
  'EAGAIN',
  'ENETDOWN',
  'EHOSTDOWN',
  'ENOTCONN',
]);

/** undefined when there is no such file. */
function takeBytes(read: Read): Buffer | undefined {
  if ('bytes' in read) return read.bytes;
  if ('missing' in read) return undefined;
  if ('refused' in read) throw gone(read.refused);
  if (PASSING.has(read.code)) throw new Fault('unavailable', `image file cannot be read now (${read.code})`);
  throw gone(`image file cannot be read (${read.code})`);
}

interface Archive {
  url: string;
  token: string;
  timeout: number;
}

async function fromArchive({ url, token, timeout }: Archive, path: string): Promise<Buffer | undefined> {
  const address = `${url.replace(/\/+$/, '')}/${path.split('/').map(encodeURIComponent).join('/')}`;
  try {
    const answer = await fetch(address, {
      headers: token === '' ? {} : { authorization: `Bearer ${token}` },
      // Neither the question nor the token may go elsewhere.
      redirect: 'error',
      signal: AbortSignal.timeout(timeout),
    });
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

/** The same answer for a while; a failed one is not kept. */
function believed(ask: () => Promise<readonly string[]>): () => Promise<readonly string[]> {
  let known: readonly string[] = [];
  let until = 0;
  return async () => {
    if (Date.now() >= until) {
      known = await ask();
      until = Date.now() + BELIEVED_MS;
    }
    return known;
  };
}

/** `close` ends the process that reads; an open one does not keep the service from ending. */
export function images(options: ImagesOptions): Images & { close(): Promise<void> } {
  const { root, others = [], archiveUrl = '', archiveToken = '', timeout = 10_000 } = options;
  const archive: Archive = { url: archiveUrl, token: archiveToken, timeout };
  const reader = options.reader ?? fileReader({ largest: LARGEST_IMAGE, deadline: READ_MS });
  const registered = options.registered && believed(options.registered);

  async function fromFile(path: string): Promise<Buffer | undefined> {
    const folders: Folders = { root, others };
    const read = await reader.read(path, folders);
    if (!('refused' in read) || read.refused !== OUTSIDE || registered === undefined) return takeBytes(read);
    return takeBytes(await reader.read(path, { root, others: [...others, ...(await registered())] }));
  }

  return {
    read: async (path) => {
      const located = locate(path);
      if ('refused' in located) throw gone(located.refused);
      const relative = 'relative' in located ? located.relative : undefined;
      const archived = relative !== undefined && archiveUrl !== '';
      if (relative !== undefined && root === '' && !archived) throw gone(ROOTLESS);
      const file = relative !== undefined && root === '' ? undefined : await fromFile(path);
      const found = file ?? (archived ? await fromArchive(archive, relative) : undefined);
      if (found === undefined) throw gone(MISSING);
      if (found.length === 0) throw gone('image file is empty');
      return found;
    },
    close: () => reader.close(),
  };
}
