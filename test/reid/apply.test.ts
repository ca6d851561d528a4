// Names on pictures: a plan, its run and its undoing; what people and the platform said is never
// touched.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { carryOut, planAssignments, takeBack } from '../../lib/reid/assign.ts';
import { reidMatching, reidThresholds } from '../../lib/reid/index.ts';
import { readChecksums } from '../support/checksums.ts';
import { type ReidWorld, reidWorld } from './reid-ports.ts';

const JOURNAL = ['hoofprint_runs', 'hoofprint_assignments'];
const BASE = { method: 'now', threshold: 0.5, despite: 'a test' } as const;

let world: ReidWorld;
beforeAll(async () => {
  world = await reidWorld({ detections: 1_200 });
}, 120_000);
afterAll(() => world?.close());

const plan = (input: Partial<Parameters<typeof planAssignments>[1]> = {}) =>
  planAssignments(world.ports, { ...BASE, output: 'plan.html', ...input }, world.pictures);
const file = (): string => readFileSync(join(world.folder, 'plan-plan.json'), 'utf8');
const checksums = (except: readonly string[] = JOURNAL) => readChecksums(world.rows, except);

interface Named {
  id: string;
  deer: string | null;
}
const readNames = async (): Promise<Map<string, string | null>> =>
  new Map(
    (await world.rows<Named>('SELECT id::text, deer_id::text AS deer FROM detections')).map(({ id, deer }) => [
      id,
      deer,
    ]),
  );

test('the numbers of a plan are what is written, and undoing it restores every table', async () => {
  const before = await checksums([]);
  const names = await readNames();
  const made = await plan();
  // Planning writes nothing.
  expect(await checksums([])).toEqual(before);
  const { counts, rows, deer } = made;
  expect(counts.detections).toBe(rows.length);
  expect(rows.length).toBeGreaterThan(100);
  expect(counts.events).toBe(new Set(rows.map(({ event }) => event)).size);

  const { run, detections } = await carryOut(world.ports, file(), 'tester');
  expect(detections).toBe(counts.detections);
  const after = await readNames();
  const changed = [...after].filter(([id, name]) => names.get(id) !== name);
  expect(new Map(changed)).toEqual(new Map(rows.map((row) => [row.detection, row.deer])));
  // Only empty places were filled.
  expect(changed.filter(([id]) => names.get(id) !== null)).toEqual([]);
  const [assigned] = await world.rows<{ n: number }>(
    `SELECT count(*)::int AS n FROM detections WHERE deer_id IS NOT NULL AND is_valid AND NOT is_duplicate`,
  );
  expect(assigned!.n).toBe(counts.assigned_then);
  for (const { deer: id, detections: added } of deer)
    expect([id, changed.filter(([, name]) => name === id).length]).toEqual([id, added]);
  const [entry] = await world.rows<object>('SELECT who, method, threshold, despite FROM hoofprint_runs WHERE id = $1', [
    run,
  ]);
  expect(entry).toEqual({ who: 'tester', method: 'now', threshold: 0.5, despite: 'a test' });
  // The deer's own facts follow.
  const wrong = await world.rows(
    `SELECT e.id FROM deer e JOIN detections d ON d.deer_id = e.id JOIN images i ON i.id = d.image_id
     JOIN hoofprint_assignments a ON a.detection_id = d.id GROUP BY e.id, e.first_seen, e.last_seen
     HAVING min(i."timestamp") < e.first_seen OR max(i."timestamp") > e.last_seen`,
  );
  expect(wrong).toEqual([]);
  await expect(carryOut(world.ports, file(), 'tester')).rejects.toThrow(
    'the database has changed since this plan was made',
  );

  expect(await takeBack(world.ports, run)).toEqual({ restored: counts.detections, rest: [], deer: [] });
  expect(await checksums()).toEqual(
    Object.fromEntries(Object.entries(before).filter(([name]) => !JOURNAL.includes(name))),
  );
  await expect(takeBack(world.ports, run)).rejects.toThrow(`run ${run} is undone already`);
  await expect(takeBack(world.ports, 999)).rejects.toThrow('there is no run 999');
}, 120_000);

