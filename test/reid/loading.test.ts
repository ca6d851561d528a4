// Out of a database: the herd as it was made, filters, an owner's tables without ours, and what a
// request may ask for.
import { problemFinder } from '../../lib/lambda/validate.ts';
import { TRIAL_COLUMNS, trialCells } from '../../lib/reid/analysis/trial.ts';
import type { Dataset } from '../../lib/reid/dataset/dataset.ts';
import { loadDataset } from '../../lib/reid/dataset/load.ts';
import { scoresContract, thresholdsContract } from '../../lib/reid/input.ts';
import { type Herd, loadHerd } from '../../localstack/herd/index.ts';
import { migratedDatabase, type OwnDatabase } from '../support/database.ts';
import { thresholdsReport } from '../support/reid-reports.ts';
import { datasetOf } from './brute.ts';

/** As a database says that Hoofprint wrote nothing to it. */
const withNothingWritten = (dataset: Dataset): Dataset => ({
  ...dataset,
  detections: dataset.detections.map((detection) => ({ applied: null, ...detection })),
  profiles: dataset.profiles.map((profile) => ({ madeFrom: [], ...profile })),
});

describe('in a database', () => {
  let own: OwnDatabase;
  let herd: Herd;
  const rows = <T extends object>(sql: string, params: readonly unknown[] = []) =>
    own.database.write((queries) => queries.rows<T>(sql, params));
  const load = (more: Partial<Parameters<typeof loadDataset>[1]> = {}) =>
    loadDataset(own.database, { timeZone: 'UTC', ...more });

  beforeAll(async () => {
    own = await migratedDatabase();
    herd = await loadHerd({ copy: own.copy, rows, seed: 5, detections: 1_600, reviewed: 0.5 });
  });
  afterAll(() => own.close());

  test('the herd comes back as it was made, and leads to the same numbers', async () => {
    const [read, made] = [await load(), withNothingWritten(datasetOf(herd))];
    expect({ ...read, vectors: null, profileVectors: null }).toEqual({ ...made, vectors: null, profileVectors: null });
    expect(read.vectors.length).toBe(made.vectors.length);
    expect(read.vectors.every((value, i) => Math.abs(value - made.vectors[i]!) < 1e-6)).toBe(true);
    const analyse = (dataset: typeof read) => thresholdsReport(dataset, { trial: { threshold: 0.6, sample: 20 } });
    const [one, other] = [await analyse(read), await analyse(made)];
    expect(one.recommendation).toEqual(other.recommendation);
    expect(trialCells(one.trial!)).toEqual(trialCells(other.trial!));
    expect(trialCells(one.trial!).every((cells) => cells.length === TRIAL_COLUMNS.length)).toBe(true);
  });

  test('filters by class, place and inclusive local days; unknown names are refused with the known ones', async () => {
    const place = herd.locations.toSorted((a, b) => b.images - a.images)[0]!;
    const some = await load({
      classes: ['doe', 'unknown'],
      locations: [place.name],
      since: '2023-11-01',
      until: '2023-11-30',
      timeZone: 'America/Chicago',
    });
    expect(some.detections.length).toBeGreaterThan(0);
    const inside = (at: number): boolean =>
      at >= Date.parse('2023-11-01T00:00:00-05:00') && at < Date.parse('2023-12-01T00:00:00-06:00');
    for (const { label, location, at } of some.detections) {
      expect(['doe', 'unknown']).toContain(label);
      expect([location, inside(at!)]).toEqual([place.id, true]);
    }
    const all = datasetOf(herd).detections.filter(
      ({ label, location, at }) => ['doe', 'unknown'].includes(label) && location === place.id && inside(at!),
    );
    expect(some.detections).toHaveLength(all.length);
    await expect(load({ classes: ['moose'] })).rejects.toThrow(
      /^Unknown class "moose"; known: buck, doe, fawn, unknown$/,
    );
    await expect(load({ locations: ['nowhere'] })).rejects.toThrow(`Unknown location "nowhere"; known: `);
  });

  test('what is no deer is no search: other animals are counted apart and dilute no rate', async () => {
    const analyse = async () => thresholdsReport(await load());
    const before = await analyse();
    const other = await rows<{ id: string }>(
      `INSERT INTO detections (image_id, classification, corrected_classification)
       SELECT image_id, said, corrected FROM (SELECT image_id FROM detections ORDER BY id LIMIT 40) d,
         (VALUES ('Procyon lotor', NULL), ('doe', 'Meleagris gallopavo'), ('Procyon lotor', 'unknown')) AS v (said, corrected) RETURNING id::text`,
    );
    try {
      const after = await analyse();
      expect(after.left_out.detections).toMatchObject({
        otherClass: 80,
        withoutVector: before.left_out.detections.withoutVector + 40,
      });
      expect(after.total_detections).toBe(before.total_detections + 40);
      expect(after.recommendation.threshold).toBe(before.recommendation.threshold);
      await rows(`UPDATE detections SET corrected_classification = 'raccoon' WHERE NOT id = ANY ($1::uuid[])`, [
        other.map(({ id }) => id),
      ]);
      const { recommendation } = await thresholdsReport(await load({ classes: ['raccoon'] }));
      expect(recommendation.reason).toMatch(/none of the [\d,]+ detections is of a deer$/);
    } finally {
      await rows('DELETE FROM detections WHERE id = ANY ($1::uuid[])', [other.map(({ id }) => id)]);
      for (const { id, corrected } of herd.detections)
        if (corrected !== null)
          await rows('UPDATE detections SET corrected_classification = $2 WHERE id = $1', [id, corrected]);
      await rows(`UPDATE detections SET corrected_classification = NULL WHERE corrected_classification = 'raccoon'`);
    }
  });

  test('vectors that are absent, zero or of another size are left out and counted; so is another embedding version', async () => {
    const usable = herd.detections.filter(({ valid, duplicate }) => valid && !duplicate);
    const [a, b, c] = usable.map(({ id }) => id);
    await rows(`UPDATE detections SET feature_vector = NULL WHERE id = $1`, [a]);
    await rows(`UPDATE detections SET feature_vector = array_fill(0, ARRAY[512])::vector WHERE id = $1`, [b]);
    await rows(`UPDATE detections SET feature_vector = '[1,2,3]' WHERE id = $1`, [c]);
    await rows(`UPDATE deer SET embedding_version = 'other' WHERE id = $1`, [herd.deer[0]!.id]);
    const dataset = await load();
    expect(dataset.leftOut.detections).toMatchObject({ withoutVector: 1, zero: 1, wrongSize: 1, nonFinite: 0 });
    expect(dataset.detections).toHaveLength(usable.length - 3);
    expect(dataset.total).toBe(usable.length);
    expect(dataset.profiles.map(({ version }) => version)).toEqual(Array(19).fill('demo-512-v1'));
    const { notes, left_out: out } = await thresholdsReport(dataset);
    expect(out.profiles).toMatchObject({ otherVersion: 1, withoutVector: 0 });
    expect(notes).toContain(
      'the vectors are of several embedding versions, which cannot be compared: all numbers are for demo-512-v1, left out are other: 0 detections, 1 profile',
    );
  });

  test('an owner database without the optional tables and columns is read as it is, and says what it cannot tell', async () => {
    await rows('DROP TABLE reid_reviews, deployments');
    await rows('ALTER TABLE deer DROP COLUMN enrolled_at, DROP COLUMN source_detection_id');
    await rows('ALTER TABLE detections DROP COLUMN embedding_version');
    await rows(`UPDATE deer SET embedding_version = 'demo-512-v1'`);
    const dataset = await load();
    expect(dataset.reviews).toEqual([]);
    expect(dataset.absent).toHaveLength(4);
    expect(dataset.absent.at(-1)).toMatch(/^3 of [\d,]+ detections have no usable vector and no score$/);
    const { notes, recommendation, source_events } = await thresholdsReport(dataset);
    expect(notes).toEqual(expect.arrayContaining(dataset.absent));
    // The matcher gave each source detection to its own deer, with a score of 1: found without
    // being named.
    expect(source_events).toBe(20);
    expect(recommendation.threshold).toBeNull();
  });
});

