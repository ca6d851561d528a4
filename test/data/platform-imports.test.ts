// Imports into tables that Hoofprint did not make: they write in the owner's words, or refuse in
// words before anything is read.
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { importPackage, type PackageSummary } from '../../lib/data/camtrap-dp/import.ts';
import { type EmbeddingsSummary, importEmbeddings } from '../../lib/data/embeddings/import.ts';
import { importReviews } from '../../lib/data/reviews/import.ts';
import { migrate } from '../../lib/deer/schema.ts';
import { ownDatabase } from '../support/database.ts';
import { type Platform, platform, withPlatform } from '../support/platform.ts';
import { refusal } from './imports.ts';
import { npy } from './npy.ts';
import { deployment, medium, newFolder, observation, removeFolders, writePackage } from './package.ts';

const EXAMPLE = resolve(process.env.HOOFPRINT_TEST_DATA ?? '../shared/data', 'camtrap-dp-example');
const ROWS = ['schema.sql, later.sql and rows', ['schema', 'later', 'fill']] as const;
const STATES = process.env.HOOFPRINT_SOAK === '1' ? ([['schema.sql', ['schema']], ROWS] as const) : [ROWS];

let own: Platform;
afterEach(() => own?.close());
afterAll(removeFolders);
const rows = <T extends object>(sql: string, params: readonly unknown[] = []) =>
  own.database.read((queries) => queries.rows<T>(sql, params));
const load = (where: string): Promise<PackageSummary> =>
  importPackage(where, { database: own.database, imageRoot: newFolder() });

/** Two animals of two encounters each, in 512 numbers. */
const vectors = Array.from({ length: 8 }, (_, row) =>
  Array.from({ length: 512 }, (_, i) => Math.sin(i * (1 + (row >> 2))) + 0.01 * row),
);
const table = 'identity,encounter,camera,captured_at,class\n'.concat(
  ...vectors.map(
    (_, row) => `animal ${row >> 2},e${row >> 1},cam 1,2024-05-0${1 + row}T06:00:00Z,${row < 4 ? 'doe' : 'buck'}\n`,
  ),
);
const embeddings = (more: { rows?: number[][]; version?: string } = {}): Promise<EmbeddingsSummary> =>
  importEmbeddings(own.database, {
    vectors: { name: 'v.npy', bytes: npy(more.rows ?? vectors) },
    metadata: { name: 'm.csv', bytes: Buffer.from(table) },
    gallery: { name: 'list.txt', bytes: Buffer.from('animal 0\n') },
    ...(more.version !== undefined && { version: more.version }),
  });
const reviewsOf = (detection: string, deer: string): string =>
  JSON.stringify({
    format: 'hoofprint-reviews',
    version: 1,
    reviews: [{ detections: [detection], verdict: 'same', deer_id: deer, reviewed_at: '2025-01-01T00:00:00Z' }],
  });
const small = (more: Partial<Parameters<typeof writePackage>[0]> = {}): string =>
  writePackage({
    deployments: [deployment()],
    media: [medium('m1')],
    observations: [observation('o1', { mediaID: 'm1' })],
    ...more,
  });

const NOWHERE = '/there/is/no/such/package';
/** What each kind of import says of the database; no input of theirs exists. */
const refusals = async (): Promise<string[]> =>
  Promise.all([
    refusal(() => load(NOWHERE)),
    refusal(() =>
      importEmbeddings(own.database, {
        vectors: { name: 'v', bytes: Buffer.of() },
        metadata: { name: 'm', bytes: Buffer.of() },
      }),
    ),
    refusal(() => importReviews(own.database, 'no JSON')),
  ]);