test('what was written is no evidence: an analysis after it finds the same, and says what it left out', async () => {
  const ask = () =>
    reidThresholds(
      world.ports,
      { output: 'after.html', evidence: ['reviews', 'matcher'], trial: { threshold: 0.5, sample: 5 } },
      world.pictures,
    );
  const before = await ask();
  const made = await plan();
  const { run } = await carryOut(world.ports, file(), 'tester');
  const after = await ask();
  for (const field of ['threshold_analysis', 'recommendation', 'evidence', 'trial', 'source_events'] as const)
    expect([field, after[field]]).toEqual([field, before[field]]);
  expect(after.applied_detections).toBe(made.rows.length);
  expect(after.unapplied_assignment_rate).toBe(before.current_assignment_rate);
  expect(after.current_assignment_rate).toBeGreaterThan(before.current_assignment_rate!);
  expect(after.notes.join('\n')).toContain('got their deer from Hoofprint (npm run reid -- apply)');
  // The same again has nothing to write.
  expect((await plan()).rows).toEqual([]);
  await takeBack(world.ports, run);
}, 120_000);

test.each([
  [
    'a review',
    `INSERT INTO reid_reviews (detection_id, verdict, reviewed_at) SELECT id, 'unsure', now() FROM detections ORDER BY id LIMIT 1`,
  ],
  [
    'a name on a picture',
    'UPDATE detections SET deer_id = (SELECT min(id::text)::uuid FROM deer) WHERE id = (SELECT min(id::text)::uuid FROM detections WHERE deer_id IS NULL)',
  ],
  ['a deer', `UPDATE deer SET notes = 'limps' WHERE id = (SELECT min(id::text)::uuid FROM deer)`],
  [
    'an image',
    `UPDATE images SET "timestamp" = "timestamp" + interval '1 s' WHERE id = (SELECT min(id::text)::uuid FROM images)`,
  ],
])(
  'a plan expires when %s has changed',
  async (_, sql) => {
    await plan();
    const text = file();
    await world.rows(sql);
    const before = await checksums([]);
    await expect(carryOut(world.ports, text, 'tester')).rejects.toThrow(
      'the database has changed since this plan was made',
    );
    expect(await checksums([])).toEqual(before);
  },
  60_000,
);

test('a plan that was changed by hand, or is none, is refused', async () => {
  await plan();
  const changed = JSON.parse(file()) as { rows: { deer: string }[] };
  changed.rows[0]!.deer = changed.rows.find(({ deer }) => deer !== changed.rows[0]!.deer)!.deer;
  await expect(carryOut(world.ports, JSON.stringify(changed), 'x')).rejects.toThrow(
    'the plan was changed after it was made',
  );
  await expect(carryOut(world.ports, '{}', 'x')).rejects.toThrow('this is no plan');
  await expect(carryOut(world.ports, 'x', 'x')).rejects.toThrow('the plan is not valid JSON');
});

test('without a recommendation that holds there is no plan; a stored one plans its method from its threshold on', async () => {
  await world.rows(`DELETE FROM hoofprint_meta WHERE key = 'matching_recommendation'`);
  await expect(plan({ despite: undefined })).rejects.toThrow('no recommendation is stored');
  // Of a part of the database, none is kept.
  await reidMatching(world.ports, { output: 'm.html', max_fpir: 0.4, min_animals: 5, since: '2000-01-01' });
  await expect(plan({ despite: undefined })).rejects.toThrow('no recommendation is stored');
  const { recommendation, methods, center } = await reidMatching(world.ports, {
    output: 'm.html',
    max_fpir: 0.4,
    min_animals: 5,
  });
  const { method } = methods.find(({ chosen }) => chosen)!;
  const threshold = recommendation.threshold!;
  expect(center!.stored).toBe(true);
  expect((await plan({ method, threshold, despite: undefined })).despite).toBeNull();
  await expect(plan({ method, threshold: threshold - 0.01, despite: undefined })).rejects.toThrow(
    'the recommendation is ',
  );
  const other = method === 'now' ? 'burst' : 'now';
  await expect(plan({ method: other, threshold: 0.9, despite: undefined })).rejects.toThrow(
    'the recommendation is for the method',
  );
  expect((await plan({ method: other, threshold: 0.9, despite: 'to see' })).despite).toBe('to see');
}, 120_000);

