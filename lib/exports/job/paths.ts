// Names of an export's files. The file name holds the job id, so that a download finds its job; the
// object key holds the run as well.
import { type ExportKind, findKind, KINDS } from '../kinds/index.ts';
import type { ExportRequest } from '../shared/kind.ts';

const UUID4 = '[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}';
const FILE_NAME = new RegExp(`^([a-z-]+)_(?:\\d{4}-\\d{2}-\\d{2}_to_\\d{4}-\\d{2}-\\d{2}_)?(${UUID4})\\.([a-z]+)$`);
const JOB_ID = new RegExp(`^${UUID4}$`);

export const isJobId = (text: string | undefined): text is string => text !== undefined && JOB_ID.test(text);

/** `deer-report_2023-09-01_to_2024-01-31_{job_id}.pdf`, safe on every file system. */
export function fileName(kind: ExportKind, request: ExportRequest, jobId: string): string {
  const { fileStem, extension } = findKind(kind)!;
  const span = request.start_date === undefined ? '' : `${request.start_date}_to_${request.end_date}_`;
  return `${fileStem}_${span}${jobId}.${extension}`;
}

/**
 * The job and kind that a file name names; undefined for any other text (paths, escapes, foreign
 * names).
 */
export function parseFileName(name: string | undefined): { jobId: string; kind: ExportKind } | undefined {
  const [, stem, jobId, ending] = FILE_NAME.exec(name ?? '') ?? [];
  const found = KINDS.find(({ fileStem, extension }) => fileStem === stem && extension === ending);
  return jobId === undefined || found === undefined ? undefined : { jobId, kind: found.kind };
}

export const jobFolder = (jobId: string): string => `exports/${jobId}/`;
export const objectKey = (jobId: string, run: string, name: string): string => `${jobFolder(jobId)}${run}/${name}`;
export const requestKey = (jobId: string): string => `requests/${jobId}.json`;
export const downloadUrl = (name: string): string => `/api/static/exports/${name}`;
/** Path of the status of a job. */
export const statusUrl = (kind: ExportKind, jobId: string): string => `${findKind(kind)!.path}/${jobId}`;
/** Paths of the page of a job whose kind has one, and of what it shows for programs. */
export const reportUrl = (kind: ExportKind, jobId: string): string => `${statusUrl(kind, jobId)}/report`;
export const resultUrl = (kind: ExportKind, jobId: string): string =>
  `${statusUrl(kind, jobId)}/${findKind(kind)!.result!.name}`;