withPlatform('into the tables of the platform', () => {
  test.each(STATES)('%s: before migrate every import says what to type', async (_, files) => {
    own = await platform(files);
    const asked = 'the database does not have the tables of this version: run `npm run migrate` first';
    expect(await refusals()).toEqual([asked, asked, asked]);
  });

  test.each(STATES)(
    '%s: the official example, in the words of the platform, twice without a change',
    async (_, files) => {
      if (!existsSync(EXAMPLE)) return console.error('TEST DATA ABSENT: camtrap-dp-example');
      own = await platform(files);
      await migrate(own.database);
      const first = await load(EXAMPLE);
      expect(first).toMatchObject({
        locations: { made: 4 },
        deployments: { made: 4 },
        images: { made: 423 },
        detections: { made: first.detections.made },
      });
      expect(first.detections.made).toBeGreaterThan(300);
      const [found] = await rows<{ certain: number }>(
        `SELECT count(*) AS count, count(*) FILTER (WHERE i.processing_status = 'COMPLETED') AS completed, count(*) FILTER (WHERE d.bbox::text = 'null') AS unboxed,
         count(*) FILTER (WHERE d.confidence = 1) AS certain, count(*) FILTER (WHERE i.created_at IS NULL) AS undated
       FROM detections d JOIN images i ON i.id = d.image_id WHERE i.deployment_id IS NOT NULL`,
      );
      expect(found).toMatchObject({ count: first.detections.made, completed: first.detections.made, undated: 0 });
      expect(found!.certain).toBeGreaterThan(0);
      expect(first.notes).toContainEqual(
        expect.stringMatching(
          /^detections\.confidence does not allow empty values here: 1 is stored where the import has none \(\d+ rows\)$/,
        ),
      );
      const again = await load(EXAMPLE);
      for (const name of ['locations', 'deployments', 'images', 'deer', 'detections'] as const)
        expect(again[name].made).toBe(0);
    },
  );

  test.each(STATES)('%s: embeddings and reviews', async (_, files) => {
    own = await platform(files);
    await migrate(own.database);
    const first = await embeddings({ version: 'mine' });
    expect(first.stored).toMatchObject({
      deer: { made: 1 },
      detections: { made: 8 },
      images: { made: 8 },
      locations: { made: 1 },
      reviews: { made: 6 },
    });
    const kept = await rows<{ id: string; same: number; version: string }>(
      `SELECT detection_id::text AS id, vector_dims(vector) AS same, version FROM hoofprint_embeddings`,
    );
    expect([kept.length, ...new Set(kept.map(({ same, version }) => `${same} ${version}`))]).toEqual([8, '512 mine']);
    const [deer] = await rows<{ id: string; sex: string; version: string }>(
      `SELECT id::text, sex::text, status::text, species, confidence, sighting_count, vector_dims(feature_vector) AS size, to_jsonb(deer) ->> 'embedding_version' AS version
       FROM deer WHERE name = 'animal 0'`,
    );
    expect(deer).toMatchObject({
      sex: 'doe',
      status: 'alive',
      species: 'unknown',
      confidence: 1,
      sighting_count: 2,
      size: 512,
    });
    expect(deer!.version).toBe(files.length > 1 ? 'mine' : null);
    expect(first.notes.some((note) => note.startsWith('deer has no column embedding_version'))).toBe(
      files.length === 1,
    );
    expect((await embeddings({ version: 'mine' })).stored).toMatchObject({
      deer: { made: 0 },
      detections: { made: 0 },
      reviews: { made: 0 },
    });
    const reviews = reviewsOf(kept[0]!.id, deer!.id);
    expect((await importReviews(own.database, reviews)).stored.made).toBe(1);
    expect((await importReviews(own.database, reviews)).stored.made).toBe(0);
  });

  test('what is too long for a column: a class loses its last words and the species keeps them, anything else is refused by name', async () => {
    own = await platform(['schema', 'later']);
    await migrate(own.database);
    const summary = await load(
      small({
        observations: [
          observation('o1', { scientificName: 'Canis lupus familiaris' }),
          observation('o2', { scientificName: 'Procyon lotor' }),
        ],
      }),
    );
    expect(summary.notes).toContain(
      'detections.classification holds 20 characters: "Canis lupus familiaris" is stored as "Canis lupus" (1 row)',
    );
    expect(await rows('SELECT classification, species FROM detections ORDER BY 1')).toEqual([
      { classification: 'Canis lupus', species: 'Canis lupus familiaris' },
      { classification: 'Procyon lotor', species: 'Procyon lotor' },
    ]);
    const long = 'x'.repeat(101);
    expect(
      await refusal(() =>
        load(
          small({ descriptor: { id: 'other' }, deployments: [deployment({ locationID: 'far', locationName: long })] }),
        ),
      ),
    ).toBe(
      `the database does not take what the import has: locations.name holds 100 characters, and "${long}" has 101; nothing was loaded`,
    );
    expect(await rows('SELECT FROM locations')).toHaveLength(1);
    expect(await refusal(() => embeddings({ version: 'a version with a long name' }))).toContain(
      'deer.embedding_version holds 20 characters, and "a version',
    );
    expect(await refusal(() => embeddings({ rows: vectors.map((row) => row.slice(0, 64)) }))).toBe(
      'deer.feature_vector holds 512 numbers, and the vectors of v.npy have 64; nothing was loaded',
    );
  });

  test.each([
    [
      'an unknown column that wants a value',
      'ALTER TABLE images ADD COLUMN site_code text NOT NULL',
      'images.site_code does not allow empty values and has no default, and the import has no value for it',
    ],
    [
      'two of them',
      'ALTER TABLE detections ADD COLUMN model_run uuid NOT NULL, ADD COLUMN batch integer NOT NULL',
      /detections\.model_run does not .*; detections\.batch does not/,
    ],
    [
      'an enum without the word',
      `CREATE TYPE s AS ENUM ('NEW', 'READY'); ALTER TABLE images ALTER processing_status TYPE s USING 'NEW'`,
      'images.processing_status has no label for completed (it has NEW, READY)',
    ],
    [
      'a sex that has other words',
      `CREATE TYPE x AS ENUM ('M', 'F'); ALTER TABLE deer ALTER sex TYPE x USING 'M'`,
      'deer.sex has no label for buck, doe, fawn, unknown (it has M, F)',
    ],
    [
      'a table that is not ours',
      'CREATE TABLE deployments (id serial, version text)',
      'the database has no table deployments of Hoofprint',
    ],
    [
      'a name that is taken',
      'ALTER TABLE images ADD COLUMN width text',
      "images.width is text and not Hoofprint's, which the import needs to write",
    ],
    [
      'a user who only reads',
      'CREATE ROLE reader; GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader',
      'may not write to the table images',
    ],
  ])('%s is refused by table and column before anything is read', async (name, sql, reason) => {
    own = await platform(['schema']);
    const reader = name === 'a user who only reads';
    if (reader) await migrate(own.database);
    await own.run(sql);
    if (!reader) await migrate(own.database);
    else await own.database.write((queries) => queries.rows('SET ROLE reader'));
    const said = await refusal(() => load(NOWHERE));
    expect(said).toMatch(reason);
    expect(said).toMatch(/^nothing can be imported into this database: .*; nothing was read$/);
    if (reader) await own.database.write((queries) => queries.rows('RESET ROLE'));
  });

  test('words in another case, values by default, and columns that fill themselves are no reason to refuse', async () => {
    own = await platform(['schema']);
    await own.run(`CREATE TYPE sexes AS ENUM ('BUCK', 'Doe', 'FAWN', 'Unknown'); ALTER TABLE deer ALTER sex TYPE sexes USING 'Doe';
      CREATE DOMAIN label AS varchar(30) NOT NULL; ALTER TABLE detections ALTER classification TYPE label;
      ALTER TABLE images ADD COLUMN serial bigint GENERATED ALWAYS AS IDENTITY, ADD COLUMN site text NOT NULL DEFAULT 'none',
        ADD COLUMN updated_at timestamptz NOT NULL;
      ALTER TABLE detections ALTER bbox TYPE jsonb`);
    await migrate(own.database);
    await embeddings();
    expect(await rows('SELECT sex::text FROM deer')).toEqual([{ sex: 'Doe' }]);
    expect((await load(small())).detections.made).toBe(1);
    expect(
      await rows(`SELECT FROM images WHERE site = 'none' AND updated_at > now() - interval '1 minute'`),
    ).toHaveLength(9);
  });

  test("what the owner's own rules refuse is said by the name of the rule, and nothing stays", async () => {
    own = await platform(['schema']);
    await own.run(`ALTER TABLE images ADD CONSTRAINT only_jpeg CHECK (filename ~* 'jpe?g$'); ALTER TABLE deer ADD CONSTRAINT one_name UNIQUE (name);
      INSERT INTO deer VALUES (gen_random_uuid(), 'animal 0', 'doe', 'alive', 'white_tailed_deer', NULL, now(), NULL, now(), now(), NULL, 1, 1)`);
    await migrate(own.database);
    expect(
      await refusal(() => load(small({ media: [medium('m1', { filePath: 'https://example.org/m1.png' })] }))),
    ).toBe(
      'the table images refuses rows of the import by its rule only_jpeg (on images.filename, code 23514); nothing was loaded',
    );
    await own.run('ALTER TABLE images DROP CONSTRAINT only_jpeg');
    expect(await refusal(() => embeddings())).toBe(
      '1 row for the table deer equals a row that is there, by a unique rule of this database (deer.name); nothing was loaded',
    );
    expect(await rows('SELECT FROM images')).toEqual([]);
  });

  test.each([
    [
      "RAISE EXCEPTION 'SELECT secret FROM deer'",
      'the table images refuses rows of the import by a trigger (code P0001); nothing was loaded',
    ],
    [
      'INSERT INTO audit_log VALUES (1)',
      'the table images refuses rows of the import by a trigger (code 42P01); nothing was loaded',
    ],
    ['NEW.no_such := 1', 'the table images refuses rows of the import by a trigger (code 42703); nothing was loaded'],
    ['PERFORM no_such(1)', 'the table images refuses rows of the import by a trigger (code 42883); nothing was loaded'],
    ['RETURN NULL', 'the table images leaves out 1 row of the import by a trigger or rule; nothing was loaded'],
  ])("a trigger of the owner's that does %s is said to be one, without its text or other advice", async (act, said) => {
    own = await platform(['schema']);
    await own.run(`CREATE FUNCTION watch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN ${act}; RETURN NEW; END $$;
      CREATE TRIGGER watch BEFORE INSERT ON images FOR EACH ROW EXECUTE FUNCTION watch()`);
    await migrate(own.database);
    expect(await refusal(() => load(small()))).toBe(said);
    expect(await rows('SELECT FROM locations')).toEqual([]);
  });
});

test('an empty database says what to type', async () => {
  own = { ...(await ownDatabase()), run: () => Promise.resolve() };
  for (const said of await refusals())
    expect(said).toBe('the database does not have the tables of this version: run `npm run migrate` first');
});
