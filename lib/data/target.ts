// What a database takes: which columns an import writes, and what is stored where a package has no
// value. Decided before a package is read.
import type { Database } from '../adapters/postgres.ts';
import { SEXES } from '../deer/class-gates.ts';
import { type Catalog, type Column, fits, readCatalog, type Table } from '../deer/columns.ts';
import { migrated } from '../deer/schema.ts';
import { SOURCE_FIELDS_COLUMN } from '../deer/source-fields.ts';
import { type Family, findFamily, SHAPES } from '../deer/table-shapes.ts';
import { judgeUsability } from '../deer/usability.ts';
import { Fault } from '../errors.ts';

export type Value = string | number | boolean | object | null;

/**
 * Tables that a format writes, with the fields that its rows have; a row may have null in any of
 * them.
 */
export type Writes = Readonly<Record<string, readonly string[]>>;

/** The JSON value null, for owners' columns of boxes or coordinates that are NOT NULL. */
export const JSON_NULL = Symbol('JSON null');

/** One column that is written. */
export interface Slot {
  /** The field of the rows; a database may have it under another name (see source-fields.ts). */
  field: string;
  column: Column;
  family: Family;
  /**
   * In place of null, where the column does not allow empty values; undefined: rows without a value
   * are refused.
   */
  instead: Value | typeof JSON_NULL | undefined;
}

export interface Target {
  catalog: Catalog;
  slots: ReadonlyMap<string, readonly Slot[]>;
  /** Columns that a check or key is about, by `table.name of the rule`. */
  rules: ReadonlyMap<string, readonly string[]>;
}

const RULES = `
SELECT w.name || '.' || k.conname AS rule, json_agg(a.attname ORDER BY a.attnum) AS columns
FROM unnest($1::text[]) AS w(name) JOIN pg_constraint k ON k.conrelid = to_regclass(quote_ident(w.name))
JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = ANY (k.conkey) GROUP BY 1`;

/** Fields of owners' tables that are none of the columns Hoofprint reads. */
const OTHER_FAMILIES: Readonly<Record<string, Family>> = { created_at: 'instant', updated_at: 'instant' };

/**
 * What is written where a column is NOT NULL and the package has no value. Documented in
 * docs/data-model.md. A detection or deer without a confidence was named by a person or a data set:
 * 1.
 */
const INSTEAD: Readonly<Record<string, Readonly<Record<string, Slot['instead']>>>> = {
  locations: { description: '', coordinates: JSON_NULL, active: true, image_count: 0 },
  images: { exif_data: JSON_NULL, processing_status: 'completed', contains_human: false, source_fields: JSON_NULL },
  deer: { name: '', sex: 'unknown', status: 'alive', species: 'unknown', confidence: 1, sighting_count: 0, notes: '' },
  detections: {
    ...{
      bbox: JSON_NULL,
      confidence: 1,
      is_duplicate: false,
      is_reviewed: false,
      is_valid: true,
      corrected_classification: '',
    },
    ...{ bbox_relative: JSON_NULL, observation: JSON_NULL, species: '' },
  },
};

/** Values that an import always writes: an enum must have a label for each of them, in any case. */
const WORDS: Readonly<Record<string, readonly string[]>> = {
  'images.processing_status': ['completed'],
  'deer.sex': [...SEXES, 'unknown'],
  'deer.status': ['alive'],
};

export const matchLabel = ({ labels }: Column, word: string): string | undefined =>
  labels?.find((label) => label === word) ?? labels?.find((label) => label.toLowerCase() === word.toLowerCase());

const findFieldFamily = (table: string, field: string): Family | undefined =>
  findFamily(table, field) ?? OTHER_FAMILIES[field];

const findInstead = (table: string, field: string, now: string): Slot['instead'] =>
  OTHER_FAMILIES[field] === undefined ? INSTEAD[table]?.[field] : now;

/**
 * What a column is to an import: '' for a column of the owner's that has the name of one of ours.
 */
function toField(column: string, sourceFields: string | undefined): string {
  if (column === sourceFields) return SOURCE_FIELDS_COLUMN;
  return column === SOURCE_FIELDS_COLUMN ? '' : column;
}

/** Of one table: the columns to write, or in `problems` why its rows cannot be written. */
function findSlots(
  { name: table, columns }: Table,
  sourceFields: string | undefined,
  fields: readonly string[],
  now: string,
  problems: string[],
): Slot[] {
  const slots: Slot[] = [];
  for (const column of columns.values()) {
    const field = toField(column.name, sourceFields);
    const [name, given, family] = [`${table}.${column.name}`, fields.includes(field), findFieldFamily(table, field)];
    const needed = column.notNull && !column.filled;
    const instead = column.notNull ? findInstead(table, field, now) : undefined;
    const writable = family !== undefined && fits(column, family) && !column.generated;
    if (writable && (given || (needed && instead !== undefined))) {
      const missing =
        column.labels === undefined ? [] : (WORDS[name] ?? []).filter((word) => matchLabel(column, word) === undefined);
      if (missing.length > 0)
        problems.push(`${name} has no label for ${missing.join(', ')} (it has ${column.labels!.join(', ')})`);
      slots.push({ field, column, family, instead });
    } else if (given && SHAPES[table]!.ours[field] !== undefined && !writable) {
      problems.push(`${name} is ${column.type} and not Hoofprint's, which the import needs to write`);
    } else if (needed) {
      const why = writable || family === undefined ? 'the import has no value for it' : `it is ${column.type}`;
      problems.push(`${name} does not allow empty values and has no default, and ${why}`);
    }
  }
  for (const field of fields) {
    const shape = SHAPES[table]!;
    const there = field === SOURCE_FIELDS_COLUMN ? sourceFields !== undefined : columns.has(field);
    if (!there && (shape.needed[field] ?? shape.ours[field]) !== undefined)
      problems.push(`${table}.${field} is missing`);
  }
  return slots;
}

/**
 * Looks at the database before anything of a package is read.
 * @param also tables that are written by other statements.
 * @throws Fault `conflict` that names every table and column that does not fit, or says what to
 *   type
 *   first.
 */
export async function openTarget(database: Database, writes: Writes, also: readonly string[] = []): Promise<Target> {
  if (!(await migrated(database)))
    throw new Fault('conflict', 'the database does not have the tables of this version: run `npm run migrate` first');
  const { catalog, rules } = await database.read(async (queries) => ({
    catalog: await readCatalog(queries),
    rules: await queries.rows<{ rule: string; columns: string[] }>(RULES, [Object.keys(writes)]),
  }));
  const problems = judgeUsability(catalog).faults;
  const slots = new Map<string, Slot[]>();
  const now = new Date().toISOString();
  for (const name of [...Object.keys(writes), ...also]) {
    const table = catalog.table(name);
    if (table === undefined || !catalog.has(name)) {
      const hint = table === undefined ? 'type npm run migrate' : 'the one of that name is left alone';
      problems.push(`the database has no table ${name} of Hoofprint's (${hint})`);
      continue;
    }
    if (!table.writable) problems.push(`the database user ${catalog.user} may not write to the table ${name}`);
    if (writes[name] !== undefined)
      slots.set(name, findSlots(table, catalog.sourceFields(name), writes[name], now, problems));
  }
  if (problems.length > 0)
    throw new Fault(
      'conflict',
      `nothing can be imported into this database: ${[...new Set(problems)].join('; ')}; nothing was read`,
    );
  return { catalog, slots, rules: new Map(rules.map(({ rule, columns }) => [rule, columns])) };
}
