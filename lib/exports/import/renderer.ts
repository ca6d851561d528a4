// Imports an uploaded package. The ZIP is read where its parts are: whatever of it is wanted comes
// out of the bucket, a few parts are held, and the whole is never put together.
import { Readable } from 'node:stream';
import type { Files } from '../../adapters/s3.ts';
import { Fault, isFault } from '../../errors.ts';
import type { Renderer, RenderJob } from '../shared/renderer.ts';
import type { ImportRequest } from './request.ts';
import { checkWhole, type Part, partKey, removeUpload, type Upload } from './uploads.ts';

/** The bytes of a file by their offsets; `end` is the first one that is not wanted. */
export interface UploadedFile {
  name: string;
  size: number;
  read(start: number, end: number): AsyncIterable<Buffer>;
}

/** Loads a package. @throws as Renderer does, and Fault `conflict` or `not-found` */
export type LoadPackage = (
  file: UploadedFile,
  work: Pick<RenderJob<ImportRequest>, 'signal' | 'progress' | 'confirm'> & { skipInvalid: boolean },
) => Promise<object>;

/** Parts held at a time: 32 MiB. Files of a package follow each other in it, mostly. */
const HELD = 8;

interface Placed extends Part {
  start: number;
}

/** @param parts in order, and whole */
function readParts(files: Files, upload: Upload, parts: readonly Part[]): UploadedFile {
  let at = 0;
  const placed: Placed[] = parts.map((part) => {
    const start = at;
    at += part.bytes;
    return { ...part, start };
  });
  const held = new Map<number, Promise<Buffer>>();
  const load = async ({ n, bytes }: Placed): Promise<Buffer> => {
    const found = await files.read(partKey(upload.id, n));
    if (found?.length !== bytes) throw new Fault('invalid', 'The upload was changed or removed while it was read');
    return found;
  };
  const take = (part: Placed): Promise<Buffer> => {
    const found = held.get(part.n) ?? load(part);
    // The one that was wanted last is at the end.
    held.delete(part.n);
    held.set(part.n, found);
    found.catch(() => held.delete(part.n));
    if (held.size > HELD) held.delete(held.keys().next().value!);
    return found;
  };
  return {
    name: upload.name,
    size: upload.bytes,
    async *read(start, end) {
      for (const part of placed) {
        if (part.start + part.bytes <= start) continue;
        if (part.start >= end) return;
        const bytes = await take(part);
        yield bytes.subarray(Math.max(0, start - part.start), Math.min(part.bytes, end - part.start));
      }
    },
  };
}

/** Of all progress, what reading and unpacking is. */
const READ_SHARE = 0.95;

export const importRenderer =
  (files: Files, load: LoadPackage): Renderer<ImportRequest> =>
  async ({ request, signal, progress, confirm }) => {
    const { upload_id: id, name, bytes, skip_invalid: skipInvalid = false } = request;
    const upload: Upload = { id, name, bytes };
    try {
      const file = readParts(files, upload, await checkWhole(files, upload));
      const read = (done: number, total: number): void => progress(done * READ_SHARE, total);
      const summary = await load(file, { signal, progress: read, confirm, skipInvalid });
      return {
        body: Readable.from([Buffer.from(`${JSON.stringify(summary, null, 2)}\n`)]),
        settle: () => removeUpload(files, id),
      };
    } catch (error) {
      // What the upload or the database lacks now, a later try lacks as well.
      if (isFault(error, 'conflict') || isFault(error, 'not-found'))
        throw new Fault('invalid', error.message, { cause: error });
      throw error;
    }
  };
