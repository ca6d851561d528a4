// Files: uploads that fail, a full disk, deletion at every moment, the sweeper during running jobs,
// days that begin and end.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { sweepExports } from '../../lib/exports/job/sweep.ts';
import { bytesBelow, unfinished } from '../support/left-over.ts';
import { until } from '../support/wait.ts';
import { rig } from './on-rig.ts';
import { SOAK, tried } from './rows.ts';

const MINUTES = 60_000;
const engine = 'embedded';

/** Several megabytes of crops. */
const ARCHIVE = { start_date: '2023-11-01', end_date: '2023-11-30', group_by: 'week', crop_size: 512 };

test(
  'the line to S3 is cut in an upload: nothing under the final name, the next attempt stores the whole file',
  () =>
    tried('s3Upload', { engine, count: SOAK ? 10 : 1, note: 'from the cut until the job had ended' }, async () => {
      await rig.aConsumer();
      const caught = rig.proxies.s3.hold(/^PUT \//);
      const { json } = await rig.ledger.post();
      const held = await caught;
      expect(await rig.ledger.ports.stored(json.job_id)).toEqual([]);
      // The client itself tries once more: that is cut as well.
      const again = rig.proxies.s3.hold(/^PUT \//);
      held.cut();
      (await again).cut();
      const worst = await rig.ledger.settle(30_000);
      await rig.ledger.check();
      return worst;
    }),
  (SOAK ? 4 : 1) * MINUTES,
);

test(
  'DELETE while queued, running, racing completion, and done: gone for good, and no file',
  () =>
    tried('cancel', { engine, count: SOAK ? 10 : 1, note: 'one job at each moment' }, async (random) => {
      const gone = async (answer: Promise<{ json: { job_id: string } }>): Promise<void> => {
        expect((await rig.ledger.cancel((await answer).json.job_id)).status).toBe(204);
      };
      await rig.rest();
      await gone(rig.ledger.post());
      await rig.aConsumer();
      for (const [line, moment] of [
        [rig.proxies.postgres, /BEGIN ISOLATION/],
        [rig.proxies.s3, /^PUT \//],
        [rig.proxies.redis, /\$8\r\ncomplete\r\n/],
      ] as const) {
        const caught = line.hold(moment);
        const posted = await rig.ledger.post();
        const held = await caught;
        await gone(Promise.resolve(posted));
        held.release();
      }
      // And without a chosen moment: either may be first.
      const racing = await rig.ledger.post();
      await new Promise((resolve) => setTimeout(resolve, random.next() * 800));
      await gone(Promise.resolve(racing));
      const done = await rig.ledger.post();
      await until('completion', async () =>
        (await rig.ledger.ask('GET', done.json.status_url)).json.status === 'completed' ? true : undefined,
      );
      await gone(Promise.resolve(done));
      await rig.ledger.check();
    }),
  (SOAK ? 4 : 1) * MINUTES,
);

if (SOAK)
  test(
    'the sweeper, while everything looks old, during running jobs and downloads: removes nothing that is needed',
    () =>
      tried('sweeper', { engine, count: 5, note: 'sweeps without pause' }, async () => {
        const { ports } = rig.ledger;
        const orphan = `exports/${crypto.randomUUID()}/1/orphan.pdf`;
        await ports.files.put(orphan, Buffer.from('left behind'), { contentType: 'application/pdf' });
        await rig.aConsumer();
        const jobs = await Promise.all(Array.from({ length: 6 }, () => rig.ledger.post()));
        let over = false;
        let swept = 0;
        const sweeping = (async () => {
          while (!over)
            swept += (await sweepExports({ ...ports, clock: () => new Date(Date.now() + 4_000_000) })).files;
        })();
        await rig.ledger.settle();
        for (const { json } of jobs) {
          const { download_url } = (await rig.ledger.ask('GET', json.status_url)).json;
          expect((await rig.ledger.ask('GET', download_url)).status).toBe(200);
        }
        over = true;
        await sweeping;
        expect(swept).toBe(1);
        await rig.ledger.check();
      }),
    3 * MINUTES,
  );

if (SOAK)
  test(
    'the line to S3 is cut in the second part of a large upload: nothing of it stays, the next attempt stores the whole file',
    () =>
      tried(
        's3Upload',
        { engine: `${engine}, in parts`, count: 2, note: 'from the cut until the job had ended' },
        async () => {
          await rig.aConsumer();
          const part = /^PUT \S*partNumber=2/;
          const caught = rig.proxies.s3.hold(part);
          const { json } = await rig.ledger.post('zip', { ...ARCHIVE, start_date: '2023-09-01', crop_size: 1024 });
          const held = await caught;
          const [upload] = await unfinished(rig.ledger.ports.files);
          await until('parts on disk', () =>
            bytesBelow(join(rig.services.parts, upload!.id)) > 5_000_000 ? true : undefined,
          );
          const again = rig.proxies.s3.hold(part);
          held.cut();
          (await again).cut();
          const began = Date.now();
          await until('a failed attempt', async () =>
            (await rig.ledger.ports.jobs.read(json.job_id)).record?.last_error === 'S3 is not available'
              ? true
              : undefined,
          );
          expect(await rig.ledger.ports.stored(json.job_id)).toEqual([]);
          // Another attempt may have begun; of the one that failed nothing is left.
          expect(bytesBelow(join(rig.services.parts, upload!.id))).toBe(0);
          await rig.ledger.settle(2 * MINUTES);
          const worst = Date.now() - began;
          await rig.ledger.check();
          expect([await unfinished(rig.ledger.ports.files), bytesBelow(rig.services.parts)]).toEqual([[], 0]);
          return worst;
        },
      ),
    8 * MINUTES,
  );

if (SOAK)
  test(
    'the disk of S3 is full: the attempt fails with a reason, nothing is visible, and with space again the job ends well',
    () =>
      tried(
        's3Disk',
        { engine: `${engine}, file size limited to 6 MB`, note: 'from space again until the job had ended' },
        async () => {
          await rig.aConsumer();
          const pid = String(rig.pidOf('s3'));
          const limit = (bytes: string): void => void execFileSync('prlimit', ['--pid', pid, `--fsize=${bytes}:`]);
          const before = bytesBelow(rig.services.objects);
          limit('6000000');
          const { json } = await rig.ledger.post('zip', ARCHIVE);
          await until(
            'a failed attempt',
            async () =>
              (await rig.ledger.ports.jobs.read(json.job_id)).record?.last_error?.startsWith('S3 is not available')
                ? true
                : undefined,
            2 * MINUTES,
          );
          expect(await rig.ledger.ports.stored(json.job_id)).toEqual([]);
          // Bytes that no listing shows: of the 6 MB that had room, and of the parts.
          expect([bytesBelow(rig.services.parts), bytesBelow(rig.services.objects)]).toEqual([0, before]);
          expect((await rig.ledger.ask('GET', json.status_url)).json.status).toBe('processing');
          limit('unlimited');
          const worst = await rig.ledger.settle(MINUTES);
          await rig.ledger.check();
          return worst;
        },
      ),
    5 * MINUTES,
  );

/**
 * The days of hosts in other zones are those of TIME_ZONE: a separate process for each zone.
 */
test.each(['Pacific/Kiritimati', 'America/Chicago', 'Pacific/Niue'])(
  'the host is in %s: days are those of TIME_ZONE',
  (zone) =>
    tried('clock', { engine: 'none', note: 'at midnight, DST and the leap day; a host in three zones' }, async () => {
      const code = `
      import { addDays, dayIn, daysBetween, isDay } from './lib/deer/calendar.ts';
      const days = (...instants) => instants.map((at) => dayIn('America/Chicago', new Date(at)));
      console.log(JSON.stringify({
        midnight: days('2024-01-02T05:59:59.999Z', '2024-01-02T06:00:00Z'),
        spring: days('2024-03-10T07:59:59Z', '2024-03-11T04:59:59Z', '2024-03-11T05:00:00Z'),
        autumn: days('2024-11-03T04:59:59Z', '2024-11-03T05:00:00Z', '2024-11-04T05:59:59Z', '2024-11-04T06:00:00Z'),
        leap: [addDays('2024-02-28', 1), addDays('2023-02-28', 1), daysBetween('2024-02-28', '2024-03-01'), isDay('2023-02-29')],
      }));`;
      const out = execFileSync(
        process.execPath,
        ['--input-type=module-typescript', '--disable-warning=ExperimentalWarning', '-e', code],
        {
          cwd: new URL('../../', import.meta.url),
          env: { PATH: process.env.PATH, TZ: zone },
        },
      );
      expect(JSON.parse(out.toString())).toEqual({
        midnight: ['2024-01-01', '2024-01-02'],
        spring: ['2024-03-10', '2024-03-10', '2024-03-11'],
        autumn: ['2024-11-02', '2024-11-03', '2024-11-03', '2024-11-04'],
        leap: ['2024-02-29', '2023-03-01', 2, false],
      });
    }),
);
