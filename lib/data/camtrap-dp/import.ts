// The import of a Camtrap DP package: check everything, then load it in one transaction, and say what was done.
import type { Database } from '../../adapters/postgres.ts';
import { Fault } from '../../errors.ts';
import { registerRoot } from '../../image-roots.ts';
import type { Stored } from '../store.ts';
import { openTarget } from '../target.ts';
import { DESCRIPTOR, type Descriptor, readDescriptor } from './descriptor.ts';
import { placeMedia } from './files.ts';
import { contentId, idsOf } from './ids.ts';
import { movesOf } from './moves.ts';
import { noteSource, sourcesOf } from './provenance.ts';
import { rowsOf, type Tables } from './rows.ts';
import { KEYS, type Table } from './rules.ts';
import { openSource, type Source } from './source.ts';
import { store, WRITES } from './store.ts';
import { type Problem, readTable, told } from './tables.ts';

export interface ImportOptions {
  database: Database;
  /** Folder that relative image paths are resolved under; a ZIP's images are extracted below it. */
  imageRoot: string;
  /** Load what is valid of a broken package and list the rest. */
  skipInvalid?: boolean;
  /** Told after each media file has been looked at. */
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
  /** One line per broken rule of what was left out; empty for a valid package. */
  skipped: string[];
  /** What a reader should know: files not in the package, columns ignored, events told twice. */
  notes: string[];
}

/** Rules named in the message of the error; all of them are in its problems. */
const SHOWN = 20;

/**
 * Loads a package from a folder or a ZIP archive; a second import of the same package changes nothing.
 * @throws Fault `not-found` when there is no such file, `conflict` when the database has no tables of ours, `invalid` when the package is broken
 * (its message names file, row and field; nothing has been loaded then).
 */
export async function importPackage(
  where: string,
  { database, imageRoot, skipInvalid = false, progress = () => undefined }: ImportOptions,
): Promise<Summary> {
  const target = await openTarget(database, WRITES, ['hoofprint_meta']);
  const source = await openSource(where, imageRoot);
  try {
    const bytes = await source.read(DESCRIPTOR);
    if (bytes === undefined) throw new Fault('invalid', `there is no ${DESCRIPTOR} in the package`);
    const { descriptor, problems } = readDescriptor(bytes);
    const notes: string[] = [];
    const { tables, bytes: contents } = await readTables(source, descriptor, problems, notes);
    const ids = idsOf(descriptor.id ?? contentId(contents));
    // Nothing of a broken package is written, its pictures included.
    if (problems.length > 0 && !skipInvalid) throw refusal(problems);
    const placed = await placeMedia(tables.media, source, ids.package, descriptor.files.media?.path ?? 'media', progress);
    problems.push(...placed.problems);
    if (problems.length > 0 && !skipInvalid) throw refusal(problems);
    const media = tables.media.filter((row) => placed.files.has(row.mediaID!));
    const lost = new Set(tables.media.flatMap((row) => (placed.files.has(row.mediaID!) ? [] : [row.mediaID])));
    const observations = tables.observations.filter((row) => row.mediaID === undefined || !lost.has(row.mediaID));
    for (const row of tables.observations) {
      if (observations.length === tables.observations.length || row.mediaID === undefined || !lost.has(row.mediaID)) continue;
      problems.push({
        file: descriptor.files.observations!.path,
        field: 'mediaID',
        reason: `of ${row.observationID}: its media row was skipped`,
      });
    }
    const rows = rowsOf({ ...descriptor, ids }, { ...tables, media, observations }, placed.files);
    const moves = await movesOf(database, rows.images, imageRoot);
    const stored = await database.write(async (queries) => {
      // Imports take turns: of two at once, both would take the same sightings for new and count them. Readers are not held up.
      await queries.rows('LOCK TABLE hoofprint_meta IN EXCLUSIVE MODE');
      const before = await sourcesOf(queries);
      // Absolute paths of a folder's pictures may be read from now on; those of a ZIP archive are below the image root.
      const pictures = [...placed.files.values()].some(({ present }) => present);
      if (source.folder !== undefined && pictures) await registerRoot(queries, source.folder);
      const done = await store(queries, target, rows, moves);
      const brought = [done.locations, done.deployments, done.images, done.detections].some(({ made }) => made > 0);
      if (brought) await noteSource(queries, before, ids.package, descriptor.about);
      return done;
    });

    if (descriptor.id === undefined)
      notes.push('the package has no id: its rows and animals are told apart by its content, so an altered copy of it is another package');
    if (descriptor.gaps.length > 0) notes.push(`${DESCRIPTOR} does not say, and nothing is invented: ${descriptor.gaps.join(', ')}`);
    const say = (count: number, text: string): void => void (count > 0 && notes.push(`${count} ${text}`));
    say(placed.urls, 'media are URLs: kept as text, never fetched, so they have no crops');
    say(placed.missing, 'media files are not in the package');
    say(placed.unreadable, 'image files cannot be read');
    say(rows.covered, 'event-based animal observations repeat media-based ones of their event and are not counted twice');
    say(rows.standIns, 'events or media without a file have one image row that keeps their place and time');
    say(rows.relativeBoxes, 'boxes are kept as shares of the picture only (bbox_relative), because its size in pixels is not known');
    say(rows.images.filter((image) => image.contains_human).length, 'images show a human and are never exported as crop or frame');
    say(rows.derived, 'deployments are the days from first to last image, since none was recorded: effort is derived here in the same way');
    say(stored.longer, 'deployments were still standing in an earlier package: their end is now that of this one');
    notes.push(...stored.notes);
    say(stored.moved, 'images already in the database have moved: their paths were brought up to date');
    return {
      package: { id: descriptor.id ?? ids.package, title: descriptor.title },
      observations: tally(observations.map((row) => row.observationType!)),
      classes: tally(rows.detections.map((one) => one.classification)),
      locations: stored.locations,
      deployments: stored.deployments,
      images: stored.images,
      deer: stored.deer,
      detections: stored.detections,
      skipped: problems.map(told),
      notes,
    };
  } finally {
    source.close();
  }
}

