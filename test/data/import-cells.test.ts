// Cells in other forms than the standard's, and what is left of a package whose cells are broken.
import { readInstant } from '../../lib/data/camtrap-dp/read/cells.ts';
import { describePackage } from '../../scripts/import/report.ts';
import { openImports } from './imports.ts';
import { deployment, medium, observation, type PackageParts, writePackage } from './package.ts';

let imports: Awaited<ReturnType<typeof openImports>>;
beforeAll(async () => {
  imports = await openImports();
});
afterAll(() => imports.close());

const fox = { scientificName: 'Vulpes vulpes' };
/** Loads a package under an id of its own and gives its summary and what it counts. */
let made = 0;
async function load(parts: PackageParts, more: { skipInvalid?: boolean } = {}) {
  const id = `cells-${++made}`;
  const folder = imports.write({ ...parts, descriptor: { ...parts.descriptor, id } });
  return { folder, id, summary: await imports.load(folder, more) };
}
const notes = ({ summary }: { summary: { notes: string[] } }): string => summary.notes.join('\n');

describe('cells in other forms', () => {
  test.each([
    ['2024-05-10T06:30:00.999Z', '2024-05-10T06:30:00Z'],
    ['2024-05-10 06:30:00+0200', '2024-05-10T06:30:00+02:00'],
    ['2024-05-10T06:30:00+02', '2024-05-10T06:30:00+02:00'],
    ['2024-05-10T06:30:00z', '2024-05-10T06:30:00Z'],
    ['2024-05-10 06:30 UTC', '2024-05-10T06:30:00Z'],
    ['2024-05-10T24:00:00Z', '2024-05-11T00:00:00Z'],
    ['20240510T063000Z', '2024-05-10T06:30:00Z'],
    ['2024-05-10T06:30:00,5-05:00', '2024-05-10T06:30:00-05:00'],
    ['2024-05-10T06:30+02:00[Europe/Brussels]', '2024-05-10T06:30:00+02:00'],
    ['2024-5-1T6:30:00+2:00', '2024-05-01T06:30:00+02:00'],
    ['2024/5/10 06:30:00 GMT+02:00', '2024-05-10T06:30:00+02:00'],
    ['2024-05-10T06:30:00UTC-5', '2024-05-10T06:30:00-05:00'],
    ['2024-05-10T06:30:00.Z', '2024-05-10T06:30:00Z'],
    ['1969-12-31T23:59:59.900Z', '1969-12-31T23:59:59Z'],
  ])('%s is %s, with a note', (cell, text) => {
    expect(readInstant(cell)).toMatchObject({ text, at: Date.parse(text) });
    expect(readInstant(cell)!.differs).not.toEqual([]);
  });

  test.each([
    '03/04/2024 06:30',
    '2024-05-10',
    '2024-05-10T06:30:00',
    '2024-13-01T00:00:00Z',
    '2024-05-10T25:00:00Z',
    '2024-05-10T06:30:00+25:00',
    '2024-05/10T06:30:00Z',
    '2024051T063000Z',
    '2024-05-10T06:30:00+1500',
    '1715322600',
    '0000-01-01T00:00:00Z',
  ])('%s stays an error', (cell) => expect(readInstant(cell)).toBeUndefined());

  test('words for no value, decimals of counts, flags and enumerations in another case are read, with one note per column', async () => {
    const loaded = await load({
      deployments: [deployment({ cameraID: 'None', baitUse: 'NULL', cameraHeight: '1,5', timestampIssues: 'Yes' })],
      observations: [
        observation('a', {
          mediaID: 'm1',
          eventID: 'null',
          sex: 'N/A',
          lifeStage: 'Adult',
          count: '2.0',
          individualID: '-',
          ...fox,
        }),
        observation('b', {
          mediaID: 'm1',
          eventID: 'NULL',
          sex: 'none',
          lifeStage: 'unknown',
          count: 1,
          observationComments: 'None',
          ...fox,
        }),
      ],
    });
    expect(loaded.summary).toMatchObject({ detections: { made: 3 }, skipped: [] });
    expect(notes(loaded)).toContain(
      'observations.csv, column sex: 2 cells have another word for no value (first: "N/A")',
    );
    expect(loaded.summary.notes.filter((note) => note.startsWith('observations.csv, column'))).toHaveLength(5);
    const [one] = await imports.rows<{ source_fields: object; camera: string | null }>(
      `SELECT source_fields, camera_id AS camera FROM deployments WHERE source_fields ? 'cameraHeight'`,
    );
    expect(one).toEqual({ source_fields: { cameraHeight: 1.5, timestampIssues: true }, camera: null });
    const kept = await imports.rows(
      `SELECT burst_group_id, observation->>'observationComments' AS words FROM detections WHERE observation->>'observationComments' = 'None'`,
    );
    expect(kept).toEqual([{ burst_group_id: null, words: 'None' }]);
  });

  test('missingValues of the package are no values', async () => {
    const schema = { fields: [], missingValues: ['', '-9999', { value: 'not seen' }] };
    const resources = ['deployments', 'media', 'observations'].map((name) => ({ name, path: `${name}.csv`, schema }));
    const { summary } = await load({
      descriptor: { resources },
      deployments: [deployment({ cameraHeight: '-9999' })],
      observations: [observation('a', { mediaID: 'm1', individualID: 'not seen', ...fox })],
    });
    expect(summary.skipped).toEqual([]);
    expect(notes({ summary })).not.toContain('column');
  });

  test('names that look alike are warned of and kept apart; a reference that misses its key by a blank is said to', async () => {
    const alike = await load({
      deployments: [deployment(), deployment({ deploymentID: 'DEP1 ', locationID: 'LOC1' })],
    });
    expect(notes(alike)).toContain(
      '1 pair of deploymentIDs in deployments.csv differs only in case or blanks: "dep1" and "DEP1 "',
    );
    expect(alike.summary.locations.made).toBe(2);
    await expect(load({ media: [medium('m1', { deploymentID: 'dep1\u200b' })] })).rejects.toThrow(
      'which is no deploymentID of a valid row in deployments; "dep1" differs from it only in case, blanks or characters that look the same',
    );
  });
});

