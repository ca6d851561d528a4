// Holds a Camtrap DP package to the standard's own schemas: AJV over its profile and over JSON
// schemas made from its table schemas, then keys between rows. Nothing here is shared with the
// product's own rules.
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Ajv, type ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';
import { parse } from 'csv-parse/sync';

/** The official example package and the standard's schemas next to it. */
export const STANDARD = resolve(process.env.HOOFPRINT_TEST_DATA ?? '../shared/data', 'camtrap-dp-example');
export const standardPresent = existsSync(STANDARD);
if (!standardPresent)
  console.error(
    'TEST DATA ABSENT: exported packages are not held to the standard; set HOOFPRINT_TEST_DATA to the folder that holds camtrap-dp-example',
  );
export const withStandard = standardPresent
  ? describe
  : (name: string, _: () => void) => test(`${name}: ABSENT, not checked`, () => undefined);

export const NAMES = ['deployments', 'media', 'observations'] as const;
export type Row = Record<string, string>;
export type Package = { descriptor: Record<string, unknown> } & Record<(typeof NAMES)[number], Row[]>;

export interface Field {
  name: string;
  type: string;
  constraints?: {
    required?: boolean;
    unique?: boolean;
    enum?: string[];
    pattern?: string;
    minimum?: number;
    maximum?: number;
  };
}
interface TableSchema {
  fields: Field[];
  missingValues: string[];
  primaryKey: string;
  foreignKeys?: { fields: string; reference: { resource: (typeof NAMES)[number]; fields: string } }[];
}
const read = (file: string): unknown => JSON.parse(readFileSync(join(STANDARD, file), 'utf8'));
export const tableSchema = (name: string): TableSchema => read(`${name}-table-schema.json`) as TableSchema;

const newAjv = (): Ajv => {
  const ajv = new Ajv({ strict: false, allErrors: true });
  addFormats.default(ajv, { mode: 'full' });
  return ajv;
};

/**
 * What the profile refers to and is not in the folder, in our own words: Data Package and GeoJSON
 * as far as they concern us.
 */
const DATA_PACKAGE = {
  type: 'object',
  required: ['resources'],
  properties: {
    name: { type: 'string', pattern: '^([-a-z0-9._/])+$' },
    created: { type: 'string', format: 'date-time' },
    title: { type: 'string' },
    contributors: {
      type: 'array',
      minItems: 1,
      items: { type: 'object', required: ['title'], properties: { title: { type: 'string' } } },
    },
    licenses: {
      type: 'array',
      minItems: 1,
      items: { type: 'object', anyOf: [{ required: ['name'] }, { required: ['path'] }] },
    },
    sources: { type: 'array', items: { type: 'object', required: ['title'] } },
    resources: {
      type: 'array',
      minItems: 1,
      items: { type: 'object', required: ['name'], properties: { name: { pattern: '^([-a-z0-9._/])+$' } } },
    },
  },
};
const position = { type: 'array', minItems: 2, items: { type: 'number' } };
const GEOJSON = {
  oneOf: [
    {
      required: ['type', 'coordinates'],
      properties: {
        type: { const: 'Polygon' },
        coordinates: { type: 'array', items: { type: 'array', minItems: 4, items: position } },
      },
    },
    {
      required: ['type', 'coordinates'],
      properties: { type: { const: 'MultiPoint' }, coordinates: { type: 'array', items: position } },
    },
  ],
};

/** What is wrong with a descriptor by the standard's profile. */
export function descriptorProblems(descriptor: unknown): string[] {
  const { $schema: _, ...profile } = read('camtrap-dp-profile.json') as Record<string, unknown>;
  const ajv = newAjv();
  ajv.addSchema(DATA_PACKAGE, 'https://specs.frictionlessdata.io/schemas/data-package.json');
  ajv.addSchema(GEOJSON, 'http://json.schemastore.org/geojson.json');
  const validate = ajv.compile(profile);
  validate(descriptor);
  return (validate.errors ?? []).map((error) => `${error.instancePath} ${error.message}`);
}

const DATE_TIME = '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}(Z|[+-]\\d{2}:?\\d{2})$';

/** A table schema as a JSON schema of one row whose cells have been read by their types. */
function rowValidator(schema: TableSchema): ValidateFunction {
  const properties = Object.fromEntries(
    schema.fields.map(({ name, type, constraints: { required: _r, unique: _u, ...rest } = {} }) => {
      const kind =
        type === 'datetime'
          ? { type: 'string', format: 'date-time', pattern: DATE_TIME }
          : { type: type === 'any' ? undefined : type };
      return [name, JSON.parse(JSON.stringify({ ...kind, ...rest })) as object];
    }),
  );
  const required = schema.fields.filter((field) => field.constraints?.required).map((field) => field.name);
  return newAjv().compile({ type: 'object', properties, required, additionalProperties: false });
}

function typed(field: Field, cell: string): unknown {
  if (field.type === 'number' || field.type === 'integer')
    return /^-?\d+(\.\d+)?([eE][-+]?\d+)?$/.test(cell) ? Number(cell) : cell;
  if (field.type === 'boolean') return cell === 'true' ? true : cell === 'false' ? false : cell;
  return cell;
}

/** What is wrong with the rows: cells, unique keys, keys of other tables. */
export function rowProblems(pack: Package): string[] {
  const problems: string[] = [];
  for (const name of NAMES) {
    const schema = tableSchema(name);
    const validate = rowValidator(schema);
    const rows = pack[name];
    const columns = schema.fields.map((field) => field.name);
    if (rows[0] !== undefined && Object.keys(rows[0]).join() !== columns.join())
      problems.push(`${name}: columns are not those of the standard`);
    for (const [index, row] of rows.entries()) {
      const cells = schema.fields.flatMap((field) =>
        schema.missingValues.includes(row[field.name] ?? '') ? [] : [[field.name, typed(field, row[field.name] ?? '')]],
      );
      if (!validate(Object.fromEntries(cells)))
        problems.push(
          ...(validate.errors ?? []).map((error) => `${name}[${index}]${error.instancePath} ${error.message}`),
        );
    }
    const unique = schema.fields.filter((field) => field.constraints?.unique || field.name === schema.primaryKey);
    for (const { name: column } of unique) {
      if (new Set(rows.map((row) => row[column])).size !== rows.length)
        problems.push(`${name}.${column} is not unique`);
    }
    for (const { fields, reference } of schema.foreignKeys ?? []) {
      const known = new Set(pack[reference.resource].map((row) => row[reference.fields]));
      for (const row of rows)
        if (row[fields] !== '' && !known.has(row[fields]))
          problems.push(`${name}.${fields} ${row[fields]} is in no row of ${reference.resource}`);
    }
  }
  for (const [table, from, to] of [
    ['deployments', 'deploymentStart', 'deploymentEnd'],
    ['observations', 'eventStart', 'eventEnd'],
  ] as const) {
    for (const row of pack[table])
      if (Date.parse(row[to] ?? '') < Date.parse(row[from] ?? '')) problems.push(`${table}: ${to} before ${from}`);
  }
  return problems;
}

/** The package inside an archive. */
export function packageIn(found: ReadonlyMap<string, { body: Buffer }>): Package {
  const text = (name: string): string => String(found.get(`camtrap-dp/${name}`)?.body);
  const table = (name: string): Row[] => parse(text(`${name}.csv`), { columns: true }) as Row[];
  return {
    descriptor: JSON.parse(text('datapackage.json')) as Record<string, unknown>,
    deployments: table('deployments'),
    media: table('media'),
    observations: table('observations'),
  };
}
