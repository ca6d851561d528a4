// What a renderer is given and what it gives back; the consumer (job/generate.ts) knows nothing of
// PDF or ZIP beyond this.
import type { Readable } from 'node:stream';
import type { Images } from '../../adapters/images.ts';
import type { Database } from '../../adapters/postgres.ts';
import type { Locator } from '../../deer/coordinates.ts';

export interface RenderJob<Request> {
  jobId: string;
  request: Request;
  /** When the job was created: the only clock an export may show. */
  createdAt: Date;
  /** IANA zone in which calendar days and hours are meant. */
  timeZone: string;
  database: Database;
  images: Images;
  /** How coordinates may be written. */
  locator: Locator;
  /**
   * Reports how much of the whole is done, 0 <= done <= total; cheap, may be called for every row.
   */
  progress: (done: number, total: number) => void;
  /** Aborted when the job is cancelled or taken over: stop soon, clean up, throw. */
  signal: AbortSignal;
  /** To be asked before what cannot be taken back. @throws when `signal` is aborted or has to be */
  confirm: () => Promise<void>;
}

export interface Product {
  /**
   * The file's bytes; an error on this stream is an error of the job, so a partial file is never
   * stored.
   */
  body: Readable;
  /** The second file of a kind that has one. */
  result?: Buffer;
  /** To be called once the job is completed: removes what it was made from. */
  settle?: () => Promise<void>;
}

/**
 * Makes one export. The promise may resolve before the body has been made (streamed).
 * @throws Fault `invalid` with a sentence fit for the reader when it can never succeed (no data,
 *   unknown class), `unavailable` when it may later.
 */
export type Renderer<Request> = (work: RenderJob<Request>) => Promise<Product>;
