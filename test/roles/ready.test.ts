// /readyz and /livez over HTTP: a store that is really full, and a process that is about to end.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import type { ExportStatus } from '../../lib/exports/job/status.ts';
import type { Engine } from '../../localstack/stack/supervisor.ts';
import { startEngine } from '../support/engine.ts';
import { endAll } from '../support/owners.ts';
import { SECRETS } from '../support/secrets.ts';
import { openTenant, type Tenant } from '../support/tenant.ts';
import { until } from '../support/wait.ts';
import { openClient } from './jobs.ts';
import { gatherMachines, type Machine, type Machines } from './machines.ts';

const folder = mkdtempSync(join(tmpdir(), 'hoofprint-ready-'));
let tenant: Tenant;
let machines: Machines;
let engine: Engine;
let redis: Redis;
let api: Machine;
let worker: Machine;
beforeAll(async () => {
  tenant = await openTenant(process.env as Record<string, string>);
  // What is full is no other test's.
  engine = await startEngine('redis', SECRETS);
  const url = `redis://default:${SECRETS.password}@127.0.0.1:${engine.port}`;
  redis = new Redis(url);
  machines = await gatherMachines(folder, { ...tenant.environment, REDIS_URL: url });
  [api, worker] = await Promise.all([machines.api(), machines.worker({ concurrency: 1, renderMs: 3_000 })]);
}, 130_000);
afterAll(async () => {
  redis?.disconnect();
  await machines?.end();
  await engine?.stop();
  await endAll();
  await tenant?.close();
  rmSync(folder, { recursive: true, force: true });
}, 60_000);

interface Probe {
  status: number;
  body: { status: string; services?: Record<string, string> };
}
async function probe(machine: Machine, path: string, headers: Record<string, string> = {}): Promise<Probe> {
  const answer = await fetch(machine.url + path, { headers });
  return { status: answer.status, body: (await answer.json()) as Probe['body'] };
}
const untilReadyIs = (machine: Machine, wanted: number): Promise<Probe> =>
  until(`/readyz to answer ${wanted}`, async () => {
    const found = await probe(machine, '/readyz', { authorization: machines.authorization });
    return found.status === wanted ? found : undefined;
  });

test('a Redis that is full: /readyz is 503 and names it to those with a key, /livez is 200', async () => {
  await redis.config('SET', 'maxmemory-policy', 'noeviction');
  await redis.config('SET', 'maxmemory', '1');
  await expect(redis.set('more', 'x')).rejects.toThrow(/OOM/);
  // It answers who only reads.
  expect(await redis.ping()).toBe('PONG');
  for (const machine of [api, worker]) {
    expect((await untilReadyIs(machine, 503)).body).toEqual({
      status: 'unavailable',
      services: expect.objectContaining({ redis: 'unavailable', postgres: 'ok', s3: 'ok', sqs: 'ok' }),
    });
    expect((await probe(machine, '/readyz')).body).toEqual({ status: 'unavailable' });
    expect((await probe(machine, '/livez')).status).toBe(200);
  }
  await redis.config('SET', 'maxmemory', '0');
  for (const machine of [api, worker]) expect((await untilReadyIs(machine, 200)).body.status).toBe('ready');
}, 60_000);

test('a worker that ends while its job runs: /readyz is 503, /livez is 200, and the job completes', async () => {
  const client = openClient(api.url, machines.authorization);
  // It has loaded its function then.
  await client.follow(await client.post(1), 60_000);
  const [job] = (await client.post(1)) as [string];
  // A message that is received and does not run yet is handed back, and no other worker is there.
  await until('its run', async () => {
    const headers = { authorization: machines.authorization };
    const answer = await fetch(`${api.url}/api/exports/pdf/${job}`, { headers });
    return ((await answer.json()) as ExportStatus).progress > 0 ? true : undefined;
  });
  const ended = worker.stop();
  expect((await untilReadyIs(worker, 503)).body).toEqual({ status: 'ending' });
  expect((await probe(worker, '/livez')).status).toBe(200);
  expect(await ended).toBe(0);
  const [status] = (await client.follow([job], 20_000)).values();
  expect(status!.status).toBe('completed');
}, 120_000);
