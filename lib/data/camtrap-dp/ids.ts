// Stable ids: a UUID of the package is kept, anything else becomes a name-based UUID, so that a second import meets its own rows.
import { createHash } from 'node:crypto';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Namespace of packages whose own id is not a UUID. */
const PACKAGES = '5b0f6f5c-6f0a-4c0e-9a51-4b7f0c3d2e11';

export const isUuid = (text: string): boolean => UUID.test(text);

/** Name-based UUID, version 5 (RFC 9562, section 5.5). */
export function nameBased(namespace: string, name: string): string {
  const hash = createHash('sha1')
    .update(Buffer.from(namespace.replaceAll('-', ''), 'hex'))
    .update(name)
    .digest()
    .subarray(0, 16);
  hash[6] = (hash[6]! & 0x0f) | 0x50;
  hash[8] = (hash[8]! & 0x3f) | 0x80;
  const hex = hash.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

export interface Ids {
  /** The package's own UUID. */
  package: string;
  /** Of a row, by its id in the package. */
  row: (id: string) => string;
  /** Of anything else that the package has under a name. */
  named: (name: string) => string;
}

/** The id of a package that gives none: what is in its tables. A name is not one: two herds would become one, and one herd two. */
export function contentId(tables: readonly Buffer[]): string {
  const hash = createHash('sha256');
  for (const bytes of tables) hash.update(`${bytes.length} `).update(bytes);
  return `content ${hash.digest('hex')}`;
}

export function idsOf(packageId: string): Ids {
  const own = isUuid(packageId) ? packageId.toLowerCase() : nameBased(PACKAGES, packageId);
  const named = (name: string): string => nameBased(own, name);
  return { package: own, row: (id) => (isUuid(id) ? id.toLowerCase() : named(id)), named };
}
