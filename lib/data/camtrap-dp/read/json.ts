// JSON of a package as the database can hold it: one value that PostgreSQL refuses must not end an
// import.

export type JsonObject = Record<string, unknown>;
export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
export const isText = (value: unknown): value is string => typeof value === 'string' && value.trim() !== '';
/** The elements of a list; none of anything else. */
export const toList = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

const DEEPEST = 100;
const LARGEST = 256 * 1024;

/**
 * Without NUL characters and halves of surrogate pairs, which jsonb refuses, and no deeper than it
 * can hold.
 */
export function makeStorable(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return value.toWellFormed().replaceAll('\0', '');
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= DEEPEST) return null;
  if (Array.isArray(value)) return value.map((element) => makeStorable(element, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([name, element]) => [makeStorable(name) as string, makeStorable(element, depth + 1)]),
  );
}

/**
 * A cell that should be JSON, as text where it is not. A huge one (an embedded thumbnail) is left
 * out.
 */
export function parseCell(cell: string | undefined): unknown {
  if (cell === undefined || cell.length > LARGEST) return null;
  try {
    return makeStorable(JSON.parse(cell));
  } catch {
    return { text: cell };
  }
}
