// What the reader of an import's summary should know, in sentences.
import type { Queries } from '../../adapters/postgres.ts';
import type { PackageTable } from '../../deer/camtrap-dp-columns.ts';
import { alikeWarning } from '../../deer/names-alike.ts';
import { count, number } from '../../format.ts';
import { forTerminalLine } from '../../plain-text.ts';
import type { Descriptor } from './read/descriptor.ts';
import { DESCRIPTOR } from './read/resources.ts';
import { APART, type Cells, type CheckedTable } from './read/table.ts';
import { parseTime } from './rows/events.ts';
import { isDerived } from './rows/locations.ts';
import type { PackageRows, TableRows } from './rows/rows.ts';
import type { StoredPackage } from './write/store.ts';

/** Deployments or species that a note names. */
const NAMED = 10;

type Note = string | undefined;
const keep = (notes: readonly Note[]): string[] => notes.filter((note) => note !== undefined);

/** The largest first, equal ones by name. */
const sortCounts = (counts: ReadonlyMap<string, number>): [name: string, count: number][] =>
  [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));

/**
 * Why no row of these tables can be loaded; undefined when some can. A table without rows is not an
 * error; a table of which no row can be used is.
 */
export function explainEmpty(
  tables: Readonly<Record<PackageTable, Pick<CheckedTable, 'rows' | 'total'>>>,
): string | undefined {
  for (const table of ['deployments', 'observations'] as const) {
    const { rows, total } = tables[table];
    if (total > 0 && rows.length === 0)
      return `no row of ${table} can be used (of ${number(total)}); nothing was loaded`;
  }
  const empty = Object.values(tables).every(({ rows }) => rows.length === 0);
  return empty ? 'the tables of the package have no rows; nothing was loaded' : undefined;
}

const distinct = (rows: readonly Cells[], column: string): Set<string> =>
  new Set(rows.flatMap((row) => (row[column] === undefined ? [] : [row[column]])));

/** About the package as it is written. */
export function writePackageNotes({ id, gaps }: Pick<Descriptor, 'id' | 'gaps'>, tables: TableRows): string[] {
  const { deployments, media, observations } = tables;
  const warn = (rows: readonly Cells[], column: string, what: string): Note =>
    alikeWarning(distinct(rows, column), what, APART);
  return keep([
    id === undefined
      ? 'the package has no id: it is known by its content, so an altered copy of it is another package'
      : undefined,
    gaps.length > 0
      ? `${DESCRIPTOR} does not state these fields, and nothing is invented: ${gaps.join(', ')}`
      : undefined,
    noteOutside(
      deployments.filter((row) => !isDerived(row)),
      media,
    ),
    warn(deployments, 'locationName', 'names of locations'),
    warn(deployments, 'locationID', 'locationIDs'),
    warn(observations, 'individualID', 'names of individuals'),
    warn(observations, 'scientificName', 'scientific names'),
    noteSharedCoordinates(deployments),
  ]);
}

/**
 * Media taken outside their deployment, such as `5 of 20 media were taken outside their deployment,
 * from 1970 to 2054: c1 5`: a camera whose clock was reset says 1970 or 2000.
 */
function noteOutside(deployments: readonly Cells[], media: readonly Cells[]): Note {
  const spans = new Map(
    deployments.map((row) => [
      row.deploymentID!,
      { start: parseTime(row.deploymentStart!), end: parseTime(row.deploymentEnd!) },
    ]),
  );
  const counts = new Map<string, number>();
  let [outside, first, last] = [0, '9999', '0000'];
  for (const { deploymentID, timestamp } of media) {
    const span = spans.get(deploymentID!);
    const at = parseTime(timestamp!);
    if (span === undefined || (at >= span.start && at <= span.end)) continue;
    outside += 1;
    counts.set(deploymentID!, (counts.get(deploymentID!) ?? 0) + 1);
    const year = timestamp!.slice(0, 4);
    if (year < first) first = year;
    if (year > last) last = year;
  }
  if (outside === 0) return undefined;
  const sorted = sortCounts(counts);
  const named = sorted.slice(0, NAMED).map(([id, n]) => `${forTerminalLine(id)} ${number(n)}`);
  const more = sorted.length > NAMED ? ` and ${number(sorted.length - NAMED)} more deployments` : '';
  const years = first === last ? `in ${first}` : `from ${first} to ${last}`;
  return `${number(outside)} of ${number(media.length)} media were taken outside their deployment, ${years}: ${named.join(', ')}${more}`;
}

