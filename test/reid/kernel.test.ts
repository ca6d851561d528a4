// The similarity kernel against double loops, on every engine and any number of threads.
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import {
  allPairs,
  nearest,
  type PairHistograms,
  profileScores,
  type ThreadOptions,
} from '../../lib/reid/kernel/index.ts';

const project = fileURLToPath(new URL('../../', import.meta.url));
const run = promisify(execFile);

const WAYS: Record<string, ThreadOptions> = {
  'two threads': { threads: 2 },
  'one thread': { threads: 1 },
  'in slices on this thread': { threads: 0 },
  'without SIMD and threads': { engine: 'plain' },
};
const SIZES = [1, 2, 3, 17, 511].flatMap((rows) =>
  [1, 7, 128, 512, 1280].map((dimensions) => [rows, dimensions] as const),
);
const KINDS = ['mated', 'nonMated', 'unlabelled', 'burst'] as const;

/** Workers and their ports that this process still holds. */
const open = (): string[] => process.getActiveResourcesInfo().filter((name) => /Worker|MessagePort/.test(name));

/**
 * Seeded numbers in [-1, 1), not normalised; neighbours resemble each other so that scores spread
 * over the whole range.
 */
function someVectors(rows: number, dimensions: number, seed = 1): Float32Array {
  let state = seed;
  const dice = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    return state / 2 ** 31;
  };
  const vectors = new Float32Array(rows * dimensions);
  for (let row = 0; row < rows; row++) {
    const like = row % 3 === 0 || row < 3 ? 0 : dice();
    for (let k = 0; k < dimensions; k++) {
      vectors[row * dimensions + k] =
        like * (vectors[(row - (row % 3)) * dimensions + k] ?? 0) + (1 - Math.abs(like)) * dice() * 3;
    }
  }
  return vectors;
}

function cosine(a: Float32Array, i: number, b: Float32Array, j: number, d: number): number {
  let [ab, aa, bb] = [0, 0, 0];
  for (let k = 0; k < d; k++) {
    const [x, y] = [a[i * d + k]!, b[j * d + k]!];
    ab += x * y;
    aa += x * x;
    bb += y * y;
  }
  return ab / Math.sqrt(aa * bb);
}

/**
 * Animals of a few rows each, some rows of no known animal, bursts of four rows that do not always
 * keep to one animal.
 */
const someLabels = (rows: number): { groups: Int32Array; bursts: Int32Array } => ({
  groups: Int32Array.from({ length: rows }, (_, row) => (row % 5 === 4 ? -1 : 40 - (Math.floor(row / 60) % 7) * 3)),
  bursts: Int32Array.from({ length: rows }, (_, row) =>
    row % 11 === 0 ? -1 : 1_000 + Math.floor(((row * 7) % rows) / 4),
  ),
});

/** Scores of all pairs of each kind, in float64. */
function bruteScores(
  vectors: Float32Array,
  d: number,
  { groups, bursts }: ReturnType<typeof someLabels>,
): Record<(typeof KINDS)[number], number[]> {
  const scores = { mated: [] as number[], nonMated: [] as number[], unlabelled: [] as number[], burst: [] as number[] };
  for (let i = 0; i < groups.length; i++) {
    for (let j = i + 1; j < groups.length; j++) {
      const kind =
        bursts[i]! >= 0 && bursts[i] === bursts[j]
          ? 'burst'
          : groups[i]! < 0 || groups[j]! < 0
            ? 'unlabelled'
            : groups[i] === groups[j]
              ? 'mated'
              : 'nonMated';
      scores[kind].push(cosine(vectors, i, vectors, j, d));
    }
  }
  return scores;
}

/**
 * Counts agree in number; a score may be in the neighbouring bin only when it lies within 1e-4 of
 * their edge.
 */
function expectCounts(counts: Float64Array, scores: readonly number[]): void {
  const bins = counts.length;
  const sure = new Float64Array(bins);
  const possible = new Float64Array(bins);
  const binOf = (score: number): number => Math.min(bins - 1, Math.max(0, Math.floor(((score + 1) * bins) / 2)));
  for (const score of scores) {
    const [low, high] = [binOf(score - 1e-4), binOf(score + 1e-4)];
    if (low === high) sure[low]!++;
    for (let bin = low; bin <= high; bin++) possible[bin]!++;
  }
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(scores.length);
  counts.forEach((count, bin) => {
    if (count < sure[bin]! || count > possible[bin]!)
      throw new Error(`bin ${bin}: ${count}, expected ${sure[bin]} to ${possible[bin]}`);
  });
}

