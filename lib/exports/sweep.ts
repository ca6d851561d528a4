// The sweeper: removes files that no record names any more. What a live job may still need is left alone.
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

/** Objects older than the hour and a grace whose record is absent or names another; stored requests older than the queue keeps messages; stale uploads. */
export async function sweepExports({ jobs, files, limits, clock }: Pick<Ports, 'jobs' | 'files' | 'limits' | 'clock'>): Promise<Swept> {
  const now = clock().getTime();
  const records = new Map<string, JobRecord | undefined>();
  const recordOf = async (jobId: string): Promise<JobRecord | undefined> => {
    if (!records.has(jobId)) records.set(jobId, (await jobs.read(jobId)).record);
    return records.get(jobId);
  };
  const remove: string[] = [];
  for await (const { key, modified } of files.list('exports/')) {
    const jobId = key.split('/')[1];
    const old = now - modified.getTime() > (limits.ttlSeconds + GRACE_SECONDS) * 1000;
    if (useless(isJobId(jobId) ? await recordOf(jobId) : undefined, key, old)) remove.push(key);
  }
  for await (const { key, modified } of files.list('requests/')) {
    if (now - modified.getTime() > (limits.retentionSeconds + GRACE_SECONDS) * 1000) remove.push(key);
  }
  if (remove.length > 0) await files.remove(remove);
  const uploads = await files.abortUploads(new Date(now - UPLOAD_SECONDS * 1000));
  return { files: remove.length, uploads };
}
