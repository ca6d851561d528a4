// Names on pictures of the platform's own database, from the scores that it stored.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrate } from '../../lib/deer/schema.ts';
import { Fault } from '../../lib/errors.ts';
import { carryOut, planAssignments, takeBack } from '../../lib/reid/assign.ts';
import { type ReidPorts, reidMatching } from '../../lib/reid/index.ts';
import { readChecksums } from '../support/checksums.ts';
import { type Platform, platform, withPlatform } from '../support/platform.ts';

withPlatform("the platform's own database", () => {
  let own: Platform;
  let folder: string;
  let ports: ReidPorts;
  const rows = <T extends object>(sql: string): Promise<T[]> => own.database.write((queries) => queries.rows<T>(sql));
  beforeAll(async () => {
    own = await platform();
    await migrate(own.database);
    folder = mkdtempSync(join(tmpdir(), 'hoofprint-apply-'));
    const down = () => Promise.reject(new Fault('unavailable', 'S3 is not available'));
    ports = {
      database: own.database,
      files: { put: down } as unknown as ReidPorts['files'],
      ...{ currentThreshold: 0.7, timeZone: 'UTC', outputRoot: folder, ttlSeconds: 3_600 },
      clock: () => new Date('2026-11-01T12:00:00Z'),
      say: () => undefined,
    };
  }, 60_000);
  afterAll(async () => {
    await own?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test('a plan, its run and its undoing leave every table of the platform as it was', async () => {
    const journal = ['hoofprint_runs', 'hoofprint_assignments'];
    const before = await readChecksums(rows, journal);
    const names = new Map(
      (await rows<{ id: string; deer: string | null }>('SELECT id::text, deer_id::text AS deer FROM detections')).map(
        ({ id, deer }) => [id, deer],
      ),
    );
    const noPictures = {
      images: { read: () => Promise.reject(new Error('none')) } as never,
      cut: () => Promise.reject(new Error('none')),
    };
    const input = { method: 'now', threshold: 0.6, output: 'plan.html' } as const;
    await expect(planAssignments(ports, input, noPictures)).rejects.toThrow('no recommendation is stored');
    const { counts, rows: planned } = await planAssignments(ports, { ...input, despite: 'a test' }, noPictures);
    expect(counts.detections).toBeGreaterThan(5);
    const { run, detections } = await carryOut(ports, readFileSync(join(folder, 'plan-plan.json'), 'utf8'), 'x');
    expect(detections).toBe(counts.detections);
    const written = await rows<{ id: string; deer: string }>(
      'SELECT id::text, deer_id::text AS deer FROM detections WHERE deer_id IS NOT NULL',
    );
    const changed = written.filter(({ id, deer }) => names.get(id) !== deer);
    expect(new Map(changed.map(({ id, deer }) => [id, deer]))).toEqual(
      new Map(planned.map((row) => [row.detection, row.deer])),
    );
    expect(changed.filter(({ id }) => names.get(id) !== null)).toEqual([]);
    // A visit reaches the threshold by a score that the platform stored for that deer.
    const [low] = await rows<{ n: number }>(
      `SELECT count(*)::int AS n FROM (SELECT a.run_id, coalesce(d.burst_group_id, d.id) AS visit, a.deer_id FROM hoofprint_assignments a
         JOIN detections d ON d.id = a.detection_id GROUP BY 1, 2, 3) v WHERE NOT EXISTS (SELECT FROM reid_similarity_scores s
         JOIN detections o ON o.id = s.detection_id WHERE coalesce(o.burst_group_id, o.id) = v.visit AND s.deer_id = v.deer_id AND s.similarity_score >= 0.6)`,
    );
    expect(low!.n).toBe(0);
    expect(await takeBack(ports, run)).toEqual({ restored: counts.detections, rest: [], deer: [] });
    expect(await readChecksums(rows, journal)).toEqual(before);
  }, 60_000);

  test('only the method of now is offered: the others need vectors', async () => {
    const { methods, choice, sentences } = await reidMatching(ports, { output: 'matching.html' });
    expect(methods.map(({ method, withheld }) => [method, withheld])).toEqual([
      ['now', null],
      ...['burst', 'centered', 'templates3', 'templates5'].map((name) => [
        name,
        'it needs vectors; there are only stored scores',
      ]),
    ]);
    expect(choice).toMatchObject({ method: 'now', by: 'only' });
    expect(sentences[0]).toContain('Nothing is safe now: ');
  });
});
