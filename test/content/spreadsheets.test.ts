// Tables that people open in a spreadsheet: a byte order mark where a cell is not ASCII; tables
// that programs read never have one.
import { parse } from 'csv-parse/sync';
import { csv, spreadsheet } from '../../lib/csv.ts';
import { at, made, members, PERIOD } from './archive.ts';
import { type World, world } from './fixture.ts';

let earth: World;
beforeAll(async () => {
  earth = await world();
});
afterEach(() => earth.clear());
afterAll(() => earth.close());

const MARK = '\ufeff';
const archive = async (): Promise<Map<string, string>> => {
  const found = await members(await made(earth, { ...PERIOD, include_crops: false }));
  return new Map([...found].map(([path, { body }]) => [path, body.toString()]));
};
const marked = (files: Map<string, string>): string[] =>
  [...files].filter(([, text]) => text.startsWith(MARK)).map(([path]) => path);

test('ASCII needs none', async () => {
  await earth.add([
    { at: at(0), deer: 'Atlas' },
    { at: at(30), deer: 'Atlas' },
  ]);
  const files = await archive();
  expect(marked(files)).toEqual([]);
  expect(files.get('metadata.csv')).toMatch(/^detection_id,/);
});

test.each([
  ['a location', { place: 'B\u00e4renwald' }, ['metadata.csv']],
  ['a deer', { deer: '\u041e\u043b\u0435\u043d\u044c' }, ['metadata.csv']],
  ['a class', { class: 'Rotw\u00fcstling' }, ['metadata.csv', 'summary_by_month.csv']],
])('%s beyond ASCII: the tables for spreadsheets that hold it have one, no other', async (_name, shot, expected) => {
  await earth.add([
    { at: at(0), deer: 'Atlas', ...shot },
    { at: at(30), deer: 'Atlas', ...shot },
  ]);
  const files = await archive();
  expect(marked(files).sort()).toEqual(expected);
  const rows = parse(files.get('metadata.csv') ?? '', { columns: true, bom: true }) as Record<string, string>[];
  expect(rows).toHaveLength(2);
  expect(rows[0]?.detection_id).toMatch(/^[0-9a-f-]{36}$/);
  for (const word of ['fileEncoding="UTF-8-BOM"', 'encoding="utf-8-sig"'])
    expect(files.get('README.txt')).toContain(word);
});

test('names that look alike are rows of their own, and README.txt says so', async () => {
  await earth.add([
    { at: at(0), place: 'Ridge', class: 'doe' },
    { at: at(30), place: 'ridge\u200b ', class: 'Doe' },
  ]);
  const files = await archive();
  const readme = (files.get('README.txt') ?? '').replace(/\s+/g, ' ');
  expect(readme).toContain('Names: 1 pair of locations differs only in case or blanks, or in characters that look the');
  expect(readme).toContain('Names: 1 pair of classes differs only in case or blanks: "Doe" and "doe"');
  expect(parse(files.get('metadata.csv') ?? '', { columns: true, bom: true })).toHaveLength(2);
});

test('rows are counted once, and looked at no further than the first letter that needs it', () => {
  let asked = 0;
  function* rows(): Generator<string[]> {
    for (const name of ['a', '\u00e9', 'c']) {
      asked += 1;
      yield [name];
    }
  }
  let counted = 0;
  const text = [...spreadsheet(['name'], rows, (n) => (counted += n))].join('');
  expect(text).toBe(`${MARK}name\na\n\u00e9\nc\n`);
  expect([asked, counted]).toEqual([5, 3]);
});

test('control characters steer no terminal that shows a table; lines and tabs inside of a cell stay', () => {
  const text = [...csv(['name'], [['a\u001b[2Jb\u009b'], ['\u0007=1'], ['x\ny\tz'], ['over\rwritten\r\n']])].join('');
  expect(text).toBe('name\na [2Jb \n\' =1\n"x\ny\tz"\n"over\nwritten\n"\n');
});
