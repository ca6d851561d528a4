// The demo herd: the same for one seed, of the promised size, showing the promised problem, and
// gone without a trace.
import { createHash } from 'node:crypto';
import { DIMENSIONS, passesGate } from '../../localstack/herd/embeddings.ts';
import { generateHerd, type Herd } from '../../localstack/herd/herd.ts';
import { herdPresent, loadHerd, removeHerd } from '../../localstack/herd/load.ts';
import { migratedDatabase, type OwnDatabase } from '../support/database.ts';

const digest = ({ vectors, ...rest }: Herd): string =>
  createHash('sha256').update(JSON.stringify(rest)).update(new Uint8Array(vectors.buffer)).digest('hex');

const share = <T>(items: readonly T[], holds: (item: T) => boolean): number =>
  items.filter(holds).length / items.length;

test('one seed gives one herd, another seed another', () => {
  const size = { detections: 1_600 };
  expect(digest(generateHerd({ seed: 7, ...size }))).toBe(digest(generateHerd({ seed: 7, ...size })));
  expect(digest(generateHerd({ seed: 7, ...size }))).not.toBe(digest(generateHerd({ seed: 8, ...size })));
});

describe('the full herd', () => {
  let herd: Herd;
  let events: { truth: number; score: number; best: string }[];
  beforeAll(() => {
    herd = generateHerd();
    events = searches(herd);
  });

  test('has the promised numbers and stays inside its year and its pictures', () => {
    expect(herd.detections).toHaveLength(11_570);
    expect(herd.deer.map(({ sex }) => sex).join(' ')).toBe(`${'buck '.repeat(8)}${'doe '.repeat(9)}fawn fawn fawn`);
    expect(herd.truth.animals.filter(({ deer }) => deer === null)).toHaveLength(80);
    expect(herd.truth.animals.filter(({ relative }) => relative !== null)).toHaveLength(12);
    expect(Math.max(...herd.truth.visit) + 1).toBe(2_895);
    expect(new Set(herd.deployments.map(({ camera }) => camera)).size).toBe(8);
    for (const image of herd.images) {
      expect(image.at >= Date.UTC(2023, 8, 1) && image.at < Date.UTC(2024, 8, 1)).toBe(true);
      const stay = herd.deployments.find(({ id }) => id === image.deployment)!;
      expect(image.at >= stay.startsAt && image.at <= stay.endsAt && image.location === stay.location).toBe(true);
    }
    for (const { bbox } of herd.detections) {
      expect(
        bbox.x >= 0 && bbox.y >= 0 && bbox.width > 0 && bbox.x + bbox.width <= 1_920 && bbox.y + bbox.height <= 1_080,
      ).toBe(true);
    }
    expect(share(herd.detections, ({ valid }) => !valid)).toBeLessThan(0.01);
    expect(herd.detections.some(({ valid }) => !valid)).toBe(true);
    expect(herd.detections.some(({ duplicate }) => duplicate)).toBe(true);
    expect(herd.detections.some(({ corrected }) => corrected !== null)).toBe(true);
    expect(new Set(herd.images.map(({ id }) => id)).size).toBe(herd.images.length);
    expect(herd.images.length).toBeGreaterThan(12_000);
  });

  test('two animals of one image are different animals whose boxes do not overlap', () => {
    const byImage = Map.groupBy(herd.detections.keys(), (row) => herd.detections[row]!.image);
    const pairs = [...byImage.values()].filter((rows) => rows.length > 1);
    expect(pairs.length).toBeGreaterThan(100);
    for (const [a, b, ...more] of pairs) {
      expect(more).toEqual([]);
      const [left, right] = [herd.detections[a!]!.bbox, herd.detections[b!]!.bbox].sort((one, two) => one.x - two.x);
      expect(left!.x + left!.width).toBeLessThanOrEqual(right!.x);
      expect(herd.truth.animal[a!]).not.toBe(herd.truth.animal[b!]);
    }
  });

  test('an animal is at one place at a time', () => {
    const [places, images] = [herd.locations, herd.images].map((list) => new Map(list.map((one) => [one.id, one]))) as [
      Map<string, Herd['locations'][number]>,
      Map<string, Herd['images'][number]>,
    ];
    const metres = (from: string, to: string): number => {
      const [a, b] = [places.get(from)!.coordinates, places.get(to)!.coordinates];
      return 111_200 * Math.hypot(a.lat - b.lat, (a.lon - b.lon) * Math.cos((a.lat * Math.PI) / 180));
    };
    const rowsOf = Map.groupBy(herd.detections.keys(), (row) => herd.truth.animal[row]!);
    expect(rowsOf.size).toBe(100);
    for (const rows of rowsOf.values()) {
      const seen = rows.map((row) => ({ visit: herd.truth.visit[row]!, ...images.get(herd.detections[row]!.image)! }));
      seen.sort((a, b) => a.at - b.at);
      for (const [i, now] of seen.entries()) {
        const next = seen[i + 1];
        if (next === undefined || next.visit === now.visit) continue;
        // Visits do not overlap, and nobody runs faster than 3 m/s between them.
        expect(next.at - now.at).toBeGreaterThan(20_000);
        expect(metres(now.location, next.location)).toBeLessThan((3 * (next.at - now.at)) / 1_000);
      }
    }
  });

  test('shows the problem: 1,100 of 11,570 assigned at 0.70, each as the matcher would under the gate', () => {
    expect(herd.detections.filter(({ deer }) => deer !== null)).toHaveLength(1_100);
    const sexOf = new Map(herd.deer.map((deer) => [deer.id, deer.sex]));
    const scoreOf = new Map(herd.scores.map((score) => [score.detection, score]));
    for (const { id, deer, corrected, classification } of herd.detections) {
      const best = scoreOf.get(id)!;
      expect(deer).toBe(best.score >= 0.7 ? best.deer : null);
      expect(passesGate(corrected ?? classification, sexOf.get(best.deer)!)).toBe(true);
    }
    for (const { id, source } of herd.deer) {
      expect(scoreOf.get(herd.detections[source]!.id)).toMatchObject({ deer: id, score: expect.closeTo(1, 6) });
    }
    expect(herd.noise).toBeGreaterThan(0.7);
    expect(herd.noise).toBeLessThan(1.3);
  });

  test('and its cure: the figures that the recipe expects at about 0.56', () => {
    const at = (threshold: number) => {
      const [mated, other] = [events.filter(({ truth }) => truth < 20), events.filter(({ truth }) => truth >= 20)];
      return {
        assigned: share(herd.scores, ({ score }) => score >= threshold),
        fpir: share(other, ({ score }) => score >= threshold),
        fnir: share(mated, ({ truth, score, best }) => score < threshold || best !== herd.deer[truth]!.id),
      };
    };
    const [now, then] = [at(0.7), at(0.56)];
    console.log(
      `demo herd: noise ${herd.noise.toFixed(3)}; at 0.70 ${JSON.stringify(now)}; at 0.56 ${JSON.stringify(then)}`,
    );
    expect(now.assigned).toBeCloseTo(0.095, 3);
    expect(now.fpir).toBeLessThan(0.005);
    expect(now.fnir).toBeGreaterThan(0.68);
    expect(then.assigned).toBeGreaterThan(0.3);
    expect(then.fpir).toBeLessThan(0.04);
    expect(then.fnir).toBeLessThan(0.32);
  });

  test('labels are right, unknown and wrong as the recipe says, and a fifth of the visits is reviewed truthfully', () => {
    const first = herd.truth.visit.reduce(
      (seen, visit, row) => seen.set(visit, seen.get(visit) ?? row),
      new Map<number, number>(),
    );
    const labels = [...first.values()].map((row) => {
      const { corrected, classification } = herd.detections[row]!;
      const label = corrected ?? classification;
      return label === 'unknown'
        ? 'unknown'
        : label === herd.truth.animals[herd.truth.animal[row]!]!.class
          ? 'right'
          : 'wrong';
    });
    expect(share(labels, (label) => label === 'right')).toBeCloseTo(0.93, 1);
    expect(share(labels, (label) => label === 'unknown')).toBeCloseTo(0.04, 1);
    const row = new Map(herd.detections.map(({ id }, index) => [id, index]));
    expect(new Set(herd.reviews.map(({ detection }) => herd.truth.visit[row.get(detection)!])).size).toBe(
      Math.round(0.2 * 2_895),
    );
    for (const { detection, deer, identity, verdict, inclusion } of herd.reviews) {
      const truth = herd.truth.animals[herd.truth.animal[row.get(detection)!]!]!;
      expect(inclusion).toBe(0.2);
      if (verdict === 'same') expect(deer).toBe(truth.deer);
      if (verdict === 'none') expect([truth.deer, identity]).toEqual([null, truth.name]);
    }
  });
});

