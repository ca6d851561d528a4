// What an API does, what a worker does, and what neither does.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { redis } from '../../lib/adapters/redis.ts';
import { readServiceFile } from '../../localstack/host/declared/service-file.ts';
import { makePeriods } from '../../localstack/host/periods.ts';
import { findDuties, readChoice } from '../../localstack/host/role.ts';
import { PROJECT } from '../../localstack/stack/folder.ts';
import { openOutside } from '../../localstack/stack/outside.ts';
import { plain, refused, run } from '../start/person.ts';
import { openTenant, type Tenant } from '../support/tenant.ts';
import { until } from '../support/wait.ts';
import { openClient } from './jobs.ts';
import { gatherMachines, type Machine, type Machines, readMetric } from './machines.ts';

let folder: string;
let tenant: Tenant;
let machines: Machines;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'hoofprint-roles-'));
  tenant = await openTenant(process.env as Record<string, string>);
  machines = await gatherMachines(folder, tenant.environment);
}, 60_000);
afterAll(async () => {
  const madeData = await machines.end();
  await tenant.close();
  rmSync(folder, { recursive: true, force: true });
  expect(madeData).toBe(false);
}, 60_000);

const service = readServiceFile(PROJECT, {});
const keys = (role: string, concurrency?: string): string[] =>
  findDuties(service, readChoice({ role, ...(concurrency === undefined ? {} : { concurrency }) })).functions.map(
    ({ key }) => key,
  );

test('an api has the routes, and neither queues nor schedules', () => {
  const { functions, queues } = findDuties(service, { role: 'api' });
  expect(queues).toEqual([]);
  expect(functions.flatMap(({ schedules }) => schedules)).toEqual([]);
  const all = findDuties(service, { role: 'all' }).functions;
  expect(functions.flatMap(({ routes }) => routes)).toEqual(all.flatMap(({ routes }) => routes));
  expect(functions.filter(({ heavy }) => heavy)).toEqual([]);
});

test('a worker has what is behind queues and schedules, and answers probes and metrics only', () => {
  expect(keys('worker')).toEqual(expect.arrayContaining(['generateExport', 'deadLetterExport', 'sweepExports']));
  const { functions, queues } = findDuties(service, { role: 'worker', concurrency: 7 });
  expect(functions.flatMap(({ routes }) => routes)).toEqual(['GET /livez', 'GET /readyz', 'GET /metrics']);
  // Dead letters are few, and each is only written down.
  expect(queues.map(({ queue, concurrency }) => [queue, concurrency])).toEqual([
    ['exports', 7],
    ['exports-dead', 2],
    ['webhooks', 4],
  ]);
});

test.each([
  [{ role: 'boss' }, '--role must be api, worker or all, not "boss"'],
  [{ role: 'api', concurrency: '2' }, '--concurrency is for workers: an api does no jobs'],
  [{ role: 'worker', concurrency: '0' }, '--concurrency must be a whole number from 1 to 64'],
  [{ concurrency: 'many' }, '--concurrency must be a whole number from 1 to 64'],
])('%j is refused', (typed, sentence) => {
  expect(() => readChoice(typed)).toThrow(sentence);
});

test('what would have to be started here is refused by name, with the variables to set', async () => {
  await refused(
    run(process.execPath, ['--disable-warning=ExperimentalWarning', 'scripts/start.ts', '--role', 'worker'], plain()),
    /--role worker starts no services, .* postgres \(set DATABASE_URL\), redis \(set REDIS_URL\), sqs \(set AWS_ENDPOINT_URL_SQS\), s3 \(set AWS_ENDPOINT_URL_S3\)/,
  );
  const refusal = (left: string, more: NodeJS.ProcessEnv = {}): Promise<unknown> => {
    const { [left]: _, IMAGE_ARCHIVE_URL: __, ...others } = tenant.environment;
    return openOutside('api', { ...others, IMAGE_ROOT: folder, ...more }).then(
      ({ stack }) => stack.close(),
      (error: Error) => error.message,
    );
  };
  expect(await refusal('REDIS_URL')).toMatch(/these are not named: redis \(set REDIS_URL\)\. /);
  expect(await refusal('none', { IMAGE_ROOT: '' })).toMatch(/same pictures: set IMAGE_ROOT .* or IMAGE_ARCHIVE_URL/);
  expect(await refusal('none', { IMAGE_ROOT: '/not/mounted' })).toMatch(/no folder of this machine: \/not\/mounted/);
  expect(await refusal('none')).toBeUndefined();
}, 60_000);

