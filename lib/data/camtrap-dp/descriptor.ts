// datapackage.json: what the package says of itself, checked by the rules of Camtrap DP 1.0.

import { INDIVIDUALS_RESOURCE } from '../../deer/camtrap-dp.ts';
import type { PackageTable } from '../../deer/camtrap-dp-columns.ts';
import { Fault } from '../../errors.ts';
import { isUuid } from './ids.ts';
import { isDay, readInstant } from './instants.ts';
import { storable } from './json.ts';
import type { Problems } from './problems.ts';
import { DESCRIPTOR, isObject, isText, listOf, type Resource, tableResource } from './resources.ts';
import { utf8 } from './table-text.ts';

export interface Individual {
  id: string;
  name: string | undefined;
}

export interface Descriptor {
  /** As the package gives it; a name or title is no id, since other packages have the same. */
  id: string | undefined;
  title: string;
  /**
   * Required fields that the package does not give, as an export does not that nobody has told
   * them: the data can be used without.
   */
  gaps: string[];
  /**
   * By individualID, of a package that says which animal it means beyond its own names (see
   * lib/exports/zip/camtrap-dp).
   */
  individuals: ReadonlyMap<string, Individual>;
  /** ms since 1970; undefined when the package does not say. */
  created: number | undefined;
  /** Where each table is and how it is written; undefined when the package does not list it. */
  tables: Record<PackageTable, Resource | undefined>;
  /** What is read in another way than it is written. */
  notes: string[];
  /**
   * What it says of people, licences and the project, as it says it: an export of the same data
   * passes it on.
   */
  about: Record<string, unknown>;
}

const ABOUT = [
  ...[
    'title',
    'description',
    'keywords',
    'homepage',
    'contributors',
    'licenses',
    'bibliographicCitation',
    'project',
    'coordinatePrecision',
  ],
  ...['relatedIdentifiers', 'references', 'taxonomic'],
];

/** Characters of one field that are kept, as JSON: every export reads them. */
const LARGEST_PART = 1_000_000;

const DESIGNS = ['simpleRandom', 'systematicRandom', 'clusteredRandom', 'experimental', 'targeted', 'opportunistic'];
const CAPTURES = ['activityDetection', 'timeLapse'];
const ROLES = ['contact', 'principalInvestigator', 'rightsHolder', 'publisher', 'contributor'];
const RANKS = ['kingdom', 'phylum', 'class', 'order', 'family', 'genus', 'species', 'subspecies'];

/** The version 1.0.x of the standard, in a URL of its profile or by its name. */
const PROFILE = /camtrap-?dp[/@_ -]v?1\.0(\.\d+)?(?![\d.]*\d)/i;

/**
 * @returns what the import needs; every broken rule is added to `problems`.
 * @throws Fault `invalid` when it is no JSON object or of another standard or version: nothing can
 *   be made of the package then.
 */