test('a location that looks like one of other data is warned of', async () => {
  const at = (locationName: string) =>
    imports.load(writePackage({ descriptor: { id: locationName }, deployments: [deployment({ locationName })] }));
  expect(notes({ summary: await at('North Ridge') })).not.toContain('of this database');
  for (let time = 0; time < 2; time++)
    expect((await at('north\u200b ridge ')).notes).toContain(
      '1 name of a location differs only in case, blanks or characters that look the same from one of this database: "north\\u200b ridge " and "North Ridge". They are kept apart',
    );
});

describe('--skip-invalid drops the smallest thing', () => {
  test('a bad cell leaves its row; a bad media row leaves its observations; only key, place and time cost a row', async () => {
    const box = { bboxX: 2, bboxY: 0.1, bboxWidth: 0.2, bboxHeight: 0.2 };
    const observations = [
      observation('a', { mediaID: 'm1', sex: 'hen', classificationProbability: 7, ...box, ...fox }),
      observation('b', { mediaID: 'm2', ...fox }),
      observation('c', { mediaID: 'm9', ...fox, eventStart: '2024-05-12T06:00:00Z', eventEnd: '2024-05-12T06:00:00Z' }),
      observation('d', { mediaID: 'm1', observationLevel: 'picture', count: '2.5', ...fox }),
      observation('e', { mediaID: 'm1', eventStart: 'yesterday', ...fox }),
      observation('f', { mediaID: 'm3', observationType: 'person', scientificName: '' }),
      observation('g', { mediaID: 'm1', observationType: 'beast', scientificName: '' }),
    ];
    const media = [
      medium('m1', { filePath: '../secret.jpg', filePublic: 'perhaps', fileMediatype: 'jpg' }),
      medium('m2', { timestamp: 'never' }),
      medium('m3', { filePath: 'https://example.org/with-a-person.jpg' }),
    ];
    await expect(load({ media, observations })).rejects.toThrow(
      /^the package has \d+ broken rules; nothing was loaded/,
    );
    const { summary } = await load({ media, observations }, { skipInvalid: true });
    expect(summary.observations).toEqual({ animal: 4, human: 1, unclassified: 1 });
    expect(summary.detections.made).toBe(4);
    const rows = await imports.rows(
      `SELECT d.bbox_relative AS box, d.confidence, d.observation ? 'sex' AS sex FROM detections d WHERE d.observation->>'observationID' = 'a' AND d.species = 'Vulpes vulpes' ORDER BY d.created_at DESC`,
    );
    expect(rows).toContainEqual({ box: null, confidence: null, sex: false });
    expect(await imports.rows(`SELECT contains_human FROM images WHERE path LIKE '%with-a-person.jpg'`)).toEqual([
      { contains_human: true },
    ]);
    expect(await imports.rows(`SELECT 1 FROM images WHERE path LIKE '%secret%'`)).toEqual([]);
  });

  test('nothing loaded is an error, never a summary', async () => {
    const lost = [observation('a', { mediaID: 'm1', eventStart: '03/04/2024' })];
    await expect(load({ observations: lost }, { skipInvalid: true })).rejects.toThrow(
      'no row of observations can be used (of 1); nothing was loaded',
    );
    const none = { deployments: [deployment({ deploymentStart: 'May' })] };
    await expect(load(none, { skipInvalid: true })).rejects.toThrow('no row of deployments can be used (of 1)');
    await expect(
      load({
        files: {
          'deployments.csv': 'deploymentID,latitude,longitude,deploymentStart,deploymentEnd\n',
          'media.csv': 'mediaID,deploymentID,timestamp,filePath,filePublic,fileMediatype\n',
          'observations.csv': 'observationID,deploymentID,eventStart,eventEnd,observationLevel,observationType\n',
        },
      }),
    ).rejects.toThrow('the tables of the package have no rows');
  });
});

test('control characters of a package never reach a terminal', async () => {
  const evil = '\u001b[2J\u009b31mred\u202etxt\nImported 9,999 deer';
  const { summary } = await load(
    {
      descriptor: { title: evil },
      deployments: [
        deployment({ locationName: `A${evil}` }),
        deployment({ deploymentID: 'd2', locationID: 'l2', locationName: `a${evil}` }),
      ],
      observations: [
        observation('a', { mediaID: 'm1', scientificName: evil }),
        observation(`b${evil}`, { mediaID: 'm1', sex: evil, ...fox }),
      ],
    },
    { skipInvalid: true },
  );
  const text = describePackage(summary);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
  expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
  expect(text.split('\n').filter((line) => line.startsWith('Imported'))).toHaveLength(1);
});