test('undoing restores what is still as the run left it, and lists the rest', async () => {
  const made = await plan();
  const { run } = await carryOut(world.ports, file(), 'tester');
  const [first, second] = made.rows;
  const [{ other }] = (await world.rows<{ other: string }>('SELECT max(id::text) AS other FROM deer WHERE id <> $1', [
    first!.deer,
  ])) as [{ other: string }];
  await world.rows('UPDATE detections SET deer_id = $2 WHERE id = $1', [first!.detection, other]);
  await world.rows('UPDATE detections SET deer_id = NULL WHERE id = $1', [second!.detection]);
  const undone = await takeBack(world.ports, run);
  expect(undone.restored).toBe(made.rows.length - 2);
  expect(undone.rest).toEqual(
    [
      { detection: first!.detection, written: first!.deer, now: other },
      { detection: second!.detection, written: second!.deer, now: null },
    ].sort((a, b) => (a.detection < b.detection ? -1 : 1)),
  );
  const names = await readNames();
  expect(made.rows.filter(({ detection }) => names.get(detection) !== null).map(({ detection }) => detection)).toEqual([
    first!.detection,
  ]);
}, 120_000);

test('whatever people and the platform said before, between and after runs stays as they said it', async () => {
  const ids = (await world.rows<{ id: string }>('SELECT id::text FROM detections ORDER BY id')).map(({ id }) => id);
  const deer = (await world.rows<{ id: string }>('SELECT id::text FROM deer ORDER BY id')).map(({ id }) => id);
  const act = fc.record({ row: fc.nat(ids.length - 1), deer: fc.option(fc.nat(deer.length - 1)) });
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.array(act, { maxLength: 60 }), fc.constantFrom(0.3, 0.5, 0.65)), {
        minLength: 1,
        maxLength: 3,
      }),
      async (rounds) => {
        const said = new Map<string, string | null>();
        const runs: number[] = [];
        for (const [acts, threshold] of rounds) {
          for (const { row, deer: name } of acts) {
            const value = name === null ? null : deer[name]!;
            await world.rows('UPDATE detections SET deer_id = $2 WHERE id = $1', [ids[row], value]);
            said.set(ids[row]!, value);
          }
          const before = await readNames();
          const { rows } = await plan({ threshold });
          if (rows.length > 0) runs.push((await carryOut(world.ports, file(), 'x')).run);
          const after = await readNames();
          for (const [id, name] of said)
            if (name !== null && !rows.some(({ detection, old }) => detection === id && old === name))
              expect(after.get(id)).toBe(name);
          const planned = new Set(rows.map(({ detection }) => detection));
          for (const [id, name] of before) if (!planned.has(id)) expect([id, after.get(id)]).toEqual([id, name]);
        }
        for (const run of runs.reverse()) await takeBack(world.ports, run);
        const names = await readNames();
        for (const [id, name] of said) if (name !== null) expect([id, names.get(id)]).toEqual([id, name]);
      },
    ),
    { numRuns: 4 },
  );
}, 300_000);

test('of two runs of one plan at once one writes, and the other is refused', async () => {
  const made = await plan();
  const [before] = await world.rows<{ run: number }>('SELECT coalesce(max(id), 0)::int AS run FROM hoofprint_runs');
  const runs = await Promise.allSettled(['a', 'b'].map((who) => carryOut(world.ports, file(), who)));
  const done = runs.flatMap((run) => (run.status === 'fulfilled' ? [run.value] : []));
  expect(done.map(({ detections }) => detections)).toEqual([made.rows.length]);
  expect(runs.flatMap((run) => (run.status === 'rejected' ? [run.reason.message] : []))).toEqual([
    expect.stringContaining('the database has changed since this plan was made'),
  ]);
  const [later] = await world.rows<{ n: number; rows: number }>(
    `SELECT count(DISTINCT run_id)::int AS n, count(*)::int AS rows FROM hoofprint_assignments WHERE run_id > $1`,
    [before!.run],
  );
  expect(later).toEqual({ n: 1, rows: made.rows.length });
  await takeBack(world.ports, done[0]!.run);
}, 60_000);

test('kill -9 in the middle of a run leaves nothing of it', async () => {
  const before = await checksums([]);
  const made = await plan();
  expect(made.rows.length).toBeGreaterThan(20);
  const path = join(world.folder, 'plan-plan.json');
  const child = spawn(
    process.execPath,
    [fileURLToPath(new URL('./killed-run.ts', import.meta.url)), world.own.url, path],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const said = await new Promise<string>((resolve) =>
    child.stdout.once('data', (chunk: Buffer) => resolve(chunk.toString())),
  );
  expect(said.trim()).toBe('written, not committed');
  child.kill('SIGKILL');
  await new Promise((resolve) => child.once('close', resolve));
  expect(await checksums([])).toEqual(before);
  const { run, detections } = await carryOut(world.ports, file(), 'tester');
  expect(detections).toBe(made.rows.length);
  await takeBack(world.ports, run);
}, 60_000);
