// How tables are written: delimiters, quotes, comments, headers, encodings, parts, and descriptors
// of other programs.
import { gzipSync } from 'node:zlib';
import { openImports } from './imports.ts';
import { type PackageParts, packageFiles } from './package.ts';

let imports: Awaited<ReturnType<typeof openImports>>;
beforeAll(async () => {
  imports = await openImports();
});
afterAll(() => imports.close());

const TABLES = ['deployments', 'media', 'observations'] as const;
const text = (name: string): string => packageFiles({})[`${name}.csv`] as string;
/** The tables rewritten, and what the descriptor says of each of them. */
const written = (
  rewrite: (csv: string, name: string) => Buffer | string,
  more: object,
  descriptor: object = {},
): PackageParts => ({
  descriptor: { resources: TABLES.map((name) => ({ name, path: `${name}.csv`, ...more })), ...descriptor },
  files: Object.fromEntries(TABLES.map((name) => [`${name}.csv`, rewrite(text(name), name)])),
});
/** Cells of the small package hold no commas. */
const parted = (by: string) => (csv: string) => csv.replaceAll('","', `"${by}"`).replaceAll(',', by);
const bom = (csv: string): string => `\ufeff${csv}`;
const loads = async (parts: PackageParts) => {
  const summary = await imports.load(imports.write(parts));
  expect(summary.observations).toEqual({ animal: 1 });
  return summary.notes.join('\n');
};

test.each<[string, PackageParts]>([
  ['semicolons', written(parted(';'), { dialect: { delimiter: ';' } })],
  ['pipes', written(parted('|'), { dialect: { csv: { delimiter: '|' } } })],
  ['tabs for the whole package', written(parted('\t'), {}, { dialect: { delimiter: '\t' } })],
  ['a sign beyond ASCII', written(parted('\u00a6'), { dialect: { delimiter: '\u00a6' } })],
  ['another quote', written((csv) => csv.replaceAll('"', "'"), { dialect: { quoteChar: "'" } })],
  [
    'an escape character',
    written((csv) => csv.replace('"Stand one"', '"Stand \\"one\\""'), {
      dialect: { escapeChar: '\\', doubleQuote: false },
    }),
  ],
  ['comments', written((csv) => `# made by a program\r\n${csv}`, { dialect: { commentChar: '#' } })],
  ['other ends of lines', written((csv) => csv.replaceAll('\r\n', '\n'), { dialect: { lineTerminator: '\n' } })],
  ['ends of lines of old', written((csv) => csv.replaceAll('\r\n', '\r'), {})],
  ['a byte order mark in each', written(bom, {})],
  ['marks at the start of lines', written((csv) => csv.split('\r\n').map(bom).join('\r\n'), { encoding: 'UTF-8-SIG' })],
  ['columns in another case', written((csv) => csv.replace('deploymentID', 'DeploymentID '), {})],
  [
    'empty cells beyond the header',
    written(
      (csv) =>
        csv
          .split('\r\n')
          .map((line, i) => (i === 0 || line === '' ? line : `${line},,`))
          .join('\r\n'),
      {},
    ),
  ],
  [
    'gzip',
    {
      descriptor: { resources: TABLES.map((name) => ({ name, path: `${name}.csv.gz` })) },
      files: Object.fromEntries(TABLES.map((name) => [`${name}.csv.gz`, gzipSync(text(name))])),
    },
  ],
  [
    'a descriptor with a mark',
    {
      files: { 'datapackage.json': bom(packageFiles({ descriptor: { id: 'marked' } })['datapackage.json'] as string) },
    },
  ],
  [
    'the newer form of descriptors',
    written(
      (csv) => csv,
      {},
      { profile: undefined, $schema: 'https://raw.githubusercontent.com/tdwg/camtrap-dp/1.0/camtrap-dp-profile.json' },
    ),
  ],
  ['a delimiter other than the one that is said', written(parted(';'), { dialect: { delimiter: ',' } })],
  ['commas where semicolons are said', written((csv) => csv, { dialect: { delimiter: ';' } })],
  ['the line by which a spreadsheet names its delimiter', written((csv) => `\ufeffsep=;\r\n${parted(';')(csv)}`, {})],
  [
    'comments before cells parted by semicolons',
    written((csv) => `# made by a program\r\n${parted(';')(csv)}`, { dialect: { commentChar: '#', delimiter: ';' } }),
  ],
  ['rows of delimiters at the end', written((csv) => `${csv},,,\r\n,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,\r\n`, {})],
  [
    'columns with underscores and characters that nobody sees',
    written((csv) => csv.replace('deploymentID', '\u200bdeployment_id'), {}),
  ],
  ['paths that begin with ./', { descriptor: { resources: TABLES.map((name) => ({ name, path: `./${name}.csv` })) } }],
  [
    'one resource three times',
    { descriptor: { resources: [...TABLES, 'media', 'media'].map((name) => ({ name, path: `${name}.csv` })) } },
  ],
])('%s are read', async (_, parts) => {
  await loads(parts);
});