async function readTables(
  source: Source,
  descriptor: Descriptor,
  problems: Problem[],
  notes: string[],
): Promise<{ tables: Tables; bytes: Buffer[] }> {
  const read: Buffer[] = [];
  const tables: Partial<Record<Table, Tables[Table]>> = {};
  const keys: Partial<Record<Table, Set<string>>> = {};
  for (const table of ['deployments', 'media', 'observations'] as const) {
    const listed = descriptor.files[table];
    const bytes = listed === undefined ? undefined : await source.read(listed.path);
    if (listed === undefined || bytes === undefined) {
      const name = listed?.path ?? `${table}.csv`;
      if (table !== 'media') throw new Fault('invalid', `there is no ${name} in the package`);
      notes.push(`there is no ${name} in the package: observations keep place and time, but have no images`);
      tables.media = [];
      continue;
    }
    read.push(bytes);
    const checked = readTable(table, listed.path, bytes, listed.delimiter, keys);
    problems.push(...checked.problems);
    notes.push(...checked.notes);
    tables[table] = checked.rows;
    keys[table] = new Set(checked.rows.map((row) => row[KEYS[table]]!));
  }
  return { tables: tables as Tables, bytes: read };
}

function refusal(problems: readonly Problem[]): Fault {
  const shown = problems.slice(0, SHOWN).map(told).join('\n  ');
  const more = problems.length > SHOWN ? `\n  and ${problems.length - SHOWN} more` : '';
  const count = `${problems.length} broken rule${problems.length > 1 ? 's' : ''}`;
  return new Fault('invalid', `the package has ${count}; nothing was loaded\n  ${shown}${more}`, {
    problems: problems.map((one) => ({
      pointer: `/${[one.file, one.row, one.field].filter((part) => part !== undefined).join('/')}`,
      detail: told(one),
    })),
  });
}

function tally(values: readonly string[]): Record<string, number> {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return Object.fromEntries([...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)));
}
