// Human verdicts on the platform's stored scores: error rates and bounds against counts by hand,
// and what a gallery that grew does to them.
import { migrate } from '../../lib/deer/schema.ts';
import { computeBound } from '../../lib/reid/statistics/bound.ts';
import { type Platform, platform, withPlatform } from '../support/platform.ts';
import { COUNTED, deerId, type Found, on } from './platform-scores.ts';

withPlatform('reviews on stored scores', () => {
  let own: Platform;
  let found: Found;
  /** Reviewed events: of strangers three each, of known deer as the platform named them. */
  interface Event {
    event: string;
    detections: string[];
    identity?: string;
    deer?: string;
  }
  let strangers: Event[];
  let known: Event[];
  /** Scores of an event against each v1 deer, by SQL. */
  const scoresOf = async (): Promise<Map<string, Map<string, number>>> => {
    const rows = await found.rows<{ event: string; deer: string; score: number }>(
      `WITH ${COUNTED} SELECT c.event::text, s.deer_id::text AS deer, max(s.similarity_score)::float8 AS score
       FROM counted c JOIN reid_similarity_scores s ON s.detection_id = c.id JOIN deer e ON e.id = s.deer_id AND e.embedding_version = 'v1_resnet50' GROUP BY 1, 2`,
    );
    const by = new Map<string, Map<string, number>>();
    for (const { event, deer, score } of rows) by.set(event, (by.get(event) ?? new Map()).set(deer, score));
    return by;
  };
  const top = (scores: Map<string, number> | undefined): [string | null, number] =>
    [...(scores ?? [])].reduce<[string | null, number]>(
      (best, [deer, score]) => (score > best[1] ? [deer, score] : best),
      [null, Number.NEGATIVE_INFINITY],
    );
  const boundOf = async (threshold: number) => {
    const by = await scoresOf();
    const names = [...new Set(strangers.map(({ identity }) => identity!))];
    const searched = strangers.filter(({ event }) => by.has(event));
    return computeBound(
      {
        scores: searched.map(({ event }) => top(by.get(event))[1]),
        cluster: searched.map(({ identity }) => names.indexOf(identity!)),
        weight: searched.map(() => 1),
      },
      threshold,
    );
  };

  beforeAll(async () => {
    own = await platform();
    found = on(own);
    await migrate(own.database);
    const events = await found.rows<{ event: string; detections: string[]; classes: string[]; deer: string[] }>(
      `WITH ${COUNTED} SELECT c.event::text, array_agg(c.id::text ORDER BY c.id) AS detections, array_agg(DISTINCT d.classification) AS classes,
         array_remove(array_agg(DISTINCT d.deer_id::text), NULL) AS deer FROM counted c JOIN detections d USING (id) GROUP BY 1 ORDER BY md5(c.event::text)`,
    );
    const plain = events.filter(
      ({ classes, deer }) => classes.length === 1 && ['doe', 'buck', 'fawn'].includes(classes[0]!) && deer.length === 0,
    );
    strangers = plain
      .slice(0, 180)
      .map(({ event, detections }, i) => ({ event, detections, identity: `stranger ${i % 60}` }));
    const v1 = new Set(Array.from({ length: 14 }, (_, i) => deerId(i + 1)));
    const by = await scoresOf();
    const named = events.flatMap(({ event, detections, deer }) =>
      deer.length === 1 && v1.has(deer[0]!) ? [{ event, detections, deer: deer[0]! }] : [],
    );
    const scored = (one: { event: string; deer: string }): boolean => by.get(one.event)?.has(one.deer) === true;
    // The platform assigned some that its own gate keeps apart: they have no row and count as
    // missed.
    known = [...named.filter(scored), ...named.filter((one) => !scored(one)).slice(0, 12)];
    const reviews = [...strangers, ...known].flatMap(({ detections, identity, deer }) =>
      detections.map((detection) => ({
        detection,
        verdict: deer === undefined ? 'none' : 'same',
        identity: identity ?? null,
        deer: deer ?? null,
      })),
    );
    await found.rows(
      `INSERT INTO reid_reviews (detection_id, deer_id, identity, verdict) SELECT r.detection, r.deer, r.identity, r.verdict
       FROM jsonb_to_recordset($1::jsonb) AS r (detection uuid, deer uuid, identity text, verdict text)`,
      [JSON.stringify(reviews)],
    );
  });
  afterAll(() => own.close());

  test('FPIR, FNIR, MIS and the bound are those of a count by hand; a threshold is recommended', async () => {
    const thresholds = [0.7, 0.6, 0.48, 0.45, 0.4];
    const { threshold_analysis: analysis, recommendation, evidence } = await found.analyse({ thresholds });
    const by = await scoresOf();
    const mated = known.map(({ event, deer }) => ({
      deer,
      best: top(by.get(event)),
      score: by.get(event)?.get(deer!) ?? Number.NEGATIVE_INFINITY,
    }));
    expect(evidence).toMatchObject({
      mated_searches: known.length,
      mate_newer: 0,
      mate_missing: mated.filter(({ score }) => !Number.isFinite(score)).length,
    });
    expect(evidence!.mate_missing).toBeGreaterThan(0);
    for (const row of analysis) {
      const t = row.threshold;
      const bound = await boundOf(t);
      expect([row.fpir, row.fpir_n, row.fpir_m]).toEqual([bound.p, 180, 60]);
      if (bound.errors > 0) expect(row.fpir_upper).toBeCloseTo(bound.upper, 12);
      const misses = mated.filter(({ deer, best, score }) => best[0] !== deer || score < t).length;
      const mistakes = mated.filter(({ deer, best }) => best[0] !== null && best[0] !== deer && best[1] >= t).length;
      expect(row.fnir).toBeCloseTo(misses / known.length, 12);
      expect(row.mis).toBeCloseTo(mistakes / known.length, 12);
    }
    expect(analysis.at(-1)!.fpir).toBeGreaterThan(0);
    expect(recommendation.threshold).not.toBeNull();
    expect(recommendation.fpir_upper).toBeLessThan(0.05);
    const below = (await found.analyse({ thresholds: [recommendation.threshold! - 0.01] })).threshold_analysis[0]!;
    expect(below.fpir_upper).toBeGreaterThanOrEqual(0.05);
  });

  test('too few animals are a refusal with what would change it', async () => {
    const { recommendation } = await found.analyse({ min_animals: 61 });
    expect(recommendation).toMatchObject({
      threshold: null,
      reason: 'no threshold can be recommended: only 60 strangers were reviewed; at least 61 are needed',
      what_would_change: [
        'review events of 1 more stranger and give each animal a name: draw events with npm run reid -- thresholds --trial threshold=0.70,sample=50,seed=1, mark them on its page, then load the file: npm run import -- --reviews reviews.json',
      ],
    });
  });

  describe('a deer that was enrolled after half of the detections', () => {
    /** Its rows against older detections do not exist. */
    const enrol = async (deer: readonly string[], share: number): Promise<void> => {
      await found.rows(
        `UPDATE detections SET created_at = timestamptz '2025-06-01' + right(id::text, 4)::int * interval '1 minute'`,
      );
      const [{ at }] = (await found.rows<{ at: Date }>(
        'SELECT percentile_disc($1::float8) WITHIN GROUP (ORDER BY created_at) AS at FROM detections',
        [share],
      )) as [{ at: Date }];
      await found.rows(`UPDATE deer SET created_at = timestamptz '2025-01-01'`);
      await found.rows('UPDATE deer SET created_at = $2 WHERE id = ANY ($1::uuid[])', [deer, at]);
      await found.rows(
        `DELETE FROM reid_similarity_scores s USING detections d WHERE d.id = s.detection_id AND s.deer_id = ANY ($1::uuid[]) AND d.created_at < $2`,
        [deer, at],
      );
    };
    /** g by hand: rows over the pairs that the gate of the platform lets through. */
    const galleryByHand = async (): Promise<number> => {
      const by = await scoresOf();
      const gated = await found.rows<{ event: string; gated: number }>(
        `WITH ${COUNTED} SELECT c.event::text, count(DISTINCT e.id) AS gated FROM counted c JOIN detections d USING (id)
         JOIN deer e ON e.embedding_version = 'v1_resnet50' AND ((e.sex = 'buck' AND d.classification IN ('buck', 'mature', 'mid', 'young')) OR e.sex::text = d.classification)
         GROUP BY 1`,
      );
      const gates = new Map(gated.map(({ event, gated: n }) => [event, n]));
      const sum = (value: (event: string) => number): number =>
        strangers.reduce((total, { event }) => total + value(event), 0);
      return sum((event) => by.get(event)?.size ?? 0) / sum((event) => gates.get(event) ?? 0);
    };

    test('a share that rounds to all of the gallery is not called all of it', async () => {
      // Without a single score of a stranger; it comes back for the tests that follow.
      await own.run(`CREATE TABLE put_aside AS SELECT s.* FROM reid_similarity_scores s JOIN reid_reviews r USING (detection_id)
        WHERE r.identity IS NOT NULL AND s.deer_id = '${deerId(4)}' ORDER BY s.id LIMIT 1;
        DELETE FROM reid_similarity_scores s USING put_aside p WHERE p.id = s.id`);
      const g = await galleryByHand();
      const { recommendation } = await found.analyse();
      await own.run('INSERT INTO reid_similarity_scores SELECT * FROM put_aside; DROP TABLE put_aside');
      expect(g).toBeGreaterThan(0.995);
      expect(g).toBeLessThan(1);
      expect(recommendation.reason).toContain(`they met ${(100 * g).toFixed(1)}% of the profiles`);
    });

    test('the bound is divided by the share of the gallery that the strangers met, and it is said', async () => {
      await enrol([deerId(4)], 0.5);
      const g = await galleryByHand();
      expect(g).toBeGreaterThan(0.9);
      expect(g).toBeLessThan(0.98);
      const {
        threshold_analysis: analysis,
        evidence,
        recommendation,
        notes,
      } = await found.analyse({ thresholds: [0.42, 0.4] });
      expect(evidence!.gallery_met).toBeCloseTo(g, 12);
      for (const row of analysis) {
        const { upper, errors } = await boundOf(row.threshold);
        expect(errors).toBeGreaterThan(0);
        expect(row.fpir_upper_met).toBeCloseTo(upper, 12);
        expect(row.fpir_upper).toBeCloseTo(Math.min(1, upper / g), 12);
      }
      expect(recommendation.reason).toContain(`they met ${(100 * g).toFixed(0)}% of the profiles`);
      expect(recommendation.reason).toContain(`is divided by ${g.toFixed(3)}`);
      expect(recommendation.fpir_upper).toBeLessThan(0.05);
      expect(notes).toContainEqual(
        expect.stringMatching(/^[\d,]+ of [\d,]+ pairs that pass the matcher's gate have no usable score$/),
      );
      // Pairs with a younger deer could not be stored: what is missing of older ones is nothing.
      expect(notes.join()).not.toContain('were not kept');
    });

    test('below nine tenths nothing is recommended, and the sentence names the command', async () => {
      await enrol([deerId(4), deerId(6), deerId(9)], 0.9);
      const g = await galleryByHand();
      expect(g).toBeLessThan(0.9);
      const { recommendation, evidence } = await found.analyse();
      expect(evidence!.gallery_met).toBeCloseTo(g, 12);
      expect(recommendation.threshold).toBeNull();
      expect(recommendation.reason).toMatch(
        /^no threshold can be recommended: the reviewed strangers were compared with only \d+% of the profiles that they could be taken for \(class \w+: \d+%\); at least 90% are needed$/,
      );
      expect(recommendation.what_would_change[0]).toContain(
        'npm run import -- --embeddings vectors.npy --detections ids.csv',
      );
    });

    test('a mated search without a row is left out where the deer is younger, else a miss', async () => {
      const { evidence } = await found.analyse();
      const by = await scoresOf();
      const dates = async (table: string): Promise<Map<string, number>> =>
        new Map(
          (await found.rows<{ id: string; at: Date }>(`SELECT id::text, created_at AS at FROM ${table}`)).map(
            ({ id, at }) => [id, at.getTime()],
          ),
        );
      const [made, enrolled] = [await dates('detections'), await dates('deer')];
      const missing = known.filter(({ event, deer }) => by.get(event)?.get(deer!) === undefined);
      const newer = missing.filter(({ detections, deer }) =>
        detections.every((id) => enrolled.get(deer!)! > made.get(id)!),
      );
      expect(newer.length).toBeGreaterThan(0);
      expect(evidence).toMatchObject({
        mate_newer: newer.length,
        mate_missing: missing.length - newer.length,
        mated_searches: known.length - newer.length,
      });
    });
  });
});
