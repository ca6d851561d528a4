// The shell of every page: one file that opens from disk, loads nothing from anywhere, and shows
// all names as text.
import { createHash } from 'node:crypto';
import { brotliDecompressSync } from 'node:zlib';
import type { Table } from './charts/figure.ts';
import { plotly } from './plotly.generated.ts';

/** Characters that reverse the direction of the text after them, digits included. */
const DIRECTION = /[\u202a-\u202e\u2066-\u2069]/g;

export const escapeHtml = (text: string): string =>
  text
    .replace(DIRECTION, '')
    .replace(/[&<>"']/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' })[c]!);

/**
 * JSON that no name can break out of: `<` and the line ends of JavaScript that JSON does not escape
 * are written as escapes.
 */
const embed = (value: unknown): string =>
  JSON.stringify(value)
    .replace(DIRECTION, '')
    .replaceAll('<', '\\u003c')
    .replaceAll('\u2028', '\\u2028')
    .replaceAll('\u2029', '\\u2029');

const hashScript = (script: string): string => `'sha256-${createHash('sha256').update(script).digest('base64')}'`;

let unpacked: string | undefined;

/** Plotly's script, unpacked once per process: 4.8 MB. */
export function plotlyScript(): string {
  unpacked ??= brotliDecompressSync(Buffer.from(plotly, 'base64')).toString();
  return unpacked;
}

export interface Shell {
  title: string;
  style: string;
  /** HTML, whose text the caller has escaped. */
  body: string;
  /** Element id -> value, read by the scripts. */
  data: Record<string, unknown>;
  /** Run in order; the policy allows no others. */
  scripts: readonly string[];
}

/** A whole HTML page. Its policy allows these scripts by hash, inline styles and inline images. */
export function renderShell({ title, style, body, data, scripts }: Shell): string {
  const policy = [
    "default-src 'none'",
    `script-src ${scripts.map(hashScript).join(' ')}`,
    "style-src 'unsafe-inline'",
    'img-src data: blob:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${escapeHtml(title)}</title>
<style>${style}</style>
</head>
<body>
${body}
${Object.entries(data)
  .map(([id, value]) => `<script type="application/json" id="${id}">${embed(value)}</script>`)
  .join('\n')}
${scripts.map((script) => `<script>${script}</script>`).join('\n')}
</body>
</html>
`;
}

const isNumber = (cell: string): boolean => /^[-0-9.,% ]*$/.test(cell);

/** A table that scrolls inside the page and can be reached with the keyboard. */
export function renderTable(
  caption: string,
  { columns, rows }: Table,
  mark: (row: readonly string[]) => string = () => '',
): string {
  const renderRow = (row: readonly string[]): string => {
    const kind = mark(row);
    const cells = row.map((cell) => `<td${isNumber(cell) ? '' : ' class="text"'}>${escapeHtml(cell)}</td>`).join('');
    return `<tr${kind === '' ? '' : ` class="${kind}"`}>${cells}</tr>`;
  };
  return `<div class="scroll" tabindex="0" role="region" aria-label="${escapeHtml(caption)}"><table>
<thead><tr>${columns.map((column) => `<th scope="col">${escapeHtml(column)}</th>`).join('')}</tr></thead>
<tbody>
${rows.map(renderRow).join('\n')}
</tbody></table></div>`;
}
