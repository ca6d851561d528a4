// datapackage.json: what the package says of itself, checked by the rules of Camtrap DP 1.0.
import { INDIVIDUALS_RESOURCE } from '../../../deer/camtrap-dp.ts';
import type { PackageTable } from '../../../deer/camtrap-dp-columns.ts';
import { Fault } from '../../../errors.ts';
import { isUuid } from '../../uuid.ts';
import { isDay, readInstant } from './cells.ts';
import { isObject, isText, type JsonObject, makeStorable, toList } from './json.ts';
import type { Problems } from './problems.ts';
import { DESCRIPTOR, type Resource, readResource } from './resources.ts';
import { decodeUtf8 } from './table-text.ts';

export interface Individual {
  id: string;
  name: string | undefined;
}

export interface Descriptor {
  /** As the package gives it; a name or title is no id, since other packages have the same. */
  id: string | undefined;
  title: string;
  /** Required fields that the package does not give, by name: the data can be used without. */
  gaps: string[];
  /**
   * By individualID, of a package that gives lasting ids of its animals (as an export of this
   * product does).
   */
  individuals: ReadonlyMap<string, Individual>;
  /** ms since 1970; undefined when the package does not say. */
  created: number | undefined;
  /** Where each table is and how it is written; undefined when the package does not list it. */
  tables: Record<PackageTable, Resource | undefined>;
  /** What is read in another way than it is written. */
  notes: string[];
  /**
   * What the package says of people, licenses and the project, unchanged: an export of the same
   * data writes it again.
   */
  about: JsonObject;
}

const ABOUT = [
  ...['title', 'description', 'keywords', 'homepage', 'contributors', 'licenses', 'bibliographicCitation', 'project'],
  ...['coordinatePrecision', 'relatedIdentifiers', 'references', 'taxonomic'],
];

/** Characters of one field that are stored, as JSON: every export reads them. */
const LARGEST_PART = 1_000_000;

const DESIGNS = ['simpleRandom', 'systematicRandom', 'clusteredRandom', 'experimental', 'targeted', 'opportunistic'];
const CAPTURES = ['activityDetection', 'timeLapse'];
const ROLES = ['contact', 'principalInvestigator', 'rightsHolder', 'publisher', 'contributor'];
const RANKS = ['kingdom', 'phylum', 'class', 'order', 'family', 'genus', 'species', 'subspecies'];

/** The version 1.0.x of the standard, in a URL of its profile or by its name. */
const PROFILE = /camtrap-?dp[/@_ -]v?1\.0(\.\d+)?(?![\d.]*\d)/i;

/**
 * @returns what the import needs; every broken rule is added to `problems`.
 * @throws Fault `invalid` when it is no JSON object, or of another standard or version: nothing of
 *   the package can be used then.
 */
export function readDescriptor(bytes: Buffer, problems: Problems): Descriptor {
  const json = parseDescriptor(bytes);
  const notes: string[] = [];
  const rules = new Rules(problems);
  const created = typeof json.created === 'string' ? readInstant(json.created)?.at : undefined;
  if (created === undefined) rules.wrong('created', 'must be a date and time with offset');
  rules.checkContributors(json);
  rules.checkProject(json);
  rules.checkCoverage(json);
  rules.checkTaxa(json);
  rules.checkLicenses(json);
  const about = pickAbout(json, notes);
  const readTable = (name: PackageTable): Resource | undefined =>
    readResource(name, json, rules.wrong, (note) => notes.push(note));
  const tables = {
    deployments: readTable('deployments'),
    media: readTable('media'),
    observations: readTable('observations'),
  };
  return {
    id: isText(json.id) ? json.id : undefined,
    title: [json.title, json.name, json.id].find(isText) ?? 'a package without a title',
    individuals: readIndividuals(toList(json.resources)),
    ...{ gaps: rules.gaps, created, tables, notes, about },
  };
}

function parseDescriptor(bytes: Buffer): JsonObject {
  let json: unknown;
  const text = decodeUtf8(DESCRIPTOR, bytes, 'save it as UTF-8').toString('utf8');
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new Fault('invalid', `${DESCRIPTOR} is not valid JSON`, { cause });
  }
  if (!isObject(json)) throw new Fault('invalid', `${DESCRIPTOR} is not a JSON object`);
  const profiles = [json.profile, json.$schema, ...toList(json.conformsTo)];
  if (!profiles.some((profile) => PROFILE.test(String(profile)))) {
    const given = json.profile ?? json.$schema ?? null;
    throw new Fault('invalid', `${DESCRIPTOR}: profile is ${show(given)}, must name Camtrap DP 1.0.x`);
  }
  return json;
}

/** The rules of the standard; a required field that is absent is a gap, not a broken rule. */
class Rules {
  readonly gaps: string[] = [];
  readonly #problems: Problems;

