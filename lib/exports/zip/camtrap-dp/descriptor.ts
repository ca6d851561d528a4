// datapackage.json of an exported package: what follows from its rows, and what the owner's
// configuration says of the project.

import { INDIVIDUALS_RESOURCE } from '../../../deer/camtrap-dp.ts';

const BASE = 'https://raw.githubusercontent.com/tdwg/camtrap-dp/1.0.2';

/**
 * What the owner says of the project; see docs/data-model.md. Everything else in the descriptor
 * follows from the rows.
 */
export type PackageMetadata = Readonly<Record<string, unknown>>;

/**
 * Fields that configuration may give; the others are facts of the rows and are never overridden.
 */
const CONFIGURABLE = [
  ...[
    'id',
    'title',
    'description',
    'version',
    'keywords',
    'image',
    'homepage',
    'contributors',
    'licenses',
    'bibliographicCitation',
  ],
  ...['coordinatePrecision', 'relatedIdentifiers', 'references'],
] as const;

/**
 * Which animal an individualID of this package means, in every package of every period: names are
 * unique in one package only.
 */
export interface Individual {
  individualID: string;
  uuid: string;
  name?: string | undefined;
}

export interface Facts {
  /** Of the database: the same in all its packages. */
  id: string | undefined;
  created: Date;
  title: string | undefined;
  start: string;
  end: string;
  /** [longitude, latitude] of every deployment that has them. */
  points: [number, number][];
  taxa: string[];
  /** Any observation names an animal. */
  named: boolean;
  individuals: readonly Individual[];
  levels: ('media' | 'event')[];
  /** Calendar days of the first start and the last end of a deployment. */
  temporal: { start: string; end: string };
}

/** GeoJSON: the box around the cameras, or the points themselves where they make no box. */
function spatial(points: readonly [number, number][]): object | undefined {
  if (points.length === 0) return undefined;
  let [west, east, south, north] = [180, -180, 90, -90];
  for (const [x, y] of points) {
    [west, east] = [Math.min(west, x), Math.max(east, x)];
    [south, north] = [Math.min(south, y), Math.max(north, y)];
  }
  if (west === east || south === north)
    return { type: 'MultiPoint', coordinates: [...new Map(points.map((p) => [p.join(), p])).values()] };
  const ring = [
    [west, south],
    [east, south],
    [east, north],
    [west, north],
    [west, south],
  ];
  return { type: 'Polygon', coordinates: [ring] };
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isFilled = (value: unknown): boolean => Array.isArray(value) && value.length > 0;

/** The licences that the descriptor gives, in words. */
export const licencesOf = ({ licenses }: PackageMetadata): string[] =>
  (Array.isArray(licenses) ? licenses : [])
    .filter(isObject)
    .map(({ scope, name, path, title }) => `${String(scope)}: ${String(name ?? path ?? title)}`);

/**
 * The descriptor, and the required fields that nobody has supplied (by name): they are left out
 * rather than invented, and the package is valid only once they are filled in.
 */
export function descriptorOf(facts: Facts, metadata: PackageMetadata): { descriptor: object; missing: string[] } {
  const given = Object.fromEntries(
    CONFIGURABLE.filter(
      (name) => metadata[name] !== undefined && (name !== 'contributors' || isFilled(metadata[name])),
    ).map((name) => [name, metadata[name]]),
  );
  const project = isObject(metadata.project) ? metadata.project : {};
  const place = spatial(facts.points);
  const missing = [
    ...(isFilled(metadata.contributors) ? [] : ['contributors']),
    ...['title', 'samplingDesign', 'captureMethod']
      .filter((name) => project[name] === undefined)
      .map((name) => `project.${name}`),
    ...(place === undefined ? ['spatial'] : []),
  ];
  const resource = (name: string) => ({
    name,
    path: `${name}.csv`,
    profile: 'tabular-data-resource',
    format: 'csv',
    mediatype: 'text/csv',
    encoding: 'utf-8',
    schema: `${BASE}/${name}-table-schema.json`,
  });
  const individuals = {
    name: INDIVIDUALS_RESOURCE,
    description:
      'Not part of Camtrap DP: the lasting id of each individualID, and its name where the individualID is not the name.',
    data: facts.individuals,
  };
  const known = new Map(
    (Array.isArray(metadata.taxonomic) ? metadata.taxonomic : [])
      .filter(isObject)
      .map((taxon) => [taxon.scientificName, taxon]),
  );
  const descriptor = {
    resources: [
      ...['deployments', 'media', 'observations'].map(resource),
      ...(facts.individuals.length > 0 ? [individuals] : []),
    ],
    profile: `${BASE}/camtrap-dp-profile.json`,
    name: `hoofprint-${facts.start}-to-${facts.end}`,
    ...(facts.id === undefined ? {} : { id: facts.id }),
    created: `${facts.created.toISOString().slice(0, 19)}Z`,
    ...given,
    title: facts.title ?? given.title ?? `Camera-trap detections, ${facts.start} to ${facts.end}`,
    sources: [{ title: 'Hoofprint', version: '1' }],
    project: { ...project, individualAnimals: facts.named, observationLevel: facts.levels },
    ...(place === undefined ? {} : { spatial: place }),
    temporal: facts.temporal,
    taxonomic: facts.taxa.map((scientificName) => known.get(scientificName) ?? { scientificName }),
  };
  return { descriptor, missing };
}
