// What a package says beyond our columns: the columns `told` of earlier versions become
// `source_fields`, exports read either, and columns of the owner's with these names are not
// touched.

import { importPackage } from '../../lib/data/camtrap-dp/import.ts';
import { migrate } from '../../lib/deer/schema.ts';
import { usability } from '../../lib/deer/usability.ts';
import { made, members, PERIOD, table } from '../content/archive.ts';
import type { World } from '../content/fixture.ts';
import { type OwnDatabase, ownDatabase } from '../support/database.ts';
import { deployment, medium, newFolder, observation, removeFolders, writePackage } from './package.ts';

let own: OwnDatabase;
beforeEach(async () => {
  own = await ownDatabase();
});
afterEach(() => own.close());
afterAll(removeFolders);

const sql = <T extends object>(text: string) => own.database.write(({ rows }) => rows<T>(text));
/** Statements in order. */
const run = async (...statements: string[]): Promise<void> => {
  for (const statement of statements) await sql(statement);
};
const PACKAGE = {
  deployments: [
    deployment({
      deploymentStart: '2024-01-01T00:00:00Z',
      deploymentEnd: '2024-03-01T00:00:00Z',
      cameraModel: 'Reconyx PC900',
      baitUse: 'true',
    }),
  ],
  media: [medium('m1', { timestamp: '2024-01-10T06:00:00Z', captureMethod: 'timeLapse', mediaComments: 'first snow' })],
  observations: [
    observation('o1', { mediaID: 'm1', eventStart: '2024-01-10T06:00:00Z', eventEnd: '2024-01-10T06:00:00Z' }),
  ],
};
const load = () => importPackage(writePackage(PACKAGE), { database: own.database, imageRoot: newFolder() });
const exported = async () => {
  const zip = await members(await made(own as unknown as World, { ...PERIOD, include_crops: false }));
  return new Map([...zip].map(([name, { body }]) => [name, String(body)]));
};
const stored = (images: string, deployments: string) =>
  sql<{ image: object; deployment: object }>(
    `SELECT i.${images} AS image, d.${deployments} AS deployment FROM images i JOIN deployments d ON d.id = i.deployment_id`,
  );
const FIELDS = {
  image: { captureMethod: 'timeLapse', mediaComments: 'first snow' },
  deployment: { cameraModel: 'Reconyx PC900', baitUse: true },
};
/** What a database of the version before the sixth migration gets. */
const AGAIN = [
  '6 source fields of images and deployments',
  '7 keys, and what was done with them',
  '8 draws of events, and where reviews are from',
  '9 assignments and profiles that Hoofprint wrote',
  '10 webhooks of keys',
  '11 the class that a reviewer of a roster saw',
];

/** The database as the fifth migration left it. */
const undoSixth = () =>
  run(
    'ALTER TABLE images RENAME COLUMN source_fields TO told',
    'COMMENT ON COLUMN images.told IS NULL',
    'ALTER TABLE deployments RENAME COLUMN source_fields TO told',
    'COMMENT ON COLUMN deployments.told IS NULL',
    'DELETE FROM hoofprint_migrations WHERE version >= 6',
  );

test('a database with the columns told: exports are the same before and after, and the values are kept', async () => {
  await migrate(own.database);
  await load();
  await undoSixth();
  const before = await exported();
  expect(before.get('camtrap-dp/media.csv')).toContain('first snow');
  expect(before.get('camtrap-dp/deployments.csv')).toContain('Reconyx PC900');
  expect(await migrate(own.database)).toEqual({ applied: AGAIN });
  expect(await stored('source_fields', 'source_fields')).toEqual([FIELDS]);
  expect(await migrate(own.database)).toEqual({ applied: [] });
  expect(await exported()).toEqual(before);
  expect(await load()).toMatchObject({ images: { made: 0 }, deployments: { made: 0 } });
  expect(await usability(own.database)).toEqual({ faults: [], notes: [] });
});

test('columns of the owner with these names stay as they are, and are not read', async () => {
  await sql('CREATE EXTENSION IF NOT EXISTS vector');
  await sql(`CREATE TABLE images (id uuid PRIMARY KEY, filename text, path text UNIQUE, "timestamp" timestamptz, created_at timestamptz,
    location_id uuid, told jsonb, source_fields jsonb DEFAULT '{"mediaComments": "for the office"}')`);
  const { notes } = await migrate(own.database);
  expect(notes).toEqual(["images.source_fields is not Hoofprint's: it is left alone and not used"]);
  await load();
  await sql(`UPDATE images SET told = '{"mediaComments": "for the office"}'`);
  expect(await stored('hoofprint_source_fields', 'source_fields')).toEqual([FIELDS]);
  const zip = await exported();
  expect(zip.get('camtrap-dp/media.csv')).toContain('first snow');
  expect(zip.get('camtrap-dp/media.csv')).not.toContain('office');
  expect(await migrate(own.database)).toEqual({ applied: [] });
  expect(await sql('SELECT told, source_fields FROM images')).toEqual([
    { told: { mediaComments: 'for the office' }, source_fields: { mediaComments: 'for the office' } },
  ]);
});

test('a column told of the owner is no former column of ours, also where nothing was migrated', async () => {
  await sql('CREATE EXTENSION IF NOT EXISTS vector');
  await sql(`CREATE TABLE images (id uuid PRIMARY KEY, filename text, path text UNIQUE, "timestamp" timestamptz, created_at timestamptz,
    location_id uuid, width integer, told jsonb)`);
  await migrate(own.database);
  await load();
  await run(
    `UPDATE images SET told = '{"mediaComments": "for the office"}'`,
    'ALTER TABLE images DROP COLUMN source_fields',
  );
  expect((await exported()).get('camtrap-dp/media.csv')).not.toContain('office');
  await sql('DELETE FROM hoofprint_migrations WHERE version >= 6');
  expect(await migrate(own.database)).toEqual({ applied: AGAIN });
  expect(await sql('SELECT told, source_fields FROM images')).toEqual([
    { told: { mediaComments: 'for the office' }, source_fields: null },
  ]);
});

test('a database with told whose owner has a column source_fields: ours gets its second name', async () => {
  await migrate(own.database);
  await load();
  await undoSixth();
  await sql(`ALTER TABLE images ADD COLUMN source_fields jsonb DEFAULT '{"favorite": true}'`);
  const before = await exported();
  expect(
    table(
      await members(await made(own as unknown as World, { ...PERIOD, include_crops: false })),
      'camtrap-dp/media.csv',
    ),
  ).toMatchObject([{ favorite: '', mediaComments: 'first snow' }]);
  await migrate(own.database);
  expect(await stored('hoofprint_source_fields', 'source_fields')).toEqual([FIELDS]);
  expect(await exported()).toEqual(before);
  expect(await migrate(own.database)).toEqual({ applied: [] });
});
