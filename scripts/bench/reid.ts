// How fast Re-ID is: its kernels against NumPy, vectors out of the embedded database, the functions
// whole, and how time and memory grow with the herd.
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { postgres } from '../../lib/adapters/postgres.ts';
import { decodeVectors } from '../../lib/reid/dataset/decode-vectors.ts';
import { allPairs, profileScores } from '../../lib/reid/kernel/index.ts';
import { openStack } from '../../localstack/stack/index.ts';
import { compareWithNumpy } from './reid-kernels.ts';
import { DIMENSIONS, median, PAIR_BINS, ROUNDS, round, type Say } from './reid-measures.ts';
import { measureFunctions, measureLarge } from './reid-whole.ts';

const SIZES = [1_000, 3_000, 10_000, 30_000, 100_000];

/** The herd's vectors out of a temporary embedded database, which runs in a process apart. */
async function measureLoading(say: Say): Promise<object> {
  const dataDir = await mkdtemp(join(tmpdir(), 'hoofprint-bench-'));
  const stack = await openStack({ role: 'brief', dataDir, freePorts: true, herd: true, say });
  const database = postgres({ url: stack.environment.DATABASE_URL! });
  try {
    const times: number[] = [];
    let count = 0;
    for (let i = 0; i <= ROUNDS; i++) {
      const start = performance.now();
      const { ids } = await database.read(({ copyOut }) =>
        decodeVectors(copyOut('SELECT id, feature_vector FROM detections')),
      );
      if (i > 0) times.push(performance.now() - start);
      count = ids.length;
    }
    const ms = round(median(times));
    say(`${'vectors from the database'.padEnd(30)} ${String(ms).padStart(6)} ms   ${count} x ${DIMENSIONS}`);
    return { ms, all: times.map(round), rows: count };
  } finally {
    await database.close();
    await stack.close();
    await rm(dataDir, { recursive: true });
  }
}

interface Growth {
  rows: number;
  pairsMs: number;
  profilesMs: number;
  peakMiB: number;
}

/** Invented vectors of one size in this process: all pairs, 1,000 profiles, peak memory. */
export async function measureSize(rows: number): Promise<Growth> {
  const vectors = new Float32Array(new SharedArrayBuffer(rows * DIMENSIONS * 4));
  let state = 1;
  for (let i = 0; i < vectors.length; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    vectors[i] = state;
  }
  const bursts = Int32Array.from({ length: rows }, (_, row) => row >> 2);
  const groups = bursts.map((burst) => burst % 100);
  const time = async (work: () => Promise<unknown>): Promise<number> => {
    const start = performance.now();
    await work();
    return round(performance.now() - start);
  };
  const profilesMs = await time(() => profileScores(vectors, vectors.subarray(0, 1_000 * DIMENSIONS), DIMENSIONS));
  const pairsMs = await time(() => allPairs(vectors, DIMENSIONS, { groups, bursts, bins: PAIR_BINS }));
  return { rows, pairsMs, profilesMs, peakMiB: Math.round(process.resourceUsage().maxRSS / 1024) };
}

/** @param script the program that answers `--growth <rows>` with measureSize */
async function measureGrowth(script: string, say: Say): Promise<Growth[]> {
  const found: Growth[] = [];
  for (const rows of SIZES) {
    const { stdout } = await promisify(execFile)(process.execPath, [script, '--growth', String(rows)]);
    const size = JSON.parse(stdout) as Growth;
    say(
      `${`${rows} detections`.padEnd(30)} all pairs ${size.pairsMs} ms, 1000 profiles ${size.profilesMs} ms, peak ${size.peakMiB} MiB`,
    );
    found.push(size);
  }
  return found;
}

/**
 * Runs everything; the largest database only when asked for.
 * @param script the program that answers `--growth <rows>` with measureSize
 */
export async function benchReid(script: string, options: { large: boolean }, say: Say): Promise<object> {
  const machine = { cpu: cpus()[0]?.model ?? 'unknown', cores: availableParallelism(), node: process.version };
  say(`${machine.cpu}, ${machine.cores} cores, Node ${machine.node}; medians of ${ROUNDS} alternating runs`);
  const measured = {
    machine,
    kernels: await compareWithNumpy(say),
    loading: await measureLoading(say),
    functions: await measureFunctions(say),
    growth: await measureGrowth(script, say),
  };
  return options.large ? { ...measured, large: await measureLarge(say) } : measured;
}
