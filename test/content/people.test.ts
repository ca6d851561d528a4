// People never leave: whatever a class calls them, in whatever language and spelling, as crop, as
// frame, as row of an animal or as review picture.
import sharp from 'sharp';
import { sharpCrops } from '../../lib/adapters/crops/crops.ts';
import { cutPictures } from '../../lib/reid/analysis/pictures.ts';
import { at, frame, made, manifestOf, members, PERIOD, reasons, table } from './archive.ts';
import { type World, world } from './fixture.ts';
import { report, wordsOf } from './report.ts';

const { cut: cutCrops } = sharpCrops();

const NAMES = [
  ...[
    'human',
    'person',
    'people',
    'man',
    'women',
    'children',
    'hunter',
    'hiker',
    'researcher',
    'staff',
    'Homo sapiens',
  ],
  ...[
    'humano',
    'personas',
    'gente',
    'Menschen',
    'J\u00e4ger',
    'personne',
    'uomo',
    'pessoas',
    'm\u00e4nniska',
    'cz\u0142owiek',
  ],
];
const SPELLINGS: ((name: string) => string)[] = [
  (name) => name.toUpperCase(),
  (name) => `  ${name.replaceAll(' ', '_')}\t`,
  // Decomposed, with a soft hyphen and a zero-width blank inside.
  (name) => `${name.slice(0, 2)}\u00ad\u200b${name.slice(2)}`.normalize('NFD'),
  (name) => `${name} (on foot, 2)`,
  // Full-width letters.
  (name) => name.replace(/[a-z]/gi, (letter) => String.fromCharCode(letter.charCodeAt(0) + 0xfee0)),
];
const CLASSES = NAMES.flatMap((name) => [name, ...SPELLINGS.map((spell) => spell(name))]);

