// camtrap-dp/: the selection of an archive as a Camtrap DP 1.0.2 package, streamed table by table,
// and what its reader has to know.

import { type Cell, csv } from '../../../csv.ts';
import { isPlaceholder, toCellText } from '../../../deer/camtrap-dp.ts';
import { COLUMNS } from '../../../deer/camtrap-dp-columns.ts';
import type { Locator } from '../../../deer/coordinates.ts';
import { localTimeWriter } from '../../../deer/local-time.ts';
import type { Precision } from '../../../precision.ts';
import type { Archive } from '../../archive/archive.ts';
import type { Season } from '../../season/index.ts';
import type { DetectionRow } from '../detections/rows.ts';
import { listLicenses, makeDescriptor, type PackageMetadata } from './descriptor.ts';
import type { DeploymentRecord, ImageRecord, PackageRecords } from './load.ts';
import { makeObservations, type ObservationFacts } from './observations.ts';
import { deploymentRow, mediaRow, type WriteInstant } from './tables.ts';

export interface PackageParts {
  season: Season;
  rows: readonly DetectionRow[];
  records: PackageRecords;
  metadata: PackageMetadata;
  createdAt: Date;
  /** Of the export, when the request gives one. */
  title: string | undefined;
  /** Pixels of images whose size the database does not have, learned while crops were cut. */
  sizes: ReadonlyMap<string, { width: number; height: number }>;
  locator: Locator;
  withPeople: boolean;
}

/** What is in the package and what is not, for README.txt. */
export interface PackageAccount {
  deployments: number;
  media: number;
  observations: number;
  /** The database's words for species, with the scientific names that replace them. */
  replaced: [word: string, species: string][];
  /** Required fields that nobody supplied, as `file field`. */
  missing: string[];
  /** Title of the only source of the data, whose people and project are passed on. */
  source: string | undefined;
  /** As `scope: license`. */
  licenses: string[];
  /** The database has no id yet. */
  withoutId: boolean;
  derived: number;
  open: number;
  /** Images taken outside the recorded time of their deployment. */
  outside: number;
  precision: Precision;
  withPeople: boolean;
  /** Detections whose image has no location, hence no deployment. */
  unlocated: number;
  /** Detections whose box could not be written. */
  withoutBox: number;
}

const isWithin = ({ starts_at, ends_at }: DeploymentRecord, at: Date): boolean => starts_at <= at && at <= ends_at;
const distance = ({ starts_at, ends_at }: DeploymentRecord, at: Date): number =>
  Math.max(starts_at.getTime() - at.getTime(), at.getTime() - ends_at.getTime());

/**
 * The deployment of each image, by image id: the one that the image names, else one of its location
 * at that time, else the nearest of its location in time.
 */
function assignDeployments({ deployments, images }: PackageRecords): Map<string, DeploymentRecord> {
  const byId = new Map(deployments.map((deployment) => [deployment.id, deployment]));
  const byLocation = Map.groupBy(deployments, (deployment) => deployment.location_id);
  const find = ({ deployment_id, location_id, at }: ImageRecord): DeploymentRecord | undefined => {
    const named = byId.get(deployment_id ?? '');
    if (named !== undefined) return named;
    const here = byLocation.get(location_id ?? '') ?? [];
    return (
      here.find((deployment) => isWithin(deployment, at)) ??
      here.toSorted((a, b) => distance(a, at) - distance(b, at))[0]
    );
  };
  return new Map(
    images.flatMap((image) => {
      const deployment = find(image);
      return deployment === undefined ? [] : [[image.id, deployment] as const];
    }),
  );
}

/** Calendar days of the first start and the last end of a deployment; else those of the period. */
function findTemporal(
  deployments: readonly DeploymentRecord[],
  { start, end }: Season['scope'],
  write: WriteInstant,
): { start: string; end: string } {
  const days = (pick: (deployment: DeploymentRecord) => Date): string[] =>
    deployments.map((deployment) => write(pick(deployment), deployment.time_zone).slice(0, 10)).sort();
  return {
    start: days((deployment) => deployment.starts_at)[0] ?? start,
    end: days((deployment) => deployment.ends_at).at(-1) ?? end,
  };
}

/**
 * Writes the four files of a package.
 * @param advance called with the number of observations written since its last call
 */
