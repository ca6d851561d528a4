// Ctrl-C ends the service in time while threads of it wait for a drive that never answers, and a
// second one ends it at once.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { CreateBucketCommand, DeleteBucketCommand, DeleteObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { Service } from '../../localstack/host/service.ts';
import { listenTo, type Reader } from '../support/event-source.ts';
import { openTenantService, type TenantService } from '../support/tenant-service.ts';
import { until } from '../support/wait.ts';

const folder = mkdtempSync(join(tmpdir(), 'hoofprint-ending-'));
let own: TenantService;
let service: Service;
/** An archive of images that never answers: a run that waits for it computes nothing. */
let archive: Server;
const waiting: Socket[] = [];

beforeAll(async () => {
  archive = createServer((socket) => waiting.push(socket.on('error', () => undefined)));
  await new Promise<void>((resolve) => archive.listen(0, '127.0.0.1', resolve));
  execFileSync('mkfifo', [join(folder, 'drive')]);
  // Three of the four threads for files wait for good, as for a drive that hangs: for a pipe
  // without a writer.
  writeFileSync(
    join(folder, 'hang.cjs'),
    `if (require('node:worker_threads').isMainThread && /start\\.ts|function-process\\.ts/.test(process.argv[1]))
       for (let i = 0; i < 3; i++) require('node:fs').open(${JSON.stringify(join(folder, 'drive'))}, 'r', () => undefined);`,
  );
}, 120_000);
beforeEach(async () => {
  // Of each service: the next one would go on with what this one hands back.
  own = await openTenantService({
    env: {
      NODE_OPTIONS: `--require ${join(folder, 'hang.cjs')}`,
      IMAGE_ROOT: join(folder, 'none'),
      IMAGE_ARCHIVE_URL: `http://127.0.0.1:${(archive.address() as AddressInfo).port}`,
    },
  });
  service = own.service;
}, 120_000);
afterEach(async () => {
  await own?.close();
  for (const socket of waiting.splice(0)) socket.destroy();
}, 60_000);
afterAll(() => {
  archive?.close();
  rmSync(folder, { recursive: true, force: true });
}, 120_000);

const days = { start_date: '2023-11-01', end_date: '2023-11-05', group_by: 'week' };
const begin = async (): Promise<string> => {
  const answer = await fetch(`${service.url}/api/exports/zip`, { method: 'POST', body: JSON.stringify(days) });
  return ((await answer.json()) as { job_id: string }).job_id;
};
const state = async (id: string): Promise<string> =>
  ((await (await fetch(`${service.url}/api/exports/zip/${id}`)).json()) as { status: string }).status;
/** Until a run waits for an image. */
async function untilItRuns(id: string): Promise<void> {
  await until('its run', () => (waiting.length > 0 ? true : undefined), 60_000);
  expect(await state(id)).toBe('processing');
}

const ask = async (path: string): Promise<[number, unknown]> => {
  const answer = await fetch(service.url + path);
  return [answer.status, await answer.json()];
};

/** A store that takes nothing. */
async function breakBucket(): Promise<void> {
  const s3 = new S3Client({ endpoint: process.env.AWS_ENDPOINT_URL_S3!, forcePathStyle: true });
  const Bucket = own.tenant.EXPORTS_BUCKET;
  await s3.send(new DeleteObjectCommand({ Bucket, Key: 'health' }));
  await s3.send(new DeleteBucketCommand({ Bucket }));
  await until('readiness', async () => ((await ask('/readyz'))[0] === 503 ? true : undefined));
  expect(await ask('/readyz')).toMatchObject([
    503,
    { status: 'unavailable', services: { s3: 'unavailable', redis: 'ok' } },
  ]);
  expect(await ask('/livez')).toEqual([200, { status: 'alive' }]);
  await s3.send(new CreateBucketCommand({ Bucket }));
  s3.destroy();
}

/** What only waits ends at once; those who ask are answered that nothing should be sent here. */
async function expectEnding(listener: Reader, waiting: Promise<Response>): Promise<void> {
  const began = Date.now();
  expect((await waiting).status).toBe(304);
  await until('the end of the events', () => (listener.hasEnded() ? true : undefined));
  expect(Date.now() - began).toBeLessThan(3_000);
  expect(await ask('/readyz')).toEqual([503, { status: 'ending' }]);
  expect(await ask('/livez')).toEqual([200, { status: 'alive' }]);
  expect(await ask('/health')).toEqual([503, { detail: 'The service is busy' }]);
}

test('a job can be cancelled meanwhile; Ctrl-C ends everything within 20 s', async () => {
  expect((await ask('/readyz'))[0]).toBe(200);
  const [cancelled, running] = [await begin(), await begin()];
  await untilItRuns(running);
  await breakBucket();
  expect((await fetch(`${service.url}/api/exports/${cancelled}`, { method: 'DELETE' })).status).toBe(204);
  const listener = await listenTo(`${service.url}/api/events`);
  const path = `${service.url}/api/exports/zip/${running}`;
  const tag = (await fetch(path)).headers.get('etag')!;
  const waiting = fetch(path, { headers: { 'if-none-match': tag, prefer: 'wait=20' } });
  await listener.find('its beginning', ({ event }) => event === 'open');
  await pause(200);
  const began = Date.now();
  const stopped = service.stop(40_000, 'SIGINT');
  await expectEnding(listener, waiting);
  await stopped;
  expect(Date.now() - began).toBeLessThan(20_000);
  await expect(fetch(`${service.url}/health`)).rejects.toThrow();
}, 120_000);

test('a second Ctrl-C ends it at once', async () => {
  const id = await begin();
  await untilItRuns(id);
  let over = false;
  const ended = service.stop(40_000, 'SIGINT').then(() => {
    over = true;
  });
  await pause(1_200);
  expect(over).toBe(false);
  const began = Date.now();
  await service.stop(40_000, 'SIGINT');
  await ended;
  expect(Date.now() - began).toBeLessThan(3_000);
}, 120_000);
