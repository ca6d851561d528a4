// Uploads that nobody goes on with: killed, cancelled, handed back. Each test first sees bytes on
// the disk of S3, then sees that they are gone.
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { Fault } from '../../lib/errors.ts';
import { generateExport } from '../../lib/exports/job/generate.ts';
import { identifyJob } from '../../lib/exports/job/message.ts';
import { requestKey } from '../../lib/exports/job/paths.ts';
import { cancelExport } from '../../lib/exports/job/status.ts';
import { sweepExports } from '../../lib/exports/job/sweep.ts';
import type { PdfRequest } from '../../lib/exports/pdf/request.ts';
import type { Renderer } from '../../lib/exports/shared/renderer.ts';
import { type Engine, keepEngine } from '../../localstack/stack/supervisor.ts';
import { bytesBelow, objectsFolder, partsFolder, unfinished, uploadingProcess } from '../support/left-over.ts';
import { product, type TestPorts } from '../support/ports.ts';
import { until } from '../support/wait.ts';
import { accepted, closeAll, expectSound, never, portsWith } from './accepted.ts';

const MEGABYTE = 1024 * 1024;
const folder = mkdtempSync(join(tmpdir(), 'hoofprint-unfinished-'));
const parts = partsFolder(folder);
const onDisk = (): number => bytesBelow(parts);
let s3: Engine;

/**
 * An S3 of this file's own: it is looked through, and sweeps of another hour must not meet the
 * uploads of other tests.
 */
