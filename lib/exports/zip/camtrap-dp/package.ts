// camtrap-dp/: the archive's selection as a Camtrap DP 1.0.2 package, streamed table by table, and
// what its reader has to know.

import { type Cell, csv } from '../../../csv.ts';
import { toShares } from '../../../deer/boxes.ts';
import { isEventStandIn, isStandIn, PERSON, toCellText } from '../../../deer/camtrap-dp.ts';
import { COLUMNS } from '../../../deer/camtrap-dp-columns.ts';
import { readCoordinates } from '../../../deer/coordinates.ts';
import { localTimeWriter } from '../../../deer/local-time.ts';
import type { Archive } from '../../archive/archive.ts';
import type { Season } from '../../season/index.ts';
import type { DetectionRow } from '../rows.ts';
import { described } from './animal.ts';
import { descriptorOf, licencesOf, type PackageMetadata } from './descriptor.ts';
import { individualsOf } from './individuals.ts';
import type { Field, Picture, Stay } from './read.ts';
import { deploymentRow, mediaRow, observationRow, personRow } from './tables.ts';

export interface PackageParts {
  season: Season;
  rows: readonly DetectionRow[];
  field: Field;
  metadata: PackageMetadata;
  createdAt: Date;
  /** Of the export, when the request gives one. */
  title: string | undefined;
  /** Pixels of images whose size the database does not know, learnt while crops were cut. */
  sizes: ReadonlyMap<string, { width: number; height: number }>;
}

/** What is in the package, and what is not; counted for README.txt. */
export interface PackageAccount {
  deployments: number;
  media: number;
  observations: number;
  /** Words of the database for species, and the scientific name that each was given as. */
  replaced: [word: string, species: string][];
  /** Required fields that nobody supplied, as `file field`. */
  missing: string[];
  /** Title of the only source of the data, whose word on people and project is passed on. */
  source: string | undefined;
  /** As `scope: licence`. */
  licences: string[];
  /** The database has no id of its own yet. */
  nameless: boolean;
  derived: number;
  open: number;
  outside: number;
  /** Detections whose image has no location, hence no deployment. */
  unplaced: number;
  /** Detections with a box in an image of unknown size. */
  boxless: number;
}

const within = (stay: Stay, at: Date): boolean => stay.starts_at <= at && at <= stay.ends_at;
const distance = (stay: Stay, at: Date): number =>
  Math.max(stay.starts_at.getTime() - at.getTime(), at.getTime() - stay.ends_at.getTime());

/**
 * The deployment of each image: the one it names, else one of its place that covers it, else the
 * nearest of its place in time.
 */
function stayFinder({ stays }: Field): (picture: Picture) => Stay | undefined {
  const byId = new Map(stays.map((stay) => [stay.id, stay]));
  const byPlace = Map.groupBy(stays, (stay) => stay.location_id);
  return (picture) => {
    const named = byId.get(picture.deployment_id ?? '');
    if (named !== undefined) return named;
    const there = byPlace.get(picture.location_id ?? '') ?? [];
    return (
      there.find((stay) => within(stay, picture.at)) ??
      there.toSorted((a, b) => distance(a, picture.at) - distance(b, picture.at))[0]
    );
  };
}

