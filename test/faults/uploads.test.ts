// An archive of more than 200 MB is killed, cancelled and handed back in its upload: no byte of it
// stays on the disk of S3, nor in its memory.
import { randomBytes } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import sharp from 'sharp';
import { postgres } from '../../lib/adapters/postgres.ts';
import { sweepExports } from '../../lib/exports/job/sweep.ts';
import { bytesBelow, unfinished } from '../support/left-over.ts';
import { until } from '../support/wait.ts';
import { openRig, type Part, type Rig } from './rig.ts';
import { tried } from './rows.ts';

const MINUTES = 60_000;
const MEGABYTE = 1024 * 1024;
const engine = 'embedded';
const LARGE = { start_date: '2023-09-01', end_date: '2024-08-30', group_by: 'month', crop_size: 1024 };

let rig: Rig;
beforeAll(async () => {
  rig = await openRig(engine, {}, { seed: 7, detections: 2_000 });
  await makeNoisy(rig.services.environment);
}, 2 * MINUTES);
afterAll(() => rig?.close(), MINUTES);
afterEach(() => rig.calm());

/**
 * One picture of noise in the place of every frame: its crops are as large as crops can be, and no
 * frame has to be drawn.
 */
async function makeNoisy({ DATABASE_URL, IMAGE_ROOT }: Record<string, string>): Promise<void> {
  const [width, height] = [1_920, 1_080];
  const noise = await sharp(randomBytes(width * height * 3), { raw: { width, height, channels: 3 } })
    .jpeg({ quality: 95 })
    .toBuffer();
  const file = join(IMAGE_ROOT!, 'noise.jpg');
  mkdirSync(IMAGE_ROOT!, { recursive: true });
  writeFileSync(file, noise);
  const database = postgres({ url: DATABASE_URL! });
  for (const { path } of await database.read(({ rows }) =>
    rows<{ path: string }>('SELECT DISTINCT path FROM images'),
  )) {
    mkdirSync(dirname(join(IMAGE_ROOT!, path)), { recursive: true });
    linkSync(file, join(IMAGE_ROOT!, path));
  }
  await database.close();
}

const onDisk = (): number => bytesBelow(rig.services.parts);
/** Resident memory of the process that is S3, in MB. */
const memory = (): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${rig.pidOf('s3')}/status`, 'utf8'))?.[1]) / 1024;

/** A consumer in the midst of the upload, with 200 MB of parts on the disk. */
async function uploading(): Promise<{ consumer: Part; job: string }> {
  const consumer = await rig.aConsumer();
  const { json } = await rig.ledger.post('zip', LARGE);
  await until('200 MB of parts', () => (onDisk() > 200 * MEGABYTE ? true : undefined), 10 * MINUTES);
  return { consumer, job: json.job_id };
}

/** What must be true when all has ended and the sweeper has come by, at the hour that it is. */
async function nothingIsLeft(): Promise<void> {
  await sweepExports(rig.ledger.ports);
  expect([await unfinished(rig.ledger.ports.files), onDisk()]).toEqual([[], 0]);
}

/** The most memory that S3 was seen with while it held parts, in MB. */
let held = 0;

/** There is something to remove, on the disk and in the memory of S3. */
function left(): void {
  expect(onDisk()).toBeGreaterThan(200 * MEGABYTE);
  held = Math.max(held, memory());
}

test(
  'the consumer is killed (-9): the next one completes the job, and the sweep removes 200 MB',
  () =>
    tried('uploadsLeft', { engine: `${engine}, killed`, note: 'from the kill until all had ended' }, async () => {
      const { consumer } = await uploading();
      await consumer.end('SIGKILL');
      left();
      await rig.startConsumer();
      const worst = await rig.ledger.settle(10 * MINUTES);
      // The sweep of the check moves its clock; this one does not.
      left();
      await nothingIsLeft();
      await rig.ledger.check();
      return worst;
    }),
  20 * MINUTES,
);

test(
  'DELETE: the run ends and takes its 200 MB with it',
  () =>
    tried('uploadsLeft', { engine: `${engine}, cancelled`, note: 'from DELETE until no byte was left' }, async () => {
      const { job } = await uploading();
      const began = Date.now();
      expect((await rig.ledger.cancel(job)).status).toBe(204);
      await until('no part on disk', () => (onDisk() === 0 ? true : undefined));
      const worst = Date.now() - began;
      await nothingIsLeft();
      await rig.ledger.check();
      return worst;
    }),
  20 * MINUTES,
);

test(
  'SIGTERM while S3 is silent: handed back; the next consumer completes the job, and the sweep removes 200 MB',
  () =>
    tried('uploadsLeft', { engine: `${engine}, handed back`, note: 'from SIGTERM until all had ended' }, async () => {
      const { consumer } = await uploading();
      rig.proxies.s3.pause();
      const began = Date.now();
      expect(await consumer.end('SIGTERM')).toBe(0);
      left();
      rig.calm();
      await rig.startConsumer();
      await rig.ledger.settle(10 * MINUTES);
      const worst = Date.now() - began;
      await nothingIsLeft();
      await rig.ledger.check();
      return worst;
    }),
  20 * MINUTES,
);

test('S3 gives the memory of the parts back', async () => {
  expect(held).toBeGreaterThan(300);
  // Memory goes back to the system when its process has something to do.
  await until(
    'the memory of S3 to shrink',
    async () => {
      await rig.ledger.ports.files.put('requests/some', Buffer.alloc(4 * MEGABYTE), {
        contentType: 'application/json',
      });
      await rig.ledger.ports.files.remove(['requests/some']);
      return memory() < held - 150 ? true : undefined;
    },
    MINUTES,
  );
});