beforeAll(async () => {
  const settings = { bucket: 'unfinished', root: '' };
  const onGivenUp = (fault: Fault): never => {
    throw fault;
  };
  s3 = await keepEngine({ name: 'aws', folder, port: 0, anyPort: true, settings, onGivenUp });
  process.env.AWS_ENDPOINT_URL_S3 = `http://127.0.0.1:${s3.port}`;
  process.env.EXPORTS_BUCKET = settings.bucket;
});
afterEach(async () => {
  await closeAll();
  expect([onDisk(), bytesBelow(join(objectsFolder(folder), 'unfinished', 'objects'))]).toEqual([0, 0]);
});
afterAll(async () => {
  await s3?.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** Waits until parts of a job's upload are on the disk. */
const begun = (ports: TestPorts, job: string) =>
  until('parts on disk', async () => {
    const upload = (await unfinished(ports.files)).find(({ key }) => key.includes(job));
    return upload !== undefined && bytesBelow(join(parts, upload.id)) > 8 * MEGABYTE ? true : undefined;
  });
const sweep = (ports: TestPorts, hours = 0) =>
  sweepExports({ ...ports, clock: () => new Date(Date.now() + hours * 3_600_000) });
async function forget(ports: TestPorts, ...jobIds: string[]): Promise<void> {
  for (const id of jobIds) await cancelExport(ports, id);
}

/**
 * A renderer that gives 20 MB and then waits: its upload is in its midst until the body ends or is
 * broken off.
 */
function endlessly(): { renderer: Renderer<PdfRequest>; body: PassThrough } {
  const body = new PassThrough({ highWaterMark: 64 * MEGABYTE });
  for (let i = 0; i < 20; i += 1) body.write(Buffer.alloc(MEGABYTE, i));
  return {
    body,
    renderer: async ({ progress, signal }) => {
      let done = 0;
      const timer = setInterval(() => {
        done += 1;
        progress(done, 1_000);
      }, 50);
      signal.addEventListener('abort', () => clearInterval(timer));
      body.on('close', () => clearInterval(timer));
      return product(body);
    },
  };
}

/** A job whose run was killed in its upload, in a separate process. */
async function killed(ports: TestPorts): Promise<string> {
  const message = await accepted(ports);
  const { record } = await ports.jobs.begin(identifyJob(message));
  const uploading = await uploadingProcess(`exports/${message.job_id}/${record!.run}/archive.zip`);
  await begun(ports, message.job_id);
  uploading.kill('SIGKILL');
  await once(uploading, 'exit');
  expect(onDisk()).toBeGreaterThan(8 * MEGABYTE);
  return message.job_id;
}

test('killed: its parts stay while its run may live, and are gone with the first sweep after the hour', async () => {
  const ports = portsWith();
  const job = await killed(ports);
  expect(await sweep(ports)).toMatchObject({ uploads: 0 });
  expect(onDisk()).toBeGreaterThan(8 * MEGABYTE);
  expect(await sweep(ports, 1.1)).toMatchObject({ uploads: 1 });
  expect([onDisk(), await unfinished(ports.files)]).toEqual([0, []]);
  await forget(ports, job);
});

test('killed, and the record forgotten by Redis: the same', async () => {
  const ports = portsWith();
  const job = await killed(ports);
  await ports.record("return redis.call('DEL', KEYS[1])", job);
  expect(await sweep(ports)).toMatchObject({ uploads: 0 });
  expect(await sweep(ports, 1.1)).toMatchObject({ uploads: 1 });
  expect(onDisk()).toBe(0);
});

test('killed, and S3 with it: its parts survive on the disk, and are gone with the sweep', async () => {
  const ports = portsWith();
  const job = await killed(ports);
  process.kill(s3.pid!, 'SIGKILL');
  await until('S3', () =>
    ports.files.ping().then(
      () => true,
      () => undefined,
    ),
  );
  expect(onDisk()).toBeGreaterThan(8 * MEGABYTE);
  expect(await unfinished(ports.files)).toHaveLength(1);
  expect(await sweep(ports, 1.1)).toMatchObject({ uploads: 1 });
  expect(onDisk()).toBe(0);
  await forget(ports, job);
});

test.each<[string, (ports: TestPorts, job: string) => Promise<unknown>]>([
  [
    'completed by a later run',
    (ports, job) =>
      ports.jobs.complete(job, 'later', {
        filename: 'x',
        download_url: '',
        object_key: 'x',
        file_size_bytes: 1,
        sha256: '',
      }),
  ],
  ['cancelled', cancelExport],
])('killed, and the job was then %s: gone with the next sweep', async (_how, end) => {
  const ports = portsWith();
  const job = await killed(ports);
  await end(ports, job);
  expect(onDisk()).toBeGreaterThan(8 * MEGABYTE);
  expect(await sweep(ports)).toMatchObject({ uploads: 1 });
  expect([onDisk(), await unfinished(ports.files)]).toEqual([0, []]);
  await cancelExport(ports, job).catch(() => undefined);
});

test('cancelled in its upload: the run ends and nothing of it is left, before any sweep', async () => {
  const { renderer } = endlessly();
  const ports = portsWith(renderer);
  const message = await accepted(ports);
  const run = generateExport(ports, message, never);
  await begun(ports, message.job_id);
  await cancelExport(ports, message.job_id);
  await run;
  expect([onDisk(), await unfinished(ports.files)]).toEqual([0, []]);
});

test('handed back in its upload: nothing of it is left when the message returns, and the next run stores the whole file', async () => {
  const { renderer } = endlessly();
  const ports = portsWith((work) => (ports.made() > 1 ? Promise.resolve(product('whole')) : renderer(work)));
  const message = await accepted(ports);
  const overtime = new AbortController();
  const run = generateExport(ports, message, overtime.signal);
  await begun(ports, message.job_id);
  overtime.abort(new Fault('unavailable', 'the function ran out of time'));
  await expect(run).rejects.toThrow('the function ran out of time');
  expect([onDisk(), await unfinished(ports.files)]).toEqual([0, []]);
  await generateExport(ports, message, never);
  await expectSound(ports, message, 'whole');
  await forget(ports, message.job_id);
});

test('handed back while S3 does not answer: the run says so in time, and the sweep removes what is left', async () => {
  const { renderer } = endlessly();
  const ports = portsWith(renderer);
  const message = await accepted(ports);
  const overtime = new AbortController();
  const run = generateExport(ports, message, overtime.signal);
  await begun(ports, message.job_id);
  process.kill(s3.pid!, 'SIGSTOP');
  const began = performance.now();
  overtime.abort(new Fault('unavailable', 'the function ran out of time'));
  await expect(run).rejects.toThrow('the function ran out of time');
  expect(performance.now() - began).toBeLessThan(4_000);
  expect(onDisk()).toBeGreaterThan(8 * MEGABYTE);
  // What was asked of it meanwhile goes with its connections: as if the process of the run had
  // ended.
  process.kill(s3.pid!, 'SIGKILL');
  await until('S3', () =>
    ports.files.ping().then(
      () => true,
      () => undefined,
    ),
  );
  expect(await sweep(ports, 1.1)).toMatchObject({ uploads: 1 });
  expect(onDisk()).toBe(0);
  await forget(ports, message.job_id);
});

test('a live upload survives the sweep that removes a dead one, and completes', async () => {
  const { renderer, body } = endlessly();
  const ports = portsWith(renderer);
  const dead = await killed(ports);
  const message = await accepted(ports);
  const run = generateExport(ports, message, never);
  await begun(ports, message.job_id);
  await cancelExport(ports, dead);
  expect(await sweep(ports)).toMatchObject({ uploads: 1 });
  expect(await unfinished(ports.files)).toMatchObject([{ key: expect.stringContaining(message.job_id) }]);
  expect(onDisk()).toBeGreaterThan(0);
  body.end('the end');
  await run;
  const { record } = await ports.jobs.read(message.job_id);
  expect(record).toMatchObject({ status: 'completed', file_size_bytes: 20 * MEGABYTE + 7 });
  expect(await sweep(ports, 0)).toEqual({ files: 0, uploads: 0 });
  expect(await ports.files.read(record!.object_key!)).toHaveLength(20 * MEGABYTE + 7);
  await forget(ports, message.job_id);
});

test('an upload that S3 does not remove keeps none of the others from being removed', async () => {
  const ports = portsWith();
  const jobs = [await killed(ports), await killed(ports)];
  const [first] = await unfinished(ports.files);
  const abort: typeof ports.files.abort = (upload) =>
    upload.id === first!.id
      ? Promise.reject(new Fault('unavailable', 'S3 is not available'))
      : ports.files.abort(upload);
  expect(await sweep({ ...ports, files: { ...ports.files, abort } }, 1.1)).toMatchObject({ uploads: 1 });
  expect(await unfinished(ports.files)).toEqual([first]);
  expect(await sweep(ports, 1.1)).toMatchObject({ uploads: 1 });
  await forget(ports, ...jobs);
});

test('more uploads than one page of a listing holds are all found; those of another program in the bucket are left alone', async () => {
  const ports = portsWith();
  const { S3Client, CreateMultipartUploadCommand } = await import('@aws-sdk/client-s3');
  const client = new S3Client({ forcePathStyle: true });
  const job = randomUUID();
  for (let i = 0; i < 1_010; i += 1)
    await client.send(
      new CreateMultipartUploadCommand({
        Bucket: 'unfinished',
        Key: `exports/${job}/1/${i % 3 === 0 ? 'same & <same>' : i}`,
      }),
    );
  const { UploadId } = await client.send(
    new CreateMultipartUploadCommand({ Bucket: 'unfinished', Key: 'foreign/file' }),
  );
  client.destroy();
  expect(await unfinished(ports.files)).toHaveLength(1_011);
  expect(await sweep(ports, 1.1)).toMatchObject({ uploads: 1_010 });
  expect(await unfinished(ports.files)).toMatchObject([{ key: 'foreign/file' }]);
  await ports.files.abort({ key: 'foreign/file', id: UploadId! });
});

test('the sweeper removes stored requests that are cancelled or older than messages become, and no other', async () => {
  const ports = portsWith(undefined, { ttlSeconds: 3_600, retentionSeconds: 7_200 });
  const [waiting, cancelled] = await Promise.all([0, 1].map(() => accepted(ports)));
  const keys = [waiting, cancelled].map((message) => requestKey(message!.job_id));
  for (const key of keys) await ports.files.put(key, Buffer.from('{}'), { contentType: 'application/json' });
  await ports.jobs.cancel(cancelled!.job_id);
  const there = async () => Promise.all(keys.map((key) => ports.files.has(key)));
  expect(await there()).toEqual([true, true]);
  await sweep(ports, 1.5);
  expect(await there()).toEqual([true, false]);
  await sweep(ports, 2.5);
  expect(await there()).toEqual([false, false]);
  await forget(ports, waiting!.job_id);
});
