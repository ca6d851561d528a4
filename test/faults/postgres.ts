// PostgreSQL: connections killed idle and mid-query, the server killed and restarted, the server
// hung.
import pg from 'pg';
import { until } from '../support/wait.ts';
import { MONTH, type Reply } from './ledger.ts';
import { noNative } from './native.ts';
import { rig, useRig } from './on-rig.ts';
import type { EngineKind } from './rig.ts';
import { SOAK, tried } from './rows.ts';

const MINUTES = 60_000;
const engines: EngineKind[] = SOAK && noNative === undefined ? ['embedded', 'native'] : ['embedded'];

describe.each(engines)('%s engine', (engine) => {
  if (engine === 'native') useRig(engine);

  /**
   * Native: the server itself ends the product's connections; embedded: it is one session, so the
   * line is cut.
   */
  async function killConnections(): Promise<void> {
    if (engine === 'embedded') return rig.proxies.postgres.cut();
    const admin = new pg.Client({ connectionString: rig.services.environment.DATABASE_URL });
    await admin.connect();
    await admin.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'hoofprint' AND pid <> pg_backend_pid()`,
    );
    await admin.end();
  }
  /**
   * A class that was never asked for: known names are remembered, so only this one needs PostgreSQL
   * at POST. Nobody has it: 400 is its right answer.
   */
  const unheardOf = (): Promise<Reply> => rig.ledger.post('pdf', { ...MONTH, classifications: [crypto.randomUUID()] });

  test(
    'idle connections killed: nobody falls, the next request and the next job go through',
    () =>
      tried('postgresIdle', { engine, count: SOAK ? 5 : 1, note: 'until the next jobs had ended' }, async () => {
        const consumer = await rig.aConsumer();
        await rig.ledger.post();
        expect((await unheardOf()).status).toBe(400);
        await rig.ledger.settle();
        await killConnections();
        const began = Date.now();
        await until(
          'a POST that asks PostgreSQL',
          async () => ((await unheardOf()).status === 400 ? true : undefined),
          5_000,
        );
        await rig.ledger.post();
        await rig.ledger.settle(30_000);
        const worst = Date.now() - began;
        expect([rig.api.running, consumer.running]).toEqual([true, true]);
        await rig.ledger.check();
        return worst;
      }),
    SOAK ? 3 * MINUTES : MINUTES,
  );

  test(
    'killed mid-query: no partial report, the job is done by the next attempt',
    () =>
      tried(
        'postgresQuery',
        { engine, count: SOAK ? 10 : 1, note: 'from the kill until the job had ended' },
        async (random) => {
          const consumer = await rig.aConsumer();
          const caught = rig.proxies.postgres.hold(random.next() < 0.5 ? /SELECT/ : /BEGIN ISOLATION/);
          await rig.ledger.post();
          const held = await caught;
          if (engine === 'native') await killConnections();
          held.cut();
          const worst = await rig.ledger.settle(30_000);
          expect(consumer.running).toBe(true);
          await rig.ledger.check();
          return worst;
        },
      ),
    SOAK ? 4 * MINUTES : MINUTES,
  );

  if (SOAK)
    test(
      'killed and started again while jobs run',
      () =>
        tried('postgresRestart', { engine, count: 2, note: 'from the kill until all had ended' }, async (random) => {
          const consumer = await rig.aConsumer();
          for (let i = 0; i < 4; i += 1) await rig.ledger.post();
          await new Promise((resolve) => setTimeout(resolve, random.next() * 1_000));
          const began = Date.now();
          if (rig.native) {
            await rig.native.postgres.kill();
            expect((await unheardOf()).status).toBe(503);
            await rig.native.postgres.start();
          } else process.kill(rig.pidOf('postgres'), 'SIGKILL');
          await rig.ledger.settle(45_000);
          const worst = Date.now() - began;
          expect([rig.api.running, consumer.running]).toEqual([true, true]);
          await rig.ledger.check();
          return worst;
        }),
      4 * MINUTES,
    );

  test(
    'hung (SIGSTOP): requests that need it get 503 within a second, the others go on, and the jobs end after it goes on',
    () =>
      tried('postgresHung', { engine, count: SOAK ? 2 : 1, note: 'from SIGCONT until all had ended' }, async () => {
        await rig.aConsumer();
        await rig.ledger.post();
        const goOn = await rig.halt('postgres');
        try {
          const began = performance.now();
          while (performance.now() - began < (SOAK ? 40_000 : 3_000)) {
            const asks = await unheardOf();
            expect([asks.status, asks.own_ms < 1_000]).toEqual([503, true]);
            if (!SOAK) expect((await rig.ledger.post()).status).toBe(202);
            await new Promise((resolve) => setTimeout(resolve, 500));
          }
        } finally {
          goOn();
        }
        const worst = await rig.ledger.settle(30_000);
        await rig.ledger.check();
        return worst;
      }),
    (SOAK ? 4 : 1.5) * MINUTES,
  );
});
