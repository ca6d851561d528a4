// The download: file name -> job -> record; an object that no record names is never trusted.
import { createHash } from 'node:crypto';
import { pipeline, type Readable, Transform } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { ByteRange, Files } from '../../adapters/s3.ts';
import { Fault } from '../../errors.ts';
import { isKnownTag } from '../../etag.ts';
import { log } from '../../log.ts';
import { withTimeout } from '../../timeout.ts';
import { type ExportKind, findKind } from '../kinds/index.ts';
import { isVisibleTo, type JobRecord, type Viewer } from './jobs.ts';
import { LARGEST_PACKED_FILE, pack } from './packed.ts';
import { isJobId, parseFileName } from './paths.ts';
import type { Ports } from './ports.ts';

/**
 * Largest file answered by the function itself; Lambda's answer holds 6 MB and base64 takes a third
 * more.
 */
const LARGEST_INLINE_FILE = 4_500_000;
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
  /** Bytes of the whole file. */
  size: number;
  /** The bytes of a small file that comes quickly, else one of the two ways to it. */
  bytes?: Buffer;
  /** All of it, by gzip. */
  packed?: Buffer;
  link?: string;
  /** Opens the file as a stream. @throws Fault `not-found` when it is lost, `unavailable` */
  open?: (range?: ByteRange) => Promise<Readable>;
  /** To be shown, not saved. */
  isInline?: boolean;
  /** What it may do in a browser. */
  policy?: string;
}

const DAMAGED = 'The stored file is damaged; ask for the export again';

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
 * Passes bytes on and holds the last ones back until all of them are known to be right: a reader of
 * a damaged file sees that it breaks off.
 */
function verifying(sha256: string): Transform {
  const hash = createHash('sha256');
  let last: Buffer | undefined;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      const ready = last;
      last = chunk;
      done(null, ready);
    },
    flush(done) {
      if (hash.digest('hex') === sha256) return done(null, last);
      log.error('a stored file is damaged', { sha256 });
      return done(new Fault('corrupt', DAMAGED));
    },
  });
}

type DownloadPorts = Pick<Ports, 'jobs' | 'files'> & { streamed?: Files };

/** A file in the bucket, as its record describes it. */
interface Stored extends Pick<Download, 'filename' | 'contentType' | 'sha256' | 'size'> {
  object_key: string;
}

/**
 * Opens the file of a completed job; its record must name this very object.
 * @param ports `streamed`: where a stream of any size is read from, when the caller can pass one on
 * @throws Fault `not-found` for any other name, `corrupt` when the bytes are not those that the
 *   record describes.
 */
export async function openDownload(
  ports: DownloadPorts,
  filename: string | undefined,
  viewer: Viewer,
): Promise<Download> {
  const job = parseFileName(filename);
  if (job === undefined) throw gone();
  const began = performance.now();
  const { record, expiresAt } = await ports.jobs.read(job.jobId);
  if (record?.status !== 'completed' || record.filename !== filename || record.kind !== job.kind) throw gone();
  if (!isVisibleTo(record, viewer)) throw gone();
  return openStored(ports, describeStored(record), { jobId: job.jobId, expiresAt, began });
}

/** What a completed record says of its file. */
const describeStored = ({
  kind,
  filename = '',
  object_key = '',
  sha256 = '',
  file_size_bytes = 0,
}: JobRecord): Stored => ({
  ...{ object_key, filename, sha256, size: file_size_bytes },
  contentType: findKind(kind)!.contentType,
});

/**
 * Opens the page of a job, or its result, as a browser shows it.
 * @param packs whether the reader takes it compressed
 * @throws as openDownload
 */
export async function openPart(
  ports: DownloadPorts,
  kind: ExportKind,
  part: 'report' | 'result',
  jobId: string | undefined,
  viewer: Viewer,
  packs = false,
): Promise<Download> {
  if (!isJobId(jobId)) throw gone();
  const began = performance.now();
  const { record, expiresAt } = await ports.jobs.read(jobId);
  if (record?.status !== 'completed' || record.kind !== kind || !isVisibleTo(record, viewer)) throw gone();
  const { result_key, result_sha256 = '', result_size_bytes = 0, content_policy } = record;
  const { result } = findKind(kind)!;
  if (result === undefined || result_key === undefined) throw gone();
  const job = { jobId, expiresAt, began, packs };
  if (part === 'result') {
    const { name: filename, contentType } = result;
    const stored = { object_key: result_key, filename, contentType, sha256: result_sha256, size: result_size_bytes };
    return { ...(await openStored(ports, stored, job)), isInline: true };
  }
  // An address of ours shows it: it may run its own scripts there, but is of no origin.
  const policy = ['sandbox allow-scripts allow-downloads', content_policy ?? "default-src 'none'"].join('; ');
  return { ...(await openStored(ports, describeStored(record), job)), isInline: true, policy };
}

interface OpenedJob {
  jobId: string;
  expiresAt: Date | undefined;
  began: number;
  packs?: boolean;
}

