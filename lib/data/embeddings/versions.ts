// Which embedding version vectors belong to: vectors are compared only with profiles of the same
// version and size.
import type { Queries } from '../../adapters/postgres.ts';
import type { Catalog } from '../../deer/columns.ts';
import { Fault } from '../../errors.ts';
import { count } from '../../format.ts';
import { visible } from '../../plain-text.ts';

/** Deer whose vectors have one version and one size; a database may not say the version. */
export interface ProfileVersion {
  version: string | null;
  dimensions: number;
  deer: number;
}

/** In order of the number of deer. A database without deer.embedding_version says no version. */
export async function readProfileVersions({ rows }: Queries, { has }: Catalog): Promise<ProfileVersion[]> {
  if (!has('deer', 'feature_vector')) return [];
  return rows<ProfileVersion>(
    `SELECT ${has('deer', 'embedding_version') ? `nullif(embedding_version::text, '')` : 'NULL::text'} AS version,
       vector_dims(feature_vector) AS dimensions, count(*)::int AS deer
     FROM deer WHERE feature_vector IS NOT NULL GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2`,
  );
}

const describe = ({ version, dimensions, deer }: ProfileVersion): string =>
  `${version === null ? 'no version' : visible(version)} (${count(deer, 'deer')}, ${dimensions} dimensions)`;

/**
 * The version to store vectors of `dimensions` under: the one that is asked for, else the only one
 * that deer of this size have.
 * @throws Fault `invalid` that lists what the deer have and says what to type.
 */
export function chooseVersion(
  profiles: readonly ProfileVersion[],
  dimensions: number,
  name: string,
  asked?: string,
): string {
  const bad = (what: string): Fault => new Fault('invalid', what);
  const all = profiles.map(describe).join(', ');
  const fitting = profiles.filter((profile) => profile.dimensions === dimensions);
  if (asked !== undefined) {
    if (asked.trim() === '' || asked.length > 100) throw bad('--version needs a name of 1 to 100 characters');
    const same = profiles.filter(({ version }) => version === asked);
    // Deer of no version are compared with any, but only where no deer has one: a misspelled
    // version would be compared with nothing.
    const sizes = same.length > 0 || profiles.some(({ version }) => version !== null) ? same : profiles;
    if (sizes.length === 0 && profiles.length > 0)
      throw bad(`no deer has a vector of version ${visible(asked)}; the deer have: ${all}`);
    if (sizes.length > 0 && !sizes.some((profile) => profile.dimensions === dimensions)) {
      throw bad(
        `${name} has vectors of ${dimensions} dimensions, the deer of this version: ${sizes.map(describe).join(', ')}`,
      );
    }
    return asked;
  }
  if (profiles.length === 0)
    throw bad('no deer has a vector yet, so the version cannot be taken from the deer: add --version NAME');
  if (fitting.length === 0)
    throw bad(`${name} has vectors of ${dimensions} dimensions, no deer has such vectors; the deer have: ${all}`);
  const [only] = fitting;
  if (fitting.length > 1) {
    const named = fitting.flatMap(({ version }) => (version === null ? [] : `--version ${quoted(version)}`));
    throw bad(
      `the deer have vectors of ${fitting.length} versions: ${all}; say which made ${name}: ${named.join(' or ')}`,
    );
  }
  if (only!.version === null)
    throw bad(`the database does not say which version made the vectors of its deer: add --version NAME`);
  return only!.version;
}

/** As it is typed into a shell. */
const quoted = (text: string): string => (/^[\w.-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`);
