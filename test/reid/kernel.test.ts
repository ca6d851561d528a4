// The similarity kernel against double loops, on every engine and any number of threads.
import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import {
  allPairs,
  type PairHistograms,
  type PairLabels,
  profileScores,
  type ThreadOptions,
} from '../../lib/reid/kernel/index.ts';
import { checkedOnce } from '../support/checked-once.ts';

const project = fileURLToPath(new URL('../../', import.meta.url));
const run = promisify(execFile);

const WAYS: Record<string, ThreadOptions> = {
  'two threads': { threads: 2 },
  'one thread': { threads: 1 },
  'in slices on this thread': { threads: 0 },
  'without SIMD and threads': { engine: 'plain' },
};
const KINDS = ['mated', 'nonMated', 'unlabeled', 'burst'] as const;
/**
 * Rows and dimensions: fewer rows than a tile, two blocks and one row, and every dimension at rows
 * that fill no tile.
 */
const SIZES = [
  [1, 7],
  [2, 7],
  [3, 7],
  [385, 7],
  ...[1, 7, 128, 512, 1280].map((dimensions) => [17, dimensions] as const),
] as const;

/** Workers and their ports that this process still holds. */
const open = (): string[] => process.getActiveResourcesInfo().filter((name) => /Worker|MessagePort/.test(name));

/**
 * Seeded numbers in [-1, 1), not normalized; neighbors resemble each other so that scores spread
 * over the whole range.
 */
function someVectors(rows: number, dimensions: number, seed = 1): Float32Array {
  const { imul, abs } = Math;
  let state = seed;
  const dice = (): number => {
    state = (imul(state, 1_664_525) + 1_013_904_223) | 0;
    return state / 2 ** 31;
  };
  const vectors = new Float32Array(rows * dimensions);
  for (let row = 0; row < rows; row++) {
    const like = row % 3 === 0 || row < 3 ? 0 : dice();
    for (let k = 0; k < dimensions; k++) {
      vectors[row * dimensions + k] =
        like * (vectors[(row - (row % 3)) * dimensions + k] ?? 0) + (1 - abs(like)) * dice() * 3;
    }
  }
  return vectors;
}

/** Vectors of length 1 in float64. */
function normalized(vectors: Float32Array, d: number): Float64Array {
  const units = Float64Array.from(vectors);
  const { sqrt } = Math;
  for (let from = 0; from < units.length; from += d) {
    let squares = 0;
    for (let k = from; k < from + d; k++) squares += units[k]! * units[k]!;
    const length = sqrt(squares);
    for (let k = from; k < from + d; k++) units[k]! /= length;
  }
  return units;
}

/** Cosines of each row with each column, in float64. */
function bruteScores(rows: Float32Array, columns: Float32Array, d: number): Float64Array {
  const [a, b] = [normalized(rows, d), normalized(columns, d)];
  const scores = new Float64Array((a.length / d) * (b.length / d));
  let at = 0;
  for (let i = 0; i < a.length; i += d) {
    for (let j = 0; j < b.length; j += d) {
      let sum = 0;
      for (let k = 0; k < d; k++) sum += a[i + k]! * b[j + k]!;
      scores[at++] = sum;
    }
  }
  return scores;
}

/**
 * Animals of a few rows each, some rows of no known animal, bursts of four rows that do not always
 * keep to one animal.
 */
const someLabels = (rows: number): PairLabels => ({
  groups: Int32Array.from({ length: rows }, (_, row) => (row % 5 === 4 ? -1 : 40 - (Math.floor(row / 60) % 7) * 3)),
  bursts: Int32Array.from({ length: rows }, (_, row) =>
    row % 11 === 0 ? -1 : 1_000 + Math.floor(((row * 7) % rows) / 4),
  ),
});

interface Expected {
  /** Fewest and most pairs that each bin may hold, by kind. */
  sure: Uint32Array[];
  possible: Uint32Array[];
  pairs: number[];
}

