// What a kill or a full disk leaves half written in the embedded S3: bytes that no listing shows.
// Seen to be there, then seen to be gone.
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { buildApp } from 'fauxqs';
import { s3Files } from '../../lib/adapters/s3.ts';
import { sweepExports } from '../../lib/exports/job/sweep.ts';
import { removeHalves, removeWhatFailed } from '../../localstack/stack/engines/uploads.ts';
import { type Engine, keepEngine } from '../../localstack/stack/supervisor.ts';
import { bytesBelow, objectsFolder, partsFolder, unfinished } from '../support/left-over.ts';
import { testPorts } from '../support/ports.ts';
import { SECRETS } from '../support/secrets.ts';

const MEGABYTE = 1024 * 1024;
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hoofprint-halves-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(name: string, text: string): string {
  const path = join(folder, 'objects', name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return path;
}
const upload = (id: string, fields: object = {}): string =>
  JSON.stringify({
    uploadId: id,
    bucket: 'bucket',
    key: `k/${id}`,
    initiated: new Date().toISOString(),
    metadata: {},
    ...fields,
  });
const part = JSON.stringify({ partNumber: 1, etag: '"x"', lastModified: new Date().toISOString() });
const object = (key: string): string =>
  JSON.stringify({ key, contentLength: 5, etag: '"x"', lastModified: new Date().toISOString(), metadata: {} });

async function engine(): Promise<Engine> {
  const settings = { bucket: 'bucket', root: '' };
  return keepEngine({
    name: 'aws',
    folder,
    port: 0,
    anyPort: true,
    settings,
    secrets: SECRETS,
    onGivenUp: (fault) => console.error(fault),
  });
}

test('the engine starts on a folder with halves, has removed all of them, and keeps what is whole', async () => {
  const halves = [
    write('_multipart/no-description/parts/1.data', 'bytes'),
    write('_multipart/torn/.upload.json', upload('torn').slice(0, 40)),
    write('_multipart/torn/parts/1.data', 'bytes'),
    write('_multipart/torn-part/.upload.json', upload('torn-part')),
    write('_multipart/torn-part/parts/1.data', 'bytes'),
    write('_multipart/torn-part/parts/1.meta.json', '{'),
    write('_multipart/lost-part/.upload.json', upload('lost-part')),
    write('_multipart/lost-part/parts/1.meta.json', part),
    write('buckets/bucket/objects/exports/job/1/no-description.pdf.data', 'bytes'),
    write('buckets/bucket/objects/torn.pdf.data', 'bytes'),
    write('buckets/bucket/objects/torn.pdf.meta.json', ''),
    write('buckets/bucket/objects/no-bytes.pdf.meta.json', object('no-bytes.pdf')),
  ];
  const whole = [
    write('_multipart/whole/.upload.json', upload('whole')),
    write('_multipart/whole/parts/1.data', 'bytes'),
    write('_multipart/whole/parts/1.meta.json', part),
    // The bytes of a second part that came without its description: the upload is under way, and
    // will send it again.
    write('_multipart/whole/parts/2.data', 'bytes'),
    write(
      'buckets/bucket/.bucket.json',
      JSON.stringify({ name: 'bucket', creationDate: new Date().toISOString(), type: 'general-purpose' }),
    ),
    write('buckets/bucket/objects/whole.data.data', 'bytes'),
    write('buckets/bucket/objects/whole.data.meta.json', object('whole.data')),
  ];
  const s3 = await engine();
  try {
    expect(halves.filter((path) => existsSync(path))).toEqual([]);
    expect(whole.filter((path) => !existsSync(path))).toEqual([]);
    expect(existsSync(join(objectsFolder(folder), 'bucket/objects/exports'))).toBe(false);
    process.env.AWS_ENDPOINT_URL_S3 = `http://127.0.0.1:${s3.port}`;
    const files = s3Files({ bucket: 'bucket' });
    expect(await unfinished(files)).toMatchObject([{ key: 'k/whole', id: 'whole' }]);
    expect((await files.read('whole.data'))?.toString()).toBe('bytes');
    await files.abort({ key: 'k/whole', id: 'whole' });
    expect(bytesBelow(partsFolder(folder))).toBe(0);
  } finally {
    await s3.stop();
  }
});

test('a folder that is not there yet is no error', () =>
  expect(() => removeHalves(join(folder, 'none'))).not.toThrow());

test('an object that the disk had no room for leaves no bytes', () => {
  const file = join(folder, 'half.data');
  const persistence = {
    upsertObject: () => {
      writeFileSync(file, 'half');
      throw new Error('ENOSPC');
    },
    deleteObject: () => rmSync(file),
  };
  removeWhatFailed(persistence);
  const upsert = persistence.upsertObject as (bucket: string, object: { key: string }) => void;
  expect(() => upsert('b', { key: 'half' })).toThrow('ENOSPC');
  expect(existsSync(file)).toBe(false);
});

test('S3 may list uploads by prefix and in pages, and refuses for a bucket that is not there', async () => {
  const s3 = await engine();
  const { S3Client, CreateMultipartUploadCommand, ListMultipartUploadsCommand } = await import('@aws-sdk/client-s3');
  const client = new S3Client({ forcePathStyle: true, endpoint: `http://127.0.0.1:${s3.port}` });
  try {
    const keys = ['a/1', 'a/1', 'a/2', 'a/ä & <b>', 'B/1'];
    for (const Key of keys) await client.send(new CreateMultipartUploadCommand({ Bucket: 'bucket', Key }));
    const seen: string[] = [];
    let marker: { KeyMarker?: string; UploadIdMarker?: string } = {};
    for (;;) {
      const page = await client.send(new ListMultipartUploadsCommand({ Bucket: 'bucket', MaxUploads: 2, ...marker }));
      seen.push(...(page.Uploads ?? []).map(({ Key }) => Key!));
      if (!page.IsTruncated) break;
      marker = { KeyMarker: page.NextKeyMarker!, UploadIdMarker: page.NextUploadIdMarker! };
    }
    expect(seen).toEqual(['B/1', 'a/1', 'a/1', 'a/2', 'a/ä & <b>']);
    const { Uploads } = await client.send(new ListMultipartUploadsCommand({ Bucket: 'bucket', Prefix: 'a/1' }));
    expect(Uploads).toHaveLength(2);
    await expect(client.send(new ListMultipartUploadsCommand({ Bucket: 'none' }))).rejects.toMatchObject({
      name: 'NoSuchBucket',
    });
  } finally {
    client.destroy();
    await s3.stop();
  }
});

test('an S3 that lists objects when it is asked for uploads is not believed to have none, and its files are swept as always', async () => {
  const app = buildApp({ logger: false });
  await app.listen({ host: '127.0.0.1', port: 0 });
  const { S3Client, CreateBucketCommand } = await import('@aws-sdk/client-s3');
  process.env.AWS_ENDPOINT_URL_S3 = `http://127.0.0.1:${(app.server.address() as { port: number }).port}`;
  process.env.EXPORTS_BUCKET = 'plain';
  const client = new S3Client({ forcePathStyle: true });
  await client.send(new CreateBucketCommand({ Bucket: 'plain' }));
  const ports = testPorts();
  try {
    await ports.files.put('exports/3b241101-e2bb-4255-8caf-4136c566a962/1/old.pdf', Buffer.from('old'), {
      contentType: 'application/pdf',
    });
    await expect(unfinished(ports.files)).rejects.toThrow('S3 does not list unfinished uploads');
    expect(await sweepExports({ ...ports, clock: () => new Date(Date.now() + 7_200_000) })).toEqual({
      files: 1,
      uploads: 0,
    });
  } finally {
    client.destroy();
    await ports.close();
    await app.close();
  }
});

test('a stream that breaks in its upload leaves no part', async () => {
  const s3 = await engine();
  process.env.AWS_ENDPOINT_URL_S3 = `http://127.0.0.1:${s3.port}`;
  const files = s3Files({ bucket: 'bucket' });
  let seen = 0;
  const breaking = async function* (): AsyncGenerator<Buffer> {
    for (let i = 0; i < 40; i += 1) {
      yield Buffer.alloc(MEGABYTE, i);
      if (i < 20) continue;
      seen = Math.max(seen, bytesBelow(partsFolder(folder)));
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    throw new Error('disk gone');
  };
  try {
    await expect(files.put('k', Readable.from(breaking()), { contentType: 'application/zip' })).rejects.toThrow(
      'disk gone',
    );
    expect(seen).toBeGreaterThan(8 * MEGABYTE);
    expect([bytesBelow(join(folder, 'objects', '_multipart')), await unfinished(files)]).toEqual([0, []]);
  } finally {
    await s3.stop();
  }
});
