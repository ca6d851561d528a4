// Each request is answered within a second while a service is dead, silent or has forgotten its
// connections, and nothing half-done remains.
import { until } from '../support/wait.ts';
import type { Reply } from './ledger.ts';
import { MONTH } from './ledger.ts';
import { rig } from './on-rig.ts';
import type { FaultyLine } from './proxy.ts';
import type { ServiceName } from './rig.ts';
import { type FaultName, SOAK, tried } from './rows.ts';

const MINUTES = 60_000;
const MODES: Record<string, (line: FaultyLine) => Promise<void> | void> = {
  dead: (line) => line.refuse(),
  silent: (line) => line.pause(),
  // Half a second for each answer: every bound of a single call is kept, and together they come
  // near the second.
  slow: (line) => line.delay(250),
  forgotten: (line) => line.forget(),
};

/** What is asked for while a service is away, with the statuses that are right. */
type Question = [what: string, ask: () => Promise<Reply>, right: number[]];

/** Asks everything in each mode, some times over; gives the slowest answer. */
async function questioned(service: ServiceName, questions: () => Question[]): Promise<number> {
  let worst = 0;
  // Dead services are in test/http/outage as well, and slow ones are near to silent ones: the short
  // selection does without.
  for (const [mode, injure] of Object.entries(MODES).filter(([mode]) => SOAK || !/dead|slow/.test(mode))) {
    await injure(rig.proxies[service]);
    // A line that is forgotten is noticed once and made anew: only the first answer may be a 503,
    // and only until then.
    for (let time = 0; time < (SOAK ? 3 : mode === 'forgotten' ? 2 : 1); time += 1) {
      for (const [what, ask, right] of questions()) {
        const reply = await ask();
        worst = Math.max(worst, reply.ms);
        const linked = what === 'download' ? [307] : [];
        const allowed =
          mode === 'forgotten' || mode === 'slow' ? [...right, ...linked, 200, 202, 204, 400, 404] : right;
        const name = `${service} ${mode}: ${what}`;
        expect([name, allowed.includes(reply.status) ? 'right' : reply.status]).toEqual([name, 'right']);
        expect([name, reply.own_ms < 1_000 ? 'within 1 s' : `${Math.round(reply.ms)} ms`]).toEqual([
          name,
          'within 1 s',
        ]);
        if (reply.status === 503)
          expect(reply.json.detail ?? reply.json.status).toMatch(/is not available|^unavailable$/);
      }
    }
    rig.proxies[service].pass();
    const back = performance.now();
    await until(
      `${service} after it was ${mode}`,
      async () => ((await rig.ledger.ask('GET', '/health')).status === 200 ? true : undefined),
      30_000,
    );
    await until(
      `an export accepted after ${service} was ${mode}`,
      async () => ((await rig.ledger.post()).status === 202 ? true : undefined),
      30_000 - (performance.now() - back),
    );
  }
  return worst;
}
const row = (fault: FaultName, service: ServiceName, questions: () => Question[]): Promise<void> =>
  tried(fault, { engine: 'embedded', note: 'slowest answer' }, async () => {
    const worst = await questioned(service, questions);
    // The short selection looks once, at the end, at what all of them accepted.
    if (SOAK) {
      await rig.aConsumer();
      await rig.ledger.check();
    }
    await rig.rest();
    return worst;
  });

/** A finished report, for its download. */
async function finished(): Promise<{ job_id: string; download_url: string }> {
  await rig.aConsumer();
  const { json } = await rig.ledger.post();
  await rig.ledger.settle();
  const status = await rig.ledger.ask('GET', json.status_url);
  await rig.rest();
  return status.json;
}
const health: Question = ['health', () => rig.ledger.ask('GET', '/health'), [503]];
const post: Question = ['POST', () => rig.ledger.post(), [503]];
const largePost = (status: number): Question => [
  'POST of 10,000 ids',
  () =>
    rig.ledger.ask('POST', '/api/exports/zip', {
      detection_ids: Array.from({ length: 10_000 }, () => crypto.randomUUID()),
    }),
  [status],
];

test(
  'Redis: POST, status, DELETE, download',
  async () => {
    const { job_id, download_url } = await finished();
    await row('redisAtPost', 'redis', () => [
      post,
      ['status', () => rig.ledger.ask('GET', `/api/exports/pdf/${job_id}`), [503]],
      ['DELETE', () => rig.ledger.ask('DELETE', `/api/exports/${crypto.randomUUID()}`), [503]],
      ['download', () => rig.ledger.ask('GET', download_url), [503]],
      health,
    ]);
  },
  2 * MINUTES,
);

test('a create that Redis carries out after its answer was given up leaves no record behind', async () => {
  const before = await rig.ledger.processing();
  const caught = rig.proxies.redis.hold(/\$6\r\ncreate\r\n/);
  const answer = rig.ledger.post();
  const held = await caught;
  expect((await answer).status).toBe(503);
  // Before the deadline of 700 ms that the script itself keeps.
  held.release();
  // On the same connection, so answered after it.
  await until(
    'Redis to answer',
    async () =>
      (await rig.ledger.ask('GET', `/api/exports/pdf/${crypto.randomUUID()}`)).status === 404 ? true : undefined,
    5_000,
  );
  expect((await rig.ledger.processing()).sort()).toEqual(before.sort());
});

test('SQS: POST', () => row('sqsAtPost', 'sqs', () => [post, health]), 2 * MINUTES);

test(
  'S3: download, DELETE of a finished export, POST of a large request; others do not notice',
  async () => {
    const { download_url } = await finished();
    await row('s3Download', 's3', () => [
      ['download', () => rig.ledger.ask('GET', download_url), [503]],
      ['POST', () => rig.ledger.post(), [202]],
      ['DELETE', async () => rig.ledger.cancel((await rig.ledger.post()).json.job_id), [204]],
      largePost(503),
      health,
    ]);
  },
  2 * MINUTES,
);

test(
  'PostgreSQL: a POST that names a class',
  async () => {
    await tried('postgresHung', { engine: 'embedded, at POST', note: 'slowest answer' }, async () => {
      const worst = await questioned('postgres', () => [
        [
          'POST with a class not seen before',
          () => rig.ledger.ask('POST', '/api/exports/pdf', { ...MONTH, classifications: [crypto.randomUUID()] }),
          [503],
        ],
        ['POST', () => rig.ledger.post(), [202]],
        health,
      ]);
      await rig.aConsumer();
      await until('all of it', async () => ((await rig.ledger.processing()).length === 0 ? true : undefined), MINUTES);
      await rig.ledger.check();
      return worst;
    });
  },
  2 * MINUTES,
);
