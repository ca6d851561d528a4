// The sweeper: removes files that no record names any more. What a live job may still need is left alone.
import type { StoredFile } from '../adapters/s3.ts';
import type { JobRecord } from './jobs.ts';
import { isJobId } from './names.ts';
import type { Ports } from './ports.ts';

/** From the end of an upload to the record that names it pass seconds (generate.ts gives up within three); a minute is plenty. */
const GRACE_SECONDS = 60;
const UPLOAD_SECONDS = 3_600;

export interface Swept extends Record<string, number> {
  files: number;
  uploads: number;
}

/** Keep while the job is being worked on, or while its record names this file; everything under a tombstone goes at once. */
function useless(record: JobRecord | undefined, key: string, old: boolean): boolean {
  if (record?.status === 'cancelled') return true;
  if (record?.status === 'processing' || record?.object_key === key) return false;
  return old;
}

/** Records asked for at the same time, and the files looked at before those that are useless are removed: what a sweep has done stays done when it is cut short. */
const LANES = 16;
const BATCH = 500;

async function* batches<T>(source: AsyncIterable<T>): AsyncGenerator<T[]> {
  let batch: T[] = [];
  for await (const one of source) {
    batch.push(one);
    if (batch.length < BATCH) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

/**
 * Removes files older than the hour and a grace whose record is absent or names another; stored requests of cancelled jobs, and those older than the queue
 * keeps messages (an operator may ask for a failed job again, and Redis may forget an ended one); uploads that were never finished.
 */
export async function sweepExports({ jobs, files, limits, clock }: Pick<Ports, 'jobs' | 'files' | 'limits' | 'clock'>): Promise<Swept> {
  const now = clock().getTime();
  const olderThan = ({ modified }: StoredFile, seconds: number): boolean => now - modified.getTime() > (seconds + GRACE_SECONDS) * 1000;
  const uploads = await files.abortUploads(new Date(now - UPLOAD_SECONDS * 1000));
  let removed = 0;

  async function sweep(
    prefix: string,
    jobOf: (key: string) => string | undefined,
    judge: (record: JobRecord | undefined, file: StoredFile) => boolean,
  ) {
    for await (const batch of batches(files.list(prefix))) {
      const records = new Map<string, JobRecord | undefined>();
      const ids = [...new Set(batch.map(({ key }) => jobOf(key)))].filter(isJobId);
      const ask = async (): Promise<void> => {
        for (let id = ids.pop(); id !== undefined; id = ids.pop()) records.set(id, (await jobs.read(id)).record);
      };
      await Promise.all(Array.from({ length: LANES }, ask));
      const found = batch.filter((file) => judge(records.get(jobOf(file.key) ?? ''), file)).map(({ key }) => key);
      if (found.length > 0) await files.remove(found);
      removed += found.length;
    }
  }
  await sweep(
    'exports/',
    (key) => key.split('/')[1],
    (record, file) => useless(record, file.key, olderThan(file, limits.ttlSeconds)),
  );
  await sweep(
    'requests/',
    (key) => key.slice('requests/'.length, -'.json'.length),
    (record, file) => record?.status === 'cancelled' || olderThan(file, limits.retentionSeconds),
  );
  return { files: removed, uploads };
}
