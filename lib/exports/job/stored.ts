// What a run stores: the file, measured while it is sent, and the second one where the kind has
// one.
import { createHash } from 'node:crypto';
import { PassThrough, type Readable } from 'node:stream';
import { type ExportKind, findKind } from '../kinds/index.ts';
import type { Product } from '../shared/renderer.ts';
import type { StoredFiles } from './jobs.ts';
import type { ExportMessage } from './message.ts';
import { downloadUrl, jobFolder, objectKey } from './paths.ts';
import type { Ports } from './ports.ts';

interface Measured {
  file_size_bytes: number;
  sha256: string;
  /** The beginning of the file, one letter a byte. */
  head: string;
}
const HEAD_BYTES = 4_096;

/** Passes a stream on while its bytes are counted and hashed. */
export function measured(body: Readable): { stream: Readable; result: () => Measured } {
  const hash = createHash('sha256');
  let size = 0;
  let head = '';
  const stream = new PassThrough();
  body.on('data', (chunk: Buffer) => {
    hash.update(chunk);
    size += chunk.length;
    if (head.length < HEAD_BYTES) head += chunk.subarray(0, HEAD_BYTES - head.length).toString('latin1');
  });
  body.on('error', (error) => stream.destroy(error));
  body.pipe(stream);
  stream.on('close', () => body.destroy());
  return { stream, result: () => ({ file_size_bytes: size, sha256: hash.digest('hex'), head }) };
}

export const describeFile = (kind: ExportKind, name: string, object_key: string, measured: Measured): StoredFiles => {
  const { head, ...sizes } = measured;
  const content_policy = findKind(kind)!.readPolicy?.(head);
  return {
    ...{ filename: name, download_url: downloadUrl(name), object_key, ...sizes },
    ...(content_policy === undefined ? {} : { content_policy }),
  };
};

type SecondFile = Pick<StoredFiles, 'result_key' | 'result_sha256' | 'result_size_bytes'>;

const describeResult = (result_key: string, bytes: Buffer): SecondFile => ({
  result_key,
  result_sha256: createHash('sha256').update(bytes).digest('hex'),
  result_size_bytes: bytes.length,
});

/** The second file of a run that has ended; undefined when it is lost, empty for other kinds. */
async function findResult(ports: Ports, kind: ExportKind, folder: string): Promise<SecondFile | undefined> {
  const { result } = findKind(kind)!;
  if (result === undefined) return {};
  const key = `${folder}${result.name}`;
  const bytes = await ports.files.read(key);
  return bytes === undefined ? undefined : describeResult(key, bytes);
}

/** Before the first one: where that is whole, both are. */
export async function putResult(
  ports: Ports,
  { job_id, kind }: ExportMessage,
  run: string,
  { body, result }: Product,
  signal: AbortSignal,
): Promise<SecondFile> {
  const { result: facts } = findKind(kind)!;
  if (facts === undefined || result === undefined) return {};
  const key = objectKey(job_id, run, facts.name);
  const options = { contentType: facts.contentType, contentDisposition: `attachment; filename="${facts.name}"` };
  try {
    await ports.files.put(key, result, options, signal);
  } catch (error) {
    body.destroy();
    throw error;
  }
  return describeResult(key, result);
}

/**
 * A finished file of an earlier run whose terminal write was lost, measured afresh. Files old
 * enough to interest the sweeper do not count.
 */
export async function finishedEarlier(
  ports: Ports,
  { job_id: jobId, kind }: ExportMessage,
  name: string,
): Promise<StoredFiles | undefined> {
  const youngest = Date.now() - ports.limits.ttlSeconds * 1000;
  for await (const { key, modified } of ports.files.list(jobFolder(jobId))) {
    if (!key.endsWith(`/${name}`) || modified.getTime() < youngest) continue;
    const stream = await ports.files.get(key);
    if (stream === undefined) continue;
    const { stream: bytes, result } = measured(stream);
    bytes.resume();
    await new Promise((resolve, reject) => bytes.on('end', resolve).on('error', reject));
    const second = await findResult(ports, kind, key.slice(0, -name.length));
    if (second !== undefined) return { ...describeFile(kind, name, key, result()), ...second };
  }
  return undefined;
}
