// survey.xlsx, opened with another library than the code that writes it: sheets, types, frozen
// header, cells that would be formulas.

import { buffer } from 'node:stream/consumers';
import { readSheet } from 'read-excel-file/node';
import { csv } from '../../lib/csv.ts';
import { archive } from '../../lib/exports/archive/archive.ts';
import { nameColumn, type Sheet, writeWorkbook } from '../../lib/exports/archive/workbook.ts';
import { CREATED, members } from './archive.ts';
import { type World, world } from './fixture.ts';
import { archiveOf, roster, survey, TWO, textOf } from './survey-world.ts';

const workbookOf = async (sheets: readonly Sheet[]): Promise<Buffer> => {
  const zip = archive(CREATED);
  const written = writeWorkbook(zip, { sheets, title: 'A <title>', createdAt: CREATED });
  const body = await buffer(zip.body);
  await written;
  return body;
};
const COLUMNS: Sheet['columns'] = [
  { name: 'id', kind: 'text' },
  { name: 'n', kind: 'number' },
  { name: 'day', kind: 'day' },
  { name: 'at', kind: 'instant' },
  { name: 'time', kind: 'time' },
];

test('ids are text, numbers numbers, days and times dates; a missing value is an empty cell', async () => {
  const rows = [
    ['007', 1.5, '2024-02-29', '2024-02-29 23:59:59', '06:30:00'],
    ['1e5', -2, '1900-03-01', '1900-03-01 00:00:00', '00:00:00'],
    [null, null, 'NA', null, undefined],
    // Before 1 March 1900 spreadsheets disagree about the number of a day.
    ['x', 0, '1899-12-31', '0001-01-01 00:00:00', 'noon'],
  ];
  const book = await workbookOf([{ name: 'one', columns: COLUMNS, rows: () => rows }]);
  expect(await readSheet(book, 'one')).toEqual([
    ['id', 'n', 'day', 'at', 'time'],
    ['007', 1.5, new Date('2024-02-29Z'), new Date('2024-02-29T23:59:59Z'), expect.any(Date)],
    ['1e5', -2, new Date('1900-03-01Z'), new Date('1900-03-01Z'), expect.any(Date)],
    [null, null, null, null, null],
    ['x', 0, '1899-12-31', '0001-01-01 00:00:00', 'noon'],
  ]);
});

test('text that would be a formula, XML or an escape is shown as it is written, and never runs', async () => {
  const texts = [
    '=1+1',
    '+1',
    '@a',
    '<b>&"\'',
    '_x0041_',
    'a\u0007b\ud800c\uffff',
    'line\nbreak',
    ' blank ',
    '\u0416\u{1f98c}',
  ];
  const rows = () => texts.map((text) => [text]);
  const book = await workbookOf([{ name: 'one', columns: [{ name: 'text', kind: 'text' }], rows }]);
  expect((await readSheet(book, 'one', { trim: false })).slice(1).flat()).toEqual([
    ...["'=1+1", "'+1", "'@a", '<b>&"\''],
    ...['_x0041_', 'a b\ufffdc\ufffd', 'line\nbreak', ' blank ', '\u0416\u{1f98c}'],
  ]);
  for (const { body } of (await members(book)).values()) expect(String(body)).not.toContain('<f>');
});

test('two runs give equal bytes, whatever the clock says', async () => {
  const sheets = [{ name: 'one', columns: COLUMNS, rows: () => [['a', 1, '2024-01-01', null, null]] }];
  const first = await workbookOf(sheets);
  await new Promise((resolve) => setTimeout(resolve, 2_100));
  expect((await workbookOf(sheets)).equals(first)).toBe(true);
});

test('rows are asked for at the pace of the reader: a long sheet is never held', async () => {
  let made = 0;
  function* rows(): Generator<[string, number]> {
    for (; made < 300_000; made += 1) yield [`row ${made} ${Math.sin(made)}`, made];
  }
  const zip = archive(CREATED);
  const written = writeWorkbook(zip, {
    sheets: [{ name: 'long', columns: COLUMNS.slice(0, 2), rows }],
    ...{ title: 'long', createdAt: CREATED },
  });
  const reader = zip.body[Symbol.asyncIterator]();
  await reader.next();
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(made).toBeLessThan(200_000);
  while (!(await reader.next()).done);
  await written;
  expect(made).toBe(300_000);
});

test('columns are named as in any spreadsheet', () => {
  expect([0, 25, 26, 51, 701, 702, 16_383].map(nameColumn)).toEqual(['A', 'Z', 'AA', 'AZ', 'ZZ', 'AAA', 'XFD']);
});

describe('of an archive', () => {
  let earth: World;
  beforeAll(async () => {
    earth = await world();
  });
  afterAll(() => earth?.close());

  test('a sheet for each table with the rows of its CSV file, a frozen header, and first what to read', async () => {
    const ids = await survey(earth);
    await roster(earth, ids, TWO);
    const found = await archiveOf(earth, { title: 'Ridge' });
    const book = found.get('survey.xlsx')!.body;
    const parts = await members(book);
    const names = [...textOf(parts, 'xl/workbook.xml').matchAll(/<sheet name="([^"]+)"/g)].map(([, name]) => name!);
    expect(names).toEqual([
      'Read me',
      ...['record_table', 'camera_table', 'camera_operation', 'detection_history', 'effort', 'sites'],
    ]);
    const read = (await readSheet(book, 'Read me')).flat();
    expect(read[0]).toBe('Ridge');
    expect(read.join(' ')).toContain('Individual is the animal that people named');
    for (const [index, name] of names.slice(1).entries()) {
      expect(textOf(parts, `xl/worksheets/sheet${index + 2}.xml`)).toContain(
        '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>',
      );
      const [header, ...rows] = await readSheet(book, name);
      const printed = rows.map((row) =>
        row.map((cell, column) =>
          cell === null
            ? 'NA'
            : cell instanceof Date
              ? cell
                  .toISOString()
                  .replace('T', ' ')
                  .slice(
                    ...(({ DateTimeOriginal: [0, 19], Time: [11, 19] } as const)[String(header![column])] ?? [0, 10]),
                  )
              : (cell as string | number),
        ),
      );
      const width = header!.length;
      const padded = printed.map((row) => [...row, ...Array<string>(width - row.length).fill('NA')]);
      expect([...csv(header as string[], padded)].join('')).toBe(textOf(found, `survey/${name}.csv`));
    }
  });
});
