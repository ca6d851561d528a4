// S3 files behind a narrow door: streamed in (visible only when complete), read, listed, removed.
// It knows no export.
import type { Readable } from 'node:stream';
import {
  AbortMultipartUploadCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { Fault } from '../errors.ts';
import { withTimeout } from '../timeout.ts';

export interface StoredFile {
  key: string;
  size: number;
  modified: Date;
}

/**
 * A multipart upload that was begun and neither completed nor aborted: bytes that no listing of
 * files shows.
 */
export interface UnfinishedUpload {
  key: string;
  id: string;
  begun: Date;
}

export interface Files {
  /**
   * Uploads a stream; the key exists only after the last byte. An error of the stream, or the
   * reason of the signal, is thrown as it is, after S3 was asked to forget what it had; where S3
   * does not answer that, unfinished() shows what is left.
   */
  put(
    key: string,
    body: Readable | Buffer,
    headers: { contentType: string; contentDisposition?: string },
    signal?: AbortSignal,
  ): Promise<void>;
  /** The bytes of a file as they come, or undefined when there is none. */
  get(key: string): Promise<Readable | undefined>;
  has(key: string): Promise<boolean>;
  /** A small file whole, or undefined when there is none. */
  read(key: string): Promise<Buffer | undefined>;
  list(prefix: string): AsyncIterable<StoredFile>;
  /** Removes files; those that do not exist are no error. */
  remove(keys: readonly string[]): Promise<void>;
  /** A link that downloads the file without credentials for that many seconds. */
  sign(key: string, seconds: number): Promise<string>;
  /**
   * All multipart uploads of the bucket that are under way or were left. @throws Fault
   * `unavailable`, also when this S3 cannot list them.
   */
  unfinished(): AsyncIterable<UnfinishedUpload>;
  /** Ends an upload and removes its parts; one that has ended meanwhile is no error. */
  abort(upload: Pick<UnfinishedUpload, 'key' | 'id'>): Promise<void>;
  ping(): Promise<void>;
}

export interface FilesSettings {
  bucket: string;
  /** Endpoint that downloaders can reach, when it differs from ours; empty = the same. */
  publicEndpoint?: string;
  /** Bound on connecting and on each silence of a request, in ms. */
  timeout?: number;
  /**
   * Bound on each call as a whole, for those that have to answer a person, in ms; default none: a
   * file may be large.
   */
  within?: number;
}

/** 8 MiB parts: 10,000 of them hold 80 GB; two in flight bound an upload's memory. */
const PART_BYTES = 8 * 1024 * 1024;
/**
 * What a broken-off upload waits for S3 to forget its parts, in ms: a run that is out of time has
 * five seconds to say so (lib/lambda/queue.ts).
 */
const FORGET_MS = 2_000;

/**
 * The client as an upload is given it: parts on their way are cut when `signal` says so. The upload
 * then fails, and asks S3 to forget it before it ends. Its own abort() ends at once, forgets behind
 * the caller's back, and leaves the parts when the process ends first. Begin, complete and abort
 * are never cut: their answers say what there is to forget.
 */
function cutBy(signal: AbortSignal, client: S3Client): S3Client {
  const send = (command: unknown, options?: object): Promise<unknown> => {
    const isCut = command instanceof UploadPartCommand || command instanceof PutObjectCommand;
    return client.send(command as UploadPartCommand, isCut ? { ...options, abortSignal: signal } : options);
  };
  return Object.assign(Object.create(client) as S3Client, { send });
}

/**
 * The SDK reads AWS_ENDPOINT_URL_S3 and AWS_REGION. @throws Fault `unavailable` from
 * every door when S3 is down or slow.
 */
export function s3Files({ bucket, publicEndpoint = '', timeout = 5_000, within }: FilesSettings): Files {
  const settings = {
    forcePathStyle: true,
    maxAttempts: 2,
    // The default adds CRC trailers, which emulators store as part of the body or refuse.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    // socketTimeout: the body of an answer may stop coming, too.
    requestHandler: {
      connectionTimeout: timeout,
      requestTimeout: timeout,
      socketTimeout: timeout,
      throwOnRequestTimeout: true,
    },
  } as const;
  const client = new S3Client(settings);
  let signer: S3Client | undefined;

  /** `work` gets a signal that is aborted when nobody waits for it any more. */
  const asked = async <T>(work: (abortSignal?: AbortSignal) => Promise<T>): Promise<T> => {
    try {
      return await (within === undefined ? work() : withTimeout(within, work));
    } catch (error) {
      throw new Fault('unavailable', 'S3 is not available', { cause: error });
    }
  };
  const absent = (error: unknown): undefined => {
    // The answer to HEAD has no body that could name the error.
    if (['NoSuchKey', 'NotFound'].includes((error as Error).name)) return undefined;
    throw error;
  };

  return {
    async put(key, body, { contentType, contentDisposition }, signal) {
      let source: unknown;
      if (!Buffer.isBuffer(body)) {
        body.on('error', (error: Error & { code?: string }) => {
          // An upload that fails leaves its source, which is thereby aborted: the reason is the
          // upload's.
          if (error.code !== 'ABORT_ERR') source = error;
        });
      }
      const cut = new AbortController();
      const upload = new Upload({
        client: cutBy(cut.signal, client),
        params: {
          Bucket: bucket,
          Key: key,
          Body: body,
          ContentType: contentType,
          ...(contentDisposition === undefined ? {} : { ContentDisposition: contentDisposition }),
        },
        partSize: PART_BYTES,
        queueSize: 2,
        leavePartsOnError: false,
      });
      const broken = Promise.withResolvers<never>();
      broken.promise.catch(() => undefined);
      const breakOff = (): void => {
        cut.abort();
        if (!Buffer.isBuffer(body)) body.destroy();
        setTimeout(() => broken.reject(new Error('S3 was not seen to forget the parts')), FORGET_MS).unref();
      };
      signal?.addEventListener('abort', breakOff, { once: true });
      try {
        if (signal?.aborted) throw signal.reason;
        await asked((over) => {
          over?.addEventListener('abort', breakOff, { once: true });
          return Promise.race([upload.done(), broken.promise]);
        });
      } catch (error) {
        if (!Buffer.isBuffer(body)) body.destroy();
        if (signal?.aborted) throw signal.reason;
        throw source ?? error;
      } finally {
        signal?.removeEventListener('abort', breakOff);
      }
    },
    get: (key) =>
      asked(async (abortSignal) => {
        const answer = await client
          .send(new GetObjectCommand({ Bucket: bucket, Key: key }), { abortSignal })
          .catch(absent);
        return answer?.Body as Readable | undefined;
      }),
    has: (key) =>
      asked(async (abortSignal) => {
        const head = await client
          .send(new HeadObjectCommand({ Bucket: bucket, Key: key }), { abortSignal })
          .catch(absent);
        return head !== undefined;
      }),
    read: (key) =>
      asked(async (abortSignal) => {
        const answer = await client
          .send(new GetObjectCommand({ Bucket: bucket, Key: key }), { abortSignal })
          .catch(absent);
        return answer === undefined ? undefined : Buffer.from(await answer.Body!.transformToByteArray());
      }),
    async *list(prefix) {
      let token: string | undefined;
      do {
        const page = await asked((abortSignal) =>
          client.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, ContinuationToken: token }), {
            abortSignal,
          }),
        );
        for (const { Key, Size, LastModified } of page.Contents ?? [])
          yield { key: Key!, size: Size ?? 0, modified: LastModified ?? new Date(0) };
        token = page.NextContinuationToken;
      } while (token !== undefined);
    },
    async remove(keys) {
      for (let at = 0; at < keys.length; at += 1000) {
        const Objects = keys.slice(at, at + 1000).map((Key) => ({ Key }));
        await asked((abortSignal) =>
          client.send(new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects, Quiet: true } }), { abortSignal }),
        );
      }
    },
    async sign(key, seconds) {
      signer ??= publicEndpoint === '' ? client : new S3Client({ ...settings, endpoint: publicEndpoint });
      return getSignedUrl(signer, new GetObjectCommand({ Bucket: bucket, Key: key }), { expiresIn: seconds });
    },
    async *unfinished() {
      let marker: { KeyMarker?: string; UploadIdMarker?: string } | undefined = {};
      while (marker !== undefined) {
        const command: ListMultipartUploadsCommand = new ListMultipartUploadsCommand({ Bucket: bucket, ...marker });
        const page = await asked((abortSignal) => client.send(command, { abortSignal }));
        // An S3 without this call lists its objects instead, and every upload that was left would
        // look like none.
        if (page.Bucket === undefined) throw new Fault('unavailable', 'S3 does not list unfinished uploads');
        for (const { Key, UploadId, Initiated } of page.Uploads ?? [])
          yield { key: Key!, id: UploadId!, begun: Initiated ?? new Date(0) };
        marker = page.IsTruncated
          ? { KeyMarker: page.NextKeyMarker, UploadIdMarker: page.NextUploadIdMarker }
          : undefined;
      }
    },
    async abort({ key, id }) {
      await asked((abortSignal) =>
        client
          .send(new AbortMultipartUploadCommand({ Bucket: bucket, Key: key, UploadId: id }), { abortSignal })
          .catch((error: Error) => (error.name === 'NoSuchUpload' ? undefined : Promise.reject(error))),
      );
    },
    ping: async () => {
      await asked((abortSignal) => client.send(new HeadBucketCommand({ Bucket: bucket }), { abortSignal }));
    },
  };
}
