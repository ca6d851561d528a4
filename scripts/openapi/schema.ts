// Schemas of ours in words of the standard.

/**
 * Our two annotations in words of the standard: `expected` becomes the description, `order` (of
 * rules) is internal and left out.
 */
export function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  const { expected, order: _, ...rest } = value as Record<string, unknown>;
  const own = Object.fromEntries(Object.entries(rest).map(([name, part]) => [name, plain(part)]));
  // A property may be called `expected` or `order`; an annotation is text or a number.
  return typeof expected === 'string' && own.description === undefined
    ? { ...own, description: `Must be ${expected}.` }
    : own;
}

interface Schema {
  type?: string;
  enum?: unknown[];
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
}

/** Optional fields may be null: it counts as absent (lib/lambda/validate.ts). */
function nullable(schema: Schema): Schema {
  const { properties, required = [], items } = schema;
  if (items !== undefined) return { ...schema, items: nullable(items) };
  if (properties === undefined) return schema;
  const orNull = (part: Schema): object => ({
    ...part,
    type: [part.type, 'null'],
    ...(part.enum === undefined ? {} : { enum: [...part.enum, null] }),
  });
  const fields = Object.entries(properties).map(([name, part]) => {
    const inner = nullable(part);
    return [name, required.includes(name) ? inner : orNull(inner)];
  });
  return { ...schema, properties: Object.fromEntries(fields) };
}

/** A schema that requests are held to, as it is documented. */
export const documentSchema = (schema: object): object => nullable(plain(JSON.parse(JSON.stringify(schema))) as Schema);