/** A score may be in the neighboring bin only when it is within 1e-4 of their edge. */
function bruteHistograms(vectors: Float32Array, d: number, { groups, bursts }: PairLabels, bins: number): Expected {
  const n = groups.length;
  const scores = bruteScores(vectors, vectors, d);
  const [sure, possible] = [KINDS.map(() => new Uint32Array(bins)), KINDS.map(() => new Uint32Array(bins))];
  const pairs = KINDS.map(() => 0);
  const { floor, max, min } = Math;
  const findBin = (score: number): number => min(bins - 1, max(0, floor(((score + 1) * bins) / 2)));
  for (let i = 0; i < n; i++) {
    for (let j = i + 1; j < n; j++) {
      let kind = 1;
      if (bursts[i]! >= 0 && bursts[i] === bursts[j]) kind = 3;
      else if (groups[i]! < 0 || groups[j]! < 0) kind = 2;
      else if (groups[i] === groups[j]) kind = 0;
      const score = scores[i * n + j]!;
      const [low, high] = [findBin(score - 1e-4), findBin(score + 1e-4)];
      if (low === high) sure[kind]![low]! += 1;
      for (let bin = low; bin <= high; bin++) possible[kind]![bin]! += 1;
      pairs[kind]! += 1;
    }
  }
  return { sure, possible, pairs };
}

function expectHistograms(found: PairHistograms, { sure, possible, pairs }: Expected): void {
  KINDS.forEach((name, kind) => {
    const counts = found[name];
    let sum = 0;
    for (let bin = 0; bin < counts.length; bin++) {
      sum += counts[bin]!;
      if (counts[bin]! < sure[kind]![bin]! || counts[bin]! > possible[kind]![bin]!)
        throw new Error(`${name}, bin ${bin}: ${counts[bin]}, expected ${sure[kind]![bin]} to ${possible[kind]![bin]}`);
    }
    expect([name, sum]).toEqual([name, pairs[kind]]);
  });
}

test.each(SIZES)('all pairs of %i rows of %i numbers equal a double loop on every engine', async (rows, dimensions) => {
  const vectors = someVectors(rows, dimensions);
  const labels = someLabels(rows);
  const expected = bruteHistograms(vectors, dimensions, labels, 2_000);
  let first: PairHistograms | undefined;
  for (const options of Object.values(WAYS)) {
    const found = await allPairs(vectors, dimensions, { ...labels, bins: 2_000 }, options);
    first ??= found;
    expect(found).toEqual(first);
  }
  expectHistograms(first!, expected);
});

test.each([
  [
    'mixed in every block, bursts across animals',
    (row: number) => (row % 2 === 0 ? -1 : row % 3),
    (row: number) => Math.floor(row / 5),
  ],
  [
    'animals of four rows, half unknown, no bursts',
    (row: number) => (row % 2 === 0 ? -1 : Math.floor(row / 8)),
    () => -1,
  ],
  ['two animals', (row: number) => Math.floor(row / 400), (row: number) => Math.floor(row / 3)],
])(
  'blocks of one kind of pair and mixed ones are counted alike, by threads and without: %s',
  async (_name, group, burst) => {
    const rows = 775;
    const vectors = someVectors(rows, 7);
    const labels = {
      groups: Int32Array.from({ length: rows }, (_, row) => group(row)),
      bursts: Int32Array.from({ length: rows }, (_, row) => burst(row)),
    };
    const expected = bruteHistograms(vectors, 7, labels, 333);
    for (const options of Object.values(WAYS)) {
      const found = await allPairs(vectors, 7, { ...labels, bins: 333 }, options);
      expectHistograms(found, expected);
      expect(found.mated.length).toBe(333);
    }
  },
);

test('neither the order of rows nor their lengths change the histograms', async () => {
  const [rows, dimensions] = [300, 64];
  const vectors = someVectors(rows, dimensions);
  const labels = someLabels(rows);
  const before = await allPairs(vectors, dimensions, { ...labels, bins: 2_000 });
  const order = Int32Array.from({ length: rows }, (_, row) => (row * 77) % rows);
  expect(new Set(order).size).toBe(rows);
  const moved = new Float32Array(vectors.length);
  order.forEach((row, at) => {
    for (let k = 0; k < dimensions; k++)
      moved[at * dimensions + k] = vectors[row * dimensions + k]! * 2 ** ((row % 40) - 20);
  });
  const pick = (from: Int32Array): Int32Array => order.map((row) => from[row]!);
  expect(
    await allPairs(moved, dimensions, { groups: pick(labels.groups), bursts: pick(labels.bursts), bins: 2_000 }),
  ).toEqual(before);
});

test.each(SIZES)('%i rows of %i numbers against profiles are cosines in float32', async (rows, dimensions) => {
  const vectors = someVectors(rows, dimensions, 3);
  for (const profiles of [1, 6]) {
    const other = someVectors(profiles, dimensions, 5);
    const right = bruteScores(vectors, other, dimensions);
    for (const options of [{}, { threads: 2 }, { engine: 'plain' } as const]) {
      const scores = await profileScores(vectors, other, dimensions, options);
      expect(scores.length).toBe(rows * profiles);
      const worst = right.reduce((most, score, at) => Math.max(most, Math.abs(score - scores[at]!)), 0);
      expect(worst).toBeLessThan(1e-6);
    }
  }
});

