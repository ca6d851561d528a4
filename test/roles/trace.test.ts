// One trace of one job across processes: HTTP, the queue, the run, the last write to S3.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { SMALL_REPORT } from '../support/small-report.ts';
import { openTenant, type Tenant } from '../support/tenant.ts';
import { until } from '../support/wait.ts';
import { openClient } from './jobs.ts';
import { gatherMachines, type Machine, type Machines } from './machines.ts';

/** As tracing-sdk.ts writes it. */
interface Span {
  pid: number;
  traceId: string;
  spanId: string;
  parent?: string;
  name: string;
  attributes: Record<string, unknown>;
  status: { code: number };
  end: number;
}

const folder = mkdtempSync(join(tmpdir(), 'hoofprint-trace-'));
const file = join(folder, 'spans.jsonl');
let tenant: Tenant;
let machines: Machines;
let traced: Machine;
let plain: Machine;
let worker: Machine;
beforeAll(async () => {
  tenant = await openTenant(process.env as Record<string, string>);
  machines = await gatherMachines(folder, tenant.environment);
  const sdk = pathToFileURL(join(import.meta.dirname, 'tracing-sdk.ts')).href;
  const env = { NODE_OPTIONS: `--disable-warning=ExperimentalWarning --import ${sdk}`, TRACE_FILE: file };
  [traced, plain, worker] = await Promise.all([
    machines.api(env),
    machines.api(),
    machines.worker({ concurrency: 1, env }),
  ]);
}, 130_000);
afterAll(async () => {
  await machines?.end();
  await tenant?.close();
  rmSync(folder, { recursive: true, force: true });
}, 60_000);

async function ask(api: Machine, traceparent?: string): Promise<string> {
  const { authorization } = machines;
  const headers = { authorization, ...(traceparent === undefined ? {} : { traceparent }) };
  const answer = await fetch(`${api.url}/api/exports/pdf`, {
    method: 'POST',
    headers,
    body: JSON.stringify(SMALL_REPORT),
  });
  expect(answer.status).toBe(202);
  const { job_id } = (await answer.json()) as { job_id: string };
  const [status] = (await openClient(api.url, authorization).follow([job_id], 60_000)).values();
  expect(status!.status).toBe('completed');
  return job_id;
}

const readSpans = (): Span[] =>
  (existsSync(file) ? readFileSync(file, 'utf8') : '')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Span);

/** Parts of the trace of a job, once its message is done with. */
async function readTrace(job: string): Promise<Span[]> {
  const isOf = ({ name, attributes }: Span): boolean =>
    name === 'process exports' && attributes['hoofprint.job_id'] === job;
  const { traceId } = await until('the end of the run', () => readSpans().find(isOf));
  return readSpans().filter((span) => span.traceId === traceId);
}

/** Names from the root down to the part of this name. */
function pathTo(name: string, spans: readonly Span[]): string[] {
  const path: string[] = [];
  let at = spans.find((span) => span.name === name);
  while (at !== undefined) {
    path.unshift(at.name);
    const { parent } = at;
    at = spans.find(({ spanId }) => spanId === parent);
  }
  return path;
}

const lines = (machine: Machine, job: string): Record<string, unknown>[] =>
  machine
    .said()
    .split('\n')
    .filter((line) => line.startsWith('{') && line.includes(job))
    .map((line) => JSON.parse(line) as Record<string, unknown>);

test('a trace of one job, from the request to the last write to S3, through an SDK', async () => {
  const job = await ask(traced);
  const spans = await readTrace(job);
  const queue = new URL(tenant.environment.EXPORTS_QUEUE_URL!).pathname.split('/').at(-1)!;
  const consumed = ['POST /api/exports/pdf', `send ${queue}`, 'process exports'];
  expect(pathTo('S3 put', spans)).toEqual([...consumed, 'S3 put']);
  expect(pathTo('render', spans)).toEqual([...consumed, 'render']);
  const [root] = spans.filter(({ parent }) => parent === undefined);
  expect(root!.attributes).toMatchObject({ 'http.route': '/api/exports/pdf', 'http.response.status_code': 202 });
  expect(root!.attributes['hoofprint.job_id']).toBe(job);
  const put = spans.find(({ name }) => name === 'S3 put')!;
  expect(put.attributes['aws.s3.key']).toMatch(new RegExp(`^exports/${job}/`));
  expect(put.pid).not.toBe(root!.pid);
  expect(new Set([root!.pid, put.pid, traced.pid, worker.pid]).size).toBe(3);
  expect(spans.filter(({ status }) => status.code !== 0)).toEqual([]);
  // Both logs name it.
  const named = (machine: Machine, event: string): unknown =>
    lines(machine, job).find((line) => line.event === event)?.trace_id;
  expect(named(traced, 'job accepted')).toBe(root!.traceId);
  for (const event of ['job completed', 'message done']) expect(named(worker, event)).toBe(root!.traceId);
}, 90_000);

test('without an SDK the trace of a caller is passed on, and one that is none is not', async () => {
  const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
  const spanId = '00f067aa0ba902b7';
  const job = await ask(plain, `00-${traceId}-${spanId}-01`);
  const spans = await readTrace(job);
  expect(spans.map(({ traceId: found }) => found)).toEqual(spans.map(() => traceId));
  // The webhooks of a job are in its trace too, below its run, and may end first.
  expect(spans.find(({ name }) => name === 'process exports')!.parent).toBe(spanId);
  expect(
    new Set(
      lines(plain, job)
        .filter(({ event }) => event === 'job accepted')
        .map(({ trace_id }) => trace_id),
    ),
  ).toEqual(new Set([traceId]));
  for (const wrong of [`00-${'0'.repeat(32)}-${spanId}-01`, `00-${traceId}-${spanId}`, '\\"}x']) {
    const other = await ask(plain, wrong);
    expect(lines(plain, other).filter(({ trace_id }) => trace_id !== undefined)).toEqual([]);
  }
}, 90_000);
