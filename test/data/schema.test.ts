// Migrations: from nothing, again, beside an owner's tables, and against tables of another shape.
import { migrate, migrated } from '../../lib/deer/schema.ts';
import { type OwnDatabase, ownDatabase } from '../support/database.ts';

let own: OwnDatabase;
beforeEach(async () => {
  own = await ownDatabase();
});
afterEach(() => own.close());

const sql = <T extends object>(text: string, params: unknown[] = []) =>
  own.database.write(({ rows }) => rows<T>(text, params));

test('an empty database gets all tables once; a second run applies nothing', async () => {
  expect(await migrated(own.database)).toBe(false);
  const first = await migrate(own.database);
  expect(first.applied).toEqual([
    '1 camera-trap tables',
    '2 optional tables and columns of Hoofprint',
    '3 indexes for exports',
    '4 id of the database, what packages say',
    '5 vectors of detections in a table of ours',
    '6 source fields of images and deployments',
    '7 keys, and what was done with them',
    '8 draws of events, and where reviews are from',
    '9 assignments and profiles that Hoofprint wrote',
    '10 webhooks of keys',
    '11 the class that a reviewer of a roster saw',
  ]);
  expect(await migrated(own.database)).toBe(true);
  expect(await migrate(own.database)).toEqual({ applied: [] });
  const tables = await sql<{ name: string }>(
    `SELECT table_name::text AS name FROM information_schema.tables WHERE table_schema = current_schema() ORDER BY 1`,
  );
  expect(tables.map((table) => table.name)).toEqual(
    'deer deployments detections hoofprint_assignments hoofprint_audit hoofprint_draw_events hoofprint_draws hoofprint_embeddings hoofprint_keys hoofprint_meta hoofprint_migrations hoofprint_profiles hoofprint_runs hoofprint_webhooks images locations reid_reviews'.split(
      ' ',
    ),
  );
  await sql(`INSERT INTO deer (name, feature_vector) VALUES ('three', '[1,2,3]'), ('two', '[1,2]'), ('none', NULL)`);
});

test('the tables that an owner already has keep their rows and extra columns', async () => {
  await sql('CREATE EXTENSION IF NOT EXISTS vector');
  await sql(`CREATE TABLE locations (id uuid PRIMARY KEY, name varchar(80) UNIQUE, description text, coordinates json, active boolean,
    image_count bigint, gate_code text)`);
  await sql(
    `INSERT INTO locations VALUES ('00000000-0000-4000-8000-000000000001', 'Ridge', null, '{"lat":1,"lon":2}', true, 7, '1234')`,
  );
  expect((await migrate(own.database)).applied).toHaveLength(10);
  expect(await sql('SELECT name, image_count, gate_code FROM locations')).toEqual([
    { name: 'Ridge', image_count: 7, gate_code: '1234' },
  ]);
  await sql(`INSERT INTO deployments (location_id, starts_at) SELECT id, now() FROM locations`);
});

test('a table of another shape is refused with every difference, and nothing is changed', async () => {
  await sql('CREATE TABLE images (id integer PRIMARY KEY, filename text, path text, "timestamp" timestamp)');
  await expect(migrate(own.database)).rejects.toThrow(
    /images\.id is integer, expected uuid; images\.timestamp is timestamp without time zone, expected timestamp with time zone; images\.created_at is missing/,
  );
  const tables = await sql(`SELECT 1 FROM information_schema.tables WHERE table_schema = current_schema()`);
  expect(tables).toHaveLength(1);
});
