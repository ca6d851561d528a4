// Rosters out of the database: which rows name an animal, second looks, repeats, the platform's
// names, and what Apply wrote.
import { importReviews } from '../../lib/data/reviews/import.ts';
import { countHeads } from '../../lib/survey/counts/index.ts';
import type { HeadEvent, IdentitySource } from '../../lib/survey/counts/types.ts';
import { readHeadInput } from '../../lib/survey/roster/index.ts';
import { migratedDatabase, type OwnDatabase } from '../support/database.ts';

const uuid = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
const [PLACE, ATLAS, CATO] = [uuid(1), uuid(2), uuid(3)];
const PERIOD = { start: '2023-10-01', end: '2023-10-20', timeZone: 'America/Chicago' };

let own: OwnDatabase;
const rows = (sql: string, params: unknown[] = []): Promise<unknown[]> =>
  own.database.write((queries) => queries.rows(sql, params));

/** One detection is one event: day of October, class, stored deer. */
async function add(n: number, day: number, of: string, deer: string | null = null): Promise<void> {
  // 04:30 UTC is the evening before in Chicago.
  const at = `2023-10-${String(day + 1).padStart(2, '0')}T04:30:00Z`;
  await rows(`INSERT INTO images (id, filename, path, timestamp, location_id) VALUES ($1, $2, $2, $3, $4)`, [
    uuid(1_000 + n),
    `${n}.jpg`,
    at,
    PLACE,
  ]);
  await rows(
    `INSERT INTO detections (id, image_id, deer_id, classification, confidence, bbox, burst_group_id) VALUES ($1, $2, $3, $4, 0.9, $5, $6)`,
    [uuid(n), uuid(1_000 + n), deer, of, JSON.stringify({ x: 0, y: 0, width: 10, height: 10 }), uuid(2_000 + n)],
  );
}

const say = (n: number, purpose: string, verdict: object, minute = n): object => ({
  ...{
    detections: [uuid(n)],
    purpose,
    verdict: 'none',
    reviewed_at: `2024-01-01T10:${String(minute % 60).padStart(2, '0')}:00Z`,
  },
  ...verdict,
});
const load = (reviews: object[]) =>
  importReviews(own.database, JSON.stringify({ format: 'hoofprint-reviews', version: 1, reviewer: 'R', reviews }));

const read = (source: IdentitySource = 'roster') =>
  own.database.read((queries) => readHeadInput(queries, PERIOD, source, new Date('2024-06-01T00:00:00Z')));
const named = async (source?: IdentitySource): Promise<Map<string, HeadEvent>> =>
  new Map((await read(source)).input.events.map((event) => [event.id, event]));

beforeAll(async () => {
  own = await migratedDatabase();
  await rows(`INSERT INTO locations (id, name, coordinates) VALUES ($1, 'Ridge', '{"lat": 43.5, "lon": -90.7}')`, [
    PLACE,
  ]);
  await rows(
    `INSERT INTO deployments (id, location_id, starts_at, ends_at, camera_id) VALUES ($1, $2, '2023-10-01T05:00:00Z', '2023-10-11T05:00:00Z', 'A')`,
    [uuid(9), PLACE],
  );
  await rows(
    `INSERT INTO deer (id, name, sex, status) VALUES ($1, 'Atlas', 'buck', 'active'), ($2, 'Cato', 'buck', 'active')`,
    [ATLAS, CATO],
  );
  for (let n = 10; n < 18; n++) await add(n, n - 9, n === 12 ? 'unknown' : 'buck', n === 16 ? CATO : ATLAS);
  await load([
    say(10, 'roster', { verdict: 'same', deer_id: ATLAS }),
    say(11, 'roster', { identity: 'stranger 1' }),
    say(11, 'second_look', { verdict: 'same', deer_id: ATLAS }),
    say(12, 'roster', { identity: 'stranger 2', class: 'doe' }),
    say(13, 'roster', { identity: 'atlas' }),
    say(14, 'evidence', { identity: 'stranger 3' }),
    say(15, 'roster', { verdict: 'unsure' }),
    say(16, 'roster', { identity: 'stranger 4' }, 1),
    say(16, 'roster', { verdict: 'same', deer_id: CATO }, 2),
    say(10, 'repeat', { identity: 'somebody new' }),
    say(11, 'repeat', { verdict: 'same', deer_id: ATLAS }),
    say(13, 'repeat', { verdict: 'unsure' }),
  ]);
});
afterAll(() => own.close());

