// The import of a Camtrap DP package: check everything, then load it in one transaction, and say
// what was done.
import type { Database, Writes } from '../../adapters/postgres.ts';
import { registerRoot } from '../../deer/image-roots.ts';
import { Fault } from '../../errors.ts';
import { count } from '../../format.ts';
import { forTerminalLine } from '../../plain-text.ts';
import { SHOWN } from '../problems.ts';
import type { Stored } from '../store.ts';
import { openTarget, type Target } from '../target.ts';
import { explainEmpty, writePackageNotes, writeRowNotes } from './notes.ts';
import type { Descriptor } from './read/descriptor.ts';
import { toList } from './read/json.ts';
import { placeMedia, writeFileNotes } from './read/media.ts';
import { openPackage, readPackage } from './read/package.ts';
import { formatProblem, Problems } from './read/problems.ts';
import type { RemoteArchive, Source } from './read/source.ts';
import type { Cells } from './read/table.ts';
import { makeRows, type PackageRows } from './rows/rows.ts';
import { findPeople } from './rows/taxa.ts';
import { findMoves, type Move, noteSource, readEarlierEvents, readSources } from './write/known.ts';
import { type StoredPackage, storePackage, WRITES } from './write/store.ts';

export interface ImportOptions {
  database: Database;
  /** Folder that relative image paths begin at; an archive's images are extracted below it. */
  imageRoot: string;
  /** Load what is valid of a broken package and list the rest. */
  skipInvalid?: boolean;
  /** Called after each media file has been looked at. */
  progress?: (done: number, total: number) => void;
  /** Aborted when the package is no longer wanted: nothing of it is stored from then on. */
  signal?: AbortSignal;
  /** Asked last, when all is stored but for the commit: what it throws takes everything back. */
  confirm?: () => Promise<void>;
}

export interface PackageSummary {
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
   * One line for each broken rule of what was left out, at most a thousand and one that counts the
   * rest; empty for a valid package.
   */
  skipped: string[];
  /** Broken rules in all. */
  skippedCount: number;
  /** What a reader should know, such as files not in the package and columns that were ignored. */
  notes: string[];
}

/**
 * Loads a package from a folder or a ZIP archive, on this machine or elsewhere; a second import of
 * the same package changes nothing.
 * @throws Fault `not-found` when there is no such file, `conflict` when the database has no tables
 *   of ours, `invalid` when the package is broken (its message names file, row and field) or when
 *   nothing of it can be used; nothing has been loaded then, and no picture is left behind.
 */
export async function importPackage(where: string | RemoteArchive, options: ImportOptions): Promise<PackageSummary> {
  const { database, imageRoot, signal, confirm } = options;
  const target = await openTarget(database, WRITES, ['hoofprint_meta']);
  const source = await openPackage(where, imageRoot, signal);
  try {
    const { rows, problems, folder, ...read } = await prepareRows(source, target, options);
    const moves = await findMoves(database, rows.images, imageRoot);
    const storing = { target, rows, moves, folder, packageId: read.id, about: read.about, signal, confirm };
    const stored = await storeRows(database, storing);
    const { locations, deployments, images, deer, detections } = stored;
    return {
      package: read.package,
      observations: read.observations,
      classes: tally(rows.detections, (detection) => detection.classification),
      ...{ locations, deployments, images, deer, detections },
      skipped: problems.lines(),
      skippedCount: problems.count,
      notes: [...read.notes, ...writeRowNotes(rows, stored), ...stored.notes].map(forTerminalLine),
    };
  } catch (error) {
    await source.undo((written) => findStored(database, written)).catch(() => undefined);
    throw error;
  } finally {
    source.close();
  }
}

/** Of these paths, those that an image has: another import may have stored them. */
const findStored = async (database: Database, paths: readonly string[]): Promise<string[]> => {
  const found = await database.read(({ rows }) =>
    rows<{ path: string }>('SELECT path FROM images WHERE path = ANY($1::text[])', [paths]),
  );
  return found.map(({ path }) => path);
};

interface Prepared {
  /** UUID of the package. */
  id: string;
  package: PackageSummary['package'];
  about: Descriptor['about'];
  observations: PackageSummary['observations'];
  rows: PackageRows;
  problems: Problems;
  /** Folder of pictures that exports may read from now on. */
  folder: string | undefined;
  notes: string[];
}

