// Ids and paths of what a package has: a UUID of the package is kept, anything else becomes a
// name-based UUID, so that a second import meets its own rows.
import { createHash } from 'node:crypto';
import { type PlaceholderTarget, placeholderPrefix } from '../../../deer/camtrap-dp.ts';
import { isUuid, nameIn } from '../../uuid.ts';

/** Namespace of packages whose id is not a UUID. */
const PACKAGES = '5b0f6f5c-6f0a-4c0e-9a51-4b7f0c3d2e11';

export interface PackageIds {
  /** The UUID of the package. */
  package: string;
  /** Of a row, by its id in the package. */
  row: (id: string) => string;
  /** Of anything else that the package has under a name. */
  named: (name: string) => string;
}

export function makeIds(packageId: string): PackageIds {
  const id = isUuid(packageId) ? packageId.toLowerCase() : nameIn(PACKAGES)(packageId);
  const named = nameIn(id);
  return { package: id, row: (row) => (isUuid(row) ? row.toLowerCase() : named(row)), named };
}

/**
 * The id of a package that gives none: the content of its tables. A name is not an id: two herds
 * would become one, and one herd two.
 */
export function hashContent(tables: readonly Buffer[]): string {
  const sum = createHash('sha256');
  for (const bytes of tables) sum.update(`${bytes.length} `).update(bytes);
  return `content ${sum.digest('hex')}`;
}

/**
 * Ids for the keys of one table. Of two keys that would have one id, such as UUIDs that differ only
 * in case, the later one gets another.
 */
export class DistinctIds {
  readonly #ids: PackageIds;
  readonly #known = new Map<string, string>();
  readonly #taken = new Set<string>();

  constructor(ids: PackageIds) {
    this.#ids = ids;
  }

  /** @param wanted the id that the key should have; the same key has the same id each time. */
  give(key: string, wanted?: string): string {
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const first = wanted ?? this.#ids.row(key);
    const id = this.#taken.has(first) ? this.#ids.named(JSON.stringify(['apart', key])) : first;
    this.#taken.add(id);
    this.#known.set(key, id);
    return id;
  }
}

/** Whether a path begins at a root, a home folder, a drive or a server of some computer. */
export const isAbsolutePath = (path: string): boolean => /^([/\\~]|[a-z]:[/\\]|file:)/i.test(path);

/** Bytes: PostgreSQL indexes texts of up to some 2,700. */
export const LONGEST_PATH = 2_500;

/** Characters of a path that names no file; a longer one gets a UUID. */
const LONGEST_NAME = 2_000;

/**
 * The path of a placeholder image row for an event, or for a medium that no media table lists,
 * such as `camtrap-dp:<package>/event/e1`.
 */
export function makePlaceholderPath(ids: PackageIds, kind: PlaceholderTarget, name: string): string {
  const prefix = `${placeholderPrefix(ids.package)}${kind}/`;
  const path = prefix + name.split('/').map(encodeURIComponent).join('/');
  return path.length <= LONGEST_NAME ? path : prefix + ids.named(name);
}

/**
 * The path of a medium whose path in the package cannot be used: below the image folder, where no
 * file is, so that every reader takes it for a medium.
 */
export const makePathWithoutFile = (ids: PackageIds, mediaID: string): string =>
  `without-file/${ids.package}/${ids.row(mediaID)}`;

/** `./media/a.jpg` is `media/a.jpg`: paths begin at the folder of the package anyway. */
export const withoutDot = <Path>(path: Path): Path | string =>
  typeof path === 'string' ? path.replace(/^(\.[\\/]+)+/, '') : path;
