// Vectors attached to the platform's detections: from then on every number comes from them, and is
// that of the same data in a column of the owner's.
import { attachVectors } from '../../lib/data/embeddings/attach.ts';
import { migrate } from '../../lib/deer/schema.ts';
import { number } from '../../lib/format.ts';
import { loadDataset } from '../../lib/reid/dataset/load.ts';
import type { ThresholdsInput } from '../../lib/reid/input.ts';
import { dice } from '../../lib/reid/statistics/random.ts';
import { file, npy } from '../data/embedding-files.ts';
import { type Platform, platform, withPlatform } from '../support/platform.ts';
import { scoresReport, thresholdsReport } from '../support/reid-reports.ts';

const V1 = 'v1_resnet50';

withPlatform('vectors for detections of the platform', () => {
  let own: Platform;
  const rows = <T extends object>(sql: string, params: readonly unknown[] = []): Promise<T[]> =>
    own.database.write((queries) => queries.rows<T>(sql, params));
  const analyse = async (input: ThresholdsInput = {}) => {
    const { source } = input;
    const dataset = await loadDataset(own.database, { timeZone: 'UTC', ...(source === undefined ? {} : { source }) });
    const { trial: _, ...more } = input;
    return {
      thresholds: await thresholdsReport(dataset, input),
      scores: await scoresReport(dataset, more),
    };
  };
  const attach = (made: readonly { id: string; vector: Float32Array }[], version: string) =>
    attachVectors(own.database, {
      vectors: file('v.npy', npy(made.map(({ vector }) => [...vector]))),
      detections: file('ids.csv', `detection_id\n${made.map(({ id }) => id).join('\n')}\n`),
      version,
    });

  beforeAll(async () => {
    own = await platform();
    await migrate(own.database);
    // Some pictures of each deer look like it; the rest look like nobody.
    const detections = await rows<{ id: string; deer: string | null }>(
      'SELECT id::text, deer_id::text AS deer FROM detections ORDER BY id',
    );
    const deer = await rows<{ id: string; vector: string }>(
      `SELECT id::text, feature_vector::text AS vector FROM deer WHERE embedding_version = '${V1}' AND feature_vector IS NOT NULL`,
    );
    const vectors = new Map(deer.map(({ id, vector }) => [id, JSON.parse(vector) as number[]]));
    const roll = dice(7, 'vectors');
    const made = detections.slice(0, 3_000).map(({ id, deer: named }) => {
      const base = named === null ? undefined : vectors.get(named);
      return {
        id,
        vector: Float32Array.from(
          { length: 512 },
          (_, d) => (base?.[d] ?? 0) + (roll.next() - 0.5) * (base === undefined ? 1 : 0.6),
        ),
      };
    });
    await attach(made, V1);
    await rows(
      `INSERT INTO reid_reviews (detection_id, identity, verdict) SELECT id, 'stranger ' || right(id::text, 4)::int % 50, 'none' FROM detections
       WHERE deer_id IS NULL AND is_valid AND NOT is_duplicate AND burst_group_id IS NULL AND right(id::text, 4)::int <= 1200`,
    );
    await rows(
      `INSERT INTO reid_reviews (detection_id, deer_id, verdict) SELECT d.id, d.deer_id, 'same' FROM detections d JOIN deer e ON e.id = d.deer_id
       WHERE e.embedding_version = '${V1}' AND d.is_valid AND NOT d.is_duplicate AND d.burst_group_id IS NULL AND right(d.id::text, 4)::int <= 2000`,
    );
  });
  afterAll(() => own.close());

  test('numbers are those of the same vectors in a column of the detections, and the stored scores are used only when asked for', async () => {
    const input: ThresholdsInput = { trial: { threshold: 0.6, sample: 20 } };
    const attached = await analyse(input);
    expect(attached.thresholds).toMatchObject({
      source: 'vectors',
      embedding_version: V1,
      stored_scores: null,
      deer_profiles: 14,
    });
    expect(attached.thresholds.recommendation.threshold).not.toBeNull();
    const [{ without, total } = { without: 0, total: 0 }] = await rows<{ without: number; total: number }>(
      `SELECT count(*) FILTER (WHERE h.version IS NULL) AS without, count(*) AS total FROM detections d LEFT JOIN hoofprint_embeddings h ON h.detection_id = d.id
       WHERE d.is_valid AND NOT d.is_duplicate
         AND coalesce(nullif(d.corrected_classification, ''), d.classification) IN ('buck', 'mature', 'mid', 'young', 'doe', 'fawn', 'unknown')`,
    );
    expect(without).toBeGreaterThan(0);
    expect(attached.thresholds.notes).toContain(
      `${number(without)} of ${number(total)} detections have no usable vector and no score. To use the stored scores instead: --source scores, or "source": "scores"`,
    );
    expect(attached.scores.bursts!.spread.count).toBeGreaterThan(0);
    expect((await analyse({ source: 'scores' })).thresholds).toMatchObject({
      source: 'scores',
      stored_scores: { rows: 16_004 },
    });

    await rows('ALTER TABLE detections ADD COLUMN feature_vector vector(512), ADD COLUMN embedding_version text');
    await rows(
      'UPDATE detections d SET feature_vector = h.vector, embedding_version = h.version FROM hoofprint_embeddings h WHERE h.detection_id = d.id',
    );
    await rows('ALTER TABLE hoofprint_embeddings RENAME TO put_aside');
    expect(await analyse(input)).toEqual(attached);
    await rows('ALTER TABLE put_aside RENAME TO hoofprint_embeddings');

    // An attached vector goes before the column.
    await rows(
      'UPDATE detections SET feature_vector = array_fill(1, ARRAY[512])::vector WHERE embedding_version IS NOT NULL',
    );
    expect(await analyse(input)).toEqual(attached);
  });

  test('of two versions the one of more detections is reported, the other left out and said', async () => {
    await rows('ALTER TABLE detections DROP COLUMN feature_vector, DROP COLUMN embedding_version');
    const other = await rows<{ id: string }>('SELECT id::text FROM detections ORDER BY id DESC LIMIT 700');
    const before = (await analyse()).thresholds;
    await attach(
      other.map(({ id }, i) => ({ id, vector: Float32Array.from({ length: 512 }, (_, d) => Math.sin(i + d)) })),
      'v3_ensemble',
    );
    const { left_out: out, notes, threshold_analysis: rates } = (await analyse()).thresholds;
    expect(rates).toEqual(before.threshold_analysis);
    expect(out.detections.otherVersion + out.detections.withoutVector).toBe(before.left_out.detections.withoutVector);
    expect(out.detections.otherVersion).toBeGreaterThan(400);
    expect(out.profiles.otherVersion).toBe(6);
    expect(notes).toContainEqual(
      expect.stringMatching(
        /^the vectors are of several embedding versions, .* for v1_resnet50, left out are v3_ensemble: 6\d\d detections, 5 profiles$/,
      ),
    );
  });
});