/** Writes the four files. @param advance is told of each observation written. */
export async function writePackage(
  zip: Archive,
  parts: PackageParts,
  advance: (n: number) => void,
): Promise<PackageAccount> {
  const { season, rows, field, createdAt } = parts;
  const { scope } = season;
  const clock = localTimeWriter(scope.timeZone);
  const stayOf = stayFinder(field);
  const pictures = new Map(field.pictures.map((picture) => [picture.id, picture]));
  const stayed = new Map(
    field.pictures.flatMap((picture) => {
      const stay = stayOf(picture);
      return stay === undefined ? [] : [[picture.id, stay] as const];
    }),
  );
  // Of an archive by ids only the deployments of its own images; else every deployment of the
  // period, also one that saw nothing.
  const used = new Set(stayed.values());
  const stays = field.stays.filter((stay) => used.has(stay) || (scope.ids === undefined && stay.touches));
  const files = field.pictures.filter((picture) => !isStandIn(picture.path) && stayed.has(picture.id));
  const metadata = { ...field.about, ...parts.metadata };
  const account: PackageAccount = {
    deployments: stays.length,
    media: files.length,
    observations: 0,
    replaced: [],
    missing: [],
    source: toCellText(field.about?.title),
    licences: licencesOf(metadata),
    nameless: toCellText(metadata.id ?? field.databaseId) === undefined,
    derived: stays.filter((stay) => stay.derived).length,
    open: stays.filter((stay) => stay.open).length,
    outside: 0,
    unplaced: 0,
    boxless: 0,
  };
  const taxa = new Set<string>();
  const replaced = new Map<string, string>();
  const levels = new Set<'media' | 'event'>();
  const individuals = individualsOf(rows);
  let named = false;

  function* mediaRows(): Generator<Cell[]> {
    for (const picture of files) {
      const stay = stayed.get(picture.id) as Stay;
      const outside = !within(stay, picture.at);
      account.outside += Number(outside);
      yield mediaRow(picture, stay, outside, clock);
    }
  }

  function* observationRows(): Generator<Cell[]> {
    const people = new Set<string>();
    for (const row of rows) {
      const [picture, stay] = [pictures.get(row.image_id), stayed.get(row.image_id)];
      if (picture === undefined || stay === undefined) {
        account.unplaced += 1;
        continue;
      }
      const animal = described(row);
      if (animal.type === 'human') people.add(picture.id);
      const size =
        picture.width !== null && picture.height !== null
          ? { width: picture.width, height: picture.height }
          : parts.sizes.get(picture.id);
      const box = toShares(row, size);
      if (box === undefined && row.bbox !== null) account.boxless += 1;
      const level = isStandIn(picture.path) ? 'event' : 'media';
      // Stand-ins of one event share it; one for a lost file is an event of its own, or its
      // neighbours would take its place and time.
      const event =
        level === 'event' && !isEventStandIn(picture.path)
          ? picture.id
          : (row.burst_group_id ?? (level === 'event' ? picture.id : null));
      const individual = animal.type === 'animal' ? individuals.idOf(row) : undefined;
      named ||= individual !== undefined;
      if (animal.scientificName !== undefined) {
        taxa.add(animal.scientificName);
        if (animal.replaced !== undefined) replaced.set(animal.replaced, animal.scientificName);
      }
      levels.add(level);
      account.observations += 1;
      yield observationRow(row, animal, { level, event, individual, box }, stay, clock);
    }
    for (const picture of files) {
      if (!picture.human || people.has(picture.id)) continue;
      taxa.add(PERSON.scientificName);
      levels.add('media');
      account.observations += 1;
      yield personRow(picture, stayed.get(picture.id) as Stay, clock);
    }
  }

  const placed = stays.map((stay) => ({ stay, place: field.places.get(stay.location_id) }));
  await zip.text(
    'camtrap-dp/deployments.csv',
    csv(
      COLUMNS.deployments,
      placed.map(({ stay, place }) => deploymentRow(stay, place, clock)),
    ),
  );
  await zip.text('camtrap-dp/media.csv', csv(COLUMNS.media, mediaRows()));
  await zip.text('camtrap-dp/observations.csv', csv(COLUMNS.observations, observationRows(), advance));

  const points = placed.flatMap(({ place }) => {
    const point = readCoordinates(place?.coordinates);
    return point === undefined ? [] : [point];
  });
  const days = stays.map(
    (stay) =>
      [clock(stay.starts_at, stay.time_zone).slice(0, 10), clock(stay.ends_at, stay.time_zone).slice(0, 10)] as const,
  );
  const { descriptor, missing } = descriptorOf(
    {
      created: createdAt,
      title: parts.title,
      start: scope.start,
      end: scope.end,
      points,
      taxa: [...taxa].sort(),
      id: field.databaseId,
      named,
      individuals: individuals.told(),
      levels: levels.size === 0 ? ['media'] : [...levels].sort().reverse(),
      temporal: {
        start: days.map(([from]) => from).sort()[0] ?? scope.start,
        end:
          days
            .map(([, to]) => to)
            .sort()
            .at(-1) ?? scope.end,
      },
    },
    metadata,
  );
  account.replaced = [...replaced].sort(([a], [b]) => (a < b ? -1 : 1));
  const nowhere = placed.length - points.length;
  account.missing = [
    ...missing.map((name) => `datapackage.json ${name}`),
    ...(nowhere > 0 ? [`deployments.csv latitude, longitude (${nowhere} of ${placed.length} rows)`] : []),
  ];
  await zip.text('camtrap-dp/datapackage.json', [`${JSON.stringify(descriptor, null, 2)}\n`]);
  return account;
}
