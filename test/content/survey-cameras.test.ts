// Cameras in the files of survey/ at their edges: days without a midnight, names that R misreads.
import { parse } from 'csv-parse/sync';
import { table } from './archive.ts';
import { type World, world } from './fixture.ts';
import { archiveOf, on, textOf } from './survey-world.ts';

let earth: World;
beforeAll(async () => {
  earth = await world();
});
afterAll(() => earth?.close());
afterEach(() => earth.clear());

const lines = (text: string): string[][] => parse(text) as string[][];

test('a day whose midnight a clock change takes is a whole day of its cameras, and none of those that stopped', async () => {
  // In Brazil the clock went from 00:00 to 01:00 on 4 November 2018.
  await earth.deploy('From', '2018-11-04T03:00:00Z', '2018-11-05T02:00:00Z', 'A');
  await earth.deploy('Until', '2018-11-02T03:00:00Z', '2018-11-04T03:00:00Z', 'B');
  await earth.add([{ place: 'From', at: '2018-11-04T12:00:00Z' }]);
  const asked = { start_date: '2018-11-02', end_date: '2018-11-05', occasion_days: 1 };
  const found = await archiveOf(earth, asked, { timeZone: 'America/Sao_Paulo' });
  expect(lines(textOf(found, 'survey/effort.csv')).slice(1)).toEqual([
    ['From', 'NA', 'NA', '1', 'NA'],
    ['Until', '1', '1', 'NA', 'NA'],
  ]);
  expect(table(found, 'survey/camera_table.csv')).toMatchObject([
    { Setup_date: '2018-11-04', Retrieval_date: '2018-11-05' },
    { Setup_date: '2018-11-02', Retrieval_date: '2018-11-04' },
  ]);
});

test('a camera is named NA by no table, and two of a station never alike', async () => {
  for (const camera of ['NA', 'a__CAM_1', 'a_CAM_1', null])
    await earth.deploy('South', on(2, '08:00:00'), on(5, '17:00:00'), camera);
  await earth.add([{ place: 'South', at: on(3) }]);
  const cameras = table(await archiveOf(earth), 'survey/camera_table.csv').map((row) => row.Camera);
  expect(cameras.toSorted()).toEqual(['1', 'NA (1)', 'a_CAM_1', expect.stringMatching(/^a_CAM_1 \(\d\)$/)]);
});
