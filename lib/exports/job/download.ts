// The download: file name -> job -> record; an object that no record names is never trusted.
import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { Fault } from '../../errors.ts';
import { log } from '../../log.ts';
import { withTimeout } from '../../timeout.ts';
import { findKind } from '../kinds/index.ts';
import { parseFileName } from './paths.ts';
import type { Ports } from './ports.ts';

/**
 * Largest file answered by the function itself; Lambda's answer holds 6 MB and base64 takes a third
 * more.
 */
export const LARGEST_INLINE_FILE = 4_500_000;
/**
 * What record and small file may take of an answer that is due within a second, in ms; the file's
 * bytes may take LEAST_MS in any case.
 */
const READ_MS = 700;
const LEAST_MS = 100;
/** A signed link lives this long at most, in seconds: long enough for a slow line to begin. */
const LINK_SECONDS = 900;

export interface Download {
  filename: string;
  contentType: string;
  sha256: string;
  /** The bytes of a small file that comes quickly, else the link to it. */
  bytes?: Buffer;
  link?: string;
}

const gone = (): Fault => new Fault('not-found', 'File not found or expired');

/**
 * The whole body, or undefined when it does not come within `ms`. @throws Fault `unavailable` when
 * it breaks off.
 */
async function inTime(body: Readable, ms: number): Promise<Buffer | undefined> {
  let late = false;
  try {
    return await withTimeout(
      ms,
      () => buffer(body),
      (error) => {
        late = true;
        return error;
      },
    );
  } catch (cause) {
    body.destroy();
    if (late) return undefined;
    throw new Fault('unavailable', 'S3 is not available', { cause });
  }
}

/**
 * Opens the file of a completed job; its record must name this very object.
 * @throws Fault `not-found` for any other name, `corrupt` when the bytes are not those that the
 *   record describes.
 */
export async function openDownload(
  { jobs, files }: Pick<Ports, 'jobs' | 'files'>,
  filename: string | undefined,
): Promise<Download> {
  const job = parseFileName(filename);
  if (job === undefined) throw gone();
  const began = performance.now();
  const { record, expiresAt } = await jobs.read(job.jobId);
  if (record?.status !== 'completed' || record.filename !== filename || record.kind !== job.kind) throw gone();
  const { object_key = '', sha256 = '', file_size_bytes = 0 } = record;
  const download: Download = {
    filename: record.filename as string,
    contentType: findKind(job.kind)!.contentType,
    sha256,
  };
  const lost = (): Fault => {
    log.error('a completed job has lost its file', { job_id: job.jobId, object_key });
    return gone();
  };
  const linked = async (): Promise<Download> => {
    const left = expiresAt === undefined ? LINK_SECONDS : Math.ceil((expiresAt.getTime() - Date.now()) / 1000);
    return { ...download, link: await files.sign(object_key, Math.max(1, Math.min(LINK_SECONDS, left))) };
  };
  if (file_size_bytes > LARGEST_INLINE_FILE) {
    if (!(await files.has(object_key))) throw lost();
    return linked();
  }
  const body = await files.get(object_key);
  if (body === undefined) throw lost();
  const bytes = await inTime(body, Math.max(LEAST_MS, READ_MS - (performance.now() - began)));
  if (bytes === undefined) {
    log.warn('S3 sends slowly: answered with the link', { job_id: job.jobId, file_size_bytes });
    return linked();
  }
  if (createHash('sha256').update(bytes).digest('hex') !== sha256)
    throw new Fault('corrupt', 'The stored file is damaged; ask for the export again');
  return { ...download, bytes };
}

/**
 * The HTTP answer: 200 with the bytes, 304 when the reader has them, 307 to the link with a line
 * that says so.
 */
export function downloadAnswer(
  download: Download,
  ifNoneMatch?: string,
): { status: number; body?: Buffer | string; headers: Record<string, string> } {
  const { filename, contentType, sha256, bytes, link } = download;
  const etag = `"${sha256}"`;
  // RFC 9110 section 13.1.2: a list of tags, weakly compared, or * for any.
  const known = ifNoneMatch?.split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  if (known?.includes(etag) || known?.includes('*')) return { status: 304, headers: { etag } };
  if (link !== undefined)
    return {
      status: 307,
      headers: { etag, location: link },
      body: `The file is fetched from ${link} (curl -L follows it)\n`,
    };
  return {
    status: 200,
    headers: { etag, 'content-type': contentType, 'content-disposition': `attachment; filename="${filename}"` },
    body: bytes,
  };
}
