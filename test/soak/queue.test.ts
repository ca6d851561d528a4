// 10,000 real one-month reports queued at once (npm run test:soak): all end, none expires, and
// nobody's memory grows with the queue.
import { readFileSync } from 'node:fs';
import { openRig, type Rig } from '../faults/rig.ts';
import { enter } from '../faults/rows.ts';
import { until } from '../support/wait.ts';

const JOBS = Number(process.env.HOOFPRINT_SOAK_JOBS ?? 10_000);
const HOURS = 3_600_000;
/** Posts in flight at once. */
const POSTERS = 10;

let rig: Rig;
beforeAll(async () => {
  rig = await openRig('embedded');
}, 60_000);
afterAll(() => rig?.close(), 300_000);

const residentMb = (pid: number): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;

/** Every month of the herd's year, so that reports differ. */
const month = (i: number): { start_date: string; end_date: string; group_by: string } => {
  const start = new Date(Date.UTC(2023, 8 + (i % 12), 1));
  const end = new Date(Date.UTC(2023, 9 + (i % 12), 0));
  return { start_date: start.toISOString().slice(0, 10), end_date: end.toISOString().slice(0, 10), group_by: 'week' };
};

test(
  `${JOBS} queued reports`,
  async () => {
    const { ledger } = rig;
    const entry = {
      fault: 'tenThousand' as const,
      engine: 'embedded',
      tries: JOBS,
      survived: 0,
      worst_ms: 0,
      note: '',
    };
    try {
      let next = 0;
      const began = Date.now();
      const posters = Array.from({ length: POSTERS }, async () => {
        while (next < JOBS) {
          next += 1;
          const reply = await ledger.postQuietly('pdf', month(next));
          expect(reply.status).toBe(202);
          entry.worst_ms = Math.max(entry.worst_ms, reply.ms);
        }
      });
      await Promise.all(posters);
      const postedS = (Date.now() - began) / 1_000;
      const consumer = await rig.startConsumer();
      const watched = {
        consumer: consumer.pid,
        api: rig.api.pid,
        redis: rig.pidOf('redis'),
        postgres: rig.pidOf('postgres'),
        queue: rig.pidOf('sqs'),
      };
      const early: Record<string, number> = {};
      const peak: Record<string, number> = {};
      const started = Date.now();
      let done = 0;
      await until(
        'all jobs to end',
        async () => {
          done = JOBS - (await ledger.depth());
          for (const [name, pid] of Object.entries(watched)) {
            const now = residentMb(pid);
            // After a tenth everything is loaded and warm: from there on it has to stay flat.
            if (done <= JOBS / 10) early[name] = Math.max(early[name] ?? 0, now);
            peak[name] = Math.max(peak[name] ?? 0, now);
          }
          await new Promise((resolve) => setTimeout(resolve, 1_000));
          return done >= JOBS ? true : undefined;
        },
        HOURS,
      );
      const seconds = (Date.now() - started) / 1_000;
      const growth = Object.keys(watched).map(
        (name) => `${name} ${Math.round(early[name]!)} -> ${Math.round(peak[name]!)} MB`,
      );
      entry.note = `slowest POST; posted in ${postedS.toFixed(0)} s, done in ${seconds.toFixed(0)} s (${(JOBS / seconds).toFixed(1)}/s); ${growth.join(', ')}`;
      console.log(entry.note);
      await ledger.check();
      entry.survived = JOBS;
      for (const name of ['consumer', 'api', 'postgres'])
        expect([name, peak[name]! - early[name]! < 200]).toEqual([name, true]);
    } finally {
      enter(entry);
    }
  },
  HOURS,
);
