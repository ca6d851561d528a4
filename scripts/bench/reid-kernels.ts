// The Re-ID kernels against NumPy in the same run, with alternating rounds: medians, ratios, and
// whether both give the same answers.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { allPairs, profileScores } from '../../lib/reid/kernel/index.ts';
import { generateHerd } from '../../localstack/herd/index.ts';
import { type Baseline, startBaseline, type Task } from './reid-baseline-process.ts';
import { DIMENSIONS, median, PAIR_BINS, ROUNDS, round, type Say } from './reid-measures.ts';

interface Vectors {
  vectors: Float32Array;
  profiles: Float32Array;
  groups: Int32Array;
  bursts: Int32Array;
}

function demoVectors(): Vectors {
  const herd = generateHerd();
  const vectors = new Float32Array(new SharedArrayBuffer(herd.vectors.byteLength));
  vectors.set(herd.vectors);
  const profiles = Float32Array.from(
    herd.deer.flatMap(({ source }) => [...vectors.subarray(source * DIMENSIONS, (source + 1) * DIMENSIONS)]),
  );
  return { vectors, profiles, groups: herd.truth.animal, bursts: herd.truth.visit };
}

function sum(values: Iterable<number>): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}

/** Runs of our kernels, with the same check numbers as the baseline's. */
const kernels = ({ vectors, profiles, groups, bursts }: Vectors): Record<Task, () => Promise<number[]>> => ({
  A: async () => [sum(await profileScores(vectors, profiles, DIMENSIONS))],
  B: async () => {
    const { mated, nonMated, unlabeled, burst } = await allPairs(vectors, DIMENSIONS, {
      groups,
      bursts,
      bins: PAIR_BINS,
    });
    const [same, near] = [sum(mated), sum(burst)];
    return [same + near + sum(nonMated) + sum(unlabeled), same, near];
  },
});

const NAMES: Record<Task, string> = { B: 'B  all pairs as histograms', A: 'A  detections x profiles' };

/** `coretype` forces a kernel of OpenBLAS; '' leaves its choice. */
const BASELINES = [
  { name: 'numpyDefault', coretype: '' },
  { name: 'numpyAvx512', coretype: 'SKYLAKEX' },
];

async function startBaselines(folder: string, vectors: Vectors): Promise<Record<string, Baseline>> {
  for (const [name, data] of Object.entries(vectors) as [string, Float32Array | Int32Array][]) {
    await writeFile(
      join(folder, `${name}.${data instanceof Float32Array ? 'f32' : 'i32'}`),
      new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
    );
  }
  await writeFile(join(folder, 'shape.json'), JSON.stringify({ dimensions: DIMENSIONS }));
  const started: Record<string, Baseline> = {};
  for (const { name, coretype } of BASELINES) {
    const baseline = await startBaseline(folder, availableParallelism(), coretype);
    if (baseline !== undefined) started[name] = baseline;
  }
  return started;
}

async function compareTask(task: Task, own: () => Promise<number[]>, baselines: Record<string, Baseline>) {
  const names = Object.keys(baselines);
  const times: Record<string, number[]> = Object.fromEntries(['ours', ...names].map((name) => [name, []]));
  let agree = true;
  for (let i = 0; i <= ROUNDS; i++) {
    const start = performance.now();
    const check = await own();
    const spent = performance.now() - start;
    // The first round warms everything up and is not counted.
    if (i > 0) times.ours!.push(spent);
    for (const [name, baseline] of Object.entries(baselines)) {
      const answer = await baseline.ask(task);
      if (i > 0) times[name]!.push(answer.ms);
      agree &&= answer.check.every((value, at) => Math.abs(value - check[at]!) <= 1e-6 * Math.abs(value) + 0.05);
    }
  }
  const ms = Object.fromEntries(Object.entries(times).map(([name, all]) => [name, round(median(all))]));
  const ratios = Object.fromEntries(names.map((name) => [name, round(ms.ours! / ms[name]!)]));
  return { ms, ratios, all: times, agree };
}

export async function compareWithNumpy(say: Say): Promise<object> {
  const folder = await mkdtemp(join(tmpdir(), 'hoofprint-bench-'));
  let baselines: Record<string, Baseline> = {};
  try {
    const vectors = demoVectors();
    baselines = await startBaselines(folder, vectors);
    if (Object.keys(baselines).length === 0)
      say('no python3 with numpy here: no ratios (apt-get install python3-numpy, or PYTHON=...)');
    const result: Record<string, unknown> = { numpy: Object.values(baselines)[0]?.numpy ?? null };
    const own = kernels(vectors);
    for (const task of ['B', 'A'] as const) {
      const compared = await compareTask(task, own[task], baselines);
      const { ms, ratios, agree } = compared;
      const against = Object.keys(baselines).map((name) => `${name} ${ms[name]} ms, ratio ${ratios[name]}`);
      say(
        `${NAMES[task].padEnd(30)} ${String(ms.ours).padStart(6)} ms   ${against.join('   ')}${agree ? '' : '   ANSWERS DIFFER'}`,
      );
      result[task] = compared;
    }
    return result;
  } finally {
    for (const baseline of Object.values(baselines)) baseline.end();
    await rm(folder, { recursive: true });
  }
}
