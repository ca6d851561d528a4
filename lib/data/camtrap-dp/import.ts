// The import of a Camtrap DP package: check everything, then load it in one transaction, and say
// what was done.
import type { Database } from '../../adapters/postgres.ts';
import type { PackageTable } from '../../deer/camtrap-dp-columns.ts';
import { registerRoot } from '../../deer/image-roots.ts';
import { Fault } from '../../errors.ts';
import type { Stored } from '../store.ts';
import { openTarget, type Target } from '../target.ts';
import { type Descriptor, readDescriptor } from './descriptor.ts';
import { fileNotes, placeMedia } from './files.ts';
import { contentId, idsOf } from './ids.ts';
import { movesOf } from './moves.ts';
import { nothingLoaded, packageNotes, rowNotes } from './notes.ts';
import type { Source } from './package-files.ts';
import { priorOf } from './prior.ts';
import { oneLine, Problems, sayProblem } from './problems.ts';
import { noteSource, sourcesOf } from './provenance.ts';
import { DESCRIPTOR, listOf } from './resources.ts';
import { type Rows, rowsOf } from './rows.ts';
import { openSource } from './source.ts';
import { store, WRITES } from './store.ts';
import { tableText } from './table-source.ts';
import { type Cells, type Checked, type Keys, readTable } from './tables.ts';
import { peopleAmong } from './taxa.ts';

export interface ImportOptions {
  database: Database;
  /** Folder that relative image paths are resolved under; a ZIP's images are extracted below it. */
  imageRoot: string;
  /** Load what is valid of a broken package and list the rest. */
  skipInvalid?: boolean;
  /** Called after each media file has been looked at. */
  progress?: (done: number, total: number) => void;
}

export interface Summary {
  package: { id: string; title: string };
  /** Rows of observations.csv by observationType. */
  observations: Record<string, number>;
  /** Detections of the package by class. */
  classes: Record<string, number>;
  locations: Stored;
  deployments: Stored;
  images: Stored;
  deer: Stored;
  detections: Stored;
  /**
   * One line per broken rule of what was left out, at most a thousand and one that counts the rest;
   * empty for a valid package.
   */
  skipped: string[];
  /** Broken rules in all. */
  skippedCount: number;
  /**
   * What a reader should know: files not in the package, columns ignored, events described twice.
   */
  notes: string[];
}

/** Rules named in the message of the error and in its problems. */
const SHOWN = 20;

/**
 * Loads a package from a folder or a ZIP archive; a second import of the same package changes
 * nothing.
 * @throws Fault `not-found` when there is no such file, `conflict` when the database has no tables
 *   of ours, `invalid` when the package is broken (its message names file, row and field) or when
 *   nothing of it can be used; nothing has been loaded then.
 */
export async function importPackage(where: string, options: ImportOptions): Promise<Summary> {
  const { database, imageRoot } = options;
  const target = await openTarget(database, WRITES, ['hoofprint_meta']);
  const source = await openSource(where, imageRoot);
  try {
    const { rows, problems, folder, ...read } = await readPackage(source, target, options);
    const moves = await movesOf(database, rows.images, imageRoot);
    const stored = await storeRows(database, { target, rows, moves, folder, packageId: read.id, about: read.about });
    const { locations, deployments, images, deer, detections } = stored;
    return {
      package: read.package,
      observations: read.observations,
      classes: tally(rows.detections, (one) => one.classification),
      ...{ locations, deployments, images, deer, detections },
      skipped: problems.lines(),
      skippedCount: problems.count,
      notes: [...read.notes, ...rowNotes(rows, stored), ...stored.notes].map(oneLine),
    };
  } finally {
    source.close();
  }
}

interface PackageRead {
  /** UUID of the package. */
  id: string;
  package: Summary['package'];
  about: Descriptor['about'];
  observations: Summary['observations'];
  rows: Rows;
  problems: Problems;
  /** Folder of pictures that exports may read from now on. */
  folder: string | undefined;
  notes: string[];
}

/**
 * Everything that is stored or said of a package. Its tables end here: they are as large as the
 * rows that are made of them.
 */
async function readPackage(
  source: Source,
  target: Target,
  { database, skipInvalid = false, progress = () => undefined }: ImportOptions,
): Promise<PackageRead> {
  const problems = new Problems();
  const descriptor = readDescriptor(await descriptorBytes(source), problems);
  const { tables, notes, bytes } = await readTables(source, descriptor, problems);
  const ids = idsOf(descriptor.id ?? contentId(bytes));
  // Nothing of a broken package is written, its pictures included.
  if (problems.count > 0 && !skipInvalid) throw refusal(problems);
  const nothing = nothingLoaded(tables);
  if (nothing !== undefined) throw new Fault('invalid', [nothing, ...problems.lines(SHOWN)].join('\n  '));
  const table = descriptor.tables.media?.name ?? 'media';
  const placed = await placeMedia(tables.media.rows, { source, ids, table, problems, progress });
  if (problems.count > 0 && !skipInvalid) throw refusal(problems);

  const observations = withPeople(tables.observations.rows, peopleAmong(listOf(descriptor.about.taxonomic)));
  const checked = { deployments: tables.deployments.rows, media: tables.media.rows, observations };
  const prior = await priorOf(database, target.catalog, ids, checked.observations);
  const rows = rowsOf({ ...descriptor, ids }, checked, placed.files, prior);
  // Absolute paths of a folder's pictures may be read from now on; those of a ZIP archive are below
  // the image root.
  const pictures = [...placed.files.values()].some(({ present }) => present);
  return {
    id: ids.package,
    package: { id: descriptor.id ?? ids.package, title: oneLine(descriptor.title) },
    about: descriptor.about,
    observations: tally(checked.observations, (row) => row.observationType!),
    folder: pictures ? source.folder : undefined,
    notes: [...notes, ...packageNotes(descriptor, checked), ...fileNotes(placed)],
    ...{ rows, problems },
  };
}

