// Names and keys of a package that a person takes for one: said, and kept apart.
import { alike } from '../../deer/names-alike.ts';
import { visible } from '../../deer/plain-text.ts';

const PLAIN = /^[\x21-\x7e]*$/;

/**
 * True when no two of the names can look alike: most keys are plain ASCII, which is quickly seen.
 */
function allApart(names: ReadonlySet<string>): boolean {
  const lower = new Set<string>();
  for (const name of names) {
    if (!PLAIN.test(name)) return false;
    lower.add(name.toLowerCase());
  }
  return lower.size === names.size;
}

/**
 * Such as `2 pairs of locations look alike and are kept apart: "Stand 1" and "stand 1", ...`;
 * undefined when there are none.
 */
export function alikeNote(names: ReadonlySet<string>, what: string): string | undefined {
  if (allApart(names)) return undefined;
  const { count, examples, plain } = alike(names);
  if (count === 0) return undefined;
  const shown = examples.map(([a, b]) => `${visible(a, 60)} and ${visible(b, 60)}`).join(', ');
  const more = count > examples.length ? `, and ${count - examples.length} more` : '';
  const how = plain ? 'only in case or blanks' : 'only in case, blanks or characters that look the same';
  const pairs = count === 1 ? `1 pair of ${what} differs` : `${count} pairs of ${what} differ`;
  return `${pairs} ${how}: ${shown}${more}. They are kept apart; if they are the same, write them one way and import again`;
}
