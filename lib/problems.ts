// What is wrong with a value, in words: from the errors of a compiled schema and the rules across
// fields. The service and its page say the same, wherever the schema was compiled.
import type { ErrorObject } from 'ajv';
import type { Broken, Contract } from './contract.ts';
import type { Problem } from './errors.ts';

/** A compiled schema: false with `errors`, of all fields and with the schema that each broke. */
export interface Validate {
  (value: unknown): boolean;
  errors?: ErrorObject[] | null;
}

/** Printable ASCII of anything a client sent, so that it can be shown and logged anywhere. */
const ascii = (text: string): string =>
  JSON.stringify(text.slice(0, 80))
    .slice(1, -1)
    .replace(/[^\x20-\x7e]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** `/comparison_periods/0/start_date` -> `comparison_periods[0].start_date` */
const fieldName = (pointer: string): string =>
  ascii(
    pointer
      .slice(1)
      .replace(/\/(\d+)/g, '[$1]')
      .replaceAll('/', '.')
      .replaceAll('~1', '/')
      .replaceAll('~0', '~'),
  );

interface Annotated {
  expected?: string;
  order?: number;
  properties?: Record<string, Annotated>;
}

function inWords(error: ErrorObject): Broken {
  const schema = error.parentSchema as Annotated;
  if (error.keyword === 'additionalProperties') {
    // The name is the sender's: it may look like a pointer or an index, and is neither.
    const name = String(error.params.additionalProperty);
    const pointer = `${error.instancePath}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    const inside = error.instancePath === '' ? '' : `${fieldName(error.instancePath)}.`;
    const known = Object.keys(schema.properties ?? {}).join(', ');
    return {
      order: 0,
      pointer: ascii(pointer),
      detail: `${inside}${ascii(name)} is not a known field; known fields: ${known}`,
    };
  }
  if (error.keyword === 'required') {
    const name = String(error.params.missingProperty);
    const pointer = `${error.instancePath}/${name}`;
    const form = schema.properties?.[name]?.expected;
    return {
      order: 0,
      pointer,
      detail: `${fieldName(pointer)} is required${form === undefined ? '' : `: it must be ${form}`}`,
    };
  }
  const where = error.instancePath === '' ? 'Request body' : fieldName(error.instancePath);
  const form = schema.expected ?? error.message?.replace(/^must be /, '') ?? 'valid';
  return { order: readOrder(error), pointer: error.instancePath, detail: `${where} must be ${form}` };
}

const MOST_LISTED = 50;
/** Put into words at most: 512 KiB hold 60,000 unknown fields. */
const MOST_WORDED = 1_000;

interface Lists {
  properties?: Record<string, { maxItems?: number }>;
}

/**
 * No more of a list than shows that it is too long: each of half a million elements could be three
 * errors.
 */
function cutLists(value: Record<string, unknown>, { properties = {} }: Lists): void {
  for (const [name, { maxItems }] of Object.entries(properties)) {
    const list = Object.hasOwn(value, name) ? value[name] : undefined;
    if (Array.isArray(list) && maxItems !== undefined && list.length > maxItems + 1) list.length = maxItems + 1;
  }
}

interface Shape {
  properties?: Record<string, Shape>;
  required?: readonly string[];
  items?: Shape;
}

/**
 * Clients of typed languages send every field: null where it may be left out is left out, at any
 * depth. A required null stays, and is refused.
 */
function dropNulls(value: unknown, { properties, required = [], items }: Shape): void {
  if (Array.isArray(value)) {
    if (items !== undefined) for (const item of value) dropNulls(item, items);
    return;
  }
  if (typeof value !== 'object' || value === null || properties === undefined) return;
  const object = value as Record<string, unknown>;
  for (const [name, schema] of Object.entries(properties)) {
    if (!Object.hasOwn(object, name)) continue;
    if (object[name] === null && !required.includes(name)) delete object[name];
    else dropNulls(object[name], schema);
  }
}

/** A problem of `enum` may be listed later than the others. */
const readOrder = ({ keyword, parentSchema }: ErrorObject): number =>
  keyword === 'enum' ? ((parentSchema as Annotated).order ?? 0) : 0;

/**
 * Lists the problems of a value, first broken rule first. The value is changed: defaults are filled
 * in, nulls of optional fields are left out, and lists that are too long are cut.
 */
export function findProblems<Value, Circumstances>(
  validate: Validate,
  { schema, rules }: Pick<Contract<Value, Circumstances>, 'schema' | 'rules'>,
  value: unknown,
  circumstances: Circumstances,
): Problem[] {
  const object =
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  if (object !== undefined) cutLists(object, schema);
  dropNulls(object, schema);
  const errors = validate(value) ? [] : (validate.errors ?? []);
  const broken = errors
    .sort((a, b) => readOrder(a) - readOrder(b))
    .slice(0, MOST_WORDED)
    .map(inWords);
  if (object !== undefined) broken.push(...(rules?.(object, circumstances) ?? []));
  const listed = new Map(
    broken.sort((a, b) => a.order - b.order).map(({ pointer, detail }) => [detail, { pointer, detail }]),
  );
  return [...listed.values()].slice(0, MOST_LISTED);
}
