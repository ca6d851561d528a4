import { at, frame } from './archive.ts';
import { type World, world } from './fixture.ts';
import { brief, packager } from './packaged.ts';
import type { Row } from './standard.ts';

let earth: World;
beforeAll(async () => {
  earth = await world();
});
afterAll(() => earth?.close());
afterEach(() => earth.clear());

const { exported, write, locate } = packager(() => earth);
const byId = (rows: Row[], id: string | undefined): Row | undefined => rows.find((row) => row.observationID === id);

test('every class becomes a taxon, a sex, a life stage and a tag', async () => {
  const classes = [
    'buck',
    'doe',
    'fawn',
    'mature',
    'mid',
    'young',
    'unknown',
    'Vulpes vulpes',
    'raccoon',
    'vehicle',
    'blank',
    'human',
  ];
  const ids = await earth.add(classes.map((name, n) => ({ at: at(n), class: name })));
  const { observations } = await exported();
  const described = ids.map((id) =>
    brief(byId(observations, id), 'observationType', 'scientificName', 'sex', 'lifeStage', 'observationTags'),
  );
  expect(Object.fromEntries(classes.map((name, n) => [name, described[n]]))).toEqual({
    buck: 'animal|Odocoileus virginianus|male|adult|',
    doe: 'animal|Odocoileus virginianus|female|adult|',
    fawn: 'animal|Odocoileus virginianus||juvenile|',
    mature: 'animal|Odocoileus virginianus|male||class:mature',
    mid: 'animal|Odocoileus virginianus|male||class:mid',
    young: 'animal|Odocoileus virginianus|male||class:young',
    unknown: 'animal|Odocoileus virginianus|||',
    'Vulpes vulpes': 'animal|Vulpes vulpes|||',
    raccoon: 'animal||||class:raccoon',
    vehicle: 'vehicle||||',
    blank: 'blank||||',
    human: 'human|Homo sapiens|||',
  });
});

test("the species of the detection, else of the animal; a reviewer's correction wins over the model and over the import", async () => {
  const ids = await earth.add([
    { at: at(0), class: 'doe' },
    { at: at(1), class: 'doe', deer: 'Ada' },
    { at: at(2), class: 'Vulpes vulpes', corrected: 'doe' },
    { at: at(3), class: 'doe' },
    { at: at(4), class: 'doe', corrected: 'buck' },
  ]);
  await write(`UPDATE detections SET species = 'Cervus elaphus' WHERE id = $1`, [ids[0]]);
  await write(`UPDATE deer SET species = 'Dama dama'`);
  await write(`UPDATE detections SET species = 'Vulpes vulpes', observation = '{"sex":"female"}' WHERE id = $1`, [
    ids[2],
  ]);
  await write(
    `UPDATE detections SET species = 'Dama dama', observation = '{"lifeStage":"subadult","sex":"female","behavior":"grazing"}' WHERE id = ANY ($1)`,
    [[ids[3], ids[4]]],
  );
  const { observations } = await exported();
  expect(ids.map((id) => brief(byId(observations, id), 'scientificName', 'sex', 'lifeStage', 'behavior'))).toEqual([
    'Cervus elaphus|female|adult|',
    'Dama dama|female|adult|',
    'Odocoileus virginianus|female|adult|',
    'Dama dama|female|subadult|grazing',
    'Dama dama|male|adult|',
  ]);
});

test('boxes are shares of the image: of its recorded size, of the picture that was cut, or left out and counted', async () => {
  const ids = await earth.add([
    { at: at(0), path: 'known.jpg', bbox: { x: -50, y: 100, width: 150, height: 300 } },
    { at: at(1), path: 'cut.jpg', bbox: { x: 100, y: 50, width: 100, height: 100 } },
    { at: at(2), path: 'gone.jpg', bbox: { x: 1, y: 1, width: 5, height: 5 } },
    { at: at(3), path: 'whole.jpg' },
  ]);
  await write(`UPDATE images SET width = 1000, height = 400 WHERE path = 'known.jpg'`);
  const images = {
    read: (path: string) => (path === 'gone.jpg' ? Promise.reject(new Error('gone')) : Promise.resolve(frame)),
  };
  const { observations, readme } = await exported({}, { images });
  expect(ids.map((id) => brief(byId(observations, id), 'bboxX', 'bboxY', 'bboxWidth', 'bboxHeight'))).toEqual([
    '0|0.25|0.1|0.75',
    '0.25|0.25|0.25|0.5', // of the 400 x 200 frame
    '|||',
    '|||',
  ]);
  expect(readme).toContain('1 detection has a box that is not given');
});

test('reviewed is human without a probability, else machine with its own; an animal has its name, or its id where two share one', async () => {
  const ids = await earth.add([
    { at: at(0), deer: 'Ada' },
    { at: at(50), deer: 'Bo' },
    { at: at(100), deer: 'NA' },
    { at: at(150), deer: 'Twin' },
    { at: at(200), deer: 'Other' },
  ]);
  await write('UPDATE detections SET is_reviewed = true WHERE id = $1', [ids[0]]);
  await write(`UPDATE deer SET name = 'Twin' WHERE name = 'Other'`);
  const { observations, descriptor } = await exported();
  const identified = ids.map((id) =>
    brief(byId(observations, id), 'individualID', 'classificationMethod', 'classificationProbability'),
  );
  expect(identified.slice(0, 2)).toEqual(['Ada|human|', 'Bo|machine|0.9']);
  for (const text of identified.slice(2)) expect(text).toMatch(/^[0-9a-f-]{36}\|machine\|0\.9$/);
  expect(new Set(identified).size).toBe(5);
  expect(descriptor.project).toMatchObject({ individualAnimals: true, observationLevel: ['media'] });
});

