// Writes survey/ and survey.xlsx into an archive, table by table.
import { csv } from '../../../csv.ts';
import { onOneLine } from '../../../plain-text.ts';
import type { Archive } from '../../archive/archive.ts';
import { streamArchive } from '../../archive/stream.ts';
import { MOST_SHEET_ROWS, writeWorkbook } from '../../archive/workbook.ts';
import { captureLines, trapLines } from './captures.ts';
import type { Survey } from './load.ts';
import { geoJson } from './places.ts';
import { describeCaptures, sheetLines } from './readme.ts';
import { listTables, toSheet, withNa } from './tables.ts';

/** Tags repeat, so a low level is enough: a year of 11,570 detections becomes 110 KB larger. */
const BOOK_LEVEL = 1;

async function writeCaptures(zip: Archive, survey: Survey): Promise<void> {
  const { captures } = survey;
  if (captures === undefined || captures.captures.length === 0) return;
  const about = describeCaptures(survey, captures);
  const known = captures.captures.filter(({ individual }) => captures.known.has(individual));
  const only = 'Only animals with two or more events in the period.';
  await zip.text('survey/secr_captures.txt', captureLines(captures.captures, about));
  await zip.text('survey/secr_captures_2_events.txt', captureLines(known, [...about, only]));
  await zip.text('survey/secr_traps.txt', trapLines(captures, about));
}

/**
 * @param title of the workbook
 * @param signal ends the workbook, which is an archive inside the archive
 */
export async function writeSurvey(
  zip: Archive,
  survey: Survey,
  { title, createdAt, signal }: { title: string; createdAt: Date; signal: AbortSignal },
): Promise<void> {
  const tables = listTables(survey);
  for (const { name, columns, rows } of tables)
    await zip.text(
      `survey/${name}.csv`,
      csv(
        columns.map((column) => column.name),
        withNa(rows()),
      ),
    );
  await writeCaptures(zip, survey);
  if (!survey.missing.some(({ file }) => file === 'sites.geojson'))
    await zip.text('survey/sites.geojson', geoJson(survey));

  const lines = sheetLines(survey, onOneLine(title), createdAt);
  const long = tables.filter(({ name }) => name === 'record_table' && survey.events.length >= MOST_SHEET_ROWS);
  const note = long.map(({ name }) => `${name} is longer than a sheet can be: the CSV file has all of its rows.`);
  const sheets = [
    { name: 'Read me', columns: [], rows: () => [...lines, ...note].map((line) => [line]) },
    ...tables.map(toSheet),
  ];
  const { body } = streamArchive(
    { createdAt, signal },
    (inner) => writeWorkbook(inner, { sheets, title: onOneLine(title), createdAt }),
    BOOK_LEVEL,
  );
  await zip.text('survey.xlsx', body);
}
