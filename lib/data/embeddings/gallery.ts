// The list of enrolled identities: one a line.

import { isUnnamed } from '../../deer/missing-values.ts';
import { fold } from '../../deer/names-alike.ts';
import { Fault } from '../../errors.ts';
import { visible } from '../../plain-text.ts';
import { withProblems } from '../problems.ts';
import { utf8Text } from '../text.ts';

export interface Gallery {
  enrolled: Set<string>;
  /** Lines that have a word for an unnamed animal. */
  unnamed: number;
}

/**
 * Identities that are enrolled; without a list all of them.
 * @throws Fault `invalid` when the list is no UTF-8 text, names no identity, or one that the table
 *   does not have.
 */
export function readGallery(
  list: { name: string; bytes: Buffer } | undefined,
  identities: ReadonlySet<string>,
): Gallery {
  if (list === undefined) return { enrolled: new Set(identities), unnamed: 0 };
  const lines = utf8Text(list.bytes, list.name)
    .split(/\r\n|\n|\r/)
    .filter((line) => line.trim() !== '');
  const named = lines.filter((line) => !isUnnamed(line));
  // As it is written first: an identity may differ from another by a blank at its end.
  const enrolled = named.map((line) => (identities.has(line) ? line : line.trim()));
  const strange = [...new Set(enrolled.filter((name) => !identities.has(name)))];
  if (strange.length > 0) {
    const meant = new Map([...identities].map((name) => [fold(name), name]));
    const reasons = strange.map((name) => {
      const other = meant.get(fold(name));
      return other === undefined ? visible(name) : `${visible(name)} (the table has ${visible(other)})`;
    });
    throw new Fault('invalid', withProblems(`${list.name}: not among the identities; nothing was loaded`, reasons));
  }
  if (enrolled.length === 0) throw new Fault('invalid', `${list.name} names no identity; nothing was loaded`);
  return { enrolled: new Set(enrolled), unnamed: lines.length - named.length };
}
