// GET status and DELETE: what a reader asks of a job.
import { errorMessage, Fault } from '../../errors.ts';
import { log } from '../../log.ts';
import { eventLoopClock, withTimeout } from '../../timeout.ts';
import { type ExportKind, findKind, KINDS, type Kind } from '../kinds/index.ts';
import { isVisibleTo, type JobRecord, type Viewer } from './jobs.ts';
import type { FoundJob } from './lists.ts';
import { isJobId, jobFolder, reportUrl, requestKey, resultUrl } from './paths.ts';
import type { Ports } from './ports.ts';

export interface ExportStatus {
  job_id: string;
  status: 'processing' | 'completed' | 'failed';
  /** Whole percent of the work done. */
  progress: number;
  filename?: string;
  download_url?: string;
  file_size_bytes?: number;
  sha256?: string;
  /** Paths of the page and of its result, where the kind has them. */
  report_url?: string;
  result_url?: string;
  result_sha256?: string;
  created_at: string;
  completed_at?: string;
  expires_at?: string;
  error?: string;
}

const gone = (): Fault => new Fault('not-found', 'Job not found or expired');

/**
 * The job of this id.
 * @throws Fault `not-found` for an id that is unknown, expired, cancelled, of another kind or owner
 */
export async function findJob(
  { jobs }: Pick<Ports, 'jobs'>,
  kind: ExportKind,
  jobId: string | undefined,
  viewer: Viewer,
): Promise<FoundJob> {
  if (!isJobId(jobId)) throw gone();
  const { record, expiresAt } = await jobs.read(jobId);
  if (record === undefined || record.kind !== kind || record.status === 'cancelled') throw gone();
  if (!isVisibleTo(record, viewer)) throw gone();
  return { jobId, record, expiresAt };
}

const describeResult = (jobId: string, { kind, result_key, result_sha256 }: JobRecord): Partial<ExportStatus> =>
  result_key === undefined
    ? {}
    : { report_url: reportUrl(kind, jobId), result_url: resultUrl(kind, jobId), result_sha256 };

/** What a reader sees of a job that is not cancelled. */
export function describeJob({ jobId, record, expiresAt }: FoundJob): ExportStatus {
  const { status, progress, filename, download_url, file_size_bytes, sha256, created_at, completed_at, error } = record;
  const expires_at = status === 'processing' ? undefined : expiresAt?.toISOString();
  return {
    job_id: jobId,
    status: status as ExportStatus['status'],
    progress,
    filename,
    download_url,
    file_size_bytes,
    sha256,
    ...describeResult(jobId, record),
    created_at,
    completed_at,
    expires_at,
    error,
  };
}

/**
 * DELETE is answered within a second: what removing the files may have of it in any case, and when
 * it has to be over, in ms.
 */
const REMOVE_LEAST_MS = 100;
const REMOVED_MS = 900;

/** One of these is needed to cancel something; its kind says which one. */
export const CANCEL_SCOPES = [...new Set(KINDS.map(({ scope }) => scope))];

/**
 * Cancels a queued or running job, or forgets a finished one; its files are removed (by the
 * sweeper, should S3 be down or slow now).
 * @param mayCancel whether the caller has a scope
 * @throws Fault `not-found`, `forbidden` without the scope of its kind
 */
export async function cancelExport(
  { jobs, files }: Pick<Ports, 'jobs' | 'files'>,
  jobId: string | undefined,
  viewer: Viewer,
  mayCancel: (scope: Kind['scope']) => boolean = () => true,
): Promise<void> {
  if (!isJobId(jobId)) throw gone();
  if (!viewer.seesAll || !CANCEL_SCOPES.every(mayCancel)) {
    const { record } = await jobs.read(jobId);
    if (record === undefined || !isVisibleTo(record, viewer)) throw gone();
    const scope = findKind(record.kind)?.scope;
    if (scope !== undefined && !mayCancel(scope))
      throw new Fault('forbidden', `This needs a key with the scope ${scope}`);
  }
  const clock = eventLoopClock();
  const remove = async (): Promise<void> => {
    const keys = [requestKey(jobId)];
    for await (const { key } of files.list(jobFolder(jobId))) keys.push(key);
    await files.remove(keys);
  };
  try {
    const { outcome } = await jobs.cancel(jobId);
    if (outcome !== 'ok') throw gone();
    log.info('job cancelled', { job_id: jobId });
    await withTimeout(Math.max(REMOVE_LEAST_MS, REMOVED_MS - clock.ms()), remove).catch((error: unknown) =>
      log.warn('files of a cancelled job are left to the sweeper', { job_id: jobId, reason: errorMessage(error) }),
    );
  } finally {
    clock.stop();
  }
}
