// How fast the Re-ID kernel is: against NumPy in the same run, from the embedded database, and as
// the herd grows.
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { postgres } from '../../lib/adapters/postgres.ts';
import { allPairs, decodeVectors, nearest, profileScores } from '../../lib/reid/kernel/index.ts';
import { generateHerd } from '../../localstack/herd/index.ts';
import { openStack } from '../../localstack/stack/index.ts';
import { type Baseline, startBaseline, type Task } from './reid-baseline-process.ts';
import { large, wholes } from './reid-whole.ts';

const DIMENSIONS = 512;
const ROUNDS = 5;
const GROWTH = [1_000, 3_000, 10_000, 30_000, 100_000];

type Say = (line: string) => void;
const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1]!;
const rounded = (value: number): number => Number(value.toPrecision(4));

interface Herd {
  vectors: Float32Array;
  profiles: Float32Array;
  groups: Int32Array;
  bursts: Int32Array;
}

function demoHerd(): Herd {
  const herd = generateHerd();
  const vectors = new Float32Array(new SharedArrayBuffer(herd.vectors.byteLength));
  vectors.set(herd.vectors);
  const rowOf = (source: number): Float32Array => vectors.subarray(source * DIMENSIONS, (source + 1) * DIMENSIONS);
  const profiles = Float32Array.from(herd.deer.flatMap(({ source }) => [...rowOf(source)]));
  return { vectors, profiles, groups: herd.truth.animal, bursts: herd.truth.visit };
}

const sum = (values: Iterable<number>): number => {
  let total = 0;
  for (const value of values) total += value;
  return total;
};

/** Our own runs, with the same check numbers as the baseline's. */
const ours = ({ vectors, profiles, groups, bursts }: Herd): Record<Task, () => Promise<number[]>> => ({
  A: async () => [sum(await profileScores(vectors, profiles, DIMENSIONS))],
  B: async () => {
    const { mated, nonMated, unlabelled, burst } = await allPairs(vectors, DIMENSIONS, { groups, bursts });
    const [same, near] = [sum(mated), sum(burst)];
    return [same + near + sum(nonMated) + sum(unlabelled), same, near];
  },
  C: async () => [sum((await nearest(vectors, DIMENSIONS, { bursts })).rows)],
});

const NAMES: Record<Task, string> = {
  B: 'B  all pairs as histograms',
  C: 'C  leave-one-out nearest row',
  A: 'A  detections x profiles',
};

/**
 * Alternating runs of ours and of each baseline: medians, and whether all give the same answers.
 */
async function againstNumpy(herd: Herd, say: Say): Promise<object> {
  const folder = await mkdtemp(join(tmpdir(), 'hoofprint-bench-'));
  const baselines: Record<string, Baseline> = {};
  try {
    for (const [name, data] of Object.entries(herd)) {
      await writeFile(
        join(folder, `${name}.${data instanceof Float32Array ? 'f32' : 'i32'}`),
        new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
      );
    }
    await writeFile(join(folder, 'shape.json'), JSON.stringify({ dimensions: DIMENSIONS }));
    for (const [name, coretype] of [
      ['numpyDefault', ''],
      ['numpyAvx512', 'SKYLAKEX'],
    ] as const) {
      const started = await startBaseline(folder, availableParallelism(), coretype);
      if (started !== undefined) baselines[name] = started;
    }
    if (Object.keys(baselines).length === 0)
      say('no python3 with numpy here: no ratios (apt-get install python3-numpy, or PYTHON=...)');
    const result: Record<string, unknown> = { numpy: Object.values(baselines)[0]?.numpy ?? null };
    const own = ours(herd);
    for (const task of ['B', 'C', 'A'] as const) {
      const times: Record<string, number[]> = {
        ours: [],
        ...Object.fromEntries(Object.keys(baselines).map((name) => [name, []])),
      };
      let agree = true;
      for (let round = 0; round <= ROUNDS; round++) {
        const start = performance.now();
        const check = await own[task]();
        const spent = performance.now() - start;
        // The first round warms every party up and is not counted.
        if (round > 0) times.ours!.push(spent);
        for (const [name, baseline] of Object.entries(baselines)) {
          const answer = await baseline.ask(task);
          if (round > 0) times[name]!.push(answer.ms);
          agree &&= answer.check.every((value, at) => Math.abs(value - check[at]!) <= 1e-6 * Math.abs(value) + 0.05);
        }
      }
      const ms = Object.fromEntries(Object.entries(times).map(([name, all]) => [name, rounded(median(all))]));
      const ratios = Object.fromEntries(Object.keys(baselines).map((name) => [name, rounded(ms.ours! / ms[name]!)]));
      const against = Object.keys(baselines).map((name) => `${name} ${ms[name]} ms, ratio ${ratios[name]}`);
      say(
        `${NAMES[task].padEnd(30)} ${String(ms.ours).padStart(6)} ms   ${against.join('   ')}${agree ? '' : '   ANSWERS DIFFER'}`,
      );
      result[task] = { ms, ratios, all: times, agree };
    }
    return result;
  } finally {
    for (const baseline of Object.values(baselines)) baseline.end();
    await rm(folder, { recursive: true });
  }
}

