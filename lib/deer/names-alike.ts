// Names that a person takes for one name: the same letters in another case, with other blanks or
// with characters that nobody sees.
import { count as counted, number } from '../format.ts';
import { visible } from '../plain-text.ts';

const NOTHING_TO_SEE = /[\p{White_Space}\p{Default_Ignorable_Code_Point}\p{Cc}\p{Cf}\u2800]/gu;

/**
 * What is left of a name when case, all blanks, invisible characters and the form of its letters
 * (composed or not, full width or not) do not count. Names that fold to the same text look alike;
 * they are never merged for it.
 */
export const fold = (name: string): string => cased(name.normalize('NFKC').replace(NOTHING_TO_SEE, ''));

/**
 * Upper case first: it makes one of the two small sigmas, of the sharp s and "ss"; a dotted capital
 * I is an i.
 */
const cased = (text: string): string => text.toUpperCase().toLowerCase().replaceAll('i\u0307', 'i').normalize('NFC');

/** As `fold`, without what takes more than case and blanks. */
const foldPlainly = (name: string): string =>
  name
    .replace(/\p{White_Space}/gu, '')
    .toUpperCase()
    .toLowerCase();

export interface Alike {
  /** Pairs of different names that fold to the same text. */
  count: number;
  /** Some of the pairs, the first ones met. */
  examples: [string, string][];
  /**
   * True when case and blanks explain every pair; otherwise invisible characters or other forms of
   * letters are among the differences.
   */
  plain: boolean;
}

const PRINTED = /^[\x21-\x7e]*$/;

/**
 * Whether ASCII names without blanks differ in more than case: true of most keys, and quickly seen.
 */
function allDiffer(names: ReadonlySet<string>): boolean {
  const lower = new Set<string>();
  for (const name of names) {
    if (!PRINTED.test(name)) return false;
    lower.add(name.toLowerCase());
  }
  return lower.size === names.size;
}

/**
 * Finds the pairs among names, each name counted once however often it is given; in time linear in
 * the names.
 * @param shown pairs that are given as examples, at most
 */
export function alike(names: Iterable<string>, shown = 5): Alike {
  const found: Alike = { count: 0, examples: [], plain: true };
  const distinct = new Set(names);
  if (allDiffer(distinct)) return found;
  const spellings = Map.groupBy(distinct, fold);
  for (const group of spellings.values()) {
    if (group.length < 2) continue;
    found.count += (group.length * (group.length - 1)) / 2;
    for (const other of group.slice(1)) {
      if (found.examples.length < shown) found.examples.push([group[0]!, other]);
      found.plain &&= foldPlainly(group[0]!) === foldPlainly(other);
    }
  }
  return found;
}

/**
 * The same for names that come to names which are there: `1 name of a location differs only in case
 * ... from one of this database: "north" and "North"`.
 */
export function alikeToKnown(
  names: Iterable<string>,
  known: Iterable<string>,
  [singular, plural]: readonly [string, string],
): string | undefined {
  const there = new Set(known);
  const byFold = new Map([...there].map((name) => [fold(name), name]));
  const pairs = [...new Set(names)].flatMap((name): [string, string][] => {
    const other = there.has(name) ? undefined : byFold.get(fold(name));
    return other === undefined ? [] : [[name, other]];
  });
  if (pairs.length === 0) return undefined;
  const shown = pairs.slice(0, 5).map(([a, b]) => `${visible(a)} and ${visible(b)}`);
  const more = pairs.length > shown.length ? `, and ${number(pairs.length - shown.length)} more` : '';
  const differ = counted(pairs.length, `${singular} differs`, `${plural} differ`);
  return `${differ} only in case, blanks or characters that look the same from one of this database: ${shown.join(', ')}${more}. They are kept apart`;
}

const ANIMALS = ' as different animals: if they are the same, write each name one way';

/**
 * The warning for a person, such as `160 pairs of identities differ only in case or blanks: "q0"
 * and "Q0", ... They are kept apart as different animals`.
 * @param what what the names are, in the plural
 * @param apart what follows "They are kept apart"
 * @returns undefined when no two names look alike.
 */
export function alikeWarning(names: Iterable<string>, what = 'identities', apart = ANIMALS): string | undefined {
  const { count, examples, plain } = alike(names);
  if (count === 0) return undefined;
  const pairs = counted(count, `pair of ${what} differs`, `pairs of ${what} differ`);
  const shown = examples.map(([a, b]) => `${visible(a)} and ${visible(b)}`).join(', ');
  const more = count > examples.length ? `, and ${number(count - examples.length)} more` : '';
  const how = plain
    ? 'only in case or blanks'
    : 'only in case or blanks, or in characters that look the same or cannot be seen';
  return `${pairs} ${how}: ${shown}${more}. They are kept apart${apart}`;
}
