// Whether Hoofprint can work on a database as it is: for every missing part a sentence that says
// what to type.
import type { Database } from '../adapters/postgres.ts';
import { type Catalog, type Column, fits, readCatalog } from './columns.ts';
import { SOURCE_FIELDS_COLUMN } from './source-fields.ts';
import { type Family, MADE, OWNED, SHAPES, TYPES } from './table-shapes.ts';

export interface Usability {
  /** Why exports and analyses cannot be made; empty when they can. */
  faults: string[];
  /** What works in part only. */
  notes: string[];
}

const MIGRATE = 'Type: npm run migrate';

const misfit = (table: string, column: Column, family: Family): string =>
  `${table}.${column.name} is ${column.type}, expected ${TYPES[family].label}`;

/** Of a table that is there: needed columns that are missing or hold something else. */
export function wrongIn(catalog: Catalog, table: string): string[] {
  const found = catalog.table(table);
  if (found === undefined) return [];
  return Object.entries(SHAPES[table]!.needed).flatMap(([name, family]) => {
    const column = found.columns.get(name);
    if (column === undefined) return [`${table}.${name} is missing`];
    return fits(column, family) ? [] : [misfit(table, column, family)];
  });
}

/** Columns, and tables with names of ours, that an owner uses for something else. */
export function takenNames(catalog: Catalog): string[] {
  const columns = Object.entries(SHAPES).flatMap(([table, { optional, ours }]) => {
    const families = {
      ...optional,
      ...Object.fromEntries(Object.entries(ours).map(([name, { family }]) => [name, family])),
    };
    return Object.entries(families).flatMap(([name, family]) => {
      const column = catalog.table(table)?.columns.get(name);
      if (column === undefined) return [];
      if (name === SOURCE_FIELDS_COLUMN)
        return column.marked ? [] : [`${table}.${name} is not Hoofprint's: it is left alone and not used`];
      return fits(column, family) ? [] : [`${misfit(table, column, family)}: it is left alone and not used`];
    });
  });
  const tables = Object.keys(MADE).flatMap((table) => {
    const wrong = wrongIn(catalog, table);
    return wrong.length === 0
      ? []
      : [`the table ${table} is not Hoofprint's (${wrong.join('; ')}): it is left alone and not used`];
  });
  return [...columns, ...tables];
}

export function judgeUsability(catalog: Catalog): Usability {
  const names = Object.keys(OWNED);
  const missing = names.filter((name) => catalog.table(name) === undefined);
  if (missing.length === names.length) return { faults: [`the database has no tables yet. ${MIGRATE}`], notes: [] };
  const faults: string[] = [];
  if (missing.length > 0) faults.push(`the database has no table ${missing.join(', ')}. ${MIGRATE}`);
  const wrong = names.flatMap((name) => wrongIn(catalog, name));
  if (wrong.length > 0) faults.push(`the database has tables of these names in another shape: ${wrong.join('; ')}`);
  const hidden = [...names, ...Object.keys(MADE)].filter((name) => catalog.table(name)?.readable === false);
  if (hidden.length > 0)
    faults.push(
      `the database user ${catalog.user} may not read ${hidden.join(', ')}. Give it that privilege, or name another user in DATABASE_URL`,
    );
  const notes = takenNames(catalog);
  const unmade = Object.keys(MADE).filter((name) => catalog.table(name) === undefined);
  if (faults.length === 0 && unmade.length > 0)
    notes.push(
      `the database has no table ${unmade.join(', ')}: exports work, imports and reviews need npm run migrate first`,
    );
  return { faults, notes };
}

/**
 * What the database lacks, from one look at its catalog.
 * @throws Fault `unavailable` when the database does not answer.
 */
export async function usability(database: Database): Promise<Usability> {
  return judgeUsability(await database.read((queries) => readCatalog(queries)));
}
