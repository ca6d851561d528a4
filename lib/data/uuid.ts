// Stable ids: a name-based UUID gives a second import of the same data the rows of the first.
import { parse, v5 } from 'uuid';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/**
 * Whether PostgreSQL takes a text as a UUID with hyphens, also one of no version that RFC 9562
 * knows.
 */
export const isUuid = (text: string): boolean => UUID.test(text);

/**
 * Makes UUIDs of version 5 for many names in one namespace. Names are bytes of UTF-8, so that half
 * of a surrogate pair in JSON is a name as well.
 */
export function nameIn(namespace: string): (name: string) => string {
  const bytes = parse(namespace);
  return (name) => v5(Buffer.from(name), bytes);
}
