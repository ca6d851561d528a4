// A kind of export is one thing: its name is written in its own folder, in the list of kinds, and
// where its parts are joined; everything else asks the list.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { KINDS } from '../../lib/exports/kinds/index.ts';
import { PROJECT } from '../../localstack/stack/folder.ts';
import { createName, kindNames, statusName } from '../support/kinds.ts';

const text = (path: string): string => readFileSync(join(PROJECT, path), 'utf8');
const code = ['handlers', 'lib', 'localstack', 'scripts'].flatMap((folder) =>
  readdirSync(join(PROJECT, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.tsx?$/.test(file) && !file.endsWith('.generated.ts'))
    .map((file) => `${folder}/${file}`),
);

/** The page has a form of each kind, and its words. */
const WORDS = 'lib/page/app/base/strings.ts';
const FORM_FOLDER = 'lib/page/app/kinds/';

/** Clients of the service that ask for an export of a certain kind. */
const CLIENTS = [
  'scripts/demo/run.ts',
  'scripts/bench/exports.ts',
  'scripts/bench/peers/jobs.ts',
  'scripts/bench/peers/run.ts',
];

test.each(kindNames)('%s is named in its folder, in kinds/index.ts, in wiring.ts and by its handlers alone', (kind) => {
  const own = [`handlers/${createName(kind)}.ts`, `handlers/${statusName(kind)}.ts`, 'lib/wiring.ts'];
  const isAllowed = (file: string): boolean =>
    [...own, ...CLIENTS, WORDS, 'lib/exports/kinds/index.ts'].includes(file) ||
    file.startsWith(FORM_FOLDER) ||
    file.startsWith(`lib/exports/${kind}/`);
  // A file may end in .zip whatever its kind.
  const names = (file: string): string => text(file).replace(/^ *extension: .*/gm, '');
  const named = new RegExp(`['"\`]${kind}['"\`]|^\\s+${kind}: `, 'm');
  expect(code.filter((file) => !isAllowed(file) && named.test(names(file)))).toEqual([]);
});

/** Screens of one kind, and the rules of scopes, of which some are called like a kind. */
const ASKERS = ['lib/page/app/parts/upload.tsx', 'lib/page/app/screens/reid.tsx', 'lib/page/app/screens/survey.tsx'];
const SCOPES = 'lib/access/scopes.ts';

test('no code asks which kind a job is, but for the screens that list one kind', () => {
  const name = `['"\`](${KINDS.map(({ kind }) => kind).join('|')})['"\`]`;
  const asks = new RegExp(`[!=]==? ${name}|${name} [!=]==? |case ${name}`);
  expect(code.filter((file) => file !== SCOPES && asks.test(text(file))).sort()).toEqual(ASKERS);
});

test('the page has words of every kind, and a form of each that can be chosen', () => {
  const known = (kind: string): boolean => new RegExp(`^    ${kind}: \\{`, 'm').test(text(WORDS));
  expect(KINDS.map(({ kind }) => kind).filter((kind) => !known(kind))).toEqual([]);
  expect(kindNames.filter((kind) => !code.includes(`${FORM_FOLDER}${kind}.tsx`))).toEqual([]);
});

test('no two kinds have the same name or the same file names', () => {
  const files = KINDS.map(({ fileStem, extension }) => `${fileStem}.${extension}`);
  expect(new Set(files).size).toBe(files.length);
  expect(new Set(kindNames).size).toBe(kindNames.length);
  for (const { kind, fileStem, extension } of KINDS) {
    // What the pattern of a file name (lib/exports/job/paths.ts) and an address take.
    expect([kind, fileStem, extension].join()).toMatch(/^[a-z-]+,[a-z-]+,[a-z]+$/);
  }
});