/** The herd's vectors out of an embedded database of its own, in a process of its own. */
async function loading(say: Say): Promise<object> {
  const dataDir = await mkdtemp(join(tmpdir(), 'hoofprint-bench-'));
  const stack = await openStack({ role: 'brief', dataDir, freePorts: true, herd: true, say });
  const database = postgres({ url: stack.environment.DATABASE_URL! });
  try {
    const times: number[] = [];
    let count = 0;
    for (let round = 0; round <= ROUNDS; round++) {
      const start = performance.now();
      const { ids } = await database.read(({ copyOut }) =>
        decodeVectors(copyOut('SELECT id, feature_vector FROM detections')),
      );
      if (round > 0) times.push(performance.now() - start);
      count = ids.length;
    }
    say(
      `${`vectors from the database`.padEnd(30)} ${String(rounded(median(times))).padStart(6)} ms   ${count} x ${DIMENSIONS}`,
    );
    return { ms: rounded(median(times)), all: times.map(rounded), rows: count };
  } finally {
    await database.close();
    await stack.close();
    await rm(dataDir, { recursive: true });
  }
}

/**
 * One size in this process: made-up vectors, all pairs, nearest rows up to 30,000, 1,000 profiles;
 * time and peak memory.
 */
export async function measureGrowth(rows: number): Promise<object> {
  const vectors = new Float32Array(new SharedArrayBuffer(rows * DIMENSIONS * 4));
  let state = 1;
  for (let i = 0; i < vectors.length; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    vectors[i] = state;
  }
  const bursts = Int32Array.from({ length: rows }, (_, row) => row >> 2);
  const groups = bursts.map((burst) => burst % 100);
  const timed = async (work: () => Promise<unknown>): Promise<number> => {
    const start = performance.now();
    await work();
    return rounded(performance.now() - start);
  };
  const profilesMs = await timed(() => profileScores(vectors, vectors.subarray(0, 1_000 * DIMENSIONS), DIMENSIONS));
  const pairsMs = await timed(() => allPairs(vectors, DIMENSIONS, { groups, bursts }));
  const nearestMs = rows > 30_000 ? null : await timed(() => nearest(vectors, DIMENSIONS, { bursts }));
  return { rows, pairsMs, nearestMs, profilesMs, peakMiB: Math.round(process.resourceUsage().maxRSS / 1024) };
}

async function growth(script: string, say: Say): Promise<object[]> {
  const found: object[] = [];
  for (const rows of GROWTH) {
    const { stdout } = await promisify(execFile)(process.execPath, [script, '--growth', String(rows)]);
    const one = JSON.parse(stdout) as Awaited<ReturnType<typeof measureGrowth>> & Record<string, number | null>;
    const nearestMs = one.nearestMs === null ? 'not run' : `${one.nearestMs} ms`;
    say(
      `${`${rows} detections`.padEnd(30)} all pairs ${one.pairsMs} ms, nearest ${nearestMs}, 1000 profiles ${one.profilesMs} ms, peak ${one.peakMiB} MiB`,
    );
    found.push(one);
  }
  return found;
}

/**
 * Runs everything; the largest database only when asked for. `script` is the program that answers
 * `--growth <rows>` with measureGrowth.
 */
export async function benchReid(script: string, options: { large: boolean }, say: Say): Promise<object> {
  const machine = { cpu: cpus()[0]?.model ?? 'unknown', cores: availableParallelism(), node: process.version };
  say(`${machine.cpu}, ${machine.cores} cores, Node ${machine.node}; medians of ${ROUNDS} alternating runs`);
  const kernels = await againstNumpy(demoHerd(), say);
  const measured = {
    machine,
    kernels,
    loading: await loading(say),
    functions: await wholes(say),
    growth: await growth(script, say),
  };
  return options.large ? { ...measured, large: await large(say) } : measured;
}
