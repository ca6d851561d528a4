// Paths of media, as packages give them and as the database holds them.
import { type StandIn, standInPrefix } from '../../deer/camtrap-dp.ts';
import type { Ids } from './ids.ts';

/** A path from the root, a home folder, a drive or a server of some computer. */
export const isAbsolutePath = (path: string): boolean => /^([/\\~]|[a-z]:[/\\]|file:)/i.test(path);

/** Bytes: PostgreSQL indexes texts of up to some 2,700. */
export const LONGEST_PATH = 2_500;

/** Characters of a path that names no file; what would be longer gets a UUID. */
const LONGEST_NAME = 2_000;

/**
 * The path of an image row that stands for an event, or for a medium that no media table lists,
 * such as `camtrap-dp:<package>/event/e1`.
 */
export function pathOfNoFile(ids: Ids, kind: StandIn, name: string): string {
  const path = `${standInPrefix(ids.package)}${kind}/${name.split('/').map(encodeURIComponent).join('/')}`;
  return path.length <= LONGEST_NAME ? path : `${standInPrefix(ids.package)}${kind}/${ids.named(name)}`;
}

/**
 * The path of a medium whose own path cannot be used: below the image folder, where no file is, so
 * that it stays a medium everywhere.
 */
export const pathWithoutFile = (ids: Ids, mediaID: string): string => `without-file/${ids.package}/${ids.row(mediaID)}`;

/**
 * A path that begins at the folder of the package says so needlessly: `./media/a.jpg` is
 * `media/a.jpg`.
 */
export const withoutDot = <Path>(path: Path): Path | string =>
  typeof path === 'string' ? path.replace(/^(\.[\\/]+)+/, '') : path;