describe('in a database', () => {
  let earth: World;
  beforeAll(async () => {
    earth = await world();
  });
  afterAll(() => earth?.close());
  afterEach(() => earth.clear());

  test(`${NAMES.length} names in ${SPELLINGS.length + 1} spellings: no crop, no frame, no count, no review picture`, async () => {
    // On each image a person and, by another box, a doe; one image shows a doe alone.
    const shots = CLASSES.flatMap((name, n) => [
      { at: at(n / 4), path: `${n}.jpg`, class: name, bbox: null },
      { at: at(n / 4), path: `${n}.jpg`, class: 'doe', bbox: { x: 0, y: 0, width: 50, height: 50 } },
    ]);
    const ids = await earth.add([...shots, { at: at(300), path: 'doe.jpg', class: 'doe' }]);
    const read: string[] = [];
    const images = {
      read: (path: string) => {
        read.push(path);
        return Promise.resolve(frame);
      },
    };
    const found = await members(await made(earth, PERIOD, { images }));
    expect([...found.keys()].filter((name) => name.startsWith('crops/'))).toEqual([`crops/${ids.at(-1)}.jpg`]);
    // Their files are not even opened.
    expect(read).toEqual(['doe.jpg']);
    const why = reasons(manifestOf(found));
    for (const [n, name] of CLASSES.entries()) {
      expect([name, why[ids[2 * n]!]]).toEqual([name, `not an animal: its class is ${name}`]);
      expect([name, why[ids[2 * n + 1]!]]).toEqual([name, 'a person is in the image: such images are never exported']);
    }
    expect(manifestOf(found).counts).toMatchObject({
      exported: 1,
      left_out_no_animal: CLASSES.length,
      metadata_rows: CLASSES.length + 1,
    });
    expect(new Set(table(found, 'metadata.csv').map((row) => row.classification))).toEqual(new Set(['doe']));
    expect(new Set(table(found, 'summary_by_month.csv').map((row) => row.class))).toEqual(new Set(['doe']));
    const observations = table(found, 'camtrap-dp/observations.csv');
    expect(observations.filter((row) => row.observationType === 'human')).toHaveLength(CLASSES.length);
    expect(
      new Set(observations.filter((row) => row.observationType === 'animal').map((row) => row.scientificName)),
    ).toEqual(new Set(['Odocoileus virginianus']));
    expect(new Set(table(found, 'camtrap-dp/media.csv').map((row) => row.filePublic))).toEqual(new Set(['false']));
    const readme = String(found.get('README.txt')?.body);
    expect(readme).toMatch(/Classes counted as animals:\n {2}doe\n/);
    expect(readme).toContain('HUMAN');

    const pictures = await cutPictures(earth.database, { images, cut: cutCrops }, ids, 200);
    const shown = ids.filter((id) => 'jpeg' in pictures.get(id)!);
    expect(shown).toEqual([ids.at(-1)]);
    expect(pictures.get(ids[0]!)).toEqual({ reason: 'a person is in the image' });

    const page = wordsOf(await report(earth, { start_date: '2024-01-01', end_date: '2024-03-31' }));
    expect(page).toContain(`${CLASSES.length + 1} detections`);
    expect(page).toContain(`${CLASSES.length} not of an animal`);
  });

  test('one voice is enough: a model that was corrected, a detection that is not valid, a species, an animal, a mark of the import', async () => {
    const withDoe = (n: number, shot: object) => [
      { at: at(n), path: `${n}.jpg`, ...shot },
      { at: at(n), path: `${n}.jpg`, class: 'doe' },
    ];
    const ids = await earth.add([
      ...withDoe(0, { class: 'Person', corrected: 'buck' }),
      ...withDoe(1, { class: 'buck', corrected: 'Hunter' }),
      ...withDoe(2, { class: 'human', valid: false }),
      ...withDoe(3, { class: 'human', duplicate: true }),
      ...withDoe(4, { class: 'doe', deer: 'Ranger Rick' }),
      ...withDoe(5, { class: 'doe' }),
      ...withDoe(6, { class: 'doe' }),
      ...withDoe(7, { class: 'doe' }),
      ...withDoe(8, { class: 'doe' }),
    ]);
    const set = (sql: string, params: unknown[]) => earth.database.write(({ rows }) => rows(sql, params));
    await set(`UPDATE deer SET species = 'Homo sapiens'`, []);
    await set(`UPDATE detections SET species = 'HOMO SAPIENS' WHERE id = $1`, [ids[10]]);
    await set(`UPDATE detections SET observation = '{"observationType": "human"}' WHERE id = $1`, [ids[12]]);
    await set(`UPDATE images SET contains_human = true WHERE path = '7.jpg'`, []);
    const images = { read: () => Promise.resolve(frame) };
    const found = await members(await made(earth, PERIOD, { images }));
    expect([...found.keys()].filter((name) => name.startsWith('crops/')).sort()).toEqual(
      ids
        .slice(16)
        .map((id) => `crops/${id}.jpg`)
        .sort(),
    );
    const byIds = await members(await made(earth, { detection_ids: ids.filter((_, n) => n % 2 === 1) }, { images }));
    expect([...byIds.keys()].filter((name) => name.startsWith('crops/'))).toEqual([`crops/${ids[17]}.jpg`]);
    const pictures = await cutPictures(earth.database, { images, cut: cutCrops }, ids, 200);
    expect(ids.filter((id) => 'jpeg' in pictures.get(id)!)).toEqual(ids.slice(16));
    // What counts is the final class: the corrected buck does, with its row.
    expect(table(found, 'metadata.csv').map((row) => row.detection_id)).toContain(ids[0]);
    const observation = table(found, 'camtrap-dp/observations.csv').find((row) => row.observationID === ids[10]);
    expect(observation).toMatchObject({ observationType: 'human', scientificName: 'Homo sapiens' });
  });

  test('a class that nobody has met before is decided before anything is counted, also in capture histories', async () => {
    await earth.add([
      { at: at(0), class: 'doe', deer: 'Ada' },
      // A year before: an event of Ada only if this were an animal.
      { at: '2023-01-01T12:00:00Z', class: `bushwalker ${Date.now()} person`, deer: 'Ada' },
      { at: at(30), class: `caribou ${Date.now()}`, deer: 'Bo' },
      { at: at(60), class: 'doe', deer: 'Bo' },
    ]);
    const found = await members(await made(earth));
    expect(table(found, 'capture_history.csv').map((row) => row.deer_name)).toEqual(['Bo']);
    expect(manifestOf(found).counts).toMatchObject({ exported: 3, left_out_no_animal: 0 });
    expect(
      (await sharp(found.get([...found.keys()].find((name) => name.startsWith('crops/'))!)?.body).metadata()).format,
    ).toBe('jpeg');
  });
});
