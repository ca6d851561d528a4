// The bench of exports, on a separate stack with the demo herd: handlers, HTTP, jobs, memory.
// Figures, never verdicts.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import autocannon from 'autocannon';
import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import { type Database, postgres } from '../../lib/adapters/postgres.ts';
import { renderReport } from '../../lib/exports/pdf/renderer.ts';
import { loadReport } from '../../lib/exports/season/index.ts';
import type { HttpHandler } from '../../lib/lambda/http.ts';
import { type Service, startService } from '../../localstack/host/service.ts';
import { openStack } from '../../localstack/stack/index.ts';
import { freePorts } from '../../localstack/stack/ports.ts';
import { followExport } from '../demo/client.ts';
import { CROPS, describeRun, quantile, REFUSED, repeat, round, SINGLE_DETECTIONS, SMALL, YEAR } from './figures.ts';

export interface BenchRow {
  what: string;
  median: number;
  p99?: number;
  unit: string;
  note?: string;
}

const silent = (): void => undefined;

const row = (what: string, times: readonly number[], note?: string): BenchRow => ({
  what,
  median: round(quantile(times, 0.5)),
  p99: round(quantile(times, 0.99)),
  unit: 'ms',
  note,
});

/** Resident memory of a process in MB, and the most it ever had. */
function memory(pid: number): { now: number; peak: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const kilobytes = (name: string): number => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1] ?? Number.NaN);
  return { now: kilobytes('VmRSS') / 1024, peak: kilobytes('VmHWM') / 1024 };
}

const event = (method: string, body?: object, parameters: Record<string, string> = {}): APIGatewayProxyEventV2 =>
  ({
    version: '2.0',
    rawPath: '/',
    headers: {},
    pathParameters: parameters,
    requestContext: { http: { method } },
    body: body && JSON.stringify(body),
  }) as never;

/** Handlers invoked directly, in this process. */
async function handlerRows(say: (line: string) => void): Promise<BenchRow[]> {
  say('handlers, invoked directly ...');
  const [{ handler: create }, { handler: status }, { closeWiring }] = (await Promise.all([
    import('../../handlers/createPdfExport.ts'),
    import('../../handlers/pdfExportStatus.ts'),
    import('../../lib/clients.ts'),
  ])) as [{ handler: HttpHandler }, { handler: HttpHandler }, { closeWiring: () => Promise<void> }];
  const context = { awsRequestId: 'bench' } as Context;
  const { job_id } = JSON.parse(String((await create(event('POST', { ...SMALL, group_by: 'day' }), context)).body)) as {
    job_id: string;
  };
  const acts: [string, () => Promise<unknown>][] = [
    ['refusal', () => create(event('POST', REFUSED), context)],
    ['status read', () => status(event('GET', undefined, { job_id }), context)],
    ['POST accepted', () => create(event('POST', SMALL), context)],
  ];
  const rows: BenchRow[] = [];
  for (const [what, act] of acts) {
    await repeat(50, act);
    rows.push(row(`${what}, handler`, await repeat(what === 'POST accepted' ? 100 : 2_000, act)));
  }
  await closeWiring();
  return rows;
}

/** The same over HTTP, ten connections at once. */
async function httpRows(url: string, jobId: string, say: (line: string) => void): Promise<BenchRow[]> {
  say('HTTP, 10 connections ...');
  const shots: [string, autocannon.Options][] = [
    ['refusal', { url: `${url}/api/exports/pdf`, method: 'POST', body: JSON.stringify(REFUSED), duration: 4 }],
    ['status read', { url: `${url}/api/exports/pdf/${jobId}`, duration: 4 }],
    ['POST accepted', { url: `${url}/api/exports/pdf`, method: 'POST', body: JSON.stringify(SMALL), amount: 100 }],
  ];
  const rows: BenchRow[] = [];
  for (const [what, options] of shots) {
    const { latency, requests, errors, non2xx } = await autocannon({ connections: 10, ...options });
    const refused = what === 'refusal' ? 0 : non2xx;
    rows.push({
      what: `${what}, HTTP`,
      median: latency.p50,
      p99: latency.p99,
      unit: 'ms',
      note: `${Math.round(requests.average)}/s${errors + refused > 0 ? `, ${errors + refused} errors` : ''}`,
    });
  }
  return rows;
}