test.each(SIZES)('all pairs of %i rows of %i numbers equal a double loop on every engine', async (rows, dimensions) => {
  const vectors = someVectors(rows, dimensions);
  const labels = someLabels(rows);
  const scores = bruteScores(vectors, dimensions, labels);
  let first: PairHistograms | undefined;
  for (const options of Object.values(WAYS)) {
    const found = await allPairs(vectors, dimensions, labels, options);
    first ??= found;
    expect(found).toEqual(first);
  }
  for (const kind of KINDS) expectCounts(first![kind], scores[kind]);
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
    const scores = bruteScores(vectors, 7, labels);
    for (const options of Object.values(WAYS)) {
      const found = await allPairs(vectors, 7, { ...labels, bins: 333 }, options);
      for (const kind of KINDS) expectCounts(found[kind], scores[kind]);
      expect(found.mated.length).toBe(333);
    }
  },
);

test('neither the order of rows nor their lengths change the histograms', async () => {
  const [rows, dimensions] = [300, 64];
  const vectors = someVectors(rows, dimensions);
  const labels = someLabels(rows);
  const before = await allPairs(vectors, dimensions, labels);
  const order = Array.from({ length: rows }, (_, row) => (row * 77) % rows).filter(
    (row, at, all) => all.indexOf(row) === at,
  );
  expect(order.length).toBe(rows);
  const moved = new Float32Array(vectors.length);
  order.forEach((row, at) => {
    for (let k = 0; k < dimensions; k++)
      moved[at * dimensions + k] = vectors[row * dimensions + k]! * 2 ** ((row % 40) - 20);
  });
  const pick = (from: Int32Array): Int32Array => Int32Array.from(order, (row) => from[row]!);
  expect(await allPairs(moved, dimensions, { groups: pick(labels.groups), bursts: pick(labels.bursts) })).toEqual(
    before,
  );
});

describe('nearest rows', () => {
  test.each(SIZES)('of %i rows of %i numbers equal a double loop on every engine', async (rows, dimensions) => {
    const vectors = someVectors(rows, dimensions, 7);
    const { bursts } = someLabels(rows);
    const best = Array.from({ length: rows }, (_, i) => {
      let found = { row: -1, score: Number.NaN };
      for (let j = 0; j < rows; j++) {
        if (j === i || (bursts[i]! >= 0 && bursts[i] === bursts[j])) continue;
        const score = cosine(vectors, i, vectors, j, dimensions);
        if (found.row < 0 || score > found.score) found = { row: j, score };
      }
      return found;
    });
    for (const options of Object.values(WAYS)) {
      const found = await nearest(vectors, dimensions, { bursts }, options);
      // In one dimension every score is 1 or -1: any of the equals will do.
      if (dimensions > 1) expect([...found.rows]).toEqual(best.map(({ row }) => row));
      else expect([...found.rows].map((row) => row >= 0)).toEqual(best.map(({ row }) => row >= 0));
      found.scores.forEach((score, row) => {
        if (best[row]!.row < 0) expect(score).toBeNaN();
        else expect(score).toBeCloseTo(best[row]!.score, 6);
      });
    }
  });

  test('scores closer than the error of int16 are told apart, also when there are more of them than are kept', async () => {
    const dimensions = 64;
    const rows = 40;
    const vectors = new Float32Array(rows * dimensions);
    // All but row 0 differ from each other by less than int16 can hold; row 33 is the nearest to
    // row 0.
    for (let row = 0; row < rows; row++) {
      vectors[row * dimensions] = 1;
      vectors[row * dimensions + 1] = row === 0 ? 0 : 1 + Math.abs(row - 33) * 2e-7;
    }
    for (const options of Object.values(WAYS)) {
      const found = await nearest(vectors, dimensions, {}, options);
      expect(found.rows[0]).toBe(33);
    }
  });

  test('copies of one vector are each other nearest, the lowest first; a lone burst has none', async () => {
    const vectors = new Float32Array(20 * 16).fill(0.5);
    const found = await nearest(vectors, 16);
    expect([...found.rows.slice(0, 3)]).toEqual([1, 0, 0]);
    expect(found.scores[5]).toBe(1);
    const alone = await nearest(vectors, 16, { bursts: new Int32Array(20).fill(3) });
    expect([...alone.rows]).toEqual(Array(20).fill(-1));
    expect(alone.scores[0]).toBeNaN();
  });
});

