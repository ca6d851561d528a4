// Uploads: a package that arrives in parts, kept as uploads/{id}/{n} until an import has read them
// or a day has passed without another one.
import { randomUUID } from 'node:crypto';
import type { Files, StoredFile } from '../../adapters/s3.ts';
import { Fault } from '../../errors.ts';
import { number } from '../../format.ts';
import type { UploadRequest } from './request.ts';

/** Base64 makes a third more of it, and an event of Lambda holds 6 MB. */
export const PART_BYTES = 4 * 1024 * 1024;
/** Numbers of parts go from 0 or 1 to this one, so that parts of 1 MiB are enough for 2 GiB. */
const LAST_PART = 2_048;
/** Uploads that have not been imported, of everybody together. */
const MOST_UPLOADS = 8;
/** An upload is kept this long after its last part, in seconds. */
export const UPLOAD_SECONDS = 86_400;

export interface Upload extends UploadRequest {
  id: string;
  owner?: string | undefined;
}

/** Who looks at uploads. */
interface Viewer {
  owner: string | undefined;
  seesAll: boolean;
}

export interface Part {
  n: number;
  bytes: number;
}

const ROOT = 'uploads/';
const UUID = '[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}';
const ID = new RegExp(`^${UUID}$`);
const folder = (id: string): string => `${ROOT}${id}/`;
const aboutKey = (id: string): string => `${folder(id)}upload.json`;
export const partKey = (id: string, n: number): string => `${folder(id)}${n}`;
const readNumber = (text: string): number | undefined => {
  const n = /^(0|[1-9]\d{0,3})$/.test(text) ? Number(text) : LAST_PART + 1;
  return n <= LAST_PART ? n : undefined;
};

const gone = (): Fault => new Fault('not-found', 'Upload not found or expired');
const bytesText = (n: number): string => `${number(n)} ${n === 1 ? 'byte' : 'bytes'}`;

/**
 * Begins an upload, or once more one that was begun with this id.
 * @param owner whose key asks; undefined where none is needed
 * @throws Fault `limited` when too many are under way
 */
export async function beginUpload(
  files: Files,
  asked: UploadRequest,
  owner: string | undefined,
  id: string = randomUUID(),
): Promise<Upload> {
  const ids = new Set<string>();
  for await (const { key } of files.list(ROOT)) ids.add(key.split('/')[1]!);
  if (ids.size >= MOST_UPLOADS && !ids.has(id))
    throw new Fault('limited', `There are ${MOST_UPLOADS} unfinished uploads: import or remove one first`, {
      headers: { 'retry-after': '60' },
    });
  const upload: Upload = { id, ...asked, ...(owner === undefined ? {} : { owner }) };
  await files.put(aboutKey(upload.id), Buffer.from(JSON.stringify(upload)), { contentType: 'application/json' });
  return upload;
}

/** @throws Fault `not-found` for an id that is unknown, or of an upload of somebody else */
export async function findUpload(files: Files, id: string | undefined, viewer: Viewer): Promise<Upload> {
  if (id === undefined || !ID.test(id)) throw gone();
  const about = await files.read(aboutKey(id));
  if (about === undefined) throw gone();
  const upload = JSON.parse(about.toString()) as Upload;
  if (!viewer.seesAll && (upload.owner === undefined || upload.owner !== viewer.owner)) throw gone();
  return upload;
}

/** The parts that are there, in order. */
export async function listParts(files: Files, id: string): Promise<Part[]> {
  const parts: Part[] = [];
  for await (const { key, size } of files.list(folder(id))) {
    const n = readNumber(key.slice(folder(id).length));
    if (n !== undefined) parts.push({ n, bytes: size });
  }
  return parts.sort((a, b) => a.n - b.n);
}

const sum = (parts: readonly Part[]): number => parts.reduce((bytes, part) => bytes + part.bytes, 0);

/**
 * Keeps a part. The same one sent again takes the place of the first.
 * @throws Fault `invalid` for a number that is none, `too-large` for more bytes than were
 *   announced, `not-found` when the upload was removed meanwhile
 */
export async function keepPart(files: Files, upload: Upload, text: string | undefined, bytes: Buffer): Promise<void> {
  const n = readNumber(text ?? '');
  if (n === undefined)
    throw new Fault('invalid', `A part needs a whole number from 0 to ${LAST_PART} at the end of its path`);
  if (bytes.length === 0) throw new Fault('invalid', 'A part needs at least one byte');
  const others = (await listParts(files, upload.id)).filter((part) => part.n !== n);
  const total = sum(others) + bytes.length;
  if (total > upload.bytes)
    throw new Fault('too-large', `The parts have ${bytesText(total)}, and ${number(upload.bytes)} were announced`);
  await files.put(partKey(upload.id, n), bytes, { contentType: 'application/octet-stream' });
  // Removed while the part came in: it must not stay behind, where it counts as an upload.
  if ((await files.read(aboutKey(upload.id))) !== undefined) return;
  await files.remove([partKey(upload.id, n)]);
  throw gone();
}

/**
 * The parts of an upload that is whole.
 * @throws Fault `conflict` that says what is missing
 */
export async function checkWhole(files: Files, upload: Upload): Promise<Part[]> {
  const parts = await listParts(files, upload.id);
  const first = parts[0]?.n === 0 ? 0 : 1;
  const missing = parts.findIndex(({ n }, at) => n !== first + at);
  if (missing !== -1) throw new Fault('conflict', `The upload is not whole: part ${first + missing} is missing`);
  const total = sum(parts);
  if (total !== upload.bytes)
    throw new Fault('conflict', `The upload is not whole: ${bytesText(total)} of ${number(upload.bytes)} have arrived`);
  return parts;
}

/** Removes an upload with its parts; what is not there is no error. */
export async function removeUpload(files: Files, id: string): Promise<void> {
  // What says that there is an upload goes first: a part that comes in from then on is not kept.
  await files.remove([aboutKey(id)]);
  const keys: string[] = [];
  for await (const { key } of files.list(folder(id))) keys.push(key);
  await files.remove(keys);
}

/**
 * Removes uploads to which nothing was added for a day.
 * @returns how many
 */
export async function sweepUploads(files: Files, now: Date): Promise<number> {
  const newest = new Map<string, number>();
  for await (const { key, modified } of files.list(ROOT) as AsyncIterable<StoredFile>) {
    const id = key.split('/')[1]!;
    newest.set(id, Math.max(newest.get(id) ?? 0, modified.getTime()));
  }
  const old = [...newest].filter(([, at]) => now.getTime() - at > UPLOAD_SECONDS * 1_000);
  for (const [id] of old) await removeUpload(files, id);
  return old.length;
}
