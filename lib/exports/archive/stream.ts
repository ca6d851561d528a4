// An archive as the product of a renderer: written while it is read, ended by whichever side stops
// first.
import type { Product, RenderJob } from '../shared/renderer.ts';
import { type Archive, archive } from './archive.ts';

/**
 * The body of an archive that `fill` writes at the reader's pace. An error of `fill`, or the reason
 * of the job's signal, becomes the error of the body.
 * @param fill gets a signal that is aborted when the job ends or the reader is gone
 */
export function streamArchive(
  { createdAt, signal }: Pick<RenderJob<unknown>, 'createdAt' | 'signal'>,
  fill: (zip: Archive, signal: AbortSignal) => Promise<void>,
  level?: number,
): Product {
  const zip = archive(createdAt, level);
  const fail = (error: unknown): void => zip.fail(error instanceof Error ? error : new Error(String(error)));
  const stop = (): void => fail(signal.reason);
  signal.addEventListener('abort', stop, { once: true });
  fill(zip, AbortSignal.any([signal, zip.closed]))
    .catch(fail)
    .finally(() => signal.removeEventListener('abort', stop));
  return { body: zip.body };
}
