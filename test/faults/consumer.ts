// What happens to the consumer: killed, timed out, poisoned, delivered twice, stopped.
import { randomUUID } from 'node:crypto';
import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { closeWiring } from '../../lib/clients.ts';
import { deliver } from '../support/invoke.ts';
import { aMessage } from '../support/ports.ts';
import { take } from '../support/queues.ts';
import { until } from '../support/wait.ts';
import { rig } from './on-rig.ts';
import type { ServiceName } from './rig.ts';
import { SOAK, tried } from './rows.ts';

afterAll(closeWiring);

const MINUTES = 60_000;
const engine = 'embedded';

async function send(...bodies: string[]): Promise<void> {
  const sqs = new SQSClient({ endpoint: rig.services.environment.AWS_ENDPOINT_URL_SQS });
  for (let at = 0; at < bodies.length; at += 10) {
    const Entries = bodies.slice(at, at + 10).map((MessageBody, i) => ({ Id: `m${i}`, MessageBody }));
    await sqs.send(new SendMessageBatchCommand({ QueueUrl: rig.services.environment.EXPORTS_QUEUE_URL, Entries }));
  }
  sqs.destroy();
}

/** Where a run can be caught: what it says to a service at that moment. */
const POINTS: [ServiceName, RegExp][] = [
  ['redis', /\$5\r\nbegin\r\n/],
  ['postgres', /BEGIN ISOLATION/],
  ['postgres', /COMMIT/],
  ['s3', /^PUT \//],
  ['redis', /\$8\r\ncomplete\r\n/],
  ['sqs', /DeleteMessage/i],
];

test(
  'kill -9 of the consumer at any point: the message comes again, the job ends once, with one file',
  () =>
    tried(
      'consumerKilled',
      { engine, count: SOAK ? 50 : 1, note: 'until all had ended; messages hidden for 4 s' },
      async (random) => {
        const consumer = await rig.aConsumer();
        const point = random.draw([...POINTS, undefined], 1)[0];
        const caught = point && rig.proxies[point[0]].hold(point[1]);
        for (let i = 0; i < (SOAK ? 3 : 1); i += 1) expect((await rig.ledger.post()).status).toBe(202);
        const held = await caught;
        // Without a point: any moment of these runs.
        await new Promise((resolve) => setTimeout(resolve, random.next() * (point === undefined ? 2_500 : 50)));
        await consumer.end('SIGKILL');
        const late = random.next() < 0.5;
        if (late) held?.release();
        else held?.cut();
        await rig.startConsumer();
        const worst = await rig.ledger.settle();
        await rig.ledger.check();
        return worst;
      },
    ),
  SOAK ? 20 * MINUTES : 2 * MINUTES,
);

if (SOAK)
  test(
    'a function that times out loses its thread without finally; the next attempt completes the job',
    () =>
      tried('timeout', { engine, note: 'from POST to completed, one thread killed' }, async () => {
        await rig.startConsumer({ FAULT_KILL_MS: '2000' });
        const hung = rig.proxies.postgres.hold(/BEGIN ISOLATION/);
        await rig.ledger.post();
        const held = await hung;
        await until('the timeout', () =>
          rig.consumed().some(({ event }) => event === 'function timed out') ? true : undefined,
        );
        held.cut();
        const worst = await rig.ledger.settle();
        await rig.ledger.check();
        return worst;
      }),
    MINUTES,
  );

test(
  'a poisoned batch: exactly the bad ones are returned, and the live job whose id one of them carries goes on',
  () =>
    tried('poison', { engine: `${engine}, one batch`, count: 1 }, async () => {
      await rig.rest();
      const { json } = await rig.ledger.post();
      const good = aMessage(randomUUID());
      rig.ledger.enter(good.job_id);
      const bad = [
        'not JSON',
        '',
        'null',
        '[]',
        JSON.stringify({ ...aMessage(randomUUID()), version: 2 }),
        `{"__proto__":{"version":1},"constructor":{"prototype":{"x":1}}}`,
        JSON.stringify({ ...aMessage(randomUUID()), kind: 'x'.repeat(1_048_576) }),
        `${'['.repeat(100_000)}${']'.repeat(100_000)}`,
        `"${'\\"'.repeat(524_000)}`,
        JSON.stringify(aMessage(json.job_id as string)),
      ];
      const { handler } = await import('../../handlers/generateExport.ts');
      expect(await deliver(handler, [...bad, JSON.stringify(good)])).toEqual(bad.map((_, i) => i));
      expect(({} as { x?: number }).x).toBeUndefined();
      expect((await rig.ledger.ask('GET', json.status_url)).json.status).toBe('processing');
      await rig.aConsumer();
      await rig.ledger.check();
    }),
  MINUTES,
);

if (SOAK)
  test(
    'what cannot be handled is parked with its reason while its neighbour completes; a job whose request is gone says so',
    () =>
      tried('poison', { engine: `${engine}, queue` }, async () => {
        const good = aMessage(randomUUID());
        const stored = { object_key: `requests/${randomUUID()}.json`, digest: 'a'.repeat(64) };
        const lost = aMessage(randomUUID(), { request: undefined, stored });
        for (const { job_id } of [good, lost]) rig.ledger.enter(job_id);
        const reasons: [body: string, reason: RegExp][] = [
          ['not JSON at all', /^message is not valid JSON$/],
          [JSON.stringify({ ...good, version: 2 }), /^message is not valid: version must be 1$/],
          [`${'['.repeat(5000)}${']'.repeat(5000)}`, /^message is nested deeper than 32 levels$/],
          ['{"__proto__":{"x":1}}', /^message is not valid: /],
          [JSON.stringify(lost), /^the request of this job is no longer stored$/],
        ];
        await rig.rest();
        await send(...reasons.map(([body]) => body), JSON.stringify(good));
        await rig.aConsumer();
        const parked = new Map<string, string | undefined>();
        await until(
          'all bad ones to be parked',
          async () => {
            for (const { Body, MessageAttributes } of await take(process.env.EXPORTS_PARKED_QUEUE_URL!))
              parked.set(Body!, MessageAttributes?.reason?.StringValue);
            return parked.size >= reasons.length ? true : undefined;
          },
          MINUTES,
        );
        expect(parked).toEqual(new Map(reasons.map(([body, reason]) => [body, expect.stringMatching(reason)])));
        expect((await rig.ledger.ask('GET', `/api/exports/pdf/${lost.job_id}`)).json).toMatchObject({
          status: 'failed',
          error: 'the request of this job is no longer stored',
        });
        expect((await rig.ledger.ask('GET', `/api/exports/pdf/${good.job_id}`)).json.status).toBe('completed');
        await rig.ledger.check({ failed: 1 });
      }),
    2 * MINUTES,
  );

test(
  'the same message 20 times at once, and again after completion: one file, completed once',
  () =>
    tried(
      'duplicates',
      { engine: `${engine}, queue`, count: SOAK ? 5 : 1, note: 'until the queue was empty' },
      async () => {
        const message = JSON.stringify(aMessage(randomUUID()));
        rig.ledger.enter(JSON.parse(message).job_id);
        const began = Date.now();
        await rig.rest();
        await send(...Array.from({ length: 20 }, () => message));
        await rig.aConsumer();
        await rig.ledger.settle();
        await send(message, message);
        await rig.ledger.check();
        return Date.now() - began;
      },
    ),
  SOAK ? 3 * MINUTES : MINUTES,
);

test(
  'SIGTERM: what runs is finished or handed back, nothing new is taken, and the next consumer does the rest',
  () =>
    tried('sigterm', { engine, count: SOAK ? 5 : 1, note: 'SIGTERM to exit' }, async (random) => {
      const consumer = await rig.aConsumer();
      const begun = rig.proxies.postgres.hold(/BEGIN ISOLATION/);
      for (let i = 0; i < (SOAK ? 6 : 2); i += 1) await rig.ledger.post();
      (await begun).release();
      await new Promise((resolve) => setTimeout(resolve, random.next() * (SOAK ? 1_500 : 300)));
      const began = Date.now();
      expect(await consumer.end('SIGTERM')).toBe(0);
      const worst = Date.now() - began;
      await rig.startConsumer();
      await rig.ledger.check();
      return worst;
    }),
  SOAK ? 5 * MINUTES : MINUTES,
);

if (SOAK)
  test(
    'every attempt loses its thread: the job fails with a reason, the message is parked',
    () =>
      tried('attemptsUsed', { engine, note: 'POST to failed, five threads killed' }, async () => {
        await rig.startConsumer({ FAULT_KILL_MS: '300' });
        let over = false;
        const hang = async (): Promise<void> => {
          while (!over) {
            const held = await rig.proxies.postgres.hold(/BEGIN ISOLATION/);
            setTimeout(held.cut, 1_000);
          }
        };
        void hang();
        const { json } = await rig.ledger.post();
        const worst = await rig.ledger.settle(3 * MINUTES);
        over = true;
        expect((await rig.ledger.ask('GET', json.status_url)).json).toMatchObject({
          status: 'failed',
          error: 'all attempts failed',
        });
        await rig.ledger.check({ failed: 1, parked: 1 });
        return worst;
      }),
    4 * MINUTES,
  );
