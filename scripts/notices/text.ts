// The license text of a package: its own files, or the standard text of the license that it names.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Package } from './packages.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** Where package.json does not name a license by its SPDX identifier; read from the package. */
const NAMED: Readonly<Record<string, string>> = { 'dejavu-fonts-ttf': 'Bitstream-Vera', 'png-js': 'MIT' };

export const nameLicense = ({ name, license }: Package): string => NAMED[name] ?? license;

const read = (path: string): string =>
  readFileSync(`${ROOT}${path}`, 'utf8')
    .replace(/\r\n?/g, '\n')
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .replace(/^\n+|\n+$/g, '');

const findAuthor = ({ folder, name }: Package): string => {
  const { author } = JSON.parse(read(`${folder}/package.json`)) as { author?: string | { name?: string } };
  const named = typeof author === 'string' ? author : author?.name;
  return named?.replace(/\s*[<(].*$/, '') || `the authors of ${name}`;
};

/** What a README says below a heading such as "## License". */
function readmeSection(folder: string, longest: number): string | undefined {
  const readme = readdirSync(`${ROOT}${folder}`).find((file) => /^readme/i.test(file));
  const sections = readme === undefined ? [] : read(`${folder}/${readme}`).split(/^#+ */m);
  const section = sections.find((part) => /^licens(e|ing)\b/i.test(part))?.replace(/^.*\n?/, '');
  return section !== undefined && section.length > longest ? section.trim() : undefined;
}

/**
 * @throws Error when the package is not installed (packed binaries are those of Linux on x64), or
 *   has no text and names a license whose standard text is not known here.
 */
export function readLicense(given: Package): string {
  const { folder, name } = given;
  if (!existsSync(`${ROOT}${folder}`)) throw new Error(`${name} is not installed here: run this on Linux x64`);
  const license = nameLicense(given);
  if (license === 'LGPL-3.0-or-later') {
    const about = readmeSection(folder, 0) ?? '';
    return [about, read('scripts/notices/lgpl-3.0.txt'), read('scripts/notices/gpl-3.0.txt')].join('\n\n');
  }
  const files = readdirSync(`${ROOT}${folder}`)
    .filter((file) => /^(li[cs]en[cs]e|copying|notice)/i.test(file) && statSync(`${ROOT}${folder}/${file}`).isFile())
    .sort();
  if (files.length > 0) return files.map((file) => read(`${folder}/${file}`)).join('\n\n');
  const section = readmeSection(folder, 400);
  if (section !== undefined) return section;
  if (license === 'MIT') return read('LICENSE').replace(/^Copyright.*$/m, `Copyright (c) ${findAuthor(given)}`);
  if (license === 'Apache-2.0') return read('node_modules/@aws-sdk/client-s3/LICENSE');
  throw new Error(`${name} has no license text, and ${license} has none here`);
}
