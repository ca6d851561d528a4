// An .xlsx workbook (SpreadsheetML, ECMA-376) as a stream: a sheet for each table, written row by
// row into an archive with fixed dates, so that equal tables give equal bytes and none is held in
// memory.
import { type Cell, disarmed } from '../../csv.ts';
import type { Archive } from './archive.ts';

/**
 * What a column holds; cells of days and times are texts such as `2024-11-01`,
 * `2024-11-01 18:03:00` and `18:03:00`.
 */
export type ColumnKind = 'text' | 'number' | 'day' | 'instant' | 'time';

export interface SheetColumn {
  name: string;
  kind: ColumnKind;
}

export interface Sheet {
  /** At most 31 letters, digits, blanks and underscores; each sheet has another one. */
  name: string;
  /** The frozen header. Without columns the rows are lines of text, the first of them a title. */
  columns: readonly SheetColumn[];
  /** null, undefined and `NA` are empty cells. */
  rows: () => Iterable<readonly Cell[]>;
}

/** Rows of a sheet that programs can read, and characters of a cell. */
export const MOST_SHEET_ROWS = 1_048_576;
const MOST_CHARACTERS = 32_767;

/** Indexes into cellXfs of STYLES. */
const STYLE = { header: 1, day: 2, instant: 3, time: 4, text: 5, prose: 6, title: 7 } as const;
const HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
const MAIN = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
const RELATIONS = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const PACKAGE = 'http://schemas.openxmlformats.org/package/2006';

const STYLES = `${HEAD}<styleSheet xmlns="${MAIN}"><numFmts count="3"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/><numFmt numFmtId="165" formatCode="yyyy\\-mm\\-dd hh:mm:ss"/><numFmt numFmtId="166" formatCode="hh:mm:ss"/></numFmts><fonts count="3"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="14"/><name val="Calibri"/></font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders><cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs><cellXfs count="8">${[
  [0, 0],
  [49, 1],
  [164, 0],
  [165, 0],
  [166, 0],
  [49, 0],
  [49, 0],
  [49, 2],
]
  .map(
    ([format, font]) =>
      `<xf numFmtId="${format}" fontId="${font}" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" applyFont="1"/>`,
  )
  .join('')}</cellXfs></styleSheet>`;

/** Characters that XML 1.0 cannot hold. */
const OUTSIDE_XML = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;
/** Text that a reader of the format would take for an escaped character: `_x0041_`. */
const ESCAPED = /_(?=x[0-9A-Fa-f]{4}_)/g;

const toXml = (text: string): string =>
  text
    .replace(OUTSIDE_XML, '\ufffd')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');

/** `A`, `Z`, `AA`. */
export function nameColumn(index: number): string {
  let name = '';
  for (let rest = index + 1; rest > 0; rest = Math.floor((rest - 1) / 26))
    name = String.fromCharCode(65 + ((rest - 1) % 26)) + name;
  return name;
}

/** Day 0 of spreadsheets; the days from 1 March 1900 on have the same number in all of them. */
const DAY_ZERO = Date.UTC(1899, 11, 30);
const FIRST_DAY = 61;
const DAY_MS = 86_400_000;

/** Up to 9 microseconds more, so that a program which cuts off the rest shows the same second. */
const roundUp = (days: number): number => Number((Math.ceil(days * 1e10) / 1e10).toFixed(10));

/** A local time as the number of days that spreadsheets count; undefined for any other text. */
function toSerial(text: string, kind: ColumnKind): number | undefined {
  const form =
    kind === 'day' ? `${text}T00:00:00Z` : kind === 'time' ? `1970-01-01T${text}Z` : `${text.replace(' ', 'T')}Z`;
  const ms = Date.parse(form);
  if (Number.isNaN(ms)) return undefined;
  if (kind === 'time') return roundUp(ms / DAY_MS);
  const serial = roundUp((ms - DAY_ZERO) / DAY_MS);
  return serial < FIRST_DAY ? undefined : serial;
}

/** Text that needs no disarming and no escape, in XML or in the format, as nearly all cells. */
const PLAIN = /^[A-Za-z0-9](?:[ !#-%'-;=?-^`-~]|_(?!x)|_(?=x$))*$/;
const isPlain = (text: string): boolean => PLAIN.test(text) && !text.endsWith(' ') && text.length <= MOST_CHARACTERS;

/** Text is never run as a formula: its type says so, and a sign that begins one is disarmed too. */
function textCell(at: string, text: string, style: number): string {
  if (isPlain(text)) return `<c r="${at}" s="${style}" t="inlineStr"><is><t>${text}</t></is></c>`;
  const shown = String(disarmed(text)).slice(0, MOST_CHARACTERS).replace(ESCAPED, '_x005F_');
  return `<c r="${at}" s="${style}" t="inlineStr"><is><t xml:space="preserve">${toXml(shown)}</t></is></c>`;
}