test('deployments: whole, derived, still running, moved; images outside theirs go to the nearest and say so', async () => {
  await earth.add([
    { at: '2024-01-05T12:00:00Z', place: 'Old' },
    { at: '2024-01-21T12:00:00Z', place: 'Old' }, // after the camera was moved away; nearest is the first deployment
    { at: '2024-02-10T12:00:00Z', place: 'New' },
    { at: '2024-02-11T12:00:00Z', place: 'Bare', path: 'first.jpg', detection: false },
    { at: '2024-02-12T12:00:00Z', place: 'Bare' },
    { at: '2024-02-13T12:00:00Z', place: null },
  ]);
  await earth.deploy('Old', '2023-11-01T06:00:00Z', '2024-01-20T06:00:00Z', 'seven');
  await earth.deploy('Old', '2024-03-20T06:00:00Z', '2024-03-25T06:00:00Z', 'eight');
  await earth.deploy('New', '2024-01-20T18:00:00Z', null, 'seven');
  await earth.deploy('New', '2020-01-20T18:00:00Z', '2020-02-20T18:00:00Z', 'long ago');
  for (const name of ['Old', 'New', 'Bare']) await locate(name, 43.5, -90.7);
  await write(`UPDATE deployments SET time_zone = '+05:30' WHERE camera_id = 'eight'`);
  const { deployments, media, observations, readme } = await exported();
  const period = (row: Row) => brief(row, 'locationName', 'cameraID', 'deploymentStart', 'deploymentEnd');
  expect(deployments.map(period).sort()).toEqual([
    'Bare||2024-02-11T00:00:00-06:00|2024-02-13T00:00:00-06:00',
    'New|seven|2024-01-20T12:00:00-06:00|2025-02-02T22:05:06-06:00', // the time of the export
    'Old|eight|2024-03-20T11:30:00+05:30|2024-03-25T11:30:00+05:30',
    'Old|seven|2023-11-01T01:00:00-05:00|2024-01-20T00:00:00-06:00', // before and after the clocks went back
  ]);
  const cameraOf = (row: Row) =>
    period(deployments.find(({ deploymentID }) => deploymentID === row.deploymentID) as Row).split('|2')[0];
  expect(media.map((row) => `${row.timestamp} ${cameraOf(row)} ${row.mediaComments}`)).toEqual([
    '2024-01-05T06:00:00-06:00 Old|seven ',
    '2024-01-21T06:00:00-06:00 Old|seven taken outside the recorded time of its deployment',
    '2024-02-10T06:00:00-06:00 New|seven ',
    '2024-02-11T06:00:00-06:00 Bare| ',
    '2024-02-12T06:00:00-06:00 Bare| ',
  ]);
  expect(observations).toHaveLength(4);
  for (const line of [
    '1 deployment is made of whole days from the first to the last image',
    '1 deployment is still running',
    '1 media file is dated outside the recorded time',
    '1 detection has no location, so no deployment',
    '1 counted detection is dated outside every deployment of its camera',
  ])
    expect(readme).toContain(line);
});

test('an image of a person is marked as such, without its file, so that an importer keeps it private', async () => {
  const ids = await earth.add([
    { at: at(0), path: 'https://example.org/a b.jpg', class: 'doe' },
    { at: at(1), path: 'seen.jpg', class: 'person' },
  ]);
  await write(`UPDATE images SET contains_human = true WHERE path LIKE 'https:%'`);
  const { observations, media } = await exported();
  expect(observations.map((row) => row.observationType).sort()).toEqual(['animal', 'human', 'human']);
  expect(byId(observations, ids[0])?.observationType).toBe('animal');
  expect(media.map((row) => row.filePublic)).toEqual(['false', 'false']);
});

test('paths: addresses as they are, relative ones below media/, others by their id', async () => {
  await earth.add(
    [
      'https://example.org/x/1.JPG',
      'north/2024/a.png',
      '/srv/secret/b.jpg',
      'C:\\cards\\c.jpg',
      '../d.jpg',
      '.hidden/e.jpg',
      'f..g.jpg',
    ].map((path, n) => ({
      at: at(n),
      path,
    })),
  );
  const { media } = await exported();
  expect(media.map((row) => (row.filePath ?? '').replace(row.mediaID ?? '', 'ID'))).toEqual([
    'https://example.org/x/1.JPG',
    'media/north/2024/a.png',
    'media/ID.jpg',
    'media/ID.jpg',
    'media/ID.jpg',
    'media/ID.jpg',
    'media/ID.jpg',
  ]);
  expect(media.map((row) => row.fileMediatype)[1]).toBe('image/png');
});

test('ids narrow the package to their own images and deployments; a filter of classes keeps every image', async () => {
  const ids = await earth.add([{ at: at(0) }, { at: at(1), place: 'South', class: 'buck' }]);
  await earth.deploy('North', '2024-01-01T00:00:00Z', '2024-02-01T00:00:00Z');
  await earth.deploy('South', '2024-01-01T00:00:00Z', '2024-02-01T00:00:00Z');
  const one = await exported({ detection_ids: [ids[0] as string] });
  expect([one.deployments.length, one.media.length, one.observations.map((row) => row.observationID)]).toEqual([
    1,
    1,
    [ids[0]],
  ]);
  const does = await exported({ classifications: ['doe'] });
  expect([does.deployments.length, does.media.length, does.observations.map((row) => row.observationID)]).toEqual([
    2,
    2,
    [ids[0]],
  ]);
  const north = await exported({ locations: ['North'] });
  expect([north.deployments.length, north.media.length]).toEqual([1, 1]);
});
