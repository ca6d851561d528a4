// The analyses as jobs: what the functions find, watched, stopped, and stored nowhere.
import { Fault } from '../../lib/errors.ts';
import { ANALYSES, reidKind } from '../../lib/exports/reid/kind.ts';
import { problemFinder } from '../../lib/lambda/validate.ts';
import { type ReidPorts, reidThresholds } from '../../lib/reid/index.ts';
import { JOB_INPUTS, type JobAnalysis } from '../../lib/reid/job-inputs.ts';
import { type Analyze, type JobWork, makeAnalyses } from '../../lib/reid/jobs.ts';
import { allPairs, profileScores } from '../../lib/reid/kernel/index.ts';
import { underWatch } from '../../lib/reid/watch/index.ts';
import { type ReidWorld, reidWorld } from './reid-ports.ts';

let world: ReidWorld;
let analyses: Record<JobAnalysis, Analyze>;
let stored: string[];
beforeAll(async () => {
  world = await reidWorld({ detections: 900 });
  stored = [];
  const ports: ReidPorts = {
    ...world.ports,
    files: { ...world.ports.files, put: async (key) => void stored.push(key), sign: async () => 'a link' },
  };
  world.ports = ports;
  analyses = makeAnalyses(() => ports, problemFinder);
}, 120_000);
afterAll(() => world?.close());

const createdAt = new Date('2024-09-02T10:00:00Z');
const work = (more: Partial<JobWork> = {}): JobWork => ({
  ...{ createdAt, signal: new AbortController().signal, progress: () => undefined },
  ...more,
});

test('each analysis of the kind has an input and a function', () => {
  expect(Object.keys(JOB_INPUTS)).toEqual([...ANALYSES]);
  expect(Object.keys(analyses)).toEqual([...ANALYSES]);
});

test.each(ANALYSES)(
  '%s: a page with its policy, its JSON, rising progress, nothing stored',
  async (analysis) => {
    stored.length = 0;
    const seen: number[] = [];
    const { page, result } = await analyses[analysis]({}, work({ progress: (done, total) => seen.push(done / total) }));
    expect(page).toMatch(/^<!doctype html>[\s\S]*Made 2024-09-02 10:00 UTC[\s\S]*<\/html>\n$/);
    expect(reidKind.readPolicy(page.slice(0, 4_096))).toMatch(
      /^default-src 'none'; script-src 'sha256-[^"]+form-action 'none'$/,
    );
    expect([stored, Object.keys(result).filter((name) => /report|review|csv/.test(name))]).toEqual([[], []]);
    expect(new Set(seen).size).toBeGreaterThanOrEqual(5);
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
    expect(seen.at(-1)).toBeLessThan(1);
  },
  60_000,
);

test('it finds what the function finds, with rows of a trial and without its page', async () => {
  const input = { thresholds: [0.6, 0.5], trial: { threshold: 0.4, sample: 5 } };
  const { page, result } = await analyses.thresholds(input, work());
  const invoked = await reidThresholds(world.ports, input, world.pictures);
  const { report: _, report_link: __, review: ___, trial_csv: ____, ...findings } = invoked;
  expect(result).toEqual(findings);
  expect((result as { trial: { rows: object[] } }).trial.rows).toHaveLength(5);
  expect(page).toContain('What each threshold would do');
  expect(page).not.toContain('hoofprint-reviews');
});

test('an input that the function would refuse is refused, and so is output', async () => {
  await expect(analyses.scores({ output: 'a.html' }, work())).rejects.toMatchObject({
    kind: 'invalid',
    message: expect.stringMatching(/^output is not a known field/),
  });
  await expect(analyses.plot({ classes: ['unicorn'] }, work())).rejects.toMatchObject({
    kind: 'invalid',
    message: expect.stringContaining('Unknown class "unicorn"; known: '),
  });
  await expect(analyses.plot({ source: 'scores' }, work())).rejects.toMatchObject({ kind: 'conflict' });
});

/** Says no step after the one at which it was cancelled. */
test.each(['loaded', 'study', 'replaying the history', 'scoring all pairs of detections'])(
  'cancelled at "%s" nothing more is computed',
  async (step) => {
    const { said, ports } = world;
    const cancel = new AbortController();
    const say = ports.say;
    said.length = 0;
    ports.say = (name, fields) => {
      say(name, fields);
      if (name === step) cancel.abort(new Fault('unavailable', 'cancelled'));
    };
    try {
      await expect(analyses.plot({}, work({ signal: cancel.signal }))).rejects.toThrow('cancelled');
      expect(said.at(-1)).toBe(step);
    } finally {
      ports.say = say;
    }
  },
);

describe('the kernel', () => {
  const rows = 24_000;
  const dimensions = 256;
  const vectors = new Float32Array(new SharedArrayBuffer(rows * dimensions * 4));
  for (let i = 0; i < vectors.length; i += 1) vectors[i] = Math.sin(i * 12.9898) + 0.01;
  const labels = { groups: new Int32Array(rows).fill(-1), bursts: new Int32Array(rows).fill(-1), bins: 200 };
  const WORKERS = [2, 0];

  test.each(WORKERS)(
    'stops soon after it is cancelled, with %i threads',
    async (threads) => {
      const cancel = new AbortController();
      const shares: number[] = [];
      const began = performance.now();
      const working = underWatch({ signal: cancel.signal, progress: (share) => shares.push(share) }, () =>
        allPairs(vectors, dimensions, labels, { threads }),
      );
      working.catch(() => undefined);
      while (shares.length < 3) await new Promise((resolve) => setTimeout(resolve, 5));
      const took = performance.now() - began;
      cancel.abort(new Error('cancelled'));
      const cancelled = performance.now();
      await expect(working).rejects.toThrow('cancelled');
      expect(performance.now() - cancelled).toBeLessThan(1_000);
      expect(shares).toEqual([...shares].sort((a, b) => a - b));
      // It would have gone on: what is left takes longer than what was done.
      expect([took > 0, shares.at(-1)! < 0.9]).toEqual([true, true]);
      // Nobody computes any more.
      const cpu = process.cpuUsage();
      await new Promise((resolve) => setTimeout(resolve, 300));
      const { user, system } = process.cpuUsage(cpu);
      expect((user + system) / 1_000).toBeLessThan(150);
    },
    30_000,
  );

  test('does not begin once it is cancelled', async () => {
    const begun = underWatch({ signal: AbortSignal.abort(new Error('cancelled')), progress: () => undefined }, () =>
      profileScores(vectors, vectors.subarray(0, 4 * dimensions), dimensions),
    );
    await expect(begun).rejects.toThrow('cancelled');
  });
});
