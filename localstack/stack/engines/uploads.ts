// What fauxqs 2.4.1 lacks: it does not list unfinished multipart uploads (GET ?uploads lists
// objects), and bytes that a crash or a full disk left half written belong to no upload and no
// object, so they could never be removed.
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { buildApp } from 'fauxqs';

type App = ReturnType<typeof buildApp>;

/** The part of fauxqs' S3 store that is read here; its type calls the map private. */
interface S3Uploads {
  hasBucket(bucket: string): boolean;
  multipartUploads: ReadonlyMap<string, { uploadId: string; bucket: string; key: string; initiated: Date }>;
}

const MOST_UPLOADS = 1_000;

const escaped = (text: string): string => text.replace(/[<>&"']/g, (character) => `&#${character.charCodeAt(0)};`);
const element = (name: string, text: string | number | boolean): string =>
  `<${name}>${escaped(String(text))}</${name}>`;
/** S3 orders by bytes; `<` and localeCompare order otherwise. */
const byBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

/**
 * One page of ListMultipartUploads: prefix, both markers and max-uploads as S3 has them; no
 * delimiter and no encoding-type.
 */
function uploadsPage(store: S3Uploads, bucket: string, query: Readonly<Record<string, string | undefined>>): string {
  const { prefix = '', 'key-marker': keyMarker = '', 'upload-id-marker': idMarker = '' } = query;
  const asked = Number.parseInt(query['max-uploads'] ?? '', 10);
  const most = asked >= 1 ? Math.min(asked, MOST_UPLOADS) : MOST_UPLOADS;
  const isBehindMarker = ({ key, uploadId }: { key: string; uploadId: string }): boolean => {
    const order = byBytes(key, keyMarker);
    return order > 0 || (order === 0 && idMarker !== '' && byBytes(uploadId, idMarker) > 0);
  };
  const found = [...store.multipartUploads.values()]
    .filter((upload) => upload.bucket === bucket && upload.key.startsWith(prefix))
    .filter((upload) => keyMarker === '' || isBehindMarker(upload))
    .sort((a, b) => byBytes(a.key, b.key) || byBytes(a.uploadId, b.uploadId));
  const page = found.slice(0, most);
  const last = found.length > page.length ? page.at(-1) : undefined;
  const uploads = page.map(
    ({ key, uploadId, initiated }) =>
      `<Upload>${element('Key', key)}${element('UploadId', uploadId)}${element('Initiated', initiated.toISOString())}</Upload>`,
  );
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<ListMultipartUploadsResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">',
    element('Bucket', bucket),
    element('Prefix', prefix),
    element('KeyMarker', keyMarker),
    element('UploadIdMarker', idMarker),
    ...(last === undefined ? [] : [element('NextKeyMarker', last.key), element('NextUploadIdMarker', last.uploadId)]),
    element('MaxUploads', most),
    element('IsTruncated', last !== undefined),
    ...uploads,
    '</ListMultipartUploadsResult>',
  ].join('\n');
}

/**
 * Answers `GET /bucket?uploads` in front of fauxqs, which would answer it with a list of objects.
 */
export function answerListUploads(app: App, store: object): void {
  const uploads = store as S3Uploads;
  app.addHook('onRequest', async (request, reply) => {
    const { bucket, '*': key = '' } = request.params as Record<string, string | undefined>;
    const query = request.query as Record<string, string | undefined>;
    if (request.method !== 'GET' || bucket === undefined || key !== '' || query.uploads === undefined) return undefined;
    // A bucket that is not there is fauxqs' to refuse.
    if (!uploads.hasBucket(bucket)) return undefined;
    return reply.type('application/xml').send(uploadsPage(uploads, bucket, query));
  });
}

const isJson = (file: string): boolean => {
  try {
    JSON.parse(readFileSync(file, 'utf8'));
    return true;
  } catch {
    return false;
  }
};

/** A part is its bytes, then a file that names them: without both fauxqs would not start. */
const isWholeUpload = (upload: string): boolean => {
  if (!isJson(join(upload, '.upload.json'))) return false;
  const parts = join(upload, 'parts');
  if (!existsSync(parts)) return true;
  const names = new Set(readdirSync(parts));
  return [...names].every((name) =>
    name.endsWith('.meta.json') ? isJson(join(parts, name)) && names.has(name.replace(/\.meta\.json$/, '.data')) : true,
  );
};

/**
 * Removes each half of an object (bytes without their description, or the other way round), and the
 * folders that this leaves empty.
 */
function removeHalfObjects(folder: string): void {
  const entries = readdirSync(folder, { withFileTypes: true });
  const names = new Set(entries.map(({ name }) => name));
  for (const entry of entries) {
    const { name } = entry;
    const path = join(folder, name);
    if (entry.isDirectory()) {
      removeHalfObjects(path);
      if (readdirSync(path).length === 0) rmSync(path, { recursive: true });
      continue;
    }
    const [, stem, kind] = /^(.*)\.(data|meta\.json)$/s.exec(name) ?? [];
    if (stem === undefined) continue;
    const isWhole =
      names.has(`${stem}.data`) && names.has(`${stem}.meta.json`) && isJson(join(folder, `${stem}.meta.json`));
    if (!isWhole) rmSync(join(folder, `${stem}.${kind}`), { force: true });
  }
}

/**
 * Removes what a kill or a full disk left half written below fauxqs' folder of objects: uploads
 * that can never be completed, halves of objects. To be called before fauxqs reads the folder: it
 * throws at the first half of an upload, and never mentions half an object.
 */
export function removeHalves(objects: string): void {
  const uploads = join(objects, '_multipart');
  if (existsSync(uploads)) {
    for (const id of readdirSync(uploads))
      if (!isWholeUpload(join(uploads, id))) rmSync(join(uploads, id), { recursive: true, force: true });
  }
  const buckets = join(objects, 'buckets');
  if (!existsSync(buckets)) return;
  for (const bucket of readdirSync(buckets)) {
    const folder = join(buckets, bucket, 'objects');
    if (existsSync(folder)) removeHalfObjects(folder);
  }
}

interface WritesObjects {
  upsertObject(bucket: string, object: { key: string }): void;
  deleteObject(bucket: string, key: string): void;
}

/**
 * An object that the disk had no room for leaves nothing behind: fauxqs does not list it, so that
 * no sweep would find its bytes.
 */
export function removeWhatFailed(persistence: WritesObjects): void {
  const write = persistence.upsertObject.bind(persistence);
  persistence.upsertObject = (bucket, object) => {
    try {
      write(bucket, object);
    } catch (error) {
      persistence.deleteObject(bucket, object.key);
      throw error;
    }
  };
}
