// The consumer: one message, one run of one job, from `begin` to a terminal record and a file that
// the record names.
import { makeLocator } from '../../deer/coordinates.ts';
import { errorMessage, Fault, isFault } from '../../errors.ts';
import { log } from '../../log.ts';
import { coarser, type Precision } from '../../precision.ts';
import { withTimeout } from '../../timeout.ts';
import { traced } from '../../trace.ts';
import { findKind } from '../kinds/index.ts';
import type { ExportRequest } from '../shared/kind.ts';
import type { Product, Renderer } from '../shared/renderer.ts';
import { type Heartbeat, JobEnded, startHeartbeat } from './heartbeat.ts';
import { digestRequest, type Outcome, type StoredFiles } from './jobs.ts';
import { type ExportMessage, identifyJob } from './message.ts';
import { fileName, objectKey } from './paths.ts';
import type { Ports } from './ports.ts';
import { describeFile, finishedEarlier, measured, putResult } from './stored.ts';

/**
 * Pauses before a terminal write is tried again, in ms: a busy loop makes a healthy Redis look
 * slow.
 */
const RETRIES_MS = [100, 1_000];

/** What a cancelled renderer has to take back what it did, in ms. */
const TAKEN_BACK_MS = 10_000;

async function persist<T>(write: () => Promise<T>): Promise<T> {
  for (const pause of RETRIES_MS) {
    try {
      return await write();
    } catch (error) {
      if (!isFault(error, 'unavailable')) throw error;
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }
  return write();
}

/**
 * The request of a message, from the message or the bucket. @throws Fault `corrupt` when it is not
 * the one that was accepted.
 */
async function readRequest(ports: Ports, message: ExportMessage): Promise<ExportRequest> {
  let request: unknown = message.request;
  if (message.stored !== undefined) {
    const stored = await ports.files.read(message.stored.object_key);
    if (stored === undefined) throw new Fault('corrupt', 'the request of this job is no longer stored');
    request = JSON.parse(stored.toString());
    if (digestRequest(message.kind, message.created_at, request) !== message.stored.digest) {
      throw new Fault('corrupt', 'the stored request of this job is not the one that was accepted');
    }
  }
  const [problem] = ports.findProblems(message.kind, request);
  if (problem !== undefined) throw new Fault('invalid', `the request of this job is not valid: ${problem.detail}`);
  return request as ExportRequest;
}

interface Made {
  file: StoredFiles;
  settle?: Product['settle'];
}

/** Renders and uploads; the heartbeat runs and progress is written all the while. */
async function makeFile(
  ports: Ports,
  message: ExportMessage,
  request: ExportRequest,
  run: string,
  overtime: AbortSignal,
): Promise<Made> {
  const { job_id, kind } = message;
  const name = fileName(kind, request, job_id);
  const key = objectKey(job_id, run, name);
  const heartbeat = startHeartbeat(ports.jobs, job_id, run);
  const signal = AbortSignal.any([overtime, heartbeat.ended]);
  try {
    const product = await render(ports, message, request, signal, heartbeat);
    const second = await putResult(ports, message, run, product, signal);
    const { stream, result } = measured(product.body);
    await ports.files.put(
      key,
      stream,
      { contentType: findKind(kind)!.contentType, contentDisposition: `attachment; filename="${name}"` },
      signal,
    );
    return { file: { ...describeFile(kind, name, key, result()), ...second }, settle: product.settle };
  } catch (error) {
    throw signal.aborted ? signal.reason : error;
  } finally {
    await heartbeat.stop();
  }
}

/** Whatever the renderer waits for (a database that hangs), the run ends in time to say why. */
async function render(
  ports: Ports,
  { job_id, kind, created_at }: ExportMessage,
  request: ExportRequest,
  signal: AbortSignal,
  { progress, confirm }: Heartbeat,
): Promise<Product> {
  const { timeZone, database, images } = ports;
  const stopped = Promise.withResolvers<never>();
  const stop = (): void => stopped.reject(signal.reason);
  signal.addEventListener('abort', stop);
  try {
    // The request was held to the contract of this very kind (readRequest).
    const renderer = ports.renderers[kind] as Renderer<ExportRequest>;
    const createdAt = new Date(created_at);
    const asked = (request as { coordinates?: Precision }).coordinates;
    const locator = makeLocator(coarser(ports.precision, asked));
    const watch = { signal, progress, confirm };
    const work = { jobId: job_id, createdAt, timeZone, database, images, locator, request, ...watch };
    const rendering = traced('render', 'internal', () => renderer(work), { kind });
    return await Promise.race([stopped.promise, rendering]).catch(async (error: unknown) => {
      // Made too late, it is not left open.
      const ended = rendering.then(({ body }) => void body.destroy()).catch(() => undefined);
      // Who cancelled waits for nothing; what the renderer has begun is taken back by it.
      if (error instanceof JobEnded) await withTimeout(TAKEN_BACK_MS, () => ended).catch(() => undefined);
      throw error;
    });
  } finally {
    // Node keeps a composite signal for ever while somebody listens to it, and with it all that was
    // made here.
    signal.removeEventListener('abort', stop);
  }
}

/**
 * What the status shows: addresses, users and paths in the causes of an error are for
 * the log alone.
 */
const readable = (error: unknown): string =>
  isFault(error) ? error.message : 'unexpected error; the log has it under the id of this job';

/** The run has ended, and this is why; the job is for the next one. */
async function writeLastError(ports: Ports, job_id: string, run: string, error: unknown): Promise<void> {
  await ports.jobs
    .progress(job_id, run, { last_error: readable(error) })
    .catch((lost: unknown) => log.warn('last_error was not written', { job_id, reason: errorMessage(lost) }));
}

/**
 * Writes how the job ends. Where Redis has forgotten the job its record is made again from the
 * message first, and `holds` says whether the end still does.
 * @throws Fault `unavailable` when it is forgotten once more: an end that is written nowhere must
 *   not be acknowledged.
 */
async function conclude(
  ports: Ports,
  message: ExportMessage,
  run: string,
  write: (run: string) => Promise<Outcome>,
  holds = async (): Promise<void> => undefined,
): Promise<Outcome> {
  const first = await persist(() => write(run));
  if (first.state !== 'absent') return first;
  const again = await persist(() => ports.jobs.begin(identifyJob(message)));
  if (again.outcome !== 'ok') return again;
  const own = again.record!.run;
  try {
    await holds();
    const second = await persist(() => write(own));
    if (second.state === 'absent') throw new Fault('unavailable', 'Redis does not keep the job');
    return second;
  } catch (error) {
    await writeLastError(ports, message.job_id, own, error);
    throw error;
  }
}

/** Nobody is notified of a job without an owner. */
async function announceEnd(ports: Ports, { job_id, owner }: ExportMessage): Promise<void> {
  if (owner !== undefined) await ports.announceEnd(job_id);
}

async function complete(ports: Ports, message: ExportMessage, run: string, file: StoredFiles): Promise<void> {
  const done = await conclude(
    ports,
    message,
    run,
    (own) => ports.jobs.complete(message.job_id, own, file),
    async () => {
      // A cancel that was forgotten with the record has removed the file: the next run makes it
      // anew.
      if (!(await ports.files.has(file.object_key)))
        throw new Fault('unavailable', 'the file was removed while the job was forgotten');
    },
  );
  if (done.outcome === 'ok') {
    log.info('job completed', { job_id: message.job_id, bytes: file.file_size_bytes });
    return announceEnd(ports, message);
  }
  // An earlier try of this very write may have been applied although its answer was lost, or
  // another run has completed the job with this file.
  if (done.record?.object_key === file.object_key) return;
  log.info('job had ended before; this run removes its own file', {
    job_id: message.job_id,
    status: done.record?.status ?? 'absent',
  });
  await ports.files.remove([file.object_key, file.result_key].filter((key) => key !== undefined));
}

/**
 * @throws Fault `conflict` when another run has taken the job over: the message stays for as long
 * as that one may need it.
 */
async function fail(ports: Ports, message: ExportMessage, run: string, reason: string): Promise<void> {
  const { job_id } = message;
  const { outcome, state, record } = await conclude(ports, message, run, (own) => ports.jobs.fail(job_id, own, reason));
  if (outcome === 'ok') {
    log.info('job failed', { job_id, reason });
    return announceEnd(ports, message);
  }
  if (state === 'other') throw new Fault('conflict', 'another run has taken the job over');
  log.info('job had ended before', { job_id, status: record?.status ?? 'absent', reason });
}

/**
 * Works on one message. Returns when the message is done with: completed, failed for good,
 * cancelled, or too old.
 * @throws what went wrong when a later try may succeed; the record then holds it as last_error.
 */
export async function generateExport(ports: Ports, message: ExportMessage, overtime: AbortSignal): Promise<void> {
  const { job_id } = message;
  const begun = await ports.jobs.begin(identifyJob(message));
  if (begun.outcome === 'foreign') throw new Fault('corrupt', 'message carries the id of another job');
  if (begun.outcome !== 'ok') {
    const reason = begun.state === 'absent' ? 'older than the queue keeps messages' : `job is ${begun.record?.status}`;
    return log.info('message needs no work', { job_id, reason });
  }
  const run = begun.record!.run;
  try {
    const request = await readRequest(ports, message);
    const name = fileName(message.kind, request, job_id);
    const mayBeFinished = begun.state === 'absent' || (begun.record?.runs ?? 0) > 1;
    const earlier = mayBeFinished ? await finishedEarlier(ports, message, name) : undefined;
    const { file, settle }: Made =
      earlier === undefined ? await makeFile(ports, message, request, run, overtime) : { file: earlier };
    await complete(ports, message, run, file);
    await settle?.().catch((error: unknown) =>
      log.warn('what the file was made from is left to the sweeper', { job_id, reason: errorMessage(error) }),
    );
  } catch (error) {
    if (error instanceof JobEnded) return log.info('job ended while it was being worked on', { job_id });
    if (isFault(error, 'invalid')) {
      return fail(ports, message, run, error.message);
    }
    await writeLastError(ports, job_id, run, error);
    throw error;
  }
}