test('a delimiter that nobody declared is found and said', async () => {
  expect(await loads(written(parted(';'), {}))).toContain(
    'observations.csv: its cells are separated by ";", which its dialect does not say',
  );
});

test('a table without a header is read by the fields of its schema, else refused', async () => {
  const bare = (csv: string): string => csv.slice(csv.indexOf('\r\n') + 2);
  const fields = (name: string) =>
    text(name)
      .split('\r\n')[0]!
      .split(',')
      .map((field) => ({ name: field }));
  const resources = TABLES.map((name) => ({
    name,
    path: `${name}.csv`,
    dialect: { header: false },
    schema: { fields: fields(name) },
  }));
  await loads({ ...written(bare, {}), descriptor: { resources } });
  await expect(loads(written(bare, { dialect: { header: false } }))).rejects.toThrow('names no fields in its schema');
});

test('a table of several files, each with the header, and a table inside the descriptor are read', async () => {
  const [header, row] = text('observations').split('\r\n') as [string, string];
  const second = row.replace('"o1"', '"o2"');
  const parts = {
    'o1.csv': `${header}\r\n${row}\r\n`,
    'o2.csv': `\ufeff${header}\r\n${second}\r\n`,
    'o3.csv': `${second.replace('"o2"', '"o3"')}\r\n`,
  };
  const others = TABLES.slice(0, 2).map((name) => ({ name, path: `${name}.csv` }));
  const joined = imports.write({
    descriptor: { resources: [...others, { name: 'observations', path: Object.keys(parts) }] },
    files: parts,
  });
  expect((await imports.load(joined)).observations).toEqual({ animal: 3 });
  const cells = (line: string): string[] => line.split(',').map((cell) => cell.replaceAll('"', ''));
  const inline = Object.fromEntries(
    cells(header).map((name, i) => [name, name === 'count' ? 1 : (cells(row)[i] ?? null)]),
  );
  for (const data of [[inline], [cells(header), cells(row)]])
    await loads({ descriptor: { resources: [...others, { name: 'observations', data }] } });
});

const latin1 = (csv: string): Buffer => Buffer.from(csv.replace('Stand one', 'S\u00fcd'), 'latin1');
const wide = (mark: string) => (csv: string) => Buffer.from(mark + csv, 'utf16le');
test.each<[string, PackageParts, string]>([
  ['windows-1252', written(latin1, {}), 'deployments.csv is not UTF-8 text, save it as CSV UTF-8'],
  ['UTF-16 with a mark', written(wide('\ufeff'), {}), 'deployments.csv is not UTF-8 text, save it as CSV UTF-8'],
  ['UTF-16 without one', written(wide(''), {}), 'now it holds zero bytes, as UTF-16 does'],
  [
    'a declared encoding',
    written(latin1, { encoding: 'windows-1252' }),
    'the resource deployments has the encoding "windows-1252": save its file as UTF-8',
  ],
  [
    'a descriptor in UTF-16',
    { files: { 'datapackage.json': wide('\ufeff')('{}') } },
    'datapackage.json is not UTF-8 text, save it as UTF-8; now it is UTF-16',
  ],
  [
    'a descriptor in windows-1252',
    { files: { 'datapackage.json': Buffer.from('{"title":"S\u00fcd"}', 'latin1') } },
    'datapackage.json is not UTF-8 text',
  ],
  [
    'Parquet by name',
    { descriptor: { resources: TABLES.map((name) => ({ name, path: `${name}.parquet` })) } },
    'is a .parquet file, which the import does not read: save the table as CSV UTF-8',
  ],
  ['Parquet by content', written(() => 'PAR1\u0000', {}), 'deployments.csv is a Parquet file, not a text table'],
  [
    'two characters as delimiter',
    written((csv) => csv, { dialect: { delimiter: ';;' } }),
    'has the delimiter ";;": one character is needed',
  ],
  ['a dialect in another file', written((csv) => csv, { dialect: 'dialect.json' }), 'has a dialect that is no object'],
  [
    'a delimiter that nobody would guess',
    written(parted('~'), { dialect: { delimiter: ';' } }),
    'does the dialect name another delimiter?',
  ],
  [
    'one name for two files',
    {
      descriptor: {
        resources: [...TABLES, 'media'].map((name, i) => ({ name, path: i === 3 ? 'other.csv' : `${name}.csv` })),
      },
    },
    'has 2 resources named media with different files',
  ],
])('%s is refused with what to do', async (_, parts, words) => {
  await expect(imports.load(imports.write(parts))).rejects.toThrow(words);
});