async function openStored(
  { files, streamed }: Pick<DownloadPorts, 'files' | 'streamed'>,
  { object_key, ...download }: Stored,
  { jobId, expiresAt, began, packs = false }: OpenedJob,
): Promise<Download> {
  const { sha256, size } = download;
  const lost = (): Fault => {
    log.error('a completed job has lost its file', { job_id: jobId, object_key });
    return gone();
  };
  const open = async (range?: ByteRange): Promise<Readable> => {
    const body = await streamed?.get(object_key, range);
    if (body === undefined) throw lost();
    return range === undefined ? pipeline(body, verifying(sha256), () => undefined) : body;
  };
  const elsewhere = async (): Promise<Download> => {
    if (streamed !== undefined) return { ...download, open };
    const left = expiresAt === undefined ? LINK_SECONDS : Math.ceil((expiresAt.getTime() - Date.now()) / 1000);
    return { ...download, link: await files.sign(object_key, Math.max(1, Math.min(LINK_SECONDS, left))) };
  };
  const isLarge = size > LARGEST_INLINE_FILE;
  if (isLarge && (streamed !== undefined || !packs || size > LARGEST_PACKED_FILE)) {
    if (streamed === undefined && !(await files.has(object_key))) throw lost();
    return elsewhere();
  }
  const body = await files.get(object_key);
  if (body === undefined) throw lost();
  const bytes = await inTime(body, Math.max(LEAST_MS, READ_MS - (performance.now() - began)));
  if (bytes === undefined) {
    log.warn('S3 sends slowly: the file is not held', { job_id: jobId, file_size_bytes: size });
    return elsewhere();
  }
  if (createHash('sha256').update(bytes).digest('hex') !== sha256) throw new Fault('corrupt', DAMAGED);
  if (!isLarge) return { ...download, bytes };
  const packed = await pack(bytes);
  return packed.length > LARGEST_INLINE_FILE ? elsewhere() : { ...download, packed };
}

/**
 * What a Range header asks for: one range of bytes, or undefined for whatever may be ignored.
 * RFC 9110 section 14.
 */
export function readRange(header: string | undefined, size: number): ByteRange | 'unsatisfiable' | undefined {
  const [, from = '', to = ''] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header?.trim() ?? '') ?? [];
  if (from === '' && to === '') return undefined;
  if (from !== '' && to !== '' && Number(from) > Number(to)) return undefined;
  const range =
    from === ''
      ? { first: Math.max(0, size - Number(to)), last: size - 1 }
      : { first: Number(from), last: Math.min(to === '' ? size - 1 : Number(to), size - 1) };
  return range.first >= size || (from === '' && Number(to) === 0) ? 'unsatisfiable' : range;
}

interface DownloadAnswer {
  status: number;
  body?: Buffer | string | Readable | { detail: string };
  headers: Record<string, string>;
}

/** Of a request, by their lower-case names. */
type Headers = Readonly<Record<string, string | undefined>>;

/**
 * The HTTP answer: 200 with the bytes, 206 with a range of them, 304 when the reader has them, 307
 * to the link with a line that says so, 416 for a range that the file does not have.
 */
export async function downloadAnswer(download: Download, asked: Headers = {}): Promise<DownloadAnswer> {
  const { filename, contentType, sha256, size, bytes, packed, link, open, isInline, policy } = download;
  const etag = `"${sha256}"`;
  if (isKnownTag(asked['if-none-match'], etag)) return { status: 304, headers: { etag } };
  if (link !== undefined)
    return {
      status: 307,
      headers: { etag, location: link },
      body: `The file is fetched from ${link} (curl -L follows it)\n`,
    };
  const whole = {
    etag,
    'accept-ranges': 'bytes',
    'content-type': contentType,
    'content-disposition': `${isInline === true ? 'inline' : 'attachment'}; filename="${filename}"`,
    ...(policy === undefined ? {} : { 'content-security-policy': policy }),
  };
  if (packed !== undefined) {
    // Other bytes of the same page: neither are there ranges of them, nor is the tag a strong one.
    const { 'accept-ranges': _, ...headers } = { ...whole, etag: `W/${etag}`, 'content-encoding': 'gzip' };
    return { status: 200, headers: { ...headers, vary: 'accept-encoding' }, body: packed };
  }
  // Section 13.1.5: a range of another version is of no use.
  const isCurrent = asked['if-range'] === undefined || asked['if-range'].trim() === etag;
  const range = isCurrent ? readRange(asked.range, size) : undefined;
  if (range === 'unsatisfiable')
    return {
      status: 416,
      headers: { 'content-type': 'application/problem+json', 'content-range': `bytes */${size}` },
      body: { detail: 'The file does not have this range' },
    };
  const { first, last } = range ?? { first: 0, last: size - 1 };
  const headers = range === undefined ? whole : { ...whole, 'content-range': `bytes ${first}-${last}/${size}` };
  const status = range === undefined ? 200 : 206;
  if (bytes !== undefined) return { status, headers, body: bytes.subarray(first, last + 1) };
  return { status, headers: { ...headers, 'content-length': String(last - first + 1) }, body: await open!(range) };
}
