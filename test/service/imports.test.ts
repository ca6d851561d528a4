// Packages that are uploaded in parts and imported by a job, over HTTP, on a host for them alone.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { noise } from '../data/noise.ts';
import { medium, observation, type PackageParts, packageFiles } from '../data/package.ts';
import { newPicture } from '../data/pictures.ts';
import { encrypt, patched, zipped } from '../data/zips.ts';
import { type OwnHost, openOwnHost } from '../support/own-host.ts';
import { type Answer, ask } from '../support/surface.ts';
import { until } from '../support/wait.ts';

let host: OwnHost;
beforeAll(async () => {
  host = await openOwnHost();
}, 180_000);
afterAll(() => host?.close(), 60_000);

const PART = 4 * 1024 * 1024;
const json = ({ text }: Answer) => JSON.parse(text);
const send = (method: string, path: string, body?: string | Buffer, headers = {}): Promise<Answer> =>
  ask(host.service.url, { method, path, body, headers });
const begin = (name: string, bytes: number): Promise<Answer> =>
  send('POST', '/api/imports', JSON.stringify({ name, bytes }));

/** Parts of a file, by their numbers. */
const cut = (bytes: Buffer, size = PART): Buffer[] =>
  Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) => bytes.subarray(at * size, (at + 1) * size));

async function upload(bytes: Buffer, name = 'package.zip', size = PART): Promise<string> {
  const begun = await begin(name, bytes.length);
  expect([begun.status, begun.headers.location]).toEqual([201, json(begun).parts_url]);
  const { id } = json(begun);
  for (const [at, part] of cut(bytes, size).entries())
    expect((await send('PUT', `/api/imports/${id}/${at + 1}`, part)).status).toBe(204);
  return id;
}
async function run(id: string, body?: object): Promise<Record<string, string>> {
  const started = await send('POST', `/api/imports/${id}`, body && JSON.stringify(body));
  expect([started.status, json(started)]).toMatchObject([202, { status: 'processing' }]);
  const { status_url } = json(started);
  return until(
    'the end of the import',
    async () => {
      const status = json(await send('GET', status_url));
      return status.status === 'processing' ? undefined : status;
    },
    60_000,
  );
}
const summaryOf = async ({ download_url }: Record<string, string>) => json(await send('GET', download_url!));

/** A package with pictures that no packing makes smaller. */
async function herd(id: string, pictures: number, bytes = 0, parts: PackageParts = {}): Promise<Buffer> {
  const names = Array.from({ length: pictures }, (_, at) => `m${at}`);
  const files: Record<string, Buffer> = {};
  // What follows the end of a picture is no part of it.
  for (const [at, name] of names.entries())
    files[`media/${name}.jpg`] = Buffer.concat([await newPicture(80 + at), noise(bytes, at)]);
  return zipped(
    packageFiles({
      descriptor: { id, title: `Herd ${id}` },
      media: names.map((name) => medium(name, { filePath: `media/${name}.jpg` })),
      observations: names.map((name) => observation(`o-${name}`, { mediaID: name })),
      files,
      ...parts,
    }),
  );
}

