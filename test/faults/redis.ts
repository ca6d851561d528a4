// Redis: stopped while the consumer works, emptied at the worst moments, a record that expires
// while its job waits.
import { sweepExports } from '../../lib/exports/job/sweep.ts';
import { until } from '../support/wait.ts';
import { noNative } from './native.ts';
import { rig, useRig } from './on-rig.ts';
import type { EngineKind } from './rig.ts';
import { SOAK, tried } from './rows.ts';

const MINUTES = 60_000;
const COMPLETE = /\$8\r\ncomplete\r\n/;
const engines: EngineKind[] = SOAK && noNative === undefined ? ['embedded', 'native'] : ['embedded'];

const ignore = (): void => undefined;

describe.each(engines)('%s engine', (engine) => {
  if (engine === 'native') useRig(engine);

  test(
    'stopped (SIGSTOP) while jobs run: 503 within a second, no message acknowledged, and all end well after it goes on',
    () =>
      tried(
        'redisStopped',
        { engine, count: SOAK ? 3 : 1, note: 'from SIGCONT until all had ended' },
        async (random) => {
          await rig.aConsumer();
          const begun = rig.proxies.postgres.hold(/BEGIN ISOLATION/);
          for (let i = 0; i < (SOAK ? 3 : 2); i += 1) await rig.ledger.post();
          (await begun).release();
          await new Promise((resolve) => setTimeout(resolve, random.next() * (SOAK ? 1_500 : 100)));
          const goOn = await rig.halt('redis');
          try {
            const began = performance.now();
            while (performance.now() - began < (SOAK ? 15_000 : 4_000)) {
              const replies = [
                await rig.ledger.post(),
                await rig.ledger.ask('GET', `/api/exports/pdf/${crypto.randomUUID()}`),
              ];
              for (const { status, own_ms } of replies) expect([status, own_ms < 1_000]).toEqual([503, true]);
            }
          } finally {
            goOn();
          }
          const worst = await rig.ledger.settle(30_000);
          await rig.ledger.check();
          return worst;
        },
      ),
    SOAK ? 3 * MINUTES : MINUTES,
  );

  if (SOAK)
    test(
      'a completion that arrives after another run has completed the job changes nothing',
      () =>
        tried(
          'redisStopped',
          { engine, count: 3, note: 'late completion; from the end of its consumer until all had ended' },
          async () => {
            const first = await rig.aConsumer();
            const caught = rig.proxies.redis.hold(COMPLETE);
            const { json } = await rig.ledger.post();
            const late = await caught;
            await first.end('SIGKILL');
            await rig.startConsumer();
            const worst = await rig.ledger.settle();
            const before = (await rig.ledger.ask('GET', json.status_url)).json;
            late.release();
            await rig.ledger.check();
            expect((await rig.ledger.ask('GET', json.status_url)).json).toEqual(before);
            return worst;
          },
        ),
      3 * MINUTES,
    );

  test(
    'emptied while a job loads, between upload and completion, and after a cancellation: every job ends with its record and file',
    () =>
      tried('redisEmptied', { engine, count: SOAK ? 5 : 1, note: 'until all had ended' }, async () => {
        const began = Date.now();
        // Cancelled while queued, and then the tombstone is lost as well: the message is a job
        // again.
        await rig.rest();
        const { json } = await rig.ledger.post();
        await rig.ledger.cancel(json.job_id);
        await rig.ledger.empty();
        rig.ledger.enter(json.job_id);
        await rig.aConsumer();
        await rig.ledger.check();
        for (const [line, moment] of [
          [rig.proxies.postgres, /BEGIN ISOLATION/],
          [rig.proxies.redis, COMPLETE],
        ] as const) {
          const caught = line.hold(moment);
          await rig.ledger.post();
          const held = await caught;
          await rig.ledger.empty();
          // The file of a job that nobody remembers just now is young: it stays.
          await sweepExports(rig.ledger.ports);
          held.release();
          await rig.ledger.check();
        }
        return Date.now() - began;
      }),
    SOAK ? 3 * MINUTES : MINUTES,
  );

  // A server of one's own keeps what its own settings say.
  (engine === 'embedded' ? test : ignore)(
    'killed as soon as a job is seen to be completed, or cancelled: it stays so, although its message is done with',
    () =>
      tried(
        'redisKilled',
        { engine, count: SOAK ? 6 : 2, note: 'from the kill until all had ended' },
        async (random, number) => {
          // Three crashes within half a minute each are taken for a broken engine.
          if (number >= 2) await new Promise((resolve) => setTimeout(resolve, 31_000));
          await rig.aConsumer();
          const { json } = await rig.ledger.post();
          const status = async (): Promise<string> =>
            (await (await fetch(`${rig.api.url}${json.status_url}`)).json()).status;
          while ((await status()) !== 'completed') await new Promise((resolve) => setTimeout(resolve, 2));
          if (number % 2 === 1) {
            await new Promise((resolve) => setTimeout(resolve, random.next() * 2_000));
            expect((await rig.ledger.cancel(json.job_id)).status).toBe(204);
          }
          process.kill(rig.pidOf('redis'), 'SIGKILL');
          const began = Date.now();
          await until(
            'Redis',
            async () => ((await rig.ledger.ask('GET', '/health')).status === 200 ? true : undefined),
            20_000,
          );
          await rig.ledger.check();
          return Date.now() - began;
        },
      ),
    SOAK ? 5 * MINUTES : MINUTES,
  );

  if (SOAK)
    test(
      'a record that expires while its job waits is made again from the message',
      () =>
        tried('recordExpired', { engine, count: 3, note: 'from the start of a consumer' }, async () => {
          await rig.rest();
          const { json } = await rig.ledger.post();
          await rig.ledger.ports.record("return redis.call('PEXPIRE', KEYS[1], 0)", json.job_id);
          await until('expiry', async () =>
            (await rig.ledger.ask('GET', json.status_url)).status === 404 ? true : undefined,
          );
          await rig.aConsumer();
          const worst = await rig.ledger.settle();
          expect((await rig.ledger.ask('GET', json.status_url)).json.status).toBe('completed');
          await rig.ledger.check();
          return worst;
        }),
      3 * MINUTES,
    );
});
