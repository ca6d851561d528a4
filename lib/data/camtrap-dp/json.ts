// JSON of a package as the database can hold it: one value that PostgreSQL refuses must not end an
// import.

const DEEPEST = 100;
const LARGEST = 256 * 1024;

/**
 * Without NUL characters and halves of surrogate pairs, which jsonb refuses, and no deeper than it
 * can hold.
 */
export function storable(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return value.toWellFormed().replaceAll('\0', '');
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= DEEPEST) return null;
  if (Array.isArray(value)) return value.map((one) => storable(one, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [storable(name) as string, storable(one, depth + 1)]),
  );
}

/**
 * A cell that should be JSON: as such where it is, else as text. A huge one (an embedded thumbnail)
 * is left out.
 */
export function jsonOf(cell: string | undefined): unknown {
  if (cell === undefined || cell.length > LARGEST) return null;
  try {
    return storable(JSON.parse(cell));
  } catch {
    return { text: cell };
  }
}
