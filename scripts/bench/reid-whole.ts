// The Re-ID functions whole, as a person runs them: from process start and from the handler's call
// to the page written, and their peak memory.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Context } from 'aws-lambda';
import { postgres } from '../../lib/adapters/postgres.ts';
import { loadHerd } from '../../localstack/herd/index.ts';
import { startService } from '../../localstack/host/service.ts';
import { openStack } from '../../localstack/stack/index.ts';
import { freePorts } from '../../localstack/stack/ports.ts';
import { median, ROUNDS, type Say } from './reid-measures.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const SERVERLESS = join(ROOT, 'node_modules/serverless/bin/serverless.js');
const REID = join(ROOT, 'scripts/reid.ts');
const FUNCTIONS = ['reidThresholds', 'reidScores', 'reidPlot', 'reidMatching'] as const;
const INVOKED_ROUNDS = 3;
const LARGE = { detections: 100_000, profiles: 1_000 };

interface ProcessRun {
  ms: number;
  /** null where the system does not say. */
  peakMB: number | null;
  /** Lines of progress on stderr. */
  steps: number;
}

/** One process from start to end. @throws Error with the end of its stderr when it fails */
async function runProcess(args: readonly string[], cwd: string, env: NodeJS.ProcessEnv): Promise<ProcessRun> {
  const began = performance.now();
  const child = spawn(process.execPath, args, { cwd, env, stdio: ['ignore', 'ignore', 'pipe'] });
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  let peakMB: number | null = null;
  const look = setInterval(() => {
    try {
      const kilobytes = Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1]);
      if (kilobytes > 0) peakMB = Math.round((kilobytes * 1_024) / 1e6);
    } catch {
      // It has just ended, or this is not Linux.
    }
  }, 20);
  const code = await new Promise((resolve) => child.on('close', resolve));
  clearInterval(look);
  if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}: ${stderr.slice(-1_000)}`);
  return { ms: performance.now() - began, peakMB, steps: stderr.split('"step"').length - 1 };
}

/**
 * One function on the demo herd: its handler in this process, and `sls invoke local` as a whole.
 */
async function measureFunction(name: (typeof FUNCTIONS)[number], env: NodeJS.ProcessEnv, say: Say): Promise<object> {
  const { handler } = (await import(`../../handlers/${name}.ts`)) as {
    handler: (input: object, context: Context) => Promise<unknown>;
  };
  const called: number[] = [];
  for (let i = 0; i < ROUNDS; i++) {
    const began = performance.now();
    await handler({}, {} as Context);
    called.push(Math.round(performance.now() - began));
  }
  const invoked: ProcessRun[] = [];
  const command = [SERVERLESS, 'invoke', 'local', '-f', name, '--data', '{}'];
  for (let i = 0; i < INVOKED_ROUNDS; i++) invoked.push(await runProcess(command, ROOT, { ...env, LOG_LEVEL: 'info' }));
  const [first, handlerMs] = [called[0]!, median(called)];
  const invokeMs = Math.round(median(invoked.map(({ ms }) => ms)));
  const peaks = invoked.flatMap(({ peakMB }) => peakMB ?? []);
  const peakMB = peaks.length === 0 ? null : Math.max(...peaks);
  say(
    `${name.padEnd(30)} ${String(handlerMs).padStart(6)} ms   from the handler's call (first ${first} ms); sls invoke local ${invokeMs} ms, peak ${peakMB ?? '?'} MB`,
  );
  return { handlerMs, first, called, invokeMs, invoked, peakMB };
}

/** The functions on the demo herd while the service runs. */
export async function measureFunctions(say: Say): Promise<object> {
  const folder = await mkdtemp(join(tmpdir(), 'hoofprint-bench-'));
  const [httpPort, lambdaPort] = (await freePorts(2)) as [number, number];
  const env = { ...process.env, HOOFPRINT_DATA: join(folder, 'data'), HOOFPRINT_PORTS: 'free', HOOFPRINT_DEMO: '' };
  const service = await startService({ httpPort, lambdaPort, env });
  const found: Record<string, object> = {};
  const before = { ...process.env };
  try {
    const stack = await openStack({ role: 'brief', dataDir: env.HOOFPRINT_DATA });
    Object.assign(process.env, stack.environment, { OUTPUT_ROOT: folder, LOG_LEVEL: 'warn' });
    const { closeWiring } = await import('../../lib/clients.ts');
    for (const name of FUNCTIONS) found[name] = await measureFunction(name, env, say);
    await closeWiring();
    await stack.close();
    return found;
  } finally {
    // The next stack of this process must not take these addresses for services of the owner.
    process.env = before;
    await service.stop();
    await rm(folder, { recursive: true });
  }
}

/**
 * The functions as processes on a database of 100,000 detections and 1,000 profiles: some
 * minutes, and 1 GB of disk.
 */
export async function measureLarge(say: Say): Promise<object> {
  const folder = await mkdtemp(join(tmpdir(), 'hoofprint-bench-'));
  const env = { ...process.env, HOOFPRINT_DATA: join(folder, 'data'), HOOFPRINT_PORTS: 'free', LOG_LEVEL: 'info' };
  try {
    say(`loading ${LARGE.detections} detections and ${LARGE.profiles} profiles ...`);
    await loadLarge(env.HOOFPRINT_DATA);
    const found: Record<string, ProcessRun> = {};
    for (const verb of ['thresholds', 'scores', 'plot', 'matching']) {
      const run = await runProcess([REID, verb], folder, env);
      say(
        `${`${verb} at ${LARGE.detections} x ${LARGE.profiles}`.padEnd(30)} ${String(Math.round(run.ms)).padStart(6)} ms   whole process, engines included in time; peak ${run.peakMB ?? '?'} MB; ${run.steps} lines of progress`,
      );
      found[verb] = run;
    }
    return found;
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function loadLarge(dataDir: string): Promise<void> {
  const stack = await openStack({ role: 'brief', dataDir, freePorts: true, herd: false });
  const database = postgres({ url: stack.environment.DATABASE_URL!, queryTimeout: 600_000 });
  const rows: Parameters<typeof loadHerd>[0]['rows'] = (sql, params) =>
    database.write((queries) => queries.rows(sql, params));
  const { deer } = await loadHerd({ detections: LARGE.detections, copy: stack.copy, rows });
  await rows(
    `INSERT INTO deer (id, name, sex, status, species, feature_vector, embedding_version, confidence, enrolled_at, source_detection_id)
     SELECT gen_random_uuid(), 'more ' || id, coalesce(corrected_classification, classification), 'alive', species, feature_vector, embedding_version, confidence, created_at, id
     FROM detections WHERE is_valid AND NOT is_duplicate ORDER BY id LIMIT $1`,
    [LARGE.profiles - deer.length],
  );
  await database.close();
  await stack.close();
}