test('a roster names animals; evidence and who is unsure name none; the newest word holds', async () => {
  const events = await named();
  const identity = (n: number) => events.get(uuid(2_000 + n))!.identity;
  expect([10, 13, 14, 15, 16, 17].map(identity)).toEqual(['Atlas', 'Atlas', null, null, 'Cato', null]);
  // A second look takes the place of the first verdict, which the miss rate is about.
  expect(events.get(uuid(2_011))).toMatchObject({ identity: 'Atlas', firstIdentity: 'stranger 1', lookedTwice: true });
  // The reviewer's class takes the place of the model's.
  expect(events.get(uuid(2_012))).toMatchObject({ identity: 'stranger 2', gate: 'doe' });
});

test('days are local, effort and images by day; repeats that are decided', async () => {
  const { input } = await read();
  const first = input.events.find(({ id }) => id === uuid(2_010))!;
  expect(first.day).toBe(input.period.from);
  expect(input.days.map(({ cameras }) => cameras)).toEqual(new Array(10).fill(1));
  expect(input.days.filter(({ withImages }) => withImages === 1)).toHaveLength(8);
  expect(input.repeats).toEqual([
    { event: uuid(2_010), identity: 'somebody new' },
    { event: uuid(2_011), identity: 'Atlas' },
  ]);
  expect(input.sexes.get('Atlas')).toBe('buck');
});

test('the platform names animals only where it is asked for; what Apply wrote names none until it is undone', async () => {
  expect((await named('platform')).get(uuid(2_017))!.identity).toBe('Atlas');
  const [{ id }] = (await rows(
    `INSERT INTO hoofprint_runs (who, method, threshold, plan_hash, deer) VALUES ('t', 'm', 0.7, 'h', '[]') RETURNING id`,
  )) as [{ id: number }];
  await rows(`INSERT INTO hoofprint_assignments (run_id, detection_id, deer_id) VALUES ($1, $2, $3)`, [
    id,
    uuid(17),
    ATLAS,
  ]);
  expect((await named('platform')).get(uuid(2_017))!.identity).toBeNull();
  await rows(`UPDATE hoofprint_assignments SET undone_at = now() WHERE run_id = $1`, [id]);
  expect((await named('platform')).get(uuid(2_017))!.identity).toBe('Atlas');
});

test('the count of this roster is refused with its share and the decisions left', async () => {
  const { input } = await read();
  const count = countHeads('buck', input, { window: input.period });
  // 10, 11, 13, 16 are named; 14, 15, 17 are not.
  expect(count.refusal).toMatchObject({ kind: 'few identities', decisions: 3 });
  expect(count.refusal!.sentence).toMatch(/^Only 57% of the buck events/);
});

describe('a burst that shows two animals of one class in one image', () => {
  /** Two images of one burst, two bucks in each. */
  const [FIRST, SECOND] = [
    [40, 41],
    [42, 43],
  ] as const;
  const days = { ...PERIOD, start: '2023-10-15' };
  const readDays = () =>
    own.database.read((queries) => readHeadInput(queries, days, 'roster', new Date('2024-06-01T00:00:00Z')));
  const describeEvents = async () => {
    const { input } = await readDays();
    return { events: input.events.map(({ gate, identity }) => [gate, identity]), leftOut: input.leftOut!.length };
  };

  beforeAll(async () => {
    for (const [image, pair] of [FIRST, SECOND].entries()) {
      await rows(`INSERT INTO images (id, filename, path, timestamp, location_id) VALUES ($1, $2, $2, $3, $4)`, [
        ...[uuid(3_000 + image), `pair ${image}.jpg`, `2023-10-17T12:0${image}:00Z`, PLACE],
      ]);
      for (const n of pair)
        await rows(
          `INSERT INTO detections (id, image_id, classification, confidence, bbox, burst_group_id) VALUES ($1, $2, 'buck', 0.9, $3, $4)`,
          [uuid(n), uuid(3_000 + image), JSON.stringify({ x: n, y: 0, width: 0.5, height: 10 }), uuid(4_000)],
        );
    }
  });

  test('is no event', async () => {
    expect(await describeEvents()).toEqual({ events: [], leftOut: 1 });
  });

  test('is an event of each animal once a person has named them', async () => {
    const name = (n: number, identity: string) => say(n, 'roster', { identity });
    await load([name(40, 'left'), name(42, 'left'), name(41, 'right')]);
    // The fourth detection is one of somebody else.
    expect(await describeEvents()).toEqual({
      events: expect.arrayContaining([
        ['buck', 'left'],
        ['buck', 'right'],
        ['buck', null],
      ]),
      leftOut: 0,
    });
    await load([say(43, 'roster', { verdict: 'same', deer_id: ATLAS })]);
    const { events, leftOut } = await describeEvents();
    expect([events.map(([, identity]) => identity).sort(), leftOut]).toEqual([['Atlas', 'left', 'right'], 0]);
  });

  test('is none where one name stands for two animals of one image', async () => {
    await load([say(41, 'roster', { identity: 'left' }, 59)]);
    expect(await describeEvents()).toEqual({ events: [], leftOut: 1 });
  });
});

