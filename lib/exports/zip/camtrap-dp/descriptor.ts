// datapackage.json of an exported package: what follows from its rows, and what the owner's
// configuration says about the project.

import { INDIVIDUALS_RESOURCE } from '../../../deer/camtrap-dp.ts';
import { ROUNDED_DEGREES } from '../../../deer/coordinates.ts';
import type { Precision } from '../../../precision.ts';

const BASE = 'https://raw.githubusercontent.com/tdwg/camtrap-dp/1.0.2';

/**
 * What the owner says about the project (CAMTRAP_DP_PACKAGE, docs/data-model.md). Everything else
 * in the descriptor follows from the rows.
 */
export type PackageMetadata = Readonly<Record<string, unknown>>;

/** Fields that the configuration may set; all others are facts of the rows. */
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

/** The lasting UUID of an animal, because names are unique in one package only. */
export interface Individual {
  individualID: string;
  uuid: string;
  name?: string | undefined;
}

/** What follows from the rows of a package. */
export interface PackageFacts {
  /** Of the database: the same in all its packages. */
  id: string | undefined;
  created: Date;
  title: string | undefined;
  start: string;
  end: string;
  /** [longitude, latitude] of every deployment that has them. */
  points: [number, number][];
  precision: Precision;
  taxa: string[];
  /** Whether any observation identifies an animal. */
  named: boolean;
  individuals: readonly Individual[];
  levels: ('media' | 'event')[];
  /** Calendar days of the first start and the last end of a deployment. */
  temporal: { start: string; end: string };
}

/** GeoJSON: the box around the cameras, or the points where they make no box. */
function makeSpatial(points: readonly [number, number][]): object | undefined {
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

/** Degrees; the coarser one of the owner's and of this export. */
function findPrecision(precision: Precision, given: unknown): { coordinatePrecision?: number } {
  if (precision !== 'rounded') return {};
  return { coordinatePrecision: Math.max(ROUNDED_DEGREES, typeof given === 'number' ? given : 0) };
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isFilled = (value: unknown): boolean => Array.isArray(value) && value.length > 0;

/** The licenses that the descriptor gives, as `scope: license`. */
export const listLicenses = ({ licenses }: PackageMetadata): string[] =>
  (Array.isArray(licenses) ? licenses : [])
    .filter(isObject)
    .map(({ scope, name, path, title }) => `${String(scope)}: ${String(name ?? path ?? title)}`);

function listResources(individuals: readonly Individual[]): object[] {
  const tables = ['deployments', 'media', 'observations'].map((name) => ({
    name,
    path: `${name}.csv`,
    profile: 'tabular-data-resource',
    format: 'csv',
    mediatype: 'text/csv',
    encoding: 'utf-8',
    schema: `${BASE}/${name}-table-schema.json`,
  }));
  if (individuals.length === 0) return tables;
  const description =
    'Not part of Camtrap DP: the lasting id of each individualID, and its name where the individualID is not the name.';
  return [...tables, { name: INDIVIDUALS_RESOURCE, description, data: individuals }];
}

/**
 * Makes the descriptor, and lists the required fields that nobody has supplied: they are absent
 * rather than invented, and the package is valid once they are filled in.
 */
export function makeDescriptor(
  facts: PackageFacts,
  metadata: PackageMetadata,
): { descriptor: object; missing: string[] } {
  const given = Object.fromEntries(
    CONFIGURABLE.filter(
      (name) => metadata[name] !== undefined && (name !== 'contributors' || isFilled(metadata[name])),
    ).map((name) => [name, metadata[name]]),
  );
  const project = isObject(metadata.project) ? metadata.project : {};
  const spatial = makeSpatial(facts.points);
  const missing = [
    ...(isFilled(metadata.contributors) ? [] : ['contributors']),
    ...['title', 'samplingDesign', 'captureMethod']
      .filter((name) => project[name] === undefined)
      .map((name) => `project.${name}`),
    ...(spatial === undefined ? ['spatial'] : []),
  ];
  const known = new Map(
    (Array.isArray(metadata.taxonomic) ? metadata.taxonomic : [])
      .filter(isObject)
      .map((taxon) => [taxon.scientificName, taxon]),
  );
  const descriptor = {
    resources: listResources(facts.individuals),
    profile: `${BASE}/camtrap-dp-profile.json`,
    name: `hoofprint-${facts.start}-to-${facts.end}`,
    ...(facts.id === undefined ? {} : { id: facts.id }),
    created: `${facts.created.toISOString().slice(0, 19)}Z`,
    ...given,
    ...findPrecision(facts.precision, given.coordinatePrecision),
    title: facts.title ?? given.title ?? `Camera-trap detections, ${facts.start} to ${facts.end}`,
    sources: [{ title: 'Hoofprint', version: '1' }],
    project: { ...project, individualAnimals: facts.named, observationLevel: facts.levels },
    ...(spatial === undefined ? {} : { spatial }),
    temporal: facts.temporal,
    taxonomic: facts.taxa.map((scientificName) => known.get(scientificName) ?? { scientificName }),
  };
  return { descriptor, missing };
}
