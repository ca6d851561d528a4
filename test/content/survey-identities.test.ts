// Whose animals the files of survey/ name.
import { table } from './archive.ts';
import { type World, world } from './fixture.ts';
import { archiveOf, readmeOf, roster, survey, TWO, textOf } from './survey-world.ts';

let earth: World;
beforeAll(async () => {
  earth = await world();
});
afterAll(() => earth?.close());
afterEach(() => earth.clear());

test('identities are those of head counts: a second look holds, for the whole burst, with the class it saw', async () => {
  const ids = await survey(earth);
  await earth.database.write(async (queries) => {
    await queries.rows(`UPDATE detections SET burst_group_id = gen_random_uuid() WHERE id = $1`, [ids[0]]);
    await queries.rows(
      `UPDATE detections SET burst_group_id = (SELECT burst_group_id FROM detections WHERE id = $1) WHERE id = $2`,
      [ids[0], ids[1]],
    );
    // One verdict of the roster on each burst; the second look says that it is another animal.
    await queries.rows(
      `INSERT INTO reid_reviews (detection_id, identity, verdict, reviewer, reviewed_at, purpose, class) VALUES
       ($1, 'First', 'none', 'Ann', '2024-02-01Z', 'roster', NULL), ($1, 'Second', 'none', 'Ann', '2024-02-02Z', 'second_look', 'doe'),
       ($2, 'Second', 'none', 'Ann', '2024-02-01Z', 'roster', 'doe')`,
      [ids[1], ids[4]],
    );
  });
  const lines = textOf(await archiveOf(earth), 'survey/secr_captures.txt').split('\n');
  expect(lines.filter((line) => line !== '' && !line.startsWith('#'))).toEqual([
    '1 Second 1 North_ridge F',
    '1 Second 3 South F',
  ]);
});

test('identities: the last verdict of a roster counts, a deer that Hoofprint assigned never does', async () => {
  const ids = await survey(earth);
  await roster(earth, ids, TWO);
  await roster(earth, ids, { 0: null, 4: 'Somebody' }, '2024-02-02Z');
  await earth.database.write(async (queries) => {
    const [run] = await queries.rows<{ id: number }>(
      `INSERT INTO hoofprint_runs (who, method, threshold, plan_hash, deer) VALUES ('Ann', 'm', 0.7, 'h', '{}') RETURNING id`,
    );
    await queries.rows(
      'INSERT INTO hoofprint_assignments (run_id, detection_id, deer_id) SELECT $1, id, deer_id FROM detections WHERE id = $2',
      [run!.id, ids[6]],
    );
  });
  const named = (rows: Record<string, string>[]): string[] =>
    rows
      .filter((row) => row.Individual !== 'NA')
      .map((row) => `${row.Station} ${row.Individual} ${row.Individual_source}`);
  const people = await archiveOf(earth);
  expect(named(table(people, 'survey/record_table.csv'))).toEqual([
    'North ridge #2 / fork roster',
    'North ridge Old one roster',
    'South Somebody roster',
    'South Late roster',
  ]);
  expect(readmeOf(people)).toContain('An animal is named in 100% of the buck events (3 of 3)');
  // Of the two detections of Bella, a run of Hoofprint wrote one.
  const platform = await archiveOf(earth, { identities: 'platform' });
  expect(named(table(platform, 'survey/record_table.csv'))).toEqual(['West Bella platform']);
  expect(readmeOf(platform)).toContain('1 detection to which Hoofprint itself assigned a deer is not named by that');
  await earth.database.write((queries) => queries.rows('UPDATE hoofprint_assignments SET undone_at = now()'));
  expect(named(table(await archiveOf(earth, { identities: 'platform' }), 'survey/record_table.csv'))).toHaveLength(2);
});