describe('what a reviewer saw', () => {
  const days = { ...PERIOD, start: '2023-10-05', end: '2023-10-06' };
  /** The second image of a day: three bucks for the model, apart from each other. */
  const [ONE, TWO, THREE] = [61, 62, 63];

  beforeAll(async () => {
    await rows(`INSERT INTO images (id, filename, path, timestamp, location_id) VALUES ($1, $2, $2, $3, $4)`, [
      ...[uuid(5_000), 'three.jpg', '2023-10-05T18:00:00Z', PLACE],
    ]);
    for (const [place, n] of [ONE, TWO, THREE].entries())
      await rows(
        `INSERT INTO detections (id, image_id, classification, confidence, bbox, burst_group_id) VALUES ($1, $2, 'buck', 0.9, $3, $4)`,
        [uuid(n), uuid(5_000), JSON.stringify({ x: 20 * place, y: 0, width: 10, height: 10 }), uuid(6_000 + n)],
      );
  });
  const groups = async () => {
    const { input } = await own.database.read((queries) =>
      readHeadInput(queries, days, 'roster', new Date('2024-06-01T00:00:00Z')),
    );
    return new Map(
      input.groups.filter(({ day }) => day === input.period.from).map(({ gate, animals }) => [gate, animals]),
    );
  };

  test('counts among the animals of one image: two of three bucks are does', async () => {
    expect((await groups()).get('buck')).toBe(3);
    await rows(`UPDATE deer SET sex = 'doe' WHERE id = $1`, [CATO]);
    await load([
      say(ONE, 'roster', { identity: 'lady', class: 'doe' }),
      say(TWO, 'roster', { verdict: 'same', deer_id: CATO }),
    ]);
    expect([(await groups()).get('buck'), (await groups()).get('doe')]).toEqual([1, 2]);
    await rows(`UPDATE deer SET sex = 'buck' WHERE id = $1`, [CATO]);
  });

  test('a deer of which the class says no sex is of unknown class, another animal is not', async () => {
    await rows(`UPDATE detections SET classification = 'White-tailed Deer' WHERE id = $1`, [uuid(THREE)]);
    expect((await groups()).get('unknown')).toBe(1);
    await rows(`UPDATE detections SET classification = 'cow' WHERE id = $1`, [uuid(THREE)]);
    expect([...(await groups()).keys()].toSorted()).toEqual(['buck', 'cow', 'doe']);
  });
});

test('two reviewers who contradict each other at one instant leave an event without a name, which is said; the later verdict holds', async () => {
  const at = (identity: string, minute: number) => say(17, 'roster', { identity }, minute);
  await load([at('left ear torn', 5)]);
  await importReviews(
    own.database,
    JSON.stringify({ format: 'hoofprint-reviews', version: 1, reviewer: 'S', reviews: [at('kinked tail', 5)] }),
  );
  const of17 = async () => (await named()).get(uuid(2_017))!.identity;
  expect(await of17()).toBeNull();
  expect((await read()).notes).toContain('1 event has verdicts for two animals at once and no identity here');
  await load([at('kinked tail', 6)]);
  expect(await of17()).toBe('kinked tail');
});
