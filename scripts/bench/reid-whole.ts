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
import { startService } from '../../localstack/offline/service.ts';
import { openStack } from '../../localstack/stack/index.ts';
import { freePorts } from '../../localstack/stack/ports.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const SERVERLESS = join(ROOT, 'node_modules/serverless/bin/serverless.js');
const REID = join(ROOT, 'scripts/reid.ts');
const FUNCTIONS = ['reidThresholds', 'reidScores', 'reidPlot'] as const;
const ROUNDS = 5;
const WHOLE_ROUNDS = 3;
const LARGE = { detections: 100_000, profiles: 1_000 };

type Say = (line: string) => void;
const median = (values: readonly number[]): number =>
  Math.round([...values].sort((a, b) => a - b)[values.length >> 1]!);

interface Ran {
  ms: number;
  /** null where the system does not tell. */
  peakMB: number | null;
  /** Lines of progress on stderr. */
  steps: number;
}

/** One process from start to end. @throws Error with the end of what it said when it fails. */
async function ran(args: readonly string[], cwd: string, env: NodeJS.ProcessEnv): Promise<Ran> {
  const began = performance.now();
  const child = spawn(process.execPath, args, { cwd, env, stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString();
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
  if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}: ${said.slice(-1_000)}`);
  return { ms: performance.now() - began, peakMB, steps: said.split('"step"').length - 1 };
}

/**
 * The three functions on the demo herd while the service runs: handlers called in this process, and
 * `sls invoke local` as a whole.
 */
export async function wholes(say: Say): Promise<object> {
  const folder = await mkdtemp(join(tmpdir(), 'hoofprint-bench-'));
  const [httpPort, lambdaPort] = (await freePorts(2)) as [number, number];
  const env = { ...process.env, HOOFPRINT_DATA: join(folder, 'data'), HOOFPRINT_PORTS: 'free', HOOFPRINT_DEMO: '' };
  const service = await startService({ httpPort, lambdaPort, env });
  const found: Record<string, object> = {};
  const before = { ...process.env };
  try {
    const stack = await openStack({ role: 'brief', dataDir: env.HOOFPRINT_DATA });
    Object.assign(process.env, stack.environment, { OUTPUT_ROOT: folder, LOG_LEVEL: 'warn' });
    const { closeWiring } = await import('../../lib/wiring.ts');
    for (const name of FUNCTIONS) {
      const { handler } = (await import(`../../handlers/${name}.ts`)) as {
        handler: (input: object, context: Context) => Promise<unknown>;
      };
      const called: number[] = [];
      for (let round = 0; round < ROUNDS; round++) {
        const began = performance.now();
        await handler({}, {} as Context);
        called.push(performance.now() - began);
      }
      const invoked: Ran[] = [];
      for (let round = 0; round < WHOLE_ROUNDS; round++)
        invoked.push(
          await ran([SERVERLESS, 'invoke', 'local', '-f', name, '--data', '{}'], ROOT, { ...env, LOG_LEVEL: 'info' }),
        );
      const [first, handlerMs, invokeMs] = [
        Math.round(called[0]!),
        median(called),
        median(invoked.map(({ ms }) => ms)),
      ];
      const peakMB = invoked.reduce<number | null>(
        (most, one) => (one.peakMB === null ? most : Math.max(most ?? 0, one.peakMB)),
        null,
      );
      say(
        `${name.padEnd(30)} ${String(handlerMs).padStart(6)} ms   from the handler's call (first ${first} ms); sls invoke local ${invokeMs} ms, peak ${peakMB ?? '?'} MB`,
      );
      found[name] = { handlerMs, first, called: called.map(Math.round), invokeMs, invoked, peakMB };
    }
    await closeWiring();
    await stack.close();
    return found;
  } finally {
    // Whatever opens a stack next in this process must not take this one's addresses for services
    // of the owner's.
    process.env = before;
    await service.stop();
    await rm(folder, { recursive: true });
  }
}

/**
 * The three functions as processes on a database of 100,000 detections and 1,000 profiles: some
 * minutes, and 1 GB of disk.
 */
export async function large(say: Say): Promise<object> {
  const folder = await mkdtemp(join(tmpdir(), 'hoofprint-bench-'));
  const env = { ...process.env, HOOFPRINT_DATA: join(folder, 'data'), HOOFPRINT_PORTS: 'free', LOG_LEVEL: 'info' };
  try {
    say(`loading ${LARGE.detections} detections and ${LARGE.profiles} profiles ...`);
    const stack = await openStack({ role: 'brief', dataDir: env.HOOFPRINT_DATA, freePorts: true, herd: false });
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
    const found: Record<string, Ran> = {};
    for (const verb of ['thresholds', 'scores', 'plot']) {
      const one = await ran([REID, verb], folder, env);
      say(
        `${`${verb} at ${LARGE.detections} x ${LARGE.profiles}`.padEnd(30)} ${String(Math.round(one.ms)).padStart(6)} ms   whole process, engines included in time; peak ${one.peakMB ?? '?'} MB; ${one.steps} lines of progress`,
      );
      found[verb] = one;
    }
    return found;
  } finally {
    await rm(folder, { recursive: true });
  }
}
