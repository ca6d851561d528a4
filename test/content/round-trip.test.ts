// The official example imported, exported, imported again: import and export are each other's
// inverse, and what is exported keeps the standard.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { importPackage } from '../../lib/data/camtrap-dp/import.ts';
import type { ZipRequest } from '../../lib/exports/zip/request.ts';
import { type Member, made, members } from './archive.ts';
import { type World, world } from './fixture.ts';
import {
  descriptorProblems,
  type Package,
  packageIn,
  type Row,
  rowProblems,
  STANDARD,
  withStandard,
} from './standard.ts';

const request: ZipRequest = {
  start_date: '2020-05-30',
  end_date: '2021-05-29',
  group_by: 'month',
  include_crops: false,
  include_people: true,
};

/** What must be the same: what a biologist would count and time. */
const same = {
  deployments: `SELECT l.name, l.coordinates->>'lat' AS lat, l.coordinates->>'lon' AS lon, l.description, starts_at, ends_at, camera_id, time_zone
    FROM deployments p JOIN locations l ON l.id = p.location_id ORDER BY starts_at`,
  effort: `SELECT l.name, sum(extract(epoch FROM ends_at - starts_at)) AS seconds FROM deployments p JOIN locations l ON l.id = p.location_id GROUP BY 1 ORDER BY 1`,
  media: `SELECT id, filename, "timestamp", location_id, deployment_id, contains_human FROM images WHERE path NOT LIKE 'camtrap-dp:%' ORDER BY id`,
  addresses: `SELECT id, path FROM images WHERE path LIKE 'https:%' ORDER BY id`,
  taxa: `SELECT species, classification, count(*) AS n FROM detections GROUP BY 1, 2 ORDER BY 1, 2`,
  detections: `SELECT d.id, d.species, d.classification, d.confidence, d.is_reviewed, d.burst_group_id, d.bbox_relative, i.timestamp, i.location_id,
      d.observation->>'sex' AS sex, d.observation->>'lifeStage' AS stage, d.observation->>'behavior' AS behavior, d.observation->>'classifiedBy' AS by,
      d.observation->>'observationTags' AS tags, d.observation->>'observationComments' AS comments
    FROM detections d JOIN images i ON i.id = d.image_id ORDER BY d.id`,
};

withStandard('the official example', () => {
  let first: World;
  let second: World;
  let folder: string;
  let archive: Map<string, Member>;
  let exported: Package;
  beforeAll(async () => {
    [first, second] = [await world(), await world()];
    folder = mkdtempSync(join(tmpdir(), 'round-trip-'));
    await importPackage(STANDARD, { database: first.database, imageRoot: folder });
    archive = await members(await made(first, request, { timeZone: 'Europe/Brussels' }));
    exported = packageIn(archive);
    for (const [name, { body }] of archive) {
      const file = join(folder, name);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, body);
    }
    await importPackage(join(folder, 'camtrap-dp'), { database: second.database, imageRoot: folder });
  });
  afterAll(async () => {
    await first?.close();
    await second?.close();
    if (folder !== undefined) rmSync(folder, { recursive: true });
  });

  test('keeps the standard: profile, cells, unique keys, keys of other tables', () => {
    expect(descriptorProblems(exported.descriptor)).toEqual([]);
    expect(rowProblems(exported)).toEqual([]);
    expect([exported.deployments.length, exported.media.length]).toEqual([4, 423]);
  });

  test('the checks themselves find what breaks the standard', () => {
    const [one, two] = exported.observations as [Row, Row];
    const broken = rowProblems({
      ...exported,
      observations: [{ ...one, mediaID: 'nowhere', sex: 'both', eventStart: '2020-01-01' }, two, two],
      media: [{ ...(exported.media[0] as Row), filePath: '../up.jpg', filePublic: 'yes' }],
      deployments: exported.deployments.map((row) => ({ ...row, latitude: '' })),
    }).join('\n');
    for (const found of [
      'nowhere',
      '/sex',
      '/eventStart',
      'observationID is not unique',
      '/filePath',
      '/filePublic',
      "'latitude'",
    ])
      expect(broken).toContain(found);
    expect(descriptorProblems({ ...exported.descriptor, project: {}, created: 'today' }).join()).toMatch(
      /created.*samplingDesign/,
    );
  });

  test.each(Object.entries(same))('%s are the same in a second database', async (_name, sql) => {
    const [before, after] = await Promise.all(
      [first, second].map((one) => one.database.read((queries) => queries.rows(sql))),
    );
    expect(after).toEqual(before);
    expect(before?.length).toBeGreaterThan(3);
  });

  test('times, offsets and counts by taxon are those of the original files', () => {
    const original = (name: string): Row[] =>
      parse(readFileSync(join(STANDARD, `${name}.csv`), 'utf8'), { columns: true }) as Row[];
    const stays = (rows: Row[]) =>
      rows
        .map((row) => [row.deploymentStart, row.deploymentEnd, row.latitude, row.longitude, row.cameraID].join())
        .sort();
    expect(stays(exported.deployments)).toEqual(stays(original('deployments')));
    const pictures = (rows: Row[]) => rows.map((row) => `${row.fileName} ${row.timestamp} ${row.fileMediatype}`).sort();
    expect(pictures(exported.media)).toEqual(pictures(original('media')));
    const addresses = (rows: Row[]) =>
      rows
        .map((row) => row.filePath ?? '')
        .filter((path) => path.startsWith('https:'))
        .sort();
    expect(addresses(exported.media)).toEqual(addresses(original('media')));

    // The import's rule, in another way: media-based animals, and event-based ones of events
    // without any; persons per image.
    const source = original('observations');
    const byMedia = new Set(
      source
        .filter((row) => row.observationLevel === 'media' && row.observationType === 'animal')
        .map((row) => row.eventID),
    );
    const wanted = new Map<string, number>();
    for (const row of source) {
      const counted =
        row.observationType === 'animal'
          ? row.observationLevel === 'media' || !byMedia.has(row.eventID)
          : row.observationType === 'human';
      const name = row.scientificName ?? '';
      if (counted) wanted.set(name, (wanted.get(name) ?? 0) + Number(row.count || 1));
    }
    const found = new Map<string, number>();
    for (const row of exported.observations)
      found.set(row.scientificName ?? '', (found.get(row.scientificName ?? '') ?? 0) + Number(row.count || 1));
    expect([...found].sort()).toEqual([...wanted].sort());
  });

  test('README.txt says what differs, and the manifest has every file of the package', () => {
    const readme = String(archive.get('README.txt')?.body);
    for (const reason of [
      'Each detection is one observation',
      'The image files are not included',
      'Imported IDs that are not UUIDs',
      'These columns have the values of an imported package',
      'data: CC0-1.0\n  media: http://creativecommons.org/licenses/by/4.0/',
    ])
      expect(readme).toContain(reason);
    expect(readme).not.toContain('STILL MISSING');
    expect(readme).toContain('Sample from: MICA');
    const files = (JSON.parse(String(archive.get('manifest.json')?.body)) as { files: { path: string }[] }).files.map(
      ({ path }) => path,
    );
    for (const name of ['datapackage.json', 'deployments.csv', 'media.csv', 'observations.csv'])
      expect(files).toContain(`camtrap-dp/${name}`);
  });
});
