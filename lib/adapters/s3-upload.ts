// A multipart upload that can be broken off: S3 is asked to forget its parts before the caller goes
// on.
import type { Readable } from 'node:stream';
import { PutObjectCommand, type PutObjectCommandInput, type S3Client, UploadPartCommand } from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';

/** 8 MiB parts: 10,000 of them hold 80 GB; two in flight bound an upload's memory. */
const PART_BYTES = 8 * 1024 * 1024;
/**
 * How long a broken-off upload waits for S3 to forget its parts, in ms: a run that is out of time
 * has five seconds to say so (lib/lambda/queue.ts).
 */
const FORGET_MS = 2_000;

/**
 * The client that an upload uses: requests with a part are broken off when `signal` is aborted. The
 * upload then fails, and asks S3 to forget it before it ends. The SDK's abort() ends at once,
 * forgets after its caller has gone on, and leaves the parts when the process ends first. Begin,
 * complete and abort are never broken off: their answers say what there is to forget.
 */
function breakable(signal: AbortSignal, client: S3Client): S3Client {
  const send = (command: unknown, options?: object): Promise<unknown> => {
    const isCut = command instanceof UploadPartCommand || command instanceof PutObjectCommand;
    return client.send(command as UploadPartCommand, isCut ? { ...options, abortSignal: signal } : options);
  };
  return Object.assign(Object.create(client) as S3Client, { send });
}

export interface UploadRequest {
  client: S3Client;
  params: PutObjectCommandInput & { Body: Readable | Buffer };
  /** Aborted when the caller no longer wants the file. */
  signal?: AbortSignal;
  /** Makes the whole upload: bounds it, and turns its errors into a Fault. */
  ask: (work: (over?: AbortSignal) => Promise<unknown>) => Promise<unknown>;
}

/** @throws the reason of `signal`, else the error of the stream, else what `ask` throws. */
export async function upload({ client, params, signal, ask }: UploadRequest): Promise<void> {
  const stream = Buffer.isBuffer(params.Body) ? undefined : params.Body;
  let streamError: unknown;
  stream?.on('error', (error: Error & { code?: string }) => {
    // An upload that fails leaves its stream, which is thereby aborted: the reason is the upload's.
    if (error.code !== 'ABORT_ERR') streamError = error;
  });
  const broken = new AbortController();
  const forgetting = Promise.withResolvers<never>();
  forgetting.promise.catch(() => undefined);
  const breakOff = (): void => {
    broken.abort();
    stream?.destroy();
    setTimeout(() => forgetting.reject(new Error('S3 was not seen to forget the parts')), FORGET_MS).unref();
  };
  const parts = new Upload({
    client: breakable(broken.signal, client),
    params,
    partSize: PART_BYTES,
    queueSize: 2,
    leavePartsOnError: false,
  });
  signal?.addEventListener('abort', breakOff, { once: true });
  try {
    if (signal?.aborted) throw signal.reason;
    await ask((over) => {
      over?.addEventListener('abort', breakOff, { once: true });
      return Promise.race([parts.done(), forgetting.promise]);
    });
  } catch (error) {
    stream?.destroy();
    if (signal?.aborted) throw signal.reason;
    throw streamError ?? error;
  } finally {
    signal?.removeEventListener('abort', breakOff);
  }
}