  constructor(problems: Problems) {
    this.#problems = problems;
  }

  wrong = (field: string, why: string): void => this.#problems.add({ file: DESCRIPTOR, field, reason: why });

  #choice(field: string, value: unknown, known: readonly string[]): void {
    if (!known.includes(value as string))
      this.wrong(field, `is ${show(value ?? null)}, must be one of: ${known.join(', ')}`);
  }

  #isGap(value: unknown, field: string): boolean {
    return (value === undefined || value === null) && this.gaps.push(field) > 0;
  }

  checkContributors({ contributors }: JsonObject): void {
    const list = toList(contributors);
    if (!this.#isGap(contributors, 'contributors') && list.length === 0)
      this.wrong('contributors', 'must name at least one contributor');
    for (const [i, contributor] of list.entries()) {
      if (!isObject(contributor) || !isText(contributor.title)) this.wrong(`contributors[${i}].title`, 'is required');
      else if (contributor.role !== undefined) this.#choice(`contributors[${i}].role`, contributor.role, ROLES);
    }
  }

  checkProject({ project }: JsonObject): void {
    if (!isObject(project)) {
      this.wrong('project', 'is required');
      return;
    }
    if (!this.#isGap(project.title, 'project.title') && !isText(project.title))
      this.wrong('project.title', 'must be a text');
    if (!this.#isGap(project.samplingDesign, 'project.samplingDesign'))
      this.#choice('project.samplingDesign', project.samplingDesign, DESIGNS);
    if (typeof project.individualAnimals !== 'boolean')
      this.wrong('project.individualAnimals', 'must be true or false');
    for (const [field, known] of Object.entries({ captureMethod: CAPTURES, observationLevel: ['media', 'event'] })) {
      if (field === 'captureMethod' && this.#isGap(project[field], 'project.captureMethod')) continue;
      if (!Array.isArray(project[field])) this.wrong(`project.${field}`, 'must be a list');
      for (const value of toList(project[field])) this.#choice(`project.${field}`, value, known);
    }
    if (Array.isArray(project.captureMethod) && project.captureMethod.length === 0)
      this.wrong('project.captureMethod', 'must not be empty');
  }

  /** Where and when. */
  checkCoverage({ spatial, temporal }: JsonObject): void {
    if (!this.#isGap(spatial, 'spatial') && (!isObject(spatial) || !isText(spatial.type)))
      this.wrong('spatial', 'must be a GeoJSON object');
    const period = isObject(temporal) ? temporal : {};
    for (const end of ['start', 'end']) {
      const day = String(period[end]);
      if (!isDay(day) && readInstant(day) === undefined)
        this.wrong(`temporal.${end}`, 'must be a date in YYYY-MM-DD format');
    }
  }

  checkTaxa({ taxonomic }: JsonObject): void {
    if (!Array.isArray(taxonomic)) this.wrong('taxonomic', 'must be a list');
    for (const [i, taxon] of toList(taxonomic).entries()) {
      if (!isObject(taxon) || !isText(taxon.scientificName))
        this.wrong(`taxonomic[${i}].scientificName`, 'is required');
      else if (taxon.taxonRank !== undefined) this.#choice(`taxonomic[${i}].taxonRank`, taxon.taxonRank, RANKS);
    }
  }

  checkLicenses({ licenses }: JsonObject): void {
    for (const [i, license] of toList(licenses).entries())
      this.#choice(`licenses[${i}].scope`, isObject(license) ? license.scope : undefined, ['data', 'media']);
  }
}

function pickAbout(json: JsonObject, notes: string[]): JsonObject {
  const given = ABOUT.filter((name) => json[name] !== undefined);
  const large = given.filter((name) => JSON.stringify(json[name]).length > LARGEST_PART);
  if (large.length > 0)
    notes.push(`${DESCRIPTOR}: fields of more than a million characters are not kept for exports: ${large.join(', ')}`);
  const stored = given.filter((name) => !large.includes(name)).map((name) => [name, json[name]]);
  return makeStorable(Object.fromEntries(stored)) as JsonObject;
}

/** A value of the descriptor in a message, bounded. */
function show(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > 200 ? `${text.slice(0, 200)}...` : text;
}

/**
 * The table of individuals that an export of this product has. A table of that name in another
 * package has other columns, and nothing of it is used.
 */
function readIndividuals(resources: unknown[]): Map<string, Individual> {
  const rows = resources.flatMap((resource) =>
    isObject(resource) && resource.name === INDIVIDUALS_RESOURCE ? toList(resource.data) : [],
  );
  return new Map(
    rows.flatMap((row) =>
      isObject(row) && isText(row.individualID) && isText(row.uuid) && isUuid(row.uuid)
        ? [[row.individualID, { id: row.uuid.toLowerCase(), name: isText(row.name) ? row.name : undefined }] as const]
        : [],
    ),
  );
}