/**
 * Observations of a name that the package itself translates to a person are of people, whatever
 * their type.
 */
const withPeople = (rows: readonly Cells[], people: ReadonlySet<string>): readonly Cells[] =>
  people.size === 0
    ? rows
    : rows.map((row) => (people.has(row.scientificName ?? '') ? { ...row, observationType: 'human' } : row));

async function descriptorBytes(source: Source): Promise<Buffer> {
  const bytes = await source.read(DESCRIPTOR);
  if (bytes !== undefined) return bytes;
  for (const other of ['metadata.json', 'datapackage.yaml', 'datapackage.yml', 'package.json']) {
    if ((await source.read(other)) !== undefined)
      throw new Fault(
        'invalid',
        `there is no ${DESCRIPTOR} in the package; it has ${other}: export it as Camtrap DP 1.0, whose description is ${DESCRIPTOR}`,
      );
  }
  throw new Fault('invalid', `there is no ${DESCRIPTOR} in the package`);
}

interface Storing {
  target: Target;
  rows: Rows;
  moves: Awaited<ReturnType<typeof movesOf>>;
  /** Folder of pictures that exports may read from now on. */
  folder: string | undefined;
  packageId: string;
  about: object;
}

async function storeRows(
  database: Database,
  { target, rows, moves, folder, packageId, about }: Storing,
): ReturnType<typeof store> {
  return database.write(async (queries) => {
    // Imports take turns: of two at once, both would take the same sightings for new and count
    // them. Readers are not held up.
    await queries.rows('LOCK TABLE hoofprint_meta IN EXCLUSIVE MODE');
    const before = await sourcesOf(queries);
    if (folder !== undefined) await registerRoot(queries, folder);
    const done = await store(queries, target, rows, moves);
    const brought = [done.locations, done.deployments, done.images, done.detections].some(({ made }) => made > 0);
    if (brought) await noteSource(queries, before, packageId, about);
    return done;
  });
}

const WITHOUT_MEDIA = 'observations keep place and time, but have no images';

async function readTables(
  source: Source,
  descriptor: Descriptor,
  problems: Problems,
): Promise<{ tables: Record<PackageTable, Checked>; notes: string[]; bytes: Buffer[] }> {
  const [read, notes]: [Buffer[], string[]] = [[], [...descriptor.notes]];
  const tables: Partial<Record<PackageTable, Checked>> = {};
  const keys: Partial<Record<PackageTable, Keys>> = {};
  for (const table of ['deployments', 'media', 'observations'] as const) {
    const listed = descriptor.tables[table];
    const found = listed === undefined ? undefined : await tableText(source, listed);
    if (listed === undefined || found === undefined) {
      const name = listed?.name ?? `${table}.csv`;
      if (table !== 'media') throw new Fault('invalid', `there is no ${name} in the package`);
      notes.push(`there is no ${name} in the package: ${WITHOUT_MEDIA}`);
      tables.media = { rows: [], keys: undefined, total: 0, notes: [] };
      continue;
    }
    for (const bytes of found.bytes) read.push(bytes);
    if (
      table === 'media' &&
      found.bytes.every((bytes) => bytes.length < 1_000 && bytes.toString('utf8').trim() === '')
    ) {
      notes.push(`${listed.name} is empty: ${WITHOUT_MEDIA}`);
      tables.media = { rows: [], keys: undefined, total: 0, notes: [] };
      continue;
    }
    const checked = readTable(table, found.text, keys, problems);
    for (const note of [...found.notes, ...checked.notes]) notes.push(note);
    tables[table] = checked;
    keys[table] = checked.keys;
  }
  return { tables: tables as Record<PackageTable, Checked>, notes, bytes: read };
}

function refusal(problems: Problems): Fault {
  const count = `${problems.count} broken rule${problems.count > 1 ? 's' : ''}`;
  return new Fault('invalid', `the package has ${count}; nothing was loaded\n  ${problems.lines(SHOWN).join('\n  ')}`, {
    problems: problems.list.map((one) => ({
      pointer: `/${[one.file, one.row, one.field].filter((part) => part !== undefined).join('/')}`,
      detail: sayProblem(one),
    })),
  });
}

function tally<Item>(items: readonly Item[], of: (item: Item) => string): Record<string, number> {
  const counts = new Map<string, number>();
  for (const item of items) counts.set(of(item), (counts.get(of(item)) ?? 0) + 1);
  return Object.fromEntries([...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)));
}