test('nothing in, nothing out', async () => {
  const [none, one] = [new Float32Array(0), new Float32Array(512).fill(1)];
  const labels = { groups: new Int32Array(0), bursts: new Int32Array(0), bins: 2_000 };
  expect((await allPairs(none, 512, labels)).mated.every((count) => count === 0)).toBe(true);
  expect((await profileScores(none, one, 512)).length).toBe(0);
  expect((await profileScores(one, none, 512)).length).toBe(0);
});

test.each(Object.entries(WAYS))('a zero or non-finite row is refused by its number: %s', async (_name, options) => {
  for (const bad of [0, Number.NaN, Number.POSITIVE_INFINITY]) {
    const vectors = someVectors(200, 8);
    vectors.fill(bad, 150 * 8, 151 * 8);
    const refusal = { kind: 'invalid', message: 'vector 150 is zero or not finite' };
    await expect(allPairs(vectors, 8, { ...someLabels(200), bins: 2_000 }, options)).rejects.toMatchObject(refusal);
    await expect(profileScores(vectors, someVectors(2, 8), 8, options)).rejects.toMatchObject(refusal);
    expect(open()).toEqual([]);
    const ofProfile = { kind: 'invalid', message: 'profile vector 150 is zero or not finite' };
    await expect(profileScores(someVectors(2, 8), vectors, 8, options)).rejects.toMatchObject(ofProfile);
    expect(open()).toEqual([]);
  }
});

test('lengths that do not fit are refused in words', async () => {
  const labels = (rows: number) => ({ groups: new Int32Array(rows), bursts: new Int32Array(rows), bins: 9 });
  await expect(allPairs(new Float32Array(10), 4, labels(2))).rejects.toThrow('10 numbers are not rows of 4');
  await expect(allPairs(new Float32Array(8), 4, labels(3))).rejects.toThrow('3 labels for 2 rows');
  await expect(allPairs(new Float32Array(8), 0, labels(0))).rejects.toThrow('dimensions must be a whole number from 1');
});

describe('together with other work', () => {
  test.each(Object.entries(WAYS))('timers keep their time and nothing stays open: %s', async (_name, options) => {
    // Some hundred milliseconds of work.
    const vectors = someVectors(options.engine === 'plain' ? 400 : 2_000, 512);
    const groups = new Int32Array(vectors.length / 512).fill(-1);
    let ticks = 0;
    const timer = setInterval(() => ticks++, 5);
    const start = performance.now();
    await allPairs(vectors, 512, { groups, bursts: groups, bins: 200 }, options);
    const spent = performance.now() - start;
    clearInterval(timer);
    // One turn per slice of 8 ms and a block; a blocked loop would give none.
    expect(ticks).toBeGreaterThan(spent / 200);
    expect(open()).toEqual([]);
  });

  test('works from a CommonJS bundle alone in its folder, and the process ends', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'hoofprint-kernel-'));
    try {
      const built = await build({
        stdin: {
          contents: `import { allPairs } from './lib/reid/kernel/index.ts';
            const labels = { groups: Int32Array.of(1, 1, 2), bursts: Int32Array.of(-1, -1, -1), bins: 4 };
            allPairs(Float32Array.of(1, 0, 1, 0, 0, 1), 2, labels, { threads: 2 }).then((found) => console.log(JSON.stringify([...found.mated, ...found.nonMated])));`,
          resolveDir: project,
          loader: 'ts',
        },
        bundle: true,
        platform: 'node',
        format: 'cjs',
        write: false,
      });
      await writeFile(join(folder, 'bundle.cjs'), built.outputFiles[0]!.text);
      const { stdout } = await run(process.execPath, ['bundle.cjs'], { cwd: folder, timeout: 20_000 });
      expect(JSON.parse(stdout)).toEqual([0, 0, 0, 1, 0, 0, 2, 0]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test('kernel.generated.ts is what its sources give', async () => {
    const script = 'scripts/build-kernel.ts';
    const files = readdirSync(join(project, 'lib/reid/kernel')).map((name) => `lib/reid/kernel/${name}`);
    await checkedOnce([script, 'scripts/assembly/compile.ts', ...files], () =>
      run(process.execPath, [script, '--check'], { cwd: project }),
    );
  });
});
