// Reads a ZIP archive whose bytes are somewhere else, range by range.
import { Readable } from 'node:stream';
import { RandomAccessReader } from 'yauzl';
import type { RemoteArchive } from './source.ts';

/** What yauzl reads an archive with whose bytes are somewhere else. */
export class RemoteReader extends RandomAccessReader {
  readonly #archive: RemoteArchive;
  /** yauzl forgets why reading failed where it was about to end. */
  failed: unknown;

  constructor(archive: RemoteArchive) {
    super();
    this.#archive = archive;
  }

  override _readStreamForRange(start: number, end: number): Readable {
    const stream = Readable.from(this.#archive.read(start, end), { objectMode: false });
    stream.on('error', (error) => {
      this.failed ??= error;
    });
    return stream;
  }
}