test('parts in any order, one of them twice: the import reads them as one file, and nothing is left behind', async () => {
  const bytes = await herd('whole', 5, 1_000_000);
  const [first, second] = cut(bytes);
  const { id } = json(await begin('herd.zip', bytes.length));
  const early = await send('POST', `/api/imports/${id}`);
  expect([early.status, json(early).detail]).toEqual([
    409,
    `The upload is not whole: 0 bytes of ${bytes.length.toLocaleString('en')} have arrived`,
  ]);
  expect((await send('PUT', `/api/imports/${id}/2`, second!)).status).toBe(204);
  const gap = await send('POST', `/api/imports/${id}`);
  expect([gap.status, json(gap).detail]).toEqual([409, 'The upload is not whole: part 1 is missing']);
  expect((await send('PUT', `/api/imports/${id}/1`, first!)).status).toBe(204);
  const parts = async () => json(await send('GET', `/api/imports/${id}/parts`));
  const before = await parts();
  expect(before).toEqual({
    ...{ id, name: 'herd.zip', bytes: bytes.length, part_bytes: PART },
    parts: [first, second].map((part, at) => ({ n: at + 1, bytes: part!.length })),
  });
  expect((await send('PUT', `/api/imports/${id}/1`, first!)).status).toBe(204);
  expect(await parts()).toEqual(before);
  const done = await run(id);
  expect(done).toMatchObject({ status: 'completed', progress: 100, filename: `import-summary_${done.job_id}.json` });
  expect(await summaryOf(done)).toMatchObject({
    package: { id: 'whole', title: 'Herd whole' },
    ...{ images: { made: 5, there: 0 }, detections: { made: 5, there: 0 }, skipped: [] },
  });
  await until('the parts to go', () => host.inBucket('uploads').length === 0 || undefined);
  expect((await send('GET', `/api/imports/${id}/parts`)).status).toBe(404);
  const [folder] = readdirSync(join(host.imageRoot, 'imported'));
  expect(readdirSync(join(host.imageRoot, 'imported', folder!, 'media'))).toHaveLength(5);
  // Again, in parts of another size that begin at 0: everything is there.
  const begun = json(await begin('again.zip', bytes.length));
  for (const [at, part] of cut(bytes, 1_300_000).entries())
    expect((await send('PUT', `/api/imports/${begun.id}/${at}`, part)).status).toBe(204);
  expect(await summaryOf(await run(begun.id))).toMatchObject({ images: { made: 0, there: 5 } });
}, 120_000);

test('what is no part, too much, or of no upload is refused in words', async () => {
  const { id } = json(await begin('small.zip', 10));
  const put = async (n: string, body: Buffer, headers = {}) => {
    const answer = await send('PUT', `/api/imports/${id}/${n}`, body, headers);
    return [answer.status, answer.status === 204 ? '' : json(answer).detail];
  };
  expect(await put('1', Buffer.alloc(11))).toEqual([413, 'The parts have 11 bytes, and 10 were announced']);
  expect(await put('1', Buffer.alloc(PART + 1))).toEqual([413, 'Request body is too large']);
  const wrong = 'A part needs a whole number from 0 to 2048 at the end of its path';
  for (const n of ['2049', '-1', '01', 'x', '1.5', '..%2F..%2Fexports', '%00', 'upload.json'])
    expect(await put(n, Buffer.alloc(1))).toEqual([400, wrong]);
  expect(await put('1', Buffer.alloc(0))).toEqual([400, 'A part needs at least one byte']);
  const page = { origin: host.service.url };
  expect(await put('1', Buffer.alloc(1), { ...page, 'content-type': 'text/plain' })).toEqual([
    ...[415, 'A web page must send application/octet-stream'],
  ]);
  expect(await put('1', Buffer.alloc(6), { ...page, 'content-type': 'application/octet-stream' })).toEqual([204, '']);
  expect(await put('2', Buffer.alloc(6))).toEqual([413, 'The parts have 12 bytes, and 10 were announced']);
  expect(await put('1', Buffer.alloc(9))).toEqual([204, '']);
  for (const [method, path, body] of [
    ['PUT', `/api/imports/${id.replace(/^./, 'g')}/1`, 'x'],
    ['PUT', '/api/imports/..%2F..%2Fexports/1', 'x'],
    ['POST', '/api/imports/5b0c8f0e-5a3b-4c8e-9d51-6b1f0a2c7d22', '{}'],
    ['DELETE', '/api/imports/5b0c8f0e-5a3b-4c8e-9d51-6b1f0a2c7d22', undefined],
  ] as const)
    expect([path, (await send(method, path, body)).status]).toEqual([path, 404]);
  for (const bytes of [0, 2 ** 31 + 1, 1.5, '7'])
    expect(json(await begin('x.zip', bytes as number)).detail).toBe(
      'bytes must be a whole number of bytes from 1 to 2147483648 (2 GiB)',
    );
  expect((await send('DELETE', `/api/imports/${id}`)).status).toBe(204);
  expect(host.inBucket('uploads')).toEqual([]);
});