function writeCell(at: string, cell: Cell, kind: ColumnKind): string {
  if (cell === null || cell === undefined || cell === '' || cell === 'NA') return '';
  if (kind === 'number' && typeof cell === 'number')
    return Number.isFinite(cell) ? `<c r="${at}"><v>${cell}</v></c>` : '';
  if (kind === 'day' || kind === 'instant' || kind === 'time') {
    const serial = toSerial(String(cell), kind);
    if (serial !== undefined) return `<c r="${at}" s="${STYLE[kind]}"><v>${serial}</v></c>`;
  }
  return textCell(at, String(cell), STYLE.text);
}

const CHUNK = 65_536;
const WIDTHS: Readonly<Record<ColumnKind, number>> = { text: 24, number: 12, day: 12, instant: 20, time: 10 };

/** Of a column, wide enough for its name. */
const fitColumn = ({ name, kind }: SheetColumn): number => Math.min(40, Math.max(WIDTHS[kind], name.length + 2));

function* writeSheet({ columns, rows }: Sheet): Generator<string> {
  const isProse = columns.length === 0;
  const pane = isProse
    ? ''
    : '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/><selection pane="bottomLeft"/>';
  const widths = isProse ? [110] : columns.map(fitColumn);
  const names = columns.map((_, index) => nameColumn(index));
  let chunk = `${HEAD}<worksheet xmlns="${MAIN}"><sheetViews><sheetView workbookViewId="0">${pane}</sheetView></sheetViews><cols>${widths
    .map((width, index) => `<col min="${index + 1}" max="${index + 1}" width="${width}" customWidth="1"/>`)
    .join('')}</cols><sheetData>`;
  if (!isProse)
    chunk += `<row r="1">${columns.map(({ name }, index) => textCell(`${names[index]}1`, name, STYLE.header)).join('')}</row>`;
  let line = isProse ? 0 : 1;
  for (const row of rows()) {
    if (line === MOST_SHEET_ROWS) break;
    line += 1;
    chunk += `<row r="${line}">${
      isProse
        ? textCell(`A${line}`, String(row[0] ?? ''), line === 1 ? STYLE.title : STYLE.prose)
        : row.map((cell, index) => writeCell(`${names[index]}${line}`, cell, columns[index]!.kind)).join('')
    }</row>`;
    if (chunk.length > CHUNK) {
      yield chunk;
      chunk = '';
    }
  }
  yield `${chunk}</sheetData></worksheet>`;
}

const listSheets = (sheets: readonly Sheet[], print: (name: string, number: number) => string): string =>
  sheets.map(({ name }, index) => print(toXml(name), index + 1)).join('');

/**
 * Writes all parts of a workbook, sheet by sheet, and ends the archive.
 * @param createdAt the only time that the file tells
 */
export async function writeWorkbook(
  parts: Archive,
  { sheets, title, createdAt }: { sheets: readonly Sheet[]; title: string; createdAt: Date },
): Promise<void> {
  const type = 'application/vnd.openxmlformats-officedocument.spreadsheetml';
  const relation = (number: number, kind: string, target: string, base = RELATIONS): string =>
    `<Relationship Id="rId${number}" Type="${base}/${kind}" Target="${target}"/>`;
  await parts.text('[Content_Types].xml', [
    `${HEAD}<Types xmlns="${PACKAGE}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="${type}.sheet.main+xml"/><Override PartName="/xl/styles.xml" ContentType="${type}.styles+xml"/><Override PartName="/docProps/core.xml" ContentType="application/vnd.openxmlformats-package.core-properties+xml"/>${listSheets(
      sheets,
      (_, number) => `<Override PartName="/xl/worksheets/sheet${number}.xml" ContentType="${type}.worksheet+xml"/>`,
    )}</Types>`,
  ]);
  await parts.text('_rels/.rels', [
    `${HEAD}<Relationships xmlns="${PACKAGE}/relationships">${relation(1, 'officeDocument', 'xl/workbook.xml')}${relation(2, 'metadata/core-properties', 'docProps/core.xml', `${PACKAGE}/relationships`)}</Relationships>`,
  ]);
  await parts.text('docProps/core.xml', [
    `${HEAD}<cp:coreProperties xmlns:cp="${PACKAGE}/metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><dc:title>${toXml(title)}</dc:title><dc:creator>Hoofprint</dc:creator><dcterms:created xsi:type="dcterms:W3CDTF">${createdAt.toISOString().slice(0, 19)}Z</dcterms:created></cp:coreProperties>`,
  ]);
  await parts.text('xl/workbook.xml', [
    `${HEAD}<workbook xmlns="${MAIN}" xmlns:r="${RELATIONS}"><sheets>${listSheets(
      sheets,
      (name, number) => `<sheet name="${name}" sheetId="${number}" r:id="rId${number}"/>`,
    )}</sheets></workbook>`,
  ]);
  await parts.text('xl/_rels/workbook.xml.rels', [
    `${HEAD}<Relationships xmlns="${PACKAGE}/relationships">${listSheets(sheets, (_, number) =>
      relation(number, 'worksheet', `worksheets/sheet${number}.xml`),
    )}${relation(sheets.length + 1, 'styles', 'styles.xml')}</Relationships>`,
  ]);
  await parts.text('xl/styles.xml', [STYLES]);
  for (const [index, sheet] of sheets.entries())
    await parts.text(`xl/worksheets/sheet${index + 1}.xml`, writeSheet(sheet));
  await parts.finish();
}
