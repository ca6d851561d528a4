// The shell of every page: one file that opens from disk, asks for nothing, and shows whatever the
// data say as text.
import { createHash } from 'node:crypto';
import { brotliDecompressSync } from 'node:zlib';
import type { Table } from './charts/figure.ts';
import { plotly } from './plotly.generated.ts';

/** Signs that turn the order of all text after them, and of its figures. */
const TURNING = /[\u202a-\u202e\u2066-\u2069]/g;

export const escapeHtml = (text: string): string =>
  text
    .replace(TURNING, '')
    .replace(/[&<>"']/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' })[c]!);

/**
 * JSON that no name can break out of: `<`, and the line ends that JavaScript knows beyond JSON's,
 * are written as escapes.
 */
export const embed = (value: unknown): string =>
  JSON.stringify(value)
    .replace(TURNING, '')
    .replaceAll('<', '\\u003c')
    .replaceAll('\u2028', '\\u2028')
    .replaceAll('\u2029', '\\u2029');

const hash = (script: string): string => `'sha256-${createHash('sha256').update(script).digest('base64')}'`;

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
  /** Run in order; the policy allows these and no other. */
  scripts: readonly string[];
}

/**
 * A whole HTML page. Its policy allows its own scripts by hash, its own styles, and pictures that
 * lie in the page.
 */
export function shell({ title, style, body, data, scripts }: Shell): string {
  const policy = [
    "default-src 'none'",
    `script-src ${scripts.map(hash).join(' ')}`,
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

/** A table that scrolls by itself and can be reached with the keyboard. */
export function table(
  caption: string,
  { columns, rows }: Table,
  mark: (row: readonly string[]) => string = () => '',
): string {
  const line = (row: readonly string[]): string => {
    const kind = mark(row);
    const cells = row.map((cell) => `<td${isNumber(cell) ? '' : ' class="text"'}>${escapeHtml(cell)}</td>`).join('');
    return `<tr${kind === '' ? '' : ` class="${kind}"`}>${cells}</tr>`;
  };
  return `<div class="scroll" tabindex="0" role="region" aria-label="${escapeHtml(caption)}"><table>
<thead><tr>${columns.map((column) => `<th scope="col">${escapeHtml(column)}</th>`).join('')}</tr></thead>
<tbody>
${rows.map(line).join('\n')}
</tbody></table></div>`;
}
