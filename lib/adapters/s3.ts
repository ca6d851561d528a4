// Files in one bucket of S3: streamed in (visible only when complete), read, listed, removed. It
// knows no export.
import type { Readable } from 'node:stream';
import {
  AbortMultipartUploadCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  type GetObjectCommandOutput,
  HeadBucketCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  S3Client,
  type S3ClientConfig,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { Fault } from '../errors.ts';
import { withTimeout } from '../timeout.ts';
import { traced } from '../trace.ts';
import { upload } from './s3-upload.ts';

export interface StoredFile {
  key: string;
  size: number;
  modified: Date;
}

/** Offsets of the first and last byte. */
export interface ByteRange {
  first: number;
  last: number;
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
  /** The bytes of a file, or those of a range of it, as they come; undefined when there is none. */
  get(key: string, range?: ByteRange): Promise<Readable | undefined>;
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
  /**
   * Endpoint that downloaders can reach, when it differs from that of the SDK; empty = the same.
   */
  publicEndpoint?: string;
  /** Bound on connecting and on each silence of a request, in ms. */
  timeout?: number;
  /**
   * Bound on each call as a whole, for those that have to answer a person, in ms; default none: a
   * file may be large.
   */
  within?: number;
}

/** An answer that says that there is no such file. */
function absent(error: unknown): undefined {
  // The answer to HEAD has no body that could name the error.
  if (['NoSuchKey', 'NotFound'].includes((error as Error).name)) return undefined;
  throw error;
}

function clientSettings(timeout: number): S3ClientConfig {
  return {
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
  };
}

/** A bucket, and how it is asked. */
interface Access {
  client: S3Client;
  bucket: string;
  /** `work` gets a signal that is aborted when no caller waits any more. */
  ask<T>(work: (abortSignal?: AbortSignal) => Promise<T>): Promise<T>;
}

function openBucket(client: S3Client, { bucket, within }: FilesSettings): Access {
  return {
    client,
    bucket,
    async ask(work) {
      try {
        return await (within === undefined ? work() : withTimeout(within, work));
      } catch (error) {
        throw new Fault('unavailable', 'S3 is not available', { cause: error });
      }
    },
  };
}

function reads({ client, bucket, ask }: Access): Pick<Files, 'get' | 'has' | 'read' | 'list'> {
  const fetch = (key: string, abortSignal?: AbortSignal, Range?: string): Promise<GetObjectCommandOutput | undefined> =>
    client.send(new GetObjectCommand({ Bucket: bucket, Key: key, Range }), { abortSignal }).catch(absent);
  return {
    get: (key, range) =>
      ask(async (abortSignal) => {
        const asked = range === undefined ? undefined : `bytes=${range.first}-${range.last}`;
        return (await fetch(key, abortSignal, asked))?.Body as Readable | undefined;
      }),
    read: (key) =>
      ask(async (abortSignal) => {
        const answer = await fetch(key, abortSignal);
        return answer === undefined ? undefined : Buffer.from(await answer.Body!.transformToByteArray());
      }),
    has: (key) =>
      ask(async (abortSignal) => {
        const command = new HeadObjectCommand({ Bucket: bucket, Key: key });
        return (await client.send(command, { abortSignal }).catch(absent)) !== undefined;
      }),
    async *list(prefix) {
      let token: string | undefined;
      do {
        const command = new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, ContinuationToken: token });
        const page = await ask((abortSignal) => client.send(command, { abortSignal }));
        for (const { Key, Size, LastModified } of page.Contents ?? [])
          yield { key: Key!, size: Size ?? 0, modified: LastModified ?? new Date(0) };
        token = page.NextContinuationToken;
      } while (token !== undefined);
    },
  };
}

function unfinishedUploads({ client, bucket, ask }: Access): Pick<Files, 'unfinished' | 'abort'> {
  return {
    async *unfinished() {
      let marker: { KeyMarker?: string; UploadIdMarker?: string } | undefined = {};
      while (marker !== undefined) {
        const command: ListMultipartUploadsCommand = new ListMultipartUploadsCommand({ Bucket: bucket, ...marker });
        const page = await ask((abortSignal) => client.send(command, { abortSignal }));
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
      const command = new AbortMultipartUploadCommand({ Bucket: bucket, Key: key, UploadId: id });
      await ask((abortSignal) =>
        client
          .send(command, { abortSignal })
          .catch((error: Error) => (error.name === 'NoSuchUpload' ? undefined : Promise.reject(error))),
      );
    },
  };
}

/**
 * The SDK reads AWS_ENDPOINT_URL_S3 and AWS_REGION. @throws Fault `unavailable` from every door
 * when S3 is down or slow.
 */
export function s3Files(settings: FilesSettings): Files {
  const { bucket, publicEndpoint = '', timeout = 5_000 } = settings;
  const client = new S3Client(clientSettings(timeout));
  const access = openBucket(client, settings);
  const { ask } = access;
  let signer: S3Client | undefined;
  return {
    ...reads(access),
    ...unfinishedUploads(access),
    put: (key, body, { contentType, contentDisposition }, signal) => {
      const params = {
        Bucket: bucket,
        Key: key,
        Body: body,
        ContentType: contentType,
        ...(contentDisposition === undefined ? {} : { ContentDisposition: contentDisposition }),
      };
      return traced('S3 put', 'client', () => upload({ client, params, signal, ask }), {
        'aws.s3.bucket': bucket,
        'aws.s3.key': key,
      });
    },
    async remove(keys) {
      for (let at = 0; at < keys.length; at += 1000) {
        const Objects = keys.slice(at, at + 1000).map((Key) => ({ Key }));
        const command = new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects, Quiet: true } });
        await ask((abortSignal) => client.send(command, { abortSignal }));
      }
    },
    async sign(key, seconds) {
      signer ??=
        publicEndpoint === '' ? client : new S3Client({ ...clientSettings(timeout), endpoint: publicEndpoint });
      return getSignedUrl(signer, new GetObjectCommand({ Bucket: bucket, Key: key }), { expiresIn: seconds });
    },
    async ping() {
      await ask((abortSignal) => client.send(new HeadBucketCommand({ Bucket: bucket }), { abortSignal }));
    },
  };
}
