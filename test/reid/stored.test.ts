// Re-ID on the platform's own database: scores that were stored, and no vectors. Right values come
// from SQL.
import { migrate } from '../../lib/deer/schema.ts';
import { number } from '../../lib/format.ts';
import { loadDataset } from '../../lib/reid/dataset/load.ts';
import { type Platform, platform, withPlatform } from '../support/platform.ts';
import { scoresReport } from '../support/reid-reports.ts';
import { BEST, COUNTED, deerId, type Found, on } from './platform-scores.ts';

withPlatform('stored scores without any migrate', () => {
  let own: Platform;
  let found: Found;
  beforeAll(async () => {
    own = await platform();
    found = on(own);
  });
  afterAll(() => own.close());

  test('assignment rates by detection and by event are those of SQL over the stored scores', async () => {
    const { threshold_analysis: analysis, total_detections: total, events, ...head } = await found.analyse();
    expect(head).toMatchObject({ source: 'scores', embedding_version: 'v1_resnet50', deer_profiles: 14 });
    for (const row of analysis) {
      const [right] = await found.rows<{ assigned: number; total: number; events: number; event_rate: number }>(
        `WITH ${COUNTED}, ${BEST('v1_resnet50')}, by_event AS (SELECT c.event, bool_or(coalesce(b.score, -1) >= $1) AS hit
           FROM counted c LEFT JOIN best b USING (id) GROUP BY 1)
         SELECT count(*) FILTER (WHERE b.score >= $1) AS assigned, count(*) AS total, (SELECT count(*) FROM by_event) AS events,
           (SELECT avg(hit::int)::float8 FROM by_event) AS event_rate FROM counted c LEFT JOIN best b USING (id)`,
        [row.threshold],
      );
      expect([row.assigned_count, total, events]).toEqual([right!.assigned, right!.total, right!.events]);
      expect(row.assignment_rate).toBeCloseTo(right!.assigned / right!.total, 12);
      expect(row.event_assignment_rate).toBeCloseTo(right!.event_rate, 12);
      expect(right!.assigned).toBeGreaterThan(0);
    }
    expect(analysis.map(({ threshold }) => threshold)).toEqual([0.7, 0.65, 0.6, 0.55]);
  });

  test('a score of exactly the threshold is a match', async () => {
    const [{ score, count }] = (await found.rows<{ score: number; count: number }>(
      `WITH ${COUNTED}, ${BEST('v1_resnet50')} SELECT b.score, (SELECT count(*) FROM counted JOIN best o USING (id) WHERE o.score >= b.score) AS count
       FROM counted JOIN best b USING (id) ORDER BY b.score DESC OFFSET 7 LIMIT 1`,
    )) as [{ score: number; count: number }];
    const { threshold_analysis: analysis } = await found.analyse({ thresholds: [score, score + 1e-9] });
    expect(analysis[0]!.assigned_count).toBe(count);
    expect(analysis[1]!.assigned_count).toBeLessThan(count);
  });

  test('what is absent is a sentence; deer of two versions are not mixed', async () => {
    const { notes, recommendation, replay, left_out: out, stored_scores: stored } = await found.analyse();
    expect(notes).toEqual(
      expect.arrayContaining([
        'there is no table of reviews (reid_reviews). Type: npm run migrate',
        'when deer were enrolled is not recorded (deer.enrolled_at): the date of the row is used (deer.created_at)',
        expect.stringMatching(
          /^the stored scores are of several embedding versions, .* for v1_resnet50, left out are v3_ensemble: [\d,]+ detections, 6 profiles$/,
        ),
        expect.stringMatching(
          /^scores are not computed: [\d,]+ stored scores of [\d,]+ detections are used \(reid_similarity_scores\), rounded to four decimals$/,
        ),
        expect.stringMatching(
          /^comparisons of all pairs, .* need vectors\. .* npm run import -- --embeddings vectors.npy --detections ids.csv$/,
        ),
      ]),
    );
    expect(notes.join('\n')).not.toMatch(/[0-9a-f]{8}-[0-9a-f]{4}-/);
    expect(recommendation).toMatchObject({ threshold: null });
    expect(replay).toBeNull();
    expect(out.profiles.otherVersion).toBe(6);
    const [right] = await found.rows<{ used: number; other: number }>(
      `WITH ${COUNTED} SELECT count(*) FILTER (WHERE e.embedding_version = 'v1_resnet50') AS used, count(*) FILTER (WHERE e.embedding_version <> 'v1_resnet50') AS other
       FROM reid_similarity_scores s JOIN counted c ON c.id = s.detection_id JOIN deer e ON e.id = s.deer_id`,
    );
    expect(stored).toMatchObject({
      rows: 16_004,
      used: right!.used,
      other_version: right!.other,
      missing_pairs: 0,
      older_than_vector: 0,
      threshold_used: 0.4,
    });
    expect(notes).toContainEqual(expect.stringContaining('matched at 0.40, but REID_THRESHOLD is 0.70 here'));
  });

  test('distributions come from best scores; comparisons of detections do not', async () => {
    const dataset = await loadDataset(own.database, { timeZone: 'UTC' });
    const scores = await scoresReport(dataset);
    const [right] = await found.rows<{ count: number; max: number }>(
      `WITH ${COUNTED}, ${BEST('v1_resnet50')} SELECT count(*), max(score)::float8 AS max FROM counted JOIN best USING (id)`,
    );
    expect(scores.detections_best!.spread).toMatchObject({ count: right!.count, max: right!.max });
    expect(scores).toMatchObject({ same_image: null, same_instant: null, bursts: null });
  });

  test('a trial is drawn from scores, with names that people can read', async () => {
    const { trial } = await found.analyse({ trial: { threshold: 0.6, sample: 40 } });
    expect(trial!.rows).toHaveLength(40);
    expect(trial!.rows.some(({ change }) => change === 'no longer assigned')).toBe(true);
    for (const { candidate_deer: deer, present_deer: present, score, candidate_picture: picture, detections } of trial!
      .rows) {
      for (const name of [deer, present]) if (name !== null) expect(name).toMatch(/^(Buck \d+|deer [0-9a-f]{4,})$/);
      if (deer !== null) expect(score).toBeCloseTo(Number(score!.toFixed(4)), 10);
      if (picture !== null) expect(detections).not.toContain(picture);
    }
    expect(trial!.rows.some(({ candidate_picture: picture }) => picture !== null)).toBe(true);
  });

  test('vectors may not be asked for where there are none', async () => {
    const { recommendation } = await found.analyse({ source: 'vectors' });
    expect(recommendation.reason).toMatch(
      /none of the [\d,]+ detections has a usable vector\. Attach vectors with npm run import -- --embeddings/,
    );
  });
});