export async function writePackage(
  zip: Archive,
  parts: PackageParts,
  advance: (n: number) => void,
): Promise<PackageAccount> {
  const { season, rows, records, sizes, locator, withPeople } = parts;
  const { scope } = season;
  const write = localTimeWriter(scope.timeZone);
  const rules = { write, locator, withPeople };
  const assigned = assignDeployments(records);
  // An archive by ids has the deployments of its images; any other one has every deployment of the
  // period, also those without images.
  const used = new Set(assigned.values());
  const deployments = records.deployments.filter(
    (deployment) => used.has(deployment) || (scope.ids === undefined && deployment.touches),
  );
  const media = records.images.filter((image) => !isPlaceholder(image.path) && assigned.has(image.id));
  let outside = 0;
  function* mediaRows(): Generator<Cell[]> {
    for (const image of media) {
      const deployment = assigned.get(image.id)!;
      const isOutside = !isWithin(deployment, image.at);
      outside += Number(isOutside);
      yield mediaRow(image, deployment, isOutside, write);
    }
  }
  const observations = makeObservations({ rows, images: records.images, media, deployments: assigned, sizes, rules });

  const located = deployments.map((deployment) => ({
    deployment,
    location: records.locations.get(deployment.location_id),
  }));
  const deploymentRows = located.map(({ deployment, location }) => deploymentRow(deployment, location, rules));
  await zip.text('camtrap-dp/deployments.csv', csv(COLUMNS.deployments, deploymentRows));
  await zip.text('camtrap-dp/media.csv', csv(COLUMNS.media, mediaRows()));
  await zip.text('camtrap-dp/observations.csv', csv(COLUMNS.observations, observations.rows(), advance));
  const points = located.flatMap(({ location }) => {
    const point = locator.locate(location?.coordinates);
    return point === undefined ? [] : [point];
  });
  const temporal = findTemporal(deployments, scope, write);
  const missing = await writeDescriptor(zip, parts, { facts: observations.facts, points, temporal });
  const unmapped = located.length - points.length;
  if (unmapped > 0) missing.push(`deployments.csv latitude, longitude (${unmapped} of ${located.length} rows)`);
  return {
    ...makeAccount(parts, deployments, observations.facts),
    media: media.length,
    missing,
    outside,
    precision: locator.precision,
    withPeople,
  };
}

/** @returns the required fields that nobody has supplied, as `datapackage.json field` */
async function writeDescriptor(
  zip: Archive,
  { season: { scope }, records, metadata, createdAt, title, locator }: PackageParts,
  {
    facts,
    points,
    temporal,
  }: { facts: ObservationFacts; points: [number, number][]; temporal: { start: string; end: string } },
): Promise<string[]> {
  const { taxa, named, individuals, levels } = facts;
  const { descriptor, missing } = makeDescriptor(
    {
      id: records.databaseId,
      created: createdAt,
      title,
      start: scope.start,
      end: scope.end,
      points,
      precision: locator.precision,
      taxa: [...taxa].sort(),
      named,
      individuals: individuals.list(),
      levels: levels.size === 0 ? ['media'] : [...levels].sort().reverse(),
      temporal,
    },
    { ...records.about, ...metadata },
  );
  await zip.text('camtrap-dp/datapackage.json', [`${JSON.stringify(descriptor, null, 2)}\n`]);
  return missing.map((name) => `datapackage.json ${name}`);
}

function makeAccount(
  { records, metadata: given }: PackageParts,
  deployments: readonly DeploymentRecord[],
  { observations, unlocated, withoutBox, replaced }: ObservationFacts,
): Omit<PackageAccount, 'media' | 'missing' | 'outside' | 'precision' | 'withPeople'> {
  const metadata = { ...records.about, ...given };
  return {
    deployments: deployments.length,
    observations,
    replaced: [...replaced].sort(([a], [b]) => (a < b ? -1 : 1)),
    source: toCellText(records.about?.title),
    licenses: listLicenses(metadata),
    withoutId: toCellText(metadata.id ?? records.databaseId) === undefined,
    derived: deployments.filter((deployment) => deployment.derived).length,
    open: deployments.filter((deployment) => deployment.open).length,
    unlocated,
    withoutBox,
  };
}