/**
 * Everything that is stored or said of a package. Its tables are released here: they are as large
 * as the rows that are made of them.
 */
async function prepareRows(
  source: Source,
  target: Target,
  { database, skipInvalid = false, progress = () => undefined, signal }: ImportOptions,
): Promise<Prepared> {
  const problems = new Problems();
  const { descriptor, ids, tables, notes } = await readPackage(source, problems);
  // Nothing of a broken package is written, not even its pictures.
  if (problems.count > 0 && !skipInvalid) throw refuse(problems);
  const nothing = explainEmpty(tables);
  if (nothing !== undefined) throw new Fault('invalid', [nothing, ...problems.lines(SHOWN)].join('\n  '));
  const table = descriptor.tables.media?.name ?? 'media';
  const media = await placeMedia(tables.media.rows, { source, ids, table, problems, progress, signal });
  if (problems.count > 0 && !skipInvalid) throw refuse(problems);

  const observations = markPeople(tables.observations.rows, findPeople(toList(descriptor.about.taxonomic)));
  const used = { deployments: tables.deployments.rows, media: tables.media.rows, observations };
  const earlier = await readEarlierEvents(database, target.catalog, ids, observations);
  const rows = makeRows({ ...descriptor, ids }, used, media.files, earlier);
  // Exports may read absolute paths of a folder's pictures from now on; those of an archive are
  // below the image root.
  const hasPictures = [...media.files.values()].some(({ present }) => present);
  return {
    id: ids.package,
    package: { id: descriptor.id ?? ids.package, title: forTerminalLine(descriptor.title) },
    about: descriptor.about,
    observations: tally(observations, (row) => row.observationType!),
    folder: hasPictures ? source.folder : undefined,
    notes: [...notes, ...writePackageNotes(descriptor, used), ...writeFileNotes(media)],
    ...{ rows, problems },
  };
}

/** Observations of a taxon that the package itself translates to a person are of people. */
const markPeople = (rows: readonly Cells[], people: ReadonlySet<string>): readonly Cells[] =>
  people.size === 0
    ? rows
    : rows.map((row) => (people.has(row.scientificName ?? '') ? { ...row, observationType: 'human' } : row));

interface Storing extends Pick<Prepared, 'rows' | 'folder' | 'about'> {
  target: Target;
  moves: readonly Move[];
  packageId: string;
  signal: AbortSignal | undefined;
  confirm: ImportOptions['confirm'];
}

/** Statements that are asked only as long as the package is wanted. */
const until = (signal: AbortSignal | undefined, queries: Writes): Writes =>
  signal === undefined
    ? queries
    : {
        ...queries,
        rows: (sql, params) => {
          signal.throwIfAborted();
          return queries.rows(sql, params);
        },
      };

async function storeRows(
  database: Database,
  { target, rows, moves, folder, packageId, about, signal, confirm }: Storing,
): Promise<StoredPackage> {
  return database.write(async (all) => {
    const queries = until(signal, all);
    // Imports take turns: two at once would both take the same sightings for new and count them.
    // Readers are not held up.
    await queries.rows('LOCK TABLE hoofprint_meta IN EXCLUSIVE MODE');
    const before = await readSources(queries);
    if (folder !== undefined) await registerRoot(queries, folder);
    const stored = await storePackage(queries, target, rows, moves);
    const { locations, deployments, images, detections } = stored;
    if ([locations, deployments, images, detections].some(({ made }) => made > 0))
      await noteSource(queries, before, packageId, about);
    signal?.throwIfAborted();
    await confirm?.();
    return stored;
  });
}

function refuse(problems: Problems): Fault {
  const rules = count(problems.count, 'broken rule');
  return new Fault('invalid', `the package has ${rules}; nothing was loaded\n  ${problems.lines(SHOWN).join('\n  ')}`, {
    problems: problems.list.map((problem) => ({
      pointer: `/${[problem.file, problem.row, problem.field].filter((part) => part !== undefined).join('/')}`,
      detail: formatProblem(problem),
    })),
  });
}

/** How often each name occurs, the most frequent first. */
function tally<Item>(items: readonly Item[], toName: (item: Item) => string): Record<string, number> {
  const counts = new Map<string, number>();
  for (const item of items) counts.set(toName(item), (counts.get(toName(item)) ?? 0) + 1);
  return Object.fromEntries([...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)));
}
