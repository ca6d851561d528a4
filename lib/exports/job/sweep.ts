// The sweeper: removes files that no record names any more, and uploads that nobody goes on with.
// What a live job may still need is left alone.
import type { StoredFile, UnfinishedUpload } from '../../adapters/s3.ts';
import { errorMessage } from '../../errors.ts';
import { log } from '../../log.ts';
import type { JobRecord } from './jobs.ts';
import { isJobId } from './paths.ts';
import type { Ports } from './ports.ts';

/**
 * From the end of an upload to the record that names it pass seconds (generate.ts gives up within
 * three); a minute is plenty.
 */
const GRACE_SECONDS = 60;
/**
 * No run lives as long: the function's timeout is ten minutes, and Lambda has none above fifteen.
 */
const UPLOAD_SECONDS = 3_600;

export interface Swept extends Record<string, number> {
  files: number;
  uploads: number;
}

/**
 * Keep while the job is being worked on, or while its record names this file; everything under a
 * tombstone goes at once.
 */
function useless(record: JobRecord | undefined, key: string, old: boolean): boolean {
  if (record?.status === 'cancelled') return true;
  if (record?.status === 'processing' || record?.object_key === key || record?.result_key === key) return false;
  return old;
}

/**
 * An upload of a job that has ended can no longer become its file; another one is left alone for as
 * long as its run may live.
 */
const abandoned = (record: JobRecord | undefined, old: boolean): boolean =>
  old || (record !== undefined && record.status !== 'processing');

/**
 * The job that a key of the bucket belongs to: exports/{job}/..., requests/{job}.json; undefined
 * for what is not ours.
 */
const readJobId = (key: string): string | undefined => /^(?:exports|requests)\/([^/.]+)/.exec(key)?.[1];

/**
 * Records asked for at the same time, and the files looked at before those that are useless are
 * removed: what a sweep has done stays done when it is cut short.
 */
const LANES = 16;
const BATCH = 500;

async function* batches<T>(source: AsyncIterable<T>): AsyncGenerator<T[]> {
  let batch: T[] = [];
  for await (const item of source) {
    batch.push(item);
    if (batch.length < BATCH) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

type Needs = Pick<Ports, 'jobs' | 'files' | 'limits' | 'clock'>;

/**
 * Gives what `judge` finds useless to `remove`, batch by batch; `remove` answers how many are gone.
 */
async function sweep<T extends { key: string }>(
  { jobs }: Needs,
  found: AsyncIterable<T>,
  judge: (record: JobRecord | undefined, item: T) => boolean,
  remove: (useless: T[]) => Promise<number>,
): Promise<number> {
  let removed = 0;
  for await (const batch of batches(found)) {
    const records = new Map<string, JobRecord | undefined>();
    const ids = [...new Set(batch.map(({ key }) => readJobId(key)))].filter(isJobId);
    const ask = async (): Promise<void> => {
      for (let id = ids.pop(); id !== undefined; id = ids.pop()) records.set(id, (await jobs.read(id)).record);
    };
    await Promise.all(Array.from({ length: LANES }, ask));
    const left = batch.filter((item) => judge(records.get(readJobId(item.key) ?? ''), item));
    if (left.length > 0) removed += await remove(left);
  }
  return removed;
}

/**
 * An upload that cannot be removed now is left for the next sweep, and keeps no other from being
 * removed.
 */
async function abortAll(files: Needs['files'], uploads: readonly UnfinishedUpload[]): Promise<number> {
  let gone = 0;
  for (const upload of uploads) {
    try {
      await files.abort(upload);
      gone += 1;
    } catch (error) {
      log.warn('an unfinished upload is left to the next sweep', { key: upload.key, reason: errorMessage(error) });
    }
  }
  return gone;
}

/**
 * Removes files older than the hour and a grace whose record is absent or names another; stored
 * requests of cancelled jobs, and those older than the queue keeps messages (an operator may ask
 * for a failed job again, and Redis may forget an ended one); unfinished uploads of jobs that have
 * ended, and those older than an hour. An S3 that does not list its uploads keeps none of the rest
 * from being done.
 */
export async function sweepExports(ports: Needs): Promise<Swept> {
  const { files, limits, clock } = ports;
  const now = clock().getTime();
  const isOld = (at: Date, seconds: number): boolean => now - at.getTime() > seconds * 1000;
  const removeFiles = async (useless: StoredFile[]): Promise<number> => {
    await files.remove(useless.map(({ key }) => key));
    return useless.length;
  };
  const exported = await sweep(
    ports,
    files.list('exports/'),
    (record, file) => useless(record, file.key, isOld(file.modified, limits.ttlSeconds + GRACE_SECONDS)),
    removeFiles,
  );
  const requests = await sweep(
    ports,
    files.list('requests/'),
    (record, file) => record?.status === 'cancelled' || isOld(file.modified, limits.retentionSeconds + GRACE_SECONDS),
    removeFiles,
  );
  let uploads = 0;
  try {
    uploads = await sweep(
      ports,
      files.unfinished(),
      // All are listed, and those of other programs in the bucket are left alone: not every S3
      // lists uploads by a prefix.
      (record, { key, begun }) => readJobId(key) !== undefined && abandoned(record, isOld(begun, UPLOAD_SECONDS)),
      (left) => abortAll(files, left),
    );
  } catch (error) {
    log.warn('unfinished uploads were not swept', { reason: errorMessage(error) });
  }
  return { files: exported + requests, uploads };
}
