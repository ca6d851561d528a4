// One rule decides which class is a person (lib/deer/classes.ts). One word more in its list, and
// every part of the product treats that class as a person; its neighbor stays an animal everywhere.
import { sharpCrops } from '../../lib/adapters/crops/crops.ts';
import { loadNames } from '../../lib/exports/season/names.ts';
import { cutPictures } from '../../lib/reid/analysis/pictures.ts';
import { at, frame, made, manifestOf, members, PERIOD, table } from './archive.ts';
import { type World, world } from './fixture.ts';
import { report, wordsOf } from './report.ts';

const [ANIMAL, PERSON] = ['Holzwurm', 'Holzknecht'];
// Read on first use, which is in the tests.
process.env.HUMAN_CLASSES = PERSON;

let earth: World;
let ids: string[];
beforeAll(async () => {
  earth = await world();
  ids = await earth.add([
    { at: at(0), path: 'animal.jpg', class: ANIMAL, deer: 'Ada' },
    { at: at(30), path: 'person.jpg', class: PERSON, deer: 'Bo' },
  ]);
});
afterAll(() => earth?.close());
const images = { read: () => Promise.resolve(frame) };

test('an archive: counts, crops, animals and Camtrap DP', async () => {
  const found = await members(await made(earth, PERIOD, { images }));
  expect(manifestOf(found).counts).toMatchObject({ exported: 1, left_out_no_animal: 1, metadata_rows: 1 });
  expect(new Set(table(found, 'summary_by_month.csv').map((row) => row.class))).toEqual(new Set([ANIMAL]));
  expect([...found.keys()].filter((name) => name.startsWith('crops/'))).toEqual([`crops/${ids[0]}.jpg`]);
  const types = table(found, 'camtrap-dp/observations.csv').map((row) => row.observationType);
  expect(types.sort()).toEqual(['animal', 'human']);
  expect(String(found.get('README.txt')?.body)).toMatch(new RegExp(`Classes counted as animals:\n {2}${ANIMAL}\n`));
});

test('a report counts it as no deer and no animal', async () => {
  const page = wordsOf(await report(earth, { start_date: '2024-01-01', end_date: '2024-03-31' }));
  expect(page).toContain('1 not of an animal');
});

test('the names that a filter may use', async () => {
  expect((await earth.database.read(loadNames)).classifications).toEqual([ANIMAL]);
});

test('the pictures of a Re-ID review page', async () => {
  const pictures = await cutPictures(earth.database, { images, cut: sharpCrops().cut }, ids, 200);
  expect(ids.map((id) => 'jpeg' in pictures.get(id)!)).toEqual([true, false]);
});