/**
 * Every visit that is not a profile's own source: its animal, its best score over its detections
 * and whose that is.
 */
function searches(herd: Herd) {
  const sources = new Set(herd.deer.map(({ source }) => herd.truth.visit[source]!));
  const best = new Map<number, { truth: number; score: number; best: string }>();
  herd.scores.forEach(({ score, deer }, row) => {
    const visit = herd.truth.visit[row]!;
    if (sources.has(visit) || (best.get(visit)?.score ?? -1) >= score) return;
    best.set(visit, { truth: herd.truth.animal[row]!, score, best: deer });
  });
  return [...best.values()];
}

describe('in a database', () => {
  let own: OwnDatabase;
  beforeAll(async () => {
    own = await migratedDatabase();
  });
  afterAll(() => own.close());
  const rows = <T extends object>(sql: string, params: readonly unknown[] = []) =>
    own.database.write((queries) => queries.rows<T>(sql, params));

  test('the herd goes in whole, is recognised, and comes out without touching anything else', async () => {
    await rows(`INSERT INTO locations (name) VALUES ('Real place')`);
    await rows(
      `INSERT INTO images (filename, path, "timestamp", location_id) SELECT 'a.jpg', 'a.jpg', now(), id FROM locations`,
    );
    expect(await herdPresent(own.database)).toBeUndefined();
    const herd = await loadHerd({ copy: own.copy, rows, seed: 3, detections: 2_000 });
    expect(await herdPresent(own.database)).toEqual({ seed: 3, detections: 2_000 });
    await expect(loadHerd({ copy: own.copy, rows, seed: 4, detections: 2_000 })).rejects.toThrow(
      'the demo herd is already in this database',
    );

    const last = herd.detections.length - 1;
    const [kept] = await rows<Record<string, unknown>>(
      `SELECT d.*, d.feature_vector::text AS vector, vector_dims(d.feature_vector) AS size, i."timestamp" FROM detections d JOIN images i ON i.id = d.image_id
       WHERE d.id = $1`,
      [herd.detections[last]!.id],
    );
    const { bbox, confidence, classification, deer, image, burst } = herd.detections[last]!;
    expect(kept).toMatchObject({
      bbox,
      confidence,
      classification,
      deer_id: deer,
      image_id: image,
      burst_group_id: burst,
      size: DIMENSIONS,
    });
    expect(kept!.timestamp).toEqual(new Date(herd.images.find(({ id }) => id === image)!.at));
    expect(Float32Array.from(JSON.parse(kept!.vector as string) as number[])).toEqual(
      herd.vectors.subarray(last * DIMENSIONS),
    );
    // The engine's own cosine agrees with what the matcher wrote.
    const [worst] = await rows<{ off: number; count: number }>(
      `SELECT max(abs(s.score - (1 - (d.feature_vector <=> e.feature_vector)))) AS off, count(*) AS count
       FROM jsonb_to_recordset($1::jsonb) AS s(detection uuid, deer uuid, score float8)
       JOIN detections d ON d.id = s.detection JOIN deer e ON e.id = s.deer`,
      [JSON.stringify(herd.scores)],
    );
    expect(worst!.off).toBeLessThan(1e-5);
    expect(worst!.count).toBe(2_000);

    expect(await removeHerd(own.database)).toBe(2_000);
    expect(await herdPresent(own.database)).toBeUndefined();
    const [left] =
      await rows(`SELECT (SELECT count(*) FROM locations) AS locations, (SELECT count(*) FROM images) AS images,
      (SELECT count(*) FROM deer) + (SELECT count(*) FROM detections) + (SELECT count(*) FROM reid_reviews)
        + (SELECT count(*) FROM deployments) AS rest`);
    expect(left).toEqual({ locations: 1, images: 1, rest: 0 });
  });

  test('a herd whose loading broke off is replaced', async () => {
    let calls = 0;
    const breaking = async (target: string, body: Buffer): Promise<void> => {
      calls += 1;
      if (calls === 4) throw new Error('power cut');
      await own.copy(target, body);
    };
    await expect(loadHerd({ copy: breaking, rows, detections: 1_600 })).rejects.toThrow('power cut');
    expect(await herdPresent(own.database)).toBeUndefined();
    // The whole herd is loaded by the first start in reid/invoke-local.
    const herd = await loadHerd({ copy: own.copy, rows, detections: 1_600 });
    expect(await herdPresent(own.database)).toEqual({ seed: 1, detections: 1_600 });
    const [counts] = await rows('SELECT count(*) AS all, count(deer_id) AS assigned FROM detections');
    expect(counts).toEqual({ all: 1_600, assigned: herd.detections.filter(({ deer }) => deer !== null).length });
  });
});
