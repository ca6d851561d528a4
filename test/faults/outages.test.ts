// Soak only: an outage of each service in turn, with jobs queued and running: no job is lost, at
// most one attempt of each is used, work goes on without help.

import { noNative } from './native.ts';
import { type EngineKind, openRig, type Rig, type ServiceName } from './rig.ts';
import { type FaultName, tried } from './rows.ts';

const MINUTES = 60_000;
/**
 * Each embedded service is dead for five minutes, then silent for 45 s, which is longer than every
 * bound of the consumer: a query 30 s, S3 twice 10 s, Redis three times 2 s.
 */
const outageOf = (engine: EngineKind, number: number): number =>
  engine === 'embedded' && number === 0 ? 5 * MINUTES : 45_000;

const OUTAGES: [ServiceName, FaultName][] = [
  ['redis', 'outageRedis'],
  ['postgres', 'outagePostgres'],
  ['sqs', 'outageSqs'],
  ['s3', 'outageS3'],
];
const engines: EngineKind[] = noNative === undefined ? ['embedded', 'native'] : ['embedded'];

describe.each(engines)('%s engines', (engine) => {
  let rig: Rig;
  beforeAll(async () => {
    rig = await openRig(engine);
  }, 60_000);
  afterAll(() => rig?.close(), 60_000);
  afterEach(() => rig.calm());

  // On native engines only what differs from the embedded ones is tried again; stopped ones are in
  // redis.test and postgres.test.
  test.each(engine === 'native' ? OUTAGES.slice(0, 2) : OUTAGES)(
    'an outage of %s',
    (service, fault) =>
      tried(
        fault,
        {
          engine,
          count: 2,
          note: `dead for ${outageOf(engine, 0) / 1000} s, silent for 45 s; from its return until all had ended`,
        },
        async (random, number) => {
          await rig.aConsumer();
          const line = rig.proxies[service];
          const before = rig.consumed().length;
          for (let i = 0; i < 4; i += 1) expect((await rig.ledger.post()).status).toBe(202);
          await new Promise((resolve) => setTimeout(resolve, random.next() * 1_500));
          const outage = outageOf(engine, number);
          const dead = number % 2 === 0;
          const began = performance.now();
          if (dead) await line.refuse();
          else line.pause();
          let slowest = 0;
          while (performance.now() - began < outage) {
            const reply = await rig.ledger.post();
            slowest = Math.max(slowest, reply.own_ms);
            expect(reply.status).toBe(service === 'redis' || service === 'sqs' ? 503 : 202);
            await new Promise((resolve) => setTimeout(resolve, outage / 8));
          }
          expect(slowest).toBeLessThan(1_000);
          line.pass();
          const worst = await rig.ledger.settle(30_000);
          await rig.ledger.check();
          // The first receive may have been lost to the outage, the second one must do.
          const receives = rig
            .consumed()
            .slice(before)
            .map(({ receives = 0 }) => receives);
          expect(Math.max(...receives)).toBeLessThanOrEqual(2);
          return worst;
        },
      ),
    8 * MINUTES,
  );
});
