// Stable ids: a UUID of the package is kept, anything else becomes a name-based UUID, so that a
// second import meets its own rows.
import { createHash, hash } from 'node:crypto';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Namespace of packages whose own id is not a UUID. */
const PACKAGES = '5b0f6f5c-6f0a-4c0e-9a51-4b7f0c3d2e11';

export const isUuid = (text: string): boolean => UUID.test(text);

/** Name-based UUID, version 5 (RFC 9562, section 5.5). */
export const nameBased = (namespace: string, name: string): string => namer(namespace)(name);

/** The same for many names of one namespace. */
function namer(namespace: string): (name: string) => string {
  const space = Buffer.from(namespace.replaceAll('-', ''), 'hex');
  return (name) => {
    const digest = hash('sha1', Buffer.concat([space, Buffer.from(name)]), 'buffer');
    digest[6] = (digest[6]! & 0x0f) | 0x50;
    digest[8] = (digest[8]! & 0x3f) | 0x80;
    const hex = digest.toString('hex', 0, 16);
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
  };
}

export interface Ids {
  /** The package's own UUID. */
  package: string;
  /** Of a row, by its id in the package. */
  row: (id: string) => string;
  /** Of anything else that the package has under a name. */
  named: (name: string) => string;
}

/**
 * The id of a package that gives none: what is in its tables. A name is not one: two herds would
 * become one, and one herd two.
 */
export function contentId(tables: readonly Buffer[]): string {
  const sum = createHash('sha256');
  for (const bytes of tables) sum.update(`${bytes.length} `).update(bytes);
  return `content ${sum.digest('hex')}`;
}

export function idsOf(packageId: string): Ids {
  const own = isUuid(packageId) ? packageId.toLowerCase() : nameBased(PACKAGES, packageId);
  const named = namer(own);
  return { package: own, row: (id) => (isUuid(id) ? id.toLowerCase() : named(id)), named };
}

/**
 * Ids for the keys of one table: of two keys that would have one id, such as UUIDs in different
 * case, the later one gets another.
 */
export class Apart {
  readonly #ids: Ids;
  readonly #known = new Map<string, string>();
  readonly #taken = new Set<string>();

  constructor(ids: Ids) {
    this.#ids = ids;
  }

  /** @param wanted what the key should have; the same key has the same id each time. */
  of(key: string, wanted?: string): string {
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const first = wanted ?? this.#ids.row(key);
    const id = this.#taken.has(first) ? this.#ids.named(JSON.stringify(['apart', key])) : first;
    this.#taken.add(id);
    this.#known.set(key, id);
    return id;
  }
}
