// The tables of a survey: each is one CSV file and one sheet.
import type { Cell } from '../../../csv.ts';
import type { Sheet, SheetColumn } from '../../archive/workbook.ts';
import { effortRows, historyRows, occasionHeader, siteColumns, siteRows } from '../../sites/tables.ts';
import { cameraRows, countProblems, operationRows } from './cameras.ts';
import type { Survey } from './load.ts';
import { RECORD_COLUMNS, recordRows } from './records.ts';

export interface SurveyTable {
  /** Without its ending. */
  name: string;
  columns: readonly SheetColumn[];
  rows: () => Iterable<readonly Cell[]>;
}

const cameraColumns = ({ utm, cameras }: Survey): SheetColumn[] => [
  { name: 'Station', kind: 'text' },
  { name: 'Camera', kind: 'text' },
  ...(utm === undefined
    ? []
    : [{ name: 'utm_x', kind: 'number' } as const, { name: 'utm_y', kind: 'number' } as const]),
  { name: 'Setup_date', kind: 'day' },
  { name: 'Retrieval_date', kind: 'day' },
  ...Array.from({ length: countProblems(cameras) }, (_, index): SheetColumn[] => [
    { name: `Problem${index + 1}_from`, kind: 'day' },
    { name: `Problem${index + 1}_to`, kind: 'day' },
  ]).flat(),
];

const NUMBERS: ReadonlySet<string> = new Set(['latitude', 'longitude', 'trap_nights']);

/** Tables of sites and occasions; none without a site. */
function siteTables({ sites }: Survey): SurveyTable[] {
  const occasions = occasionHeader(sites).map(
    (name, index): SheetColumn => ({ name, kind: index === 0 ? 'text' : 'number' }),
  );
  return [
    { name: 'detection_history', columns: occasions, rows: () => historyRows(sites) },
    { name: 'effort', columns: occasions, rows: () => effortRows(sites) },
    {
      name: 'sites',
      columns: siteColumns(sites).map(({ name }) => ({ name, kind: NUMBERS.has(name) ? 'number' : 'text' })),
      rows: () => siteRows(sites),
    },
  ];
}

/** In the order of the archive. */
export function listTables(survey: Survey): SurveyTable[] {
  const { events, stations, identities, cameras, operation, places, utm, sites } = survey;
  const records: SurveyTable = {
    name: 'record_table',
    columns: RECORD_COLUMNS,
    rows: () => recordRows(events, stations, identities.source),
  };
  if (sites.sites.length === 0) return [records];
  return [
    records,
    {
      name: 'camera_table',
      columns: cameraColumns(survey),
      rows: () => cameraRows(cameras, utm === undefined ? undefined : places),
    },
    {
      name: 'camera_operation',
      columns: [
        { name: 'Station', kind: 'text' },
        ...operation.days.map((name): SheetColumn => ({ name, kind: 'number' })),
      ],
      rows: () => operationRows(operation),
    },
    ...siteTables(survey),
  ];
}

/** The missing value of R, in every kind of column. */
export function* withNa(rows: Iterable<readonly Cell[]>): Generator<Cell[]> {
  for (const row of rows) yield row.map((cell) => (cell === null || cell === undefined || cell === '' ? 'NA' : cell));
}

export const toSheet = ({ name, columns, rows }: SurveyTable): Sheet => ({ name, columns, rows });
