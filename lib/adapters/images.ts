// Camera images by the path that the database holds: files, or an archive that answers GET. It
// never follows an address out of the database.
import { type Folders, locate, MISSING, OUTSIDE, ROOTLESS } from '../allowed-path.ts';
import { Fault } from '../errors.ts';
import type { Cut, CutImage } from './crops/crops.ts';
import { type FileVersion, fileReader, type NotRead, type Reader } from './reader/reader.ts';

export interface Images {
  /**
   * The encoded bytes of an image.
   * @throws Fault `not-found` with a reason fit for a manifest ("image file is missing"),
   *   `unavailable` when a later try may succeed.
   */
  read(path: string): Promise<Buffer>;
  /**
   * Crops of an image, cut where its file is read; undefined when it has to be read and cut here.
   * @param size longest side in pixels
   * @throws as `read`
   */
  cut?(path: string, cuts: readonly Cut[], size: number): Promise<CutImage | undefined>;
  /**
   * A text that is another one when the file of an image has changed; undefined for an image that
   * is no file here.
   * @throws as `read`
   */
  version?(path: string): Promise<string | undefined>;
}

export interface ImageFiles extends Images {
  /** As `cut`, wherever the image comes from: no picture is decoded in this process. */
  cutApart(path: string, cuts: readonly Cut[], size: number): Promise<CutImage>;
  /** Ends the process that reads; an open one does not keep the service from ending. */
  close(): Promise<void>;
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
  /** Bounds on one file and on its crops, in ms; default: those of an archive, which can wait. */
  readWithin?: number;
  cutWithin?: number;
  /** Reads the files; default: a separate process. */
  reader?: Reader;
}

const LARGEST_IMAGE = 64 * 1024 * 1024;
/** To another process as text, which blocks this one meanwhile. */
const LARGEST_SENT = 16 * 1024 * 1024;
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

type Taken = { bytes: Buffer } | CutImage | FileVersion;

/** undefined when there is no such file. */
function takeRead<R extends Taken>(read: R | NotRead): R | undefined {
  if ('bytes' in read || 'crops' in read || 'size' in read) return read as R;
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

export function images(options: ImagesOptions): ImageFiles {
  const { root, others = [], archiveUrl = '', archiveToken = '', timeout = 10_000 } = options;
  const archive: Archive = { url: archiveUrl, token: archiveToken, timeout };
  const { readWithin: deadline = READ_MS, cutWithin: cutDeadline } = options;
  const reader = options.reader ?? fileReader({ largest: LARGEST_IMAGE, deadline, cutDeadline });
  const registered = options.registered && believed(options.registered);

  /** Reads, and once more with the registered folders where the others do not have the path. */
  async function fromFile<R extends Taken>(ask: (folders: Folders) => Promise<R | NotRead>): Promise<R | undefined> {
    const read = await ask({ root, others });
    if (!('refused' in read) || read.refused !== OUTSIDE || registered === undefined) return takeRead(read);
    return takeRead(await ask({ root, others: [...others, ...(await registered())] }));
  }

  /** Where a path leads: to a file, to the archive, or first to one and then to the other. */
  function find(path: string): { isFile: boolean; archived: string | undefined } {
    const located = locate(path);
    if ('refused' in located) throw gone(located.refused);
    const relative = 'relative' in located ? located.relative : undefined;
    const archived = archiveUrl === '' ? undefined : relative;
    const isFile = relative === undefined || root !== '';
    if (!isFile && archived === undefined) throw gone(ROOTLESS);
    return { isFile, archived };
  }

  return {
    read: async (path) => {
      const { isFile, archived } = find(path);
      const file = isFile ? await fromFile((folders) => reader.read(path, folders)) : undefined;
      const found = file?.bytes ?? (archived === undefined ? undefined : await fromArchive(archive, archived));
      if (found === undefined) throw gone(MISSING);
      if (found.length === 0) throw gone('image file is empty');
      return found;
    },
    cut: async (path, cuts, size) => {
      const { isFile, archived } = find(path);
      if (!isFile) return undefined;
      const crops = await fromFile((folders) => reader.cut(path, folders, { cuts, size }));
      if (crops === undefined && archived === undefined) throw gone(MISSING);
      return crops;
    },
    version: async (path) => {
      if (!find(path).isFile) return undefined;
      const found = await fromFile((folders) => reader.stat(path, folders));
      return found && `${found.size} ${found.mtimeMs}`;
    },
    cutApart: async (path, cuts, size) => {
      const { isFile, archived } = find(path);
      const order = { cuts, size };
      const crops = isFile ? await fromFile((folders) => reader.cut(path, folders, order)) : undefined;
      if (crops !== undefined) return crops;
      const bytes = archived === undefined ? undefined : await fromArchive(archive, archived);
      if (bytes === undefined) throw gone(MISSING);
      if (bytes.length === 0) throw gone('image file is empty');
      if (bytes.length > LARGEST_SENT) throw gone(`image file is larger than ${LARGEST_SENT / 1_048_576} MiB`);
      return takeRead(await reader.cutBytes(bytes, order))!;
    },
    close: () => reader.close(),
  };
}
