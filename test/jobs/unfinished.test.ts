// Uploads that nobody goes on with: killed, cancelled, handed back. Each test first sees bytes on
// the disk of S3, then sees that they are gone.
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
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
import { EVERYONE, product, type TestPorts } from '../support/ports.ts';
import { SECRETS } from '../support/secrets.ts';
import { until } from '../support/wait.ts';
import { accepted, closeAll, expectSound, never, portsWith } from './accepted.ts';

const MEGABYTE = 1024 * 1024;
const GIVEN_MB = 12;
const folder = mkdtempSync(join(tmpdir(), 'hoofprint-unfinished-'));
const parts = partsFolder(folder);
const onDisk = (): number => bytesBelow(parts);
let s3: Engine;

/** As the S3 of an earlier start keeps an upload of which no part has come yet. */
function leaveUpload(uploadId: string, key: string): void {
  const upload = { uploadId, bucket: 'unfinished', key, initiated: new Date().toISOString(), metadata: {} };
  mkdirSync(join(parts, uploadId), { recursive: true });
  writeFileSync(join(parts, uploadId, '.upload.json'), JSON.stringify(upload));
}

/**
 * An S3 of this file's own: it is looked through, and sweeps of another hour must not meet the
 * uploads of other tests.
 */
beforeAll(async () => {
  const settings = { bucket: 'unfinished', root: '' };
  const job = randomUUID();
  for (let i = 0; i < 1_010; i += 1) leaveUpload(`u${i}`, `exports/${job}/1/${i % 3 === 0 ? 'same & <same>' : i}`);
  leaveUpload('foreign', 'foreign/file');
  const onGivenUp = (fault: Fault): never => {
    throw fault;
  };
  s3 = await keepEngine({ name: 'aws', folder, port: 0, anyPort: true, settings, secrets: SECRETS, onGivenUp });
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
  until(
    'parts on disk',
    async () => {
      const upload = (await unfinished(ports.files)).find(({ key }) => key.includes(job));
      return upload !== undefined && bytesBelow(join(parts, upload.id)) > 8 * MEGABYTE ? true : undefined;
    },
    40_000,
  );
const sweep = (ports: TestPorts, hours = 0) =>
  sweepExports({ ...ports, clock: () => new Date(Date.now() + hours * 3_600_000) });
async function forget(ports: TestPorts, ...jobIds: string[]): Promise<void> {
  for (const id of jobIds) await cancelExport(ports, id, EVERYONE);
}

/**
 * A renderer that gives one part (8 MiB) and the begin of another, then waits: its upload is in its
 * midst until the body ends or is broken off.
 */
function endlessly(): { renderer: Renderer<PdfRequest>; body: PassThrough } {
  const body = new PassThrough({ highWaterMark: 64 * MEGABYTE });
  for (let i = 0; i < GIVEN_MB; i += 1) body.write(Buffer.alloc(MEGABYTE, i));
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

/** Jobs whose runs were killed in their uploads, with the separate process that they shared. */
async function killed(ports: TestPorts, count: number): Promise<string[]> {
  const messages = await Promise.all(Array.from({ length: count }, () => accepted(ports)));
  const keys = messages.map(async (message) => {
    const { record } = await ports.jobs.begin(identifyJob(message));
    return `exports/${message.job_id}/${record!.run}/archive.zip`;
  });
  const uploading = await uploadingProcess(...(await Promise.all(keys)));
  for (const { job_id } of messages) await begun(ports, job_id);
  uploading.kill('SIGKILL');
  await once(uploading, 'exit');
  expect(onDisk()).toBeGreaterThan(count * 8 * MEGABYTE);
  return messages.map(({ job_id }) => job_id);
}

test('more uploads than one page of a listing holds, left by an S3 of before, are all found; those of another program in the bucket are left alone', async () => {
  const ports = portsWith();
  expect(await unfinished(ports.files)).toHaveLength(1_011);
  expect(await sweep(ports, 1.1)).toMatchObject({ uploads: 1_010 });
  expect(await unfinished(ports.files)).toMatchObject([{ key: 'foreign/file', id: 'foreign' }]);
  await ports.files.abort({ key: 'foreign/file', id: 'foreign' });
});

test('killed, and S3 with it: parts survive on the disk and stay while their run may live, also where Redis forgot the record; gone with the next sweep once a later run completed the job or it was cancelled, else with the first sweep after the hour, although S3 does not remove one', async () => {
  const ports = portsWith();
  const [job, forgotten, completed, cancelled] = (await killed(ports, 4)) as [string, string, string, string];
  process.kill(s3.pid!, 'SIGKILL');
  await until('S3', () =>
    ports.files.ping().then(
      () => true,
      () => undefined,
    ),
  );
  await ports.record("return redis.call('DEL', KEYS[1])", forgotten);
  expect(await sweep(ports)).toMatchObject({ uploads: 0 });
  expect(onDisk()).toBeGreaterThan(4 * 8 * MEGABYTE);
  expect(await unfinished(ports.files)).toHaveLength(4);

  await ports.jobs.complete(completed, 'later', {
    filename: 'x',
    download_url: '',
    object_key: 'x',
    file_size_bytes: 1,
    sha256: '',
  });
  await cancelExport(ports, cancelled, EVERYONE);
  expect(onDisk()).toBeGreaterThan(4 * 8 * MEGABYTE);
  expect(await sweep(ports)).toMatchObject({ uploads: 2 });
  const left = await unfinished(ports.files);
  expect(left.map(({ key }) => key.split('/')[1]).sort()).toEqual([job, forgotten].sort());
  expect(onDisk()).toBeGreaterThan(2 * 8 * MEGABYTE);

  // One that S3 does not remove keeps none of the others from being removed.
  const [first] = left;
  const abort: typeof ports.files.abort = (upload) =>
    upload.id === first!.id
      ? Promise.reject(new Fault('unavailable', 'S3 is not available'))
      : ports.files.abort(upload);
  expect(await sweep({ ...ports, files: { ...ports.files, abort } }, 1.1)).toMatchObject({ uploads: 1 });
  expect(await unfinished(ports.files)).toEqual([first]);
  expect(await sweep(ports, 1.1)).toMatchObject({ uploads: 1 });
  expect([onDisk(), await unfinished(ports.files)]).toEqual([0, []]);
  await forget(ports, job, completed);
}, 120_000);

test('cancelled in its upload: the run ends and nothing of it is left, before any sweep', async () => {
  const { renderer } = endlessly();
  const ports = portsWith(renderer);
  const message = await accepted(ports);
  const run = generateExport(ports, message, never);
  await begun(ports, message.job_id);
  await cancelExport(ports, message.job_id, EVERYONE);
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
  const [dead] = (await killed(ports, 1)) as [string];
  const message = await accepted(ports);
  const run = generateExport(ports, message, never);
  await begun(ports, message.job_id);
  await cancelExport(ports, dead, EVERYONE);
  expect(await sweep(ports)).toMatchObject({ uploads: 1 });
  expect(await unfinished(ports.files)).toMatchObject([{ key: expect.stringContaining(message.job_id) }]);
  expect(onDisk()).toBeGreaterThan(0);
  body.end('the end');
  await run;
  const { record } = await ports.jobs.read(message.job_id);
  expect(record).toMatchObject({ status: 'completed', file_size_bytes: GIVEN_MB * MEGABYTE + 7 });
  expect(await sweep(ports, 0)).toEqual({ files: 0, uploads: 0 });
  expect(await ports.files.read(record!.object_key!)).toHaveLength(GIVEN_MB * MEGABYTE + 7);
  await forget(ports, message.job_id);
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