withPlatform('rows that cannot be used', () => {
  let own: Platform;
  let found: Found;
  beforeAll(async () => {
    own = await platform();
    found = on(own);
  });
  afterAll(() => own.close());

  test('low scores that were not kept: the lowest is printed and nothing below it is recommended', async () => {
    await migrate(own.database);
    const { recommendation: before } = await found.analyse();
    await found.rows('DELETE FROM reid_similarity_scores WHERE similarity_score < 0.49');
    await found.rows(
      `INSERT INTO reid_reviews (detection_id, identity, verdict) SELECT id, 'stranger ' || right(id::text, 4)::int % 100, 'none' FROM detections
       WHERE deer_id IS NULL AND is_valid AND NOT is_duplicate AND classification = 'doe'
         AND corrected_classification IS NULL AND burst_group_id IS NULL`,
    );
    const { recommendation, notes, stored_scores: stored } = await found.analyse();
    expect(before.threshold).toBeNull();
    expect(stored!.lowest).toBeGreaterThanOrEqual(0.49);
    expect(notes).toContainEqual(
      expect.stringMatching(
        /^only [\d.]+% of the pairs with a deer older than the detection have a score: scores below 0\.49\d* were not kept, so no lower threshold is recommended$/,
      ),
    );
    // Strangers without a row met nobody: the gallery is too small to recommend anything.
    expect(recommendation.threshold).toBeNull();
    expect(recommendation.reason).toContain('were compared with only');
  });

  test('rows older than the enrollment of their deer are left out and counted; a later change of the deer is said', async () => {
    await found.rows(`UPDATE deer SET created_at = now() + interval '1 hour' WHERE id = $1`, [deerId(4)]);
    await found.rows(`UPDATE deer SET updated_at = now() + interval '1 hour' WHERE id = $1`, [deerId(6)]);
    const [right] = await found.rows<{ old: number; changed: number }>(
      `WITH ${COUNTED} SELECT count(*) FILTER (WHERE s.deer_id = $1) AS old, count(*) FILTER (WHERE s.deer_id = $2) AS changed
       FROM reid_similarity_scores s JOIN counted c ON c.id = s.detection_id`,
      [deerId(4), deerId(6)],
    );
    const { stored_scores: stored, notes } = await found.analyse();
    expect(right!.old).toBeGreaterThan(0);
    expect(stored).toMatchObject({ older_than_vector: right!.old, older_than_change: right!.changed });
    expect(notes).toContain(`${number(right!.old)} scores are left out: older than the profile of their deer`);
    expect(notes).toContainEqual(
      expect.stringContaining(
        `${number(right!.changed)} scores are older than the last change of their deer (deer.updated_at)`,
      ),
    );
  });
});
