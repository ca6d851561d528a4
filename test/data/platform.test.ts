// The platform's own tables: migrate adds to them what is allowed and nothing else, and they go on
// as they were.
import { migrate, migrated } from '../../lib/deer/schema.ts';
import { usability } from '../../lib/deer/usability.ts';
import { makeScope, readFilledSeason } from '../../lib/exports/season/index.ts';
import { made, manifestOf, members, table } from '../content/archive.ts';
import type { World } from '../content/fixture.ts';
import { type Dump, difference, dump } from '../support/dump.ts';
import { type Platform, platform, platformSql, withPlatform } from '../support/platform.ts';

const OWNED = ['locations', 'images', 'deer', 'detections'];
const LATER = [...OWNED, 'reid_similarity_scores'];
const OURS = [
  'deployments',
  'hoofprint_assignments',
  'hoofprint_audit',
  'hoofprint_draw_events',
  'hoofprint_draws',
  'hoofprint_embeddings',
  'hoofprint_keys',
  'hoofprint_meta',
  'hoofprint_migrations',
  'hoofprint_profiles',
  'hoofprint_runs',
  'hoofprint_webhooks',
  'reid_reviews',
];

/** fill.sql as it can be applied to schema.sql alone: without what later.sql adds. */
const earlyFill = (): string => {
  const text = platformSql('fill')
    .replace(',embedding_version)', ')')
    .replace(/, CASE WHEN i<15 THEN 'v1_resnet50' ELSE 'v3_ensemble' END FROM/, ' FROM')
    .replace(',error_message)', ')')
    .replace(/, CASE WHEN i%6=3 THEN 'cuda oom' END/, '')
    .replace(/INSERT INTO reid_similarity_scores[\s\S]*?;\n/, '')
    .replace(/,\(SELECT count\(\*\) FROM reid_similarity_scores\) scores/, '');
  expect(text).not.toMatch(/embedding_version|error_message|reid_similarity_scores/);
  return text;
};

function onlyAllowed(before: Dump, after: Dump): void {
  const columns = difference(before.columns, after.columns);
  expect(columns.gone).toEqual([]);
  for (const line of columns.more) expect(line).toMatch(/^\w+\.\w+ [a-z ]+ null -$/);
  expect(columns.more.map((line) => line.split(' ')[0]).sort()).toEqual([
    'deer.enrolled_at',
    'deer.source_detection_id',
    'detections.bbox_relative',
    'detections.observation',
    'detections.species',
    'images.contains_human',
    'images.deployment_id',
    'images.height',
    'images.source_fields',
    'images.width',
  ]);
  expect(difference(before.rules, after.rules)).toEqual({ more: [], gone: [] });
  const indexes = difference(before.indexes, after.indexes);
  expect(indexes.gone).toEqual([]);
  for (const line of indexes.more) expect(line).toContain(' hoofprint_');
  expect([after.types, after.rows]).toEqual([before.types, before.rows]);
  expect(difference(before.tables, after.tables)).toEqual({ more: OURS, gone: [] });
}