test.each(SIZES)('%i rows of %i numbers against profiles are cosines in float32', async (rows, dimensions) => {
  const vectors = someVectors(rows, dimensions, 3);
  for (const profiles of [1, 6]) {
    const other = someVectors(profiles, dimensions, 5);
    for (const options of [{}, { threads: 2 }, { engine: 'plain' } as const]) {
      const scores = await profileScores(vectors, other, dimensions, options);
      expect(scores.length).toBe(rows * profiles);
      scores.forEach((score, at) => {
        const right = cosine(vectors, Math.floor(at / profiles), other, at % profiles, dimensions);
        if (!(Math.abs(score - right) < 1e-6)) throw new Error(`score ${at} is ${score}, expected ${right}`);
      });
    }
  }
});

test('nothing in, nothing out', async () => {
  const none = new Float32Array(0);
  expect((await allPairs(none, 512, { groups: new Int32Array(0) })).mated.every((count) => count === 0)).toBe(true);
  expect((await nearest(none, 512)).rows.length).toBe(0);
  expect((await profileScores(none, new Float32Array(512).fill(1), 512)).length).toBe(0);
  expect((await profileScores(new Float32Array(512).fill(1), none, 512)).length).toBe(0);
});

test.each(Object.entries(WAYS))('a zero or non-finite row is refused by its number: %s', async (_name, options) => {
  for (const bad of [0, Number.NaN, Number.POSITIVE_INFINITY]) {
    const vectors = someVectors(200, 8);
    vectors.fill(bad, 150 * 8, 151 * 8);
    const told = { kind: 'invalid', message: 'vector 150 is zero or not finite' };
    await expect(allPairs(vectors, 8, someLabels(200), options)).rejects.toMatchObject(told);
    await expect(nearest(vectors, 8, {}, options)).rejects.toMatchObject(told);
    await expect(profileScores(vectors, someVectors(2, 8), 8, options)).rejects.toMatchObject(told);
    expect(open()).toEqual([]);
    const profiles = { kind: 'invalid', message: 'profile vector 150 is zero or not finite' };
    await expect(profileScores(someVectors(2, 8), vectors, 8, options)).rejects.toMatchObject(profiles);
    expect(open()).toEqual([]);
  }
});

test('lengths that do not fit are refused in words', async () => {
  await expect(allPairs(new Float32Array(10), 4, { groups: new Int32Array(2) })).rejects.toThrow(
    '10 numbers are not rows of 4',
  );
  await expect(allPairs(new Float32Array(8), 4, { groups: new Int32Array(3) })).rejects.toThrow('3 labels for 2 rows');
  await expect(nearest(new Float32Array(8), 0)).rejects.toThrow('dimensions must be a whole number from 1');
});

describe('beside other work', () => {
  test.each(Object.entries(WAYS))('timers keep their time and nothing stays open: %s', async (_name, options) => {
    const vectors = someVectors(options.engine === 'plain' ? 1_200 : 4_000, 512);
    const groups = new Int32Array(vectors.length / 512).fill(-1);
    let ticks = 0;
    const shares: number[] = [];
    const timer = setInterval(() => ticks++, 5);
    const start = performance.now();
    await allPairs(vectors, 512, { groups }, { ...options, onProgress: (share) => shares.push(share) });
    const spent = performance.now() - start;
    clearInterval(timer);
    // One turn per slice of 8 ms and a block; a blocked loop would give none.
    expect(ticks).toBeGreaterThan(spent / 200);
    expect(open()).toEqual([]);
    expect(shares.at(-1)).toBe(1);
  });

  test('works from a CommonJS bundle with nothing beside it, and the process ends by itself', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'hoofprint-kernel-'));
    try {
      const built = await build({
        stdin: {
          contents: `import { allPairs } from './lib/reid/kernel/index.ts';
            const groups = Int32Array.of(1, 1, 2);
            allPairs(Float32Array.of(1, 0, 1, 0, 0, 1), 2, { groups, bins: 4 }, { threads: 2 }).then((found) => console.log(JSON.stringify([...found.mated, ...found.nonMated])));`,
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
    await run(process.execPath, ['scripts/build-kernel.ts', '--check'], { cwd: project });
  });
});