/**
 * Deployments without a locationID at the same coordinates are one location, whatever their names.
 */
function noteSharedCoordinates(deployments: readonly Cells[]): Note {
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
  const have = count(shared.length, 'location without a locationID has', 'locations without a locationID have');
  return `${have} several names at the same coordinates (such as ${first} and ${second}): each is one location`;
}

interface RowCounts extends Pick<PackageRows, 'covered' | 'larger' | 'elsewhere' | 'unnamed' | 'placeholders'> {
  /** Animals that only event-based observations have. */
  alone: number;
  relativeBoxes: number;
  /** Images that show a person. */
  people: number;
  derived: number;
  extended: number;
  moved: number;
}

/** What follows the number, for 1 and for more; in this order. */
const ROW_NOTES: Readonly<Record<keyof RowCounts, readonly [singular: string, plural: string]>> = {
  covered: [
    'event-based animal observation repeats media-based ones of its event and is not counted twice',
    'event-based animal observations repeat media-based ones of their event and are not counted twice',
  ],
  larger: [
    'event-based observation counts more animals than the media-based ones of that species: those are counted',
    'event-based observations count more animals than the media-based ones of that species: those are counted',
  ],
  alone: [
    'animal is known from event-based observations only, and counted',
    'animals are known from event-based observations only, and counted',
  ],
  elsewhere: [
    'observation names a picture of another deployment: it counts at its deployment, without that picture',
    'observations name a picture of another deployment: they count at their deployment, without that picture',
  ],
  unnamed: [
    'observation has a word for an unnamed animal (unknown, none, ?) as individualID: it is not assigned to an animal',
    'observations have a word for an unnamed animal (unknown, none, ?) as individualID: they are not assigned to an animal',
  ],
  placeholders: [
    'event or medium without a file has one image row that keeps its location and time',
    'events or media without a file have one image row each that keeps their location and time',
  ],
  relativeBoxes: [
    'box is kept as shares of the picture only (bbox_relative), because its size in pixels is not known',
    'boxes are kept as shares of the picture only (bbox_relative), because its size in pixels is not known',
  ],
  people: [
    'image shows a person and is never exported as crop or frame',
    'images show a person and are never exported as crop or frame',
  ],
  derived: [
    'deployment is the days from first to last image, because none was recorded: effort is derived the same way here',
    'deployments are the days from first to last image, because none was recorded: effort is derived the same way here',
  ],
  extended: [
    'deployment was still running in an earlier package: its end is now that of this one',
    'deployments were still running in an earlier package: their end is now that of this one',
  ],
  moved: [
    'image already in the database has moved: its path was updated',
    'images already in the database have moved: their paths were updated',
  ],
};

/** About the rows that were made of the package, and what the database had already. */
export function writeRowNotes(
  rows: PackageRows,
  { extended, moved }: Pick<StoredPackage, 'extended' | 'moved'>,
): string[] {
  const species = sortCounts(rows.alone);
  const counts: RowCounts = {
    ...rows,
    alone: species.reduce((sum, [, animals]) => sum + animals, 0),
    people: rows.images.filter((image) => image.contains_human).length,
    ...{ extended, moved },
  };
  const named = species.slice(0, NAMED).map(([name, animals]) => `${name} ${number(animals)}`);
  const more = species.length > NAMED ? ` and ${number(species.length - NAMED)} more species` : '';
  return Object.entries(ROW_NOTES).flatMap(([name, [singular, plural]]) => {
    const n = counts[name as keyof RowCounts];
    if (n === 0) return [];
    return [`${count(n, singular, plural)}${name === 'alone' ? `: ${named.join(', ')}${more}` : ''}`];
  });
}

/** What a reader should know where invented data is in the database as well. */
export async function warnOfDemo({ rows }: Queries): Promise<string[]> {
  const found = await rows("SELECT FROM hoofprint_meta WHERE key = 'demo_herd'");
  return found.length === 0
    ? []
    : [
        'this database also holds the demo herd, which is invented, and exports mix both: `npm run demo -- --remove` removes it',
      ];
}