test('each period of a schedule is taken by one of all who keep it', async () => {
  const { REDIS_URL: url = '', REDIS_KEY_PREFIX: prefix = '' } = tenant.environment;
  const stores = Array.from({ length: 4 }, () => redis({ url, prefix, timeout: 2_000 }));
  const hosts = stores.map((store) => makePeriods(() => store));
  // Not at the end of a period.
  await until('the begin of a period', () => (Date.now() % 2_000 < 300 ? true : undefined));
  const round = async (): Promise<number> => {
    const taken = await Promise.all([...hosts, ...hosts].map((take) => take('sweep', 2_000)));
    return taken.filter(Boolean).length;
  };
  expect([await round(), await round()]).toEqual([1, 0]);
  // Another schedule is not this one.
  expect(await hosts[0]!('other', 2_000)).toBe(true);
  await pause(2_000);
  expect(await round()).toBe(1);
  for (const store of stores) await store.close();
});

describe('an API and workers, each with an environment and an address of its own', () => {
  let api: Machine;
  beforeAll(async () => {
    api = await machines.api();
  }, 130_000);
  const queued = async (): Promise<Map<string, number>> => readMetric(api, machines.authorization, 'queue_messages');

  test('an api takes no message; a worker does, and never more than it has free hands', async () => {
    const client = openClient(api.url, machines.authorization);
    const jobs = await client.post(3);
    await pause(1_500);
    expect((await queued()).get('state="waiting"')).toBe(3);
    const worker = await machines.worker({ concurrency: 1, renderMs: 1_300 });
    let most = 0;
    const looks = setInterval(async () => {
      most = Math.max(most, (await queued()).get('state="running"') ?? 0);
    }, 100);
    const statuses = await client.follow(jobs, 60_000);
    clearInterval(looks);
    expect([...statuses.values()].map(({ status }) => status)).toEqual(Array(3).fill('completed'));
    expect(await client.findWrong(statuses, true)).toEqual([]);
    // One runs, and one that is done waits a second for its removal.
    expect(most).toBeGreaterThan(0);
    expect(most).toBeLessThanOrEqual(2);
    expect(worker.said()).toContain('exports (1 at a time), exports-dead (2 at a time)');
    expect(worker.said()).toContain(`pictures from IMAGE_ROOT ${join(folder, 'share')}`);
    // It has the counters that the API began.
    for (const machine of [api, worker]) {
      const finished = await readMetric(machine, machines.authorization, 'jobs_finished_total');
      expect(finished.get('kind="pdf",outcome="completed"')).toBe(3);
    }
    expect(api.said()).not.toContain('job completed');
  }, 180_000);

  test('a worker answers its probes and nothing of the API; SIGTERM hands back what it cannot finish', async () => {
    const [, worker] = machines.all as [Machine, Machine];
    const answer = async (path: string, headers = {}): Promise<number> =>
      (await fetch(worker.url + path, { headers })).status;
    const { authorization } = machines;
    expect([await answer('/livez'), await answer('/readyz'), await answer('/metrics')]).toEqual([200, 200, 401]);
    expect(await answer('/metrics', { authorization })).toBe(200);
    expect(await answer('/api/exports', { authorization })).toBe(404);
    expect(await worker.stop()).toBe(0);
    expect(worker.said()).not.toMatch(/"event":"(message|function|batch) failed"/);
    expect(await api.stop()).toBe(0);
  }, 60_000);
});