withPlatform('the tables of the platform', () => {
  let own: Platform;
  afterEach(() => own?.close());
  const rows = <T extends object>(sql: string, params: readonly unknown[] = []) =>
    own.database.read((queries) => queries.rows<T>(sql, params));

  test.each([['schema.sql alone'], ['schema.sql and later.sql']])(
    '%s: only what is ours is added, twice changes nothing',
    async (state) => {
      const later = state.includes('later');
      own = later ? await platform() : await platform(['schema']);
      if (!later) await own.run(earlyFill());
      const owned = later ? LATER : OWNED;
      const before = await dump(own.database, owned);
      expect(before.rows.detections).toMatch(/^4000 /);
      expect((await usability(own.database)).faults).toEqual([]);

      const first = await migrate(own.database);
      expect([first.applied.length, first.notes]).toEqual([11, undefined]);
      const after = await dump(own.database, owned, before);
      onlyAllowed(before, after);
      expect(await usability(own.database)).toEqual({ faults: [], notes: [] });
      expect(await migrate(own.database)).toEqual({ applied: [] });
      expect(await dump(own.database, owned, before)).toEqual(after);
    },
  );

  test('the later migration of the platform and every INSERT of its application work after ours', async () => {
    own = await platform(['schema']);
    await migrate(own.database);
    await own.run(platformSql('later'));
    await own.run(platformSql('fill'));
    const [counts] =
      await rows(`SELECT (SELECT count(*) FROM images) AS images, (SELECT count(*) FROM detections) AS detections,
      (SELECT count(*) FROM reid_similarity_scores) > 10000 AS scored`);
    expect(counts).toEqual({ images: 3_000, detections: 4_000, scored: true });
    expect(await migrate(own.database)).toEqual({ applied: [] });
    // The application updates and deletes, too.
    await own.run(`UPDATE deer SET embedding_version = 'v4', best_photo_id = (SELECT id FROM images LIMIT 1);
      DELETE FROM images WHERE processing_status = 'FAILED'`);
  });

  test('a database that an earlier version of ours has migrated: its table of scores makes room for that of the platform', async () => {
    own = await platform([]);
    await migrate(own.database);
    // As migrations 2 and 3 made it until 2026-11-27.
    await own.run(`DELETE FROM hoofprint_migrations WHERE version = 5; DROP TABLE hoofprint_embeddings;
      CREATE TABLE reid_similarity_scores (
        detection_id uuid NOT NULL REFERENCES detections (id) ON DELETE CASCADE, deer_id uuid NOT NULL REFERENCES deer (id) ON DELETE CASCADE,
        similarity_score double precision NOT NULL, threshold_used double precision, calculated_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (detection_id, deer_id));
      CREATE INDEX hoofprint_scores_deer ON reid_similarity_scores (deer_id);
      INSERT INTO images (id, filename, path, timestamp) VALUES ('30000000-0000-4000-8000-000000000001', 'a', 'a', now());
      INSERT INTO deer (id) VALUES ('20000000-0000-4000-8000-000000000001');
      INSERT INTO detections (id, image_id) VALUES ('40000000-0000-4000-8000-000000000001', '30000000-0000-4000-8000-000000000001');
      INSERT INTO reid_similarity_scores VALUES ('40000000-0000-4000-8000-000000000001', '20000000-0000-4000-8000-000000000001', 0.8)`);
    expect((await migrate(own.database)).applied).toEqual(['5 vectors of detections in a table of ours']);
    expect(await rows('SELECT similarity_score FROM hoofprint_similarity_scores')).toEqual([{ similarity_score: 0.8 }]);
    const left = await rows<{ name: string }>(
      `SELECT relname::text AS name FROM pg_class WHERE relname LIKE 'reid_similarity_scores%'
       UNION SELECT conname::text FROM pg_constraint WHERE conname LIKE 'reid_similarity_scores%'`,
    );
    expect(left).toEqual([]);
    await own.run(/CREATE TABLE reid_similarity_scores[\s\S]*/.exec(platformSql('later'))![0]);
    expect(await migrate(own.database)).toEqual({ applied: [] });
  });

  test('a table of ours that somebody removed is made again, and only that', async () => {
    own = await platform(['schema']);
    await migrate(own.database);
    await own.run('DROP TABLE deployments; DROP TABLE hoofprint_embeddings');
    expect((await migrate(own.database)).applied).toEqual([
      '2 optional tables and columns of Hoofprint',
      '3 indexes for exports',
      '5 vectors of detections in a table of ours',
      '6 source fields of images and deployments',
    ]);
    expect(await rows('SELECT source_fields FROM deployments')).toEqual([]);
    expect(await migrate(own.database)).toEqual({ applied: [] });
  });

  test('the table of scores in the shape of the platform stays', async () => {
    own = await platform();
    await migrate(own.database);
    expect(
      await rows(
        `SELECT to_regclass('hoofprint_similarity_scores') AS moved, to_regclass('reid_similarity_scores')::text AS kept`,
      ),
    ).toEqual([{ moved: null, kept: 'reid_similarity_scores' }]);
  });

  test('indexes under other names are not made again; partial ones of other rows and broken prefixes do not count', async () => {
    own = await platform(['schema']);
    await own.run(`CREATE INDEX when_taken ON images ("timestamp" DESC); CREATE UNIQUE INDEX of_place ON images (location_id, "timestamp", path);
      CREATE INDEX of_image ON detections (image_id) WHERE is_valid; CREATE INDEX of_deer ON detections (deer_id) WHERE deer_id IS NOT NULL`);
    await migrate(own.database);
    const made = await rows<{ name: string }>(
      `SELECT indexname::text AS name FROM pg_indexes WHERE tablename IN ('images', 'detections') AND indexname LIKE 'hoofprint%'`,
    );
    expect(made.map(({ name }) => name)).toEqual(['hoofprint_detections_image']);
  });

  test('names that the owner uses for something else are left alone, said, and not read', async () => {
    own = await platform();
    await own.run(`ALTER TABLE images ADD COLUMN width text DEFAULT 'broad', ADD COLUMN source_fields integer;
      CREATE TABLE deployments (id serial PRIMARY KEY, version text NOT NULL)`);
    const { notes } = await migrate(own.database);
    expect(notes).toEqual([
      'images.width is text, expected double precision: it is left alone and not used',
      "images.source_fields is not Hoofprint's: it is left alone and not used",
      expect.stringMatching(
        /^the table deployments is not Hoofprint's \(deployments\.id is integer, expected uuid; deployments\.location_id is missing/,
      ),
    ]);
    const [columns] = await rows<{ names: string[] }>(
      `SELECT array_agg(column_name::text) AS names FROM information_schema.columns WHERE table_name = 'deployments'`,
    );
    expect(columns!.names).toEqual(['id', 'version']);
    const zip = await members(
      await made(own as unknown as World, {
        start_date: '2023-09-01',
        end_date: '2023-09-30',
        group_by: 'month',
        include_crops: false,
      }),
    );
    expect(table(zip, 'metadata.csv').length).toBeGreaterThan(50);
  });

  test('without any migrate exports by dates and by ids are complete, with counts equal to SQL written apart', async () => {
    own = await platform();
    const inPeriod = `i.timestamp >= '2023-10-01' AND i.timestamp < '2024-01-01'`;
    const [wanted] = await rows<{ all: number; counted: number }>(
      `SELECT count(*) AS all, count(*) FILTER (WHERE d.is_valid AND NOT d.is_duplicate) AS counted
       FROM detections d JOIN images i ON i.id = d.image_id WHERE ${inPeriod}`,
    );
    const request = { start_date: '2023-10-01', end_date: '2023-12-31', group_by: 'month' } as const;
    const season = await own.database.read((queries) =>
      readFilledSeason(queries, makeScope(request, 'UTC', new Date())),
    );
    expect([...season.classTotals, ...season.others].reduce((sum, { detections }) => sum + detections, 0)).toBe(
      wanted!.counted,
    );
    const world = own as unknown as World;
    const byDates = await members(await made(world, { ...request, include_crops: false }, { timeZone: 'UTC' }));
    expect(table(byDates, 'metadata.csv').length).toBe(wanted!.counted);
    expect(manifestOf(byDates).detections).toHaveLength(wanted!.all);
    const ids = (
      await rows<{ id: string }>(
        `SELECT d.id::text FROM detections d WHERE d.is_valid AND NOT d.is_duplicate ORDER BY d.id LIMIT 137`,
      )
    ).map(({ id }) => id);
    const byIds = await members(await made(world, { detection_ids: ids, include_crops: false }));
    expect(
      table(byIds, 'metadata.csv')
        .map((row) => row.detection_id)
        .sort(),
    ).toEqual(ids);
    expect(await migrated(own.database)).toBe(false);
  });
});