/** A PDF of one year by month: rendered here, then from its POST to completed. */
async function reportRows(service: Service, database: Database, say: (line: string) => void): Promise<BenchRow[]> {
  say('PDF of one year by month ...');
  const report = await loadReport(database, YEAR, 'UTC', new Date());
  const options = { createdAt: new Date(), charts: true, tables: true, insights: true };
  const render = async (): Promise<void> => {
    for await (const _ of await renderReport(report, options));
  };
  const request = (): Promise<unknown> => followExport(service.url, 'pdf', YEAR, silent);
  await repeat(5, render);
  const rendered = await repeat(15, render);
  await request();
  return [
    row('PDF of a year by month: render only, warm', rendered),
    row('PDF of a year by month: POST to completed', await repeat(7, request)),
  ];
}

async function queueRows(service: Service, say: (line: string) => void): Promise<BenchRow[]> {
  say('200 small PDFs ...');
  const posted = performance.now();
  await Promise.all(
    Array.from({ length: 10 }, async () => {
      for (let i = 0; i < 20; i += 1)
        await fetch(`${service.url}/api/exports/pdf`, { method: 'POST', body: JSON.stringify(SMALL) });
    }),
  );
  // The queue is first in, first out as far as one consumer shows it: the last one asked for is
  // among the last ones done.
  await followExport(service.url, 'pdf', SMALL, silent);
  const seconds = (performance.now() - posted) / 1000;
  return [{ what: '200 queued PDFs of a month', median: round(201 / seconds), unit: 'jobs/s' }];
}

/** An archive of crops from its POST to completed, and what it costs the service in memory. */
async function archiveRows(service: Service, database: Database, say: (line: string) => void): Promise<BenchRow[]> {
  const ids = await database.read(({ rows }) => rows<{ id: string }>(SINGLE_DETECTIONS));
  const archive = { detection_ids: ids.map(({ id }) => id), crop_size: 300 };
  say(`archive of ${CROPS} crops (the first run draws the frames and is not counted) ...`);
  await followExport(service.url, 'zip', archive, silent);
  const before = memory(service.pid);
  const seen: number[] = [];
  const times = await repeat(3, async () => {
    seen.push((await followExport(service.url, 'zip', archive, silent)).seen.length);
  });
  const after = memory(service.pid);
  return [
    row(`ZIP of ${CROPS} crops: POST to completed`, times, `${Math.min(...seen)} progress values`),
    {
      what: 'memory of the service: growth over three archives',
      median: round(Math.max(0, after.peak - Math.max(before.peak, before.now))),
      unit: 'MB',
      note: 'peak beyond the peak before',
    },
    { what: 'memory of the service: peak', median: round(after.peak), unit: 'MB' },
  ];
}

async function jobRows(service: Service, databaseUrl: string, say: (line: string) => void): Promise<BenchRow[]> {
  const database = postgres({ url: databaseUrl, queryTimeout: 60_000 });
  try {
    return [
      ...(await reportRows(service, database, say)),
      ...(await queueRows(service, say)),
      ...(await archiveRows(service, database, say)),
    ];
  } finally {
    await database.close();
  }
}

export interface BenchResult {
  date: string;
  node: string;
  cpu: string;
  cores: number;
  commit: string;
  rows: BenchRow[];
}

/** Runs the whole bench in a temporary folder; about two minutes. */
export async function benchExports(say: (line: string) => void): Promise<BenchResult> {
  const folder = mkdtempSync(join(tmpdir(), 'hoofprint-bench-'));
  say('starting a separate stack with the demo herd ...');
  const stack = await openStack({
    role: 'service',
    dataDir: join(folder, 'data'),
    freePorts: true,
    herd: true,
    env: { PATH: process.env.PATH },
    say: silent,
  });
  Object.assign(process.env, stack.environment, { LOG_LEVEL: 'error' });
  const [httpPort = 0, lambdaPort = 0] = await freePorts(2);
  let service: Service | undefined;
  try {
    const handlers = await handlerRows(say);
    service = await startService({
      httpPort,
      lambdaPort,
      env: { ...process.env, HOOFPRINT_DATA: join(folder, 'service') },
    });
    const { status } = await followExport(service.url, 'pdf', SMALL, silent);
    const jobs = await jobRows(service, stack.environment.DATABASE_URL ?? '', say);
    const web = await httpRows(service.url, status.job_id, say);
    return {
      ...describeRun(),
      rows: [...handlers, ...web, ...jobs],
    };
  } finally {
    await service?.stop();
    await stack.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
