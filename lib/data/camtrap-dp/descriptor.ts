// datapackage.json: what the package says of itself, checked by the rules of Camtrap DP 1.0.
import { Fault } from '../../errors.ts';
import { isUuid } from './ids.ts';
import { instantOf, isDay, type Table } from './rules.ts';
import type { Problem } from './tables.ts';

export const DESCRIPTOR = 'datapackage.json';

/** The resource beside the standard's three that says which animal each individualID is. */
const INDIVIDUALS = 'individuals';

export interface Individual {
  id: string;
  name: string | undefined;
}

export interface Descriptor {
  /** As the package gives it; a name or title is no id, since other packages have the same. */
  id: string | undefined;
  title: string;
  /** Required fields that the package does not give, as an export does not that nobody has told them: the data can be used without. */
  gaps: string[];
  /** By individualID, of a package that says which animal it means beyond its own names (see lib/exports/zip/camtrap-dp). */
  individuals: ReadonlyMap<string, Individual>;
  /** ms since 1970; undefined when the package does not say. */
  created: number | undefined;
  /** File of each table inside the package; undefined when the package does not list it. */
  files: Record<Table, { path: string; delimiter: string } | undefined>;
  /** What it says of people, licences and the project, as it says it: an export of the same data passes it on. */
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

type Json = Record<string, unknown>;
const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);
const isText = (value: unknown): value is string => typeof value === 'string' && value.trim() !== '';
const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

const DESIGNS = ['simpleRandom', 'systematicRandom', 'clusteredRandom', 'experimental', 'targeted', 'opportunistic'];
const CAPTURES = ['activityDetection', 'timeLapse'];
const ROLES = ['contact', 'principalInvestigator', 'rightsHolder', 'publisher', 'contributor'];
const RANKS = ['kingdom', 'phylum', 'class', 'order', 'family', 'genus', 'species', 'subspecies'];

/**
 * @returns what the import needs and every broken rule.
 * @throws Fault `invalid` when it is no JSON object or of another standard or version: nothing can be made of the package then.
 */
export function readDescriptor(bytes: Buffer): { descriptor: Descriptor; problems: Problem[] } {
  let said: unknown;
  try {
    said = JSON.parse(bytes.toString('utf8').replace(/^\uFEFF/, ''));
  } catch (cause) {
    throw new Fault('invalid', `${DESCRIPTOR} is not valid JSON`, { cause });
  }
  if (!isObject(said)) throw new Fault('invalid', `${DESCRIPTOR} is not a JSON object`);
  if (!/camtrap-dp\/1\.0(\.\d+)?\//.test(String(said.profile))) {
    throw new Fault('invalid', `${DESCRIPTOR}: profile is ${JSON.stringify(said.profile ?? null)}, must name Camtrap DP 1.0.x`);
  }
  const problems: Problem[] = [];
  const wrong = (field: string, why: string): void => void problems.push({ file: DESCRIPTOR, field, reason: why });
  const choice = (field: string, value: unknown, known: readonly string[]): void => {
    if (!known.includes(value as string)) wrong(field, `is ${JSON.stringify(value ?? null)}, must be one of: ${known.join(', ')}`);
  };

  const created = typeof said.created === 'string' ? instantOf(said.created.replace(/\.\d+(?=Z|[+-])/, '')) : undefined;
  if (created === undefined) wrong('created', 'must be a date and time with offset');
  const gaps: string[] = [];
  const gap = (value: unknown, field: string): boolean => value === undefined && gaps.push(field) > 0;
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
    if (!gap(project.samplingDesign, 'project.samplingDesign')) choice('project.samplingDesign', project.samplingDesign, DESIGNS);
    if (typeof project.individualAnimals !== 'boolean') wrong('project.individualAnimals', 'must be true or false');
    for (const [field, known] of Object.entries({ captureMethod: CAPTURES, observationLevel: ['media', 'event'] })) {
      if (field === 'captureMethod' && gap(project[field], 'project.captureMethod')) continue;
      if (!Array.isArray(project[field])) wrong(`project.${field}`, 'must be a list');
      for (const value of listOf(project[field])) choice(`project.${field}`, value, known);
    }
    if (Array.isArray(project.captureMethod) && project.captureMethod.length === 0) wrong('project.captureMethod', 'must not be empty');
  }
  if (!gap(said.spatial, 'spatial') && (!isObject(said.spatial) || !isText(said.spatial.type)))
    wrong('spatial', 'must be a GeoJSON object');
  const temporal = isObject(said.temporal) ? said.temporal : {};
  for (const end of ['start', 'end']) {
    if (!isDay(String(temporal[end]))) wrong(`temporal.${end}`, 'must be a date in YYYY-MM-DD format');
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
  const about = Object.fromEntries(ABOUT.flatMap((name) => (said[name] === undefined ? [] : [[name, said[name]]])));
  const resources = listOf(said.resources);
  const files = filesOf(resources, wrong);
  const id = isText(said.id) ? said.id : undefined;
  return { descriptor: { id, title, created, gaps, individuals: individualsOf(resources), files, about }, problems };
}

/** The table of individuals that an export carries; tables of that name in other packages have other columns and say nothing here. */
function individualsOf(resources: unknown[]): Map<string, Individual> {
  const rows = resources.flatMap((one) => (isObject(one) && one.name === INDIVIDUALS ? listOf(one.data) : []));
  return new Map(
    rows.flatMap((row) =>
      isObject(row) && isText(row.individualID) && isText(row.uuid) && isUuid(row.uuid)
        ? [[row.individualID, { id: row.uuid.toLowerCase(), name: isText(row.name) ? row.name : undefined }] as const]
        : [],
    ),
  );
}

function filesOf(resources: unknown[], wrong: (field: string, why: string) => void): Descriptor['files'] {
  const fileOf = (table: Table): { path: string; delimiter: string } | undefined => {
    const found = resources.filter((one): one is Json => isObject(one) && one.name === table);
    if (found.length === 0) {
      // Media may be kept back; that is said when the tables are read.
      if (table !== 'media') wrong('resources', `has no resource named ${table}`);
      return undefined;
    }
    if (found.length > 1) wrong('resources', `has ${found.length} resources named ${table}`);
    const { path, dialect } = found[0]!;
    const [only, ...more] = Array.isArray(path) ? path : [path];
    if (!isText(only) || more.length > 0) throw new Fault('invalid', `${DESCRIPTOR}: the resource ${table} must have one file as its path`);
    if (/^[a-z][a-z0-9+.-]*:\/\//i.test(only))
      throw new Fault('invalid', `${DESCRIPTOR}: the resource ${table} is a URL, which is never fetched`);
    return { path: only, delimiter: isObject(dialect) && isText(dialect.delimiter) ? dialect.delimiter : ',' };
  };
  return { deployments: fileOf('deployments'), media: fileOf('media'), observations: fileOf('observations') };
}