describe('requests', () => {
  const find = problemFinder(thresholdsContract);
  const problems = (value: unknown): string[] => find(value, undefined).map(({ detail }) => detail);
  const LIST = 'thresholds must be a list of 1 to 50 numbers from -1 to 1';

  test.each<[unknown, string]>([
    [{ thresholds: [] }, LIST],
    [{ thresholds: Array.from({ length: 51 }, (_, i) => i / 100) }, LIST],
    [{ thresholds: '0.7' }, LIST],
    [{ thresholds: [0.7, '0.6'] }, 'thresholds[1] must be a number from -1 to 1'],
    [{ thresholds: [1.01] }, 'thresholds[0] must be a number from -1 to 1'],
    [{ thresholds: [Number.NaN] }, 'thresholds[0] must be a number from -1 to 1'],
    [{ thresholds: [0.7, 0.6, 0.7] }, 'thresholds must not contain 0.7 twice'],
    [{ thresholds: [0, -0] }, 'thresholds must not contain 0 twice'],
    [{ max_fpir: 0 }, 'max_fpir must be a rate above 0 and below 1'],
    [{ min_animals: 1 }, 'min_animals must be a whole number of animals from 2 to 1000000'],
    [{ evidence: ['guesses'] }, 'evidence[0] must be one of: reviews, same_image, same_instant, bursts, matcher'],
    [{ classes: ['doe', 'doe'] }, 'classes must not contain "doe" twice'],
    [{ since: '2024-02-30' }, 'since must be a date in YYYY-MM-DD format'],
    [{ since: '2024-02-02', until: '2024-02-01' }, 'since must be before until'],
    [{ unknown_share: 1.5 }, 'unknown_share must be a share from 0 to 1 (of events whose animal is not enrolled)'],
    [{ sample: 0 }, 'sample must be a whole number of events from 1 to 10000000'],
    [{ seed: -1 }, 'seed must be a whole number from 0 to 4294967295'],
    [{ trial: { threshold: 0.6 } }, 'trial.sample is required: it must be a whole number of events from 1 to 2000'],
    [{ output: '' }, 'output must be a path below the working directory, of 1 to 500 characters'],
    [
      { treshold: 0.6 },
      'treshold is not a known field; known fields: evidence, classes, locations, since, until, unknown_share, sample, seed, output, source, thresholds, max_fpir, min_animals, trial',
    ],
  ])('%j is refused', (value, detail) => {
    expect(problems(value)[0]).toBe(detail);
  });

  test('the issue own examples pass', () => {
    for (const value of [
      {},
      { thresholds: [0.7, 0.65, 0.6, 0.55] },
      { trial: { threshold: 0.6, sample: 100, seed: 7 } },
      { thresholds: [-1, 1], since: '2024-01-01', until: '2024-01-01' },
    ]) {
      expect(problems(value)).toEqual([]);
    }
    expect(problemFinder(scoresContract)({ trial: {} }, undefined)[0]!.detail).toContain('trial is not a known field');
  });
});