test('a broken package fails with the sentences of npm run import, and what is valid of it can be had', async () => {
  const broken = await herd('broken', 3, 0, {
    media: ['m0', 'm1'].map((name) => medium(name, { filePath: `media/${name}.jpg`, timestamp: '' })),
  });
  const id = await upload(broken);
  const failed = await run(id);
  expect(failed.status).toBe('failed');
  expect(failed.error).toMatch(
    /^the package has \d+ broken rules; nothing was loaded\n {2}media.csv row 2, field timestamp /,
  );
  // Nothing of it is stored, not even its pictures; the upload is there for another try.
  expect(readdirSync(join(host.imageRoot, 'imported'))).toHaveLength(1);
  const summary = await summaryOf(await run(id, { skip_invalid: true }));
  expect([summary.package.id, summary.skippedCount > 0]).toEqual(['broken', true]);
  const hostile = '<img onerror=alert(1)>\u202e\u001b[31m.zip';
  const text = await run(await upload(Buffer.from('this is no archive'), hostile));
  expect(text.error).toBe(
    '"<img onerror=alert(1)>\\u202e\\u001b[31m.zip" is not a readable ZIP archive: End of central directory record signature not found. Either not a zip file, or file is truncated.',
  );
  const locked = patched(await herd('locked', 1), 'media.csv', encrypt);
  expect((await run(await upload(locked))).error).toBe(
    'media.csv is encrypted: unpack the archive with its password and import the folder',
  );
  const damaged = await herd('damaged', 2);
  damaged.fill(0, 300, 1_000);
  expect((await run(await upload(damaged))).status).toBe('failed');
  const { exports } = json(await send('GET', '/api/exports?limit=100'));
  expect(new Set(exports.map(({ status_url }: { status_url: string }) => status_url.split('/')[2]))).toEqual(
    new Set(['imports']),
  );
}, 120_000);

test('cancelled while it unpacks: nothing of it is stored, and the same upload can be started again', async () => {
  const bytes = await herd('cancelled', 120, 200_000);
  const id = await upload(bytes);
  const { job_id, status_url } = json(await send('POST', `/api/imports/${id}`));
  const isThere = (): string[] => readdirSync(join(host.imageRoot, 'imported'));
  const before = isThere().length;
  await until('pictures', () => isThere().length > before || undefined);
  expect((await send('DELETE', `/api/exports/${job_id}`)).status).toBe(204);
  expect((await send('GET', status_url)).status).toBe(404);
  await until('the pictures to go', () => isThere().length === before || undefined);
  const season = json(await send('GET', '/api/season?start_date=2024-05-01&end_date=2024-05-31'));
  const again = await run(id);
  expect(await summaryOf(again)).toMatchObject({ images: { made: 120, there: 0 } });
  const after = json(await send('GET', '/api/season?start_date=2024-05-01&end_date=2024-05-31'));
  expect(after.numbers.detections - season.numbers.detections).toBe(120);
  expect(existsSync(join(host.imageRoot, 'imported'))).toBe(true);
}, 120_000);

test('too many uploads at once, and the same Idempotency-Key', async () => {
  const key = { 'idempotency-key': 'once' };
  const twice = [1, 2].map(() => send('POST', '/api/imports', JSON.stringify({ name: 'a.zip', bytes: 5 }), key));
  const [one, two] = await Promise.all(twice);
  const again = await send('POST', '/api/imports', JSON.stringify({ name: 'a.zip', bytes: 5 }), key);
  const made = [one!, two!].find(({ status }) => status === 201)!;
  expect([again.status, json(again).id]).toEqual([201, json(made).id]);
  let last = again;
  for (let n = 0; n < 8; n++) last = await begin('b.zip', 5);
  expect([last.status, json(last).detail]).toEqual([429, 'There are 8 unfinished uploads: import or remove one first']);
});
