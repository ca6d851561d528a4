// What the reader of an import's summary should know, in sentences.

import type { PackageTable } from '../../deer/camtrap-dp-columns.ts';
import { alikeNote } from './alike.ts';
import { outsideNote } from './clocks.ts';
import type { Descriptor } from './descriptor.ts';
import { isDerived } from './places.ts';
import { DESCRIPTOR } from './resources.ts';
import type { Rows, Tables } from './rows.ts';
import type { Cells, Checked } from './tables.ts';

const NAMED = 10;

/**
 * Why nothing of these tables can be loaded; undefined when something can. A table without rows is
 * no fault, one of which no row is left is.
 */
export function nothingLoaded(tables: Record<PackageTable, Pick<Checked, 'rows' | 'total'>>): string | undefined {
  for (const table of ['deployments', 'observations'] as const) {
    const { rows, total } = tables[table];
    if (total > 0 && rows.length === 0) return `none of the ${total} rows of ${table} can be used; nothing was loaded`;
  }
  const empty = Object.values(tables).every(({ rows }) => rows.length === 0);
  return empty ? 'the tables of the package have no rows; nothing was loaded' : undefined;
}

const distinct = (rows: readonly Cells[], column: string): Set<string> =>
  new Set(rows.flatMap((row) => (row[column] === undefined ? [] : [row[column]])));

export function packageNotes(descriptor: Pick<Descriptor, 'id' | 'gaps'>, tables: Tables): string[] {
  const notes: string[] = [];
  const say = (note: string | undefined): void => void (note !== undefined && notes.push(note));
  if (descriptor.id === undefined)
    say(
      'the package has no id: its rows and animals are told apart by its content, so an altered copy of it is another package',
    );
  if (descriptor.gaps.length > 0)
    say(`${DESCRIPTOR} does not say, and nothing is invented: ${descriptor.gaps.join(', ')}`);
  const { deployments, media, observations } = tables;
  say(
    outsideNote(
      deployments.filter((row) => !isDerived(row)),
      media,
    ),
  );
  say(alikeNote(new Set([...distinct(deployments, 'locationName')]), 'names of locations'));
  say(alikeNote(distinct(deployments, 'locationID'), 'locationIDs'));
  say(alikeNote(distinct(observations, 'individualID'), 'names of individuals'));
  say(alikeNote(distinct(observations, 'scientificName'), 'scientific names'));
  say(sharedPlaces(deployments));
  return notes;
}

/**
 * Deployments without a locationID at the same coordinates are one location, whatever they are
 * called.
 */
function sharedPlaces(deployments: readonly Cells[]): string | undefined {
  const names = new Map<string, Set<string>>();
  for (const { locationID, locationName, latitude, longitude } of deployments) {
    if (locationID !== undefined || locationName === undefined) continue;
    const at = `${Number(latitude)},${Number(longitude)}`;
    const known = names.get(at);
    if (known === undefined) names.set(at, new Set([locationName]));
    else known.add(locationName);
  }
  const shared = [...names.values()].filter(({ size }) => size > 1);
  if (shared.length === 0) return undefined;
  const [first, second] = shared[0]!;
  return `${shared.length} locations without a locationID have several names at the same coordinates (such as ${first} and ${second}): they are one location`;
}

type Loaded = Pick<
  Rows,
  'covered' | 'larger' | 'alone' | 'elsewhere' | 'nobody' | 'standIns' | 'relativeBoxes' | 'derived' | 'images'
>;

export function rowNotes(rows: Loaded, stored: { longer: number; moved: number }): string[] {
  const notes: string[] = [];
  const say = (count: number, text: string): void => void (count > 0 && notes.push(`${count} ${text}`));
  say(rows.covered, 'event-based animal observations repeat media-based ones of their event and are not counted twice');
  say(
    rows.larger,
    'of them count more animals than the media-based rows of that species: the media-based rows are counted',
  );
  const alone = [...rows.alone].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  const total = alone.reduce((sum, [, count]) => sum + count, 0);
  const named = alone.slice(0, NAMED).map(([name, count]) => `${name} ${count}`);
  const more = alone.length > NAMED ? ` and ${alone.length - NAMED} more species` : '';
  say(total, `animals are known from event-based observations only, and counted: ${named.join(', ')}${more}`);
  say(
    rows.elsewhere,
    'observations name a picture of another deployment: they count at their own deployment, without that picture',
  );
  say(rows.nobody, 'observations have a word for nobody (unknown, none, ?) as individualID: they are no known animal');
  say(rows.standIns, 'events or media without a file have one image row that keeps their place and time');
  say(
    rows.relativeBoxes,
    'boxes are kept as shares of the picture only (bbox_relative), because its size in pixels is not known',
  );
  say(
    rows.images.filter((image) => image.contains_human).length,
    'images show a human and are never exported as crop or frame',
  );
  say(
    rows.derived,
    'deployments are the days from first to last image, since none was recorded: effort is derived here in the same way',
  );
  say(stored.longer, 'deployments were still standing in an earlier package: their end is now that of this one');
  say(stored.moved, 'images already in the database have moved: their paths were brought up to date');
  return notes;
}
