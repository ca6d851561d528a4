// Many downloads at once: quick readers, slow ones, and ones that hang up, of a file served by the
// function and of one behind a link.
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { get, type IncomingMessage } from 'node:http';
import { redis } from '../../lib/adapters/redis.ts';
import { s3Files } from '../../lib/adapters/s3.ts';
import { jobs } from '../../lib/exports/job/jobs.ts';
import { downloadUrl, fileName, objectKey } from '../../lib/exports/job/paths.ts';

export interface Placed {
  path: string;
  sha256: string;
  bytes: number;
}

/** A completed job of random bytes, as the consumer would have left it. */
export async function placeFile(bytes: number): Promise<Placed> {
  const { REDIS_URL, REDIS_KEY_PREFIX, EXPORTS_BUCKET } = process.env;
  const store = redis({ url: REDIS_URL!, prefix: REDIS_KEY_PREFIX!, timeout: 3_000 });
  const law = jobs(store, { ttlSeconds: 3600, retentionSeconds: 86_400 });
  const [job_id, body] = [randomUUID(), randomBytes(bytes)];
  const sha256 = createHash('sha256').update(body).digest('hex');
  const filename = fileName('pdf', { start_date: '2024-01-01', end_date: '2024-01-02', group_by: 'day' }, job_id);
  try {
    const { run } = (
      await law.begin({ job_id, kind: 'pdf', created_at: new Date().toISOString(), digest: 'a'.repeat(64) })
    ).record!;
    const object_key = objectKey(job_id, run, filename);
    await s3Files({ bucket: EXPORTS_BUCKET! }).put(object_key, body, { contentType: 'application/pdf' });
    await law.complete(job_id, run, {
      filename,
      download_url: downloadUrl(filename),
      file_size_bytes: bytes,
      object_key,
      sha256,
    });
    return { path: downloadUrl(filename), sha256, bytes };
  } finally {
    await store.close();
  }
}

const TRIES = 5;

/**
 * Tries again after Retry-After: on a busy machine a 503 within the second is the promise, not a
 * failure.
 */
async function open(url: string, tries = TRIES): Promise<IncomingMessage> {
  const [answer] = (await once(get(url, { agent: false }), 'response')) as [IncomingMessage];
  const pause = Number(answer.headers['retry-after']);
  if (answer.statusCode !== 503 || !(pause > 0) || tries <= 1) return answer;
  answer.resume();
  await new Promise((resolve) => setTimeout(resolve, pause * 1_000));
  return open(url, tries - 1);
}

/**
 * One reader, following the link as curl -L does; `slow` rests after every chunk, `broken` hangs up
 * at the first.
 */
async function read(
  url: string,
  manner: 'quick' | 'slow' | 'broken',
): Promise<{ etag: string; sha256: string; bytes: number } | undefined> {
  let answer = await open(url);
  const etag = String(answer.headers.etag);
  if (answer.statusCode === 307) {
    answer.resume();
    answer = await open(String(answer.headers.location));
  }
  if (answer.statusCode !== 200) throw new Error(`answered ${answer.statusCode}`);
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    if (manner === 'broken') return undefined;
    if (manner === 'slow') await new Promise((resolve) => setTimeout(resolve, 20));
    hash.update(chunk);
    bytes += chunk.length;
  }
  return { etag, sha256: hash.digest('hex'), bytes };
}

/**
 * Largest memory that a process has held so far, in bytes; known on Linux only.
 */
export function peakMemory(pid: number): number | undefined {
  try {
    return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024;
  } catch {
    return undefined;
  }
}

/**
 * How many readers got everything, and what was wrong for the others; those that hung up got what
 * they wanted.
 *
 * @param service its address
 */
export async function downloadsAtOnce(
  service: string,
  files: readonly Placed[],
  { at, slow, broken }: { at: number; slow: number; broken: number },
): Promise<{ whole: number; wrong: string[] }> {
  const wrong: string[] = [];
  let whole = 0;
  await Promise.all(
    Array.from({ length: at }, async (_, n) => {
      const file = files[n % files.length]!;
      const manner = n < slow ? 'slow' : n < slow + broken ? 'broken' : 'quick';
      try {
        const got = await read(`${service}${file.path}`, manner);
        if (got === undefined) return;
        const right = got.sha256 === file.sha256 && got.etag === `"${file.sha256}"` && got.bytes === file.bytes;
        if (right) whole += 1;
        else wrong.push(`${manner}: ${got.bytes} of ${file.bytes} bytes, etag ${got.etag}`);
      } catch (error) {
        wrong.push(`${manner}: ${(error as Error).message}`);
      }
    }),
  );
  return { whole, wrong };
}
