// GET status and DELETE: what a reader asks of a job.
import { Fault, reasonOf } from '../errors.ts';
import { log } from '../log.ts';
import { folderOf, isJobId, requestKey } from './names.ts';
import type { Ports } from './ports.ts';
import type { Kind } from './request.ts';

export interface ExportStatus {
  job_id: string;
  status: 'processing' | 'completed' | 'failed';
  /** Whole percent of the work done. */
  progress: number;
  filename?: string;
  download_url?: string;
  file_size_bytes?: number;
  sha256?: string;
  created_at: string;
  completed_at?: string;
  expires_at?: string;
  error?: string;
}

const gone = (): Fault => new Fault('not-found', 'Job not found or expired');

/** @throws Fault `not-found` for an id that is unknown, expired, cancelled or of the other kind. */
export async function readStatus({ jobs }: Pick<Ports, 'jobs'>, kind: Kind, jobId: string | undefined): Promise<ExportStatus> {
  if (!isJobId(jobId)) throw gone();
  const { record, expiresAt } = await jobs.read(jobId);
  if (record === undefined || record.kind !== kind || record.status === 'cancelled') throw gone();
  const { status, progress, filename, download_url, file_size_bytes, sha256, created_at, completed_at, error } = record;
  const expires_at = status === 'processing' ? undefined : expiresAt?.toISOString();
  return { job_id: jobId, status, progress, filename, download_url, file_size_bytes, sha256, created_at, completed_at, expires_at, error };
}

/** Cancels a queued or running job, or forgets a finished one; its files are removed (by the sweeper, should S3 be down now). */
export async function cancelExport({ jobs, files }: Pick<Ports, 'jobs' | 'files'>, jobId: string | undefined): Promise<void> {
  if (!isJobId(jobId)) throw gone();
  const { outcome } = await jobs.cancel(jobId);
  if (outcome !== 'ok') throw gone();
  log.info('job cancelled', { job_id: jobId });
  try {
    const keys = [requestKey(jobId)];
    for await (const { key } of files.list(folderOf(jobId))) keys.push(key);
    await files.remove(keys);
  } catch (error) {
    log.warn('files of a cancelled job are left to the sweeper', { job_id: jobId, reason: reasonOf(error) });
  }
}