export function readDescriptor(bytes: Buffer, problems: Problems): Descriptor {
  let said: unknown;
  const text = utf8(DESCRIPTOR, bytes, 'save it as UTF-8').toString('utf8');
  try {
    said = JSON.parse(text);
  } catch (cause) {
    throw new Fault('invalid', `${DESCRIPTOR} is not valid JSON`, { cause });
  }
  if (!isObject(said)) throw new Fault('invalid', `${DESCRIPTOR} is not a JSON object`);
  const profiles = [said.profile, said.$schema, ...listOf(said.conformsTo)];
  if (!profiles.some((one) => PROFILE.test(String(one)))) {
    const given = said.profile ?? said.$schema ?? null;
    throw new Fault('invalid', `${DESCRIPTOR}: profile is ${shown(given)}, must name Camtrap DP 1.0.x`);
  }
  const notes: string[] = [];
  const wrong = (field: string, why: string): void => problems.add({ file: DESCRIPTOR, field, reason: why });
  const choice = (field: string, value: unknown, known: readonly string[]): void => {
    if (!known.includes(value as string))
      wrong(field, `is ${shown(value ?? null)}, must be one of: ${known.join(', ')}`);
  };

  const created = typeof said.created === 'string' ? readInstant(said.created)?.at : undefined;
  if (created === undefined) wrong('created', 'must be a date and time with offset');
  const gaps: string[] = [];
  const gap = (value: unknown, field: string): boolean =>
    (value === undefined || value === null) && gaps.push(field) > 0;
  if (!gap(said.contributors, 'contributors') && listOf(said.contributors).length === 0)
    wrong('contributors', 'must name at least one contributor');
  for (const [i, one] of listOf(said.contributors).entries()) {
    if (!isObject(one) || !isText(one.title)) wrong(`contributors[${i}].title`, 'is required');
    else if (one.role !== undefined) choice(`contributors[${i}].role`, one.role, ROLES);
  }
  const project = isObject(said.project) ? said.project : undefined;
  if (project === undefined) wrong('project', 'is required');
  else {
    if (!gap(project.title, 'project.title') && !isText(project.title)) wrong('project.title', 'must be a text');
    if (!gap(project.samplingDesign, 'project.samplingDesign'))
      choice('project.samplingDesign', project.samplingDesign, DESIGNS);
    if (typeof project.individualAnimals !== 'boolean') wrong('project.individualAnimals', 'must be true or false');
    for (const [field, known] of Object.entries({ captureMethod: CAPTURES, observationLevel: ['media', 'event'] })) {
      if (field === 'captureMethod' && gap(project[field], 'project.captureMethod')) continue;
      if (!Array.isArray(project[field])) wrong(`project.${field}`, 'must be a list');
      for (const value of listOf(project[field])) choice(`project.${field}`, value, known);
    }
    if (Array.isArray(project.captureMethod) && project.captureMethod.length === 0)
      wrong('project.captureMethod', 'must not be empty');
  }
  if (!gap(said.spatial, 'spatial') && (!isObject(said.spatial) || !isText(said.spatial.type)))
    wrong('spatial', 'must be a GeoJSON object');
  const temporal = isObject(said.temporal) ? said.temporal : {};
  for (const end of ['start', 'end']) {
    const day = String(temporal[end]);
    if (!isDay(day) && readInstant(day) === undefined) wrong(`temporal.${end}`, 'must be a date in YYYY-MM-DD format');
  }
  if (!Array.isArray(said.taxonomic)) wrong('taxonomic', 'must be a list');
  for (const [i, taxon] of listOf(said.taxonomic).entries()) {
    if (!isObject(taxon) || !isText(taxon.scientificName)) wrong(`taxonomic[${i}].scientificName`, 'is required');
    else if (taxon.taxonRank !== undefined) choice(`taxonomic[${i}].taxonRank`, taxon.taxonRank, RANKS);
  }
  for (const [i, licence] of listOf(said.licenses).entries()) {
    choice(`licenses[${i}].scope`, isObject(licence) ? licence.scope : undefined, ['data', 'media']);
  }
  const title = [said.title, said.name, said.id].find(isText) ?? 'a package without a title';
  const kept = ABOUT.filter((name) => said[name] !== undefined);
  const large = kept.filter((name) => JSON.stringify(said[name]).length > LARGEST_PART);
  if (large.length > 0)
    notes.push(`${DESCRIPTOR}: more than a million characters are not kept for exports: ${large.join(', ')}`);
  const about = storable(
    Object.fromEntries(kept.filter((name) => !large.includes(name)).map((name) => [name, said[name]])),
  );
  const table = (name: PackageTable): Resource | undefined =>
    tableResource(name, said as Record<string, unknown>, wrong, (note) => notes.push(note));
  const tables = { deployments: table('deployments'), media: table('media'), observations: table('observations') };
  const id = isText(said.id) ? said.id : undefined;
  const individuals = individualsOf(listOf(said.resources));
  return { id, title, created, gaps, individuals, tables, notes, about: about as Record<string, unknown> };
}

/** A value of the descriptor in a message, bounded. */
function shown(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > 200 ? `${text.slice(0, 200)}...` : text;
}

/**
 * The table of individuals that an export carries; tables of that name in other packages have other
 * columns and say nothing here.
 */
function individualsOf(resources: unknown[]): Map<string, Individual> {
  const rows = resources.flatMap((one) => (isObject(one) && one.name === INDIVIDUALS_RESOURCE ? listOf(one.data) : []));
  return new Map(
    rows.flatMap((row) =>
      isObject(row) && isText(row.individualID) && isText(row.uuid) && isUuid(row.uuid)
        ? [[row.individualID, { id: row.uuid.toLowerCase(), name: isText(row.name) ? row.name : undefined }] as const]
        : [],
    ),
  );
}
