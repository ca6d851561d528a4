// A streamed ZIP with fixed dates: equal content gives equal bytes, nothing is kept in memory, and
// every file's sha256 is known at the end.
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { Readable, Transform } from 'node:stream';
import { ZipArchive } from 'archiver';

export interface FileEntry {
  path: string;
  bytes: number;
  sha256: string;
}

/** Stored bytes that may wait for a slow reader; archiver itself takes buffers without limit. */
const WINDOW = 4 * 1024 * 1024;

export interface Archive {
  body: Readable;
  /** Everything added so far, in order. */
  files: FileEntry[];
  /**
   * Deflated text; resolves when it is in the archive. Chunks are asked for at the reader's pace.
   */
  text(path: string, chunks: Iterable<string | Buffer> | AsyncIterable<string | Buffer>): Promise<void>;
  /** Bytes that are compressed already, stored as they are. */
  stored(path: string, bytes: Buffer): Promise<void>;
  finish(): Promise<void>;
  /** Ends the body with this error; the archive is worthless then. */
  fail(error: Error): void;
  /** Aborted as soon as the body is closed by its reader. */
  closed: AbortSignal;
}

/** Passes chunks on while their bytes are counted and hashed; `entry` is for the end. */
function countBytes(source: Iterable<string | Buffer> | AsyncIterable<string | Buffer>): {
  chunks: AsyncIterable<Buffer>;
  entry: () => Omit<FileEntry, 'path'>;
} {
  const hash = createHash('sha256');
  let bytes = 0;
  async function* pass(): AsyncGenerator<Buffer> {
    for await (const chunk of source) {
      const part = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
      hash.update(part);
      bytes += part.length;
      yield part;
    }
  }
  return { chunks: pass(), entry: () => ({ bytes, sha256: hash.digest('hex') }) };
}

/**
 * @param date of every entry; DOS dates know UTC seconds in twos from 1980 on
 * @param level of compression, 1 to 9
 */
export function archive(date: Date, level = 6): Archive {
  const zip = new ZipArchive({ zlib: { level } });
  const files: FileEntry[] = [];
  const closed = new AbortController();
  let stored = 0;
  let passed = 0;
  let onPassed = (): void => undefined;

  const body = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      passed += chunk.length;
      onPassed();
      done(null, chunk);
    },
  });
  body.once('close', () => {
    closed.abort(new Error('the archive was closed'));
    onPassed();
    zip.destroy();
  });
  zip.on('error', (error) => body.destroy(error));
  // archiver reports a name it does not like or a stat that failed as a warning: for us both are
  // errors.
  zip.on('warning', (error) => body.destroy(error));
  zip.pipe(body);

  const add = async (path: string, source: Readable | Buffer, store: boolean): Promise<void> => {
    closed.signal.throwIfAborted();
    const entry = once(zip, 'entry', { signal: closed.signal });
    zip.append(source, { name: path, date, mode: 0o644, store });
    await entry;
  };

  return {
    body,
    files,
    closed: closed.signal,
    text: async (path, chunks) => {
      const { chunks: counted, entry } = countBytes(chunks);
      const source = Readable.from(counted, { objectMode: false });
      source.once('error', (error) => body.destroy(error));
      await add(path, source, false);
      files.push({ path, ...entry() });
    },
    stored: async (path, bytes) => {
      await add(path, bytes, true);
      files.push({ path, bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') });
      stored += bytes.length;
      while (stored - passed > WINDOW && !closed.signal.aborted) {
        await new Promise<void>((resolve) => {
          onPassed = resolve;
        });
      }
      closed.signal.throwIfAborted();
    },
    finish: () => zip.finalize(),
    fail: (error) => void body.destroy(error),
  };
}
