// POST: a checked request becomes a record, then a message. Nothing half-done remains when one of
// them fails.
import { randomUUID } from 'node:crypto';
import { errorMessage, Fault } from '../../errors.ts';
import { log } from '../../log.ts';
import { eventLoopClock, withTimeout } from '../../timeout.ts';
import type { ExportKind } from '../kinds/index.ts';
import type { NameChecker } from '../season/index.ts';
import type { ExportRequest } from '../shared/kind.ts';
import { digestRequest, type OwnerLimits } from './jobs.ts';
import { type ExportMessage, LARGEST_INLINE } from './message.ts';
import { requestKey, statusUrl } from './paths.ts';
import type { Ports } from './ports.ts';

export interface Accepted {
  job_id: string;
  status: 'processing';
  status_url: string;
  /** Life of the finished export, counted from its completion. */
  expires_after_seconds: number;
}

/** Files are needed for large requests only, hence made when asked for. */
type CreatePorts = Pick<Ports, 'jobs' | 'queue' | 'clock' | 'limits'> & {
  files: () => Ports['files'];
  names: NameChecker;
  /** What one owner may have at a time; absent = no limit. */
  most?: OwnerLimits;
};

/**
 * An answer, good or bad, is due within a second: what each service may take of it, in ms. A
 * service that is asked later gets what is left, or LEAST_MS.
 */
const ANSWER_MS = 820;
const REDIS_MS = 600;
const S3_MS = 700;
const LEAST_MS = 100;
/** Until here, in ms, a job that failed may still be taken back. */
const WITHDRAWN_MS = 930;

/** ASCII JSON: SQS emulators refuse some characters beyond it. */
const ascii = (value: unknown): string =>
  JSON.stringify(value).replace(/[\u007f-\uffff]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);

interface Asking {
  /** Whose key asks; undefined where none is needed. */
  owner?: string | undefined;
  /** Aborted when nobody waits for the answer any more: then nothing may be accepted. */
  signal?: AbortSignal;
  /** The job, `again` if it was begun before, taken back while it is ours; absent = a new one. */
  making?: { id: string; at: Date; again: boolean; isOurs(): boolean } | undefined;
}

/**
 * Accepts an export. One that was begun before and is there is accepted as it is.
 * @throws Fault `invalid` for an unknown class or location, `limited` when the owner has too much,
 *   `unavailable` when the record or the message could not be written.
 */
export async function createExport(
  ports: CreatePorts,
  kind: ExportKind,
  request: ExportRequest,
  asking: Asking = {},
): Promise<Accepted> {
  const clock = eventLoopClock();
  try {
    return await accept(ports, { kind, request, ...asking }, (most, answer = ANSWER_MS) =>
      Math.max(LEAST_MS, Math.min(most, answer - clock.ms())),
    );
  } finally {
    clock.stop();
  }
}

/** `within`: how long a service that may take `most` ms has left. */
async function accept(
  ports: CreatePorts,
  { kind, request, owner, signal, making }: Asking & { kind: ExportKind; request: ExportRequest },
  within: (most: number, answer?: number) => number,
): Promise<Accepted> {
  await ports.names.check(request);
  const fresh = { id: randomUUID(), at: ports.clock(), again: false, isOurs: () => true };
  const { id: job_id, at, again, isOurs } = making ?? fresh;
  const created_at = at.toISOString();
  const digest = digestRequest(kind, created_at, request);
  const message: ExportMessage = { version: 1, job_id, kind, created_at, ...(owner === undefined ? {} : { owner }) };
  const inline = ascii(request);
  const key = requestKey(job_id);
  if (inline.length <= LARGEST_INLINE) message.request = request;
  else {
    message.stored = { object_key: key, digest };
    const put = (over: AbortSignal): Promise<void> =>
      ports.files().put(key, Buffer.from(inline), { contentType: 'application/json' }, over);
    await withTimeout(within(S3_MS), put, (cause) => new Fault('unavailable', 'S3 is not available', { cause }));
  }
  const withdraw = async (): Promise<unknown> =>
    isOurs() &&
    ports.jobs
      .cancel(job_id, within(REDIS_MS, WITHDRAWN_MS))
      .catch((lost: unknown) =>
        log.warn('an unsent job could not be cancelled', { job_id, reason: errorMessage(lost) }),
      );
  try {
    const isThere = again && (await ports.jobs.read(job_id)).record !== undefined;
    if (!isThere) await ports.jobs.create({ job_id, kind, created_at, digest, owner }, within(REDIS_MS), ports.most);
  } catch (error) {
    // Redis may still create the record later. This cancel follows on the same connection; the
    // answer is due now and does not wait.
    void withdraw();
    // No message names the stored request.
    if (message.stored !== undefined && isOurs())
      void ports
        .files()
        .remove([key])
        .catch((left: unknown) => log.warn('a request is left to the sweeper', { job_id, reason: errorMessage(left) }));
    throw error;
  }
  try {
    await ports.queue.send(ascii(message), {}, within(ANSWER_MS));
    signal?.throwIfAborted();
  } catch (error) {
    // The message may still have been accepted: a tombstone keeps it from ever being worked on,
    // and has the sweeper remove a stored request.
    await withdraw();
    throw error;
  }
  log.info('job accepted', { job_id, kind });
  return {
    job_id,
    status: 'processing',
    status_url: statusUrl(kind, job_id),
    expires_after_seconds: ports.limits.ttlSeconds,
  };
}
