// Deer that were enrolled after the strangers were reviewed, in words: who they are, and how a
// person says who they were before.
import { count, listWords } from '../../format.ts';
import type { Gallery } from '../study/gallery.ts';
import { LOAD_REVIEWS } from './asking.ts';

const MOST_NAMES = 5;

/** A sentence without period. */
export const describeLater = ({ later }: Gallery): string =>
  `${count(later.length, 'deer')} ${later.length === 1 ? 'was' : 'were'} enrolled after the review, and no review says whether ${later.length === 1 ? 'it is' : 'they are'} among the reviewed strangers: ${listWords(
    later.map(({ name }) => name),
    MOST_NAMES,
  )}`;

/** What mends it. */
export function askForNames({ later }: Gallery): string {
  const sources = later.flatMap(({ name, source }) => (source === null ? [] : [`${source} (${name})`]));
  const named =
    sources.length === 0
      ? 'name each of these deer as the reviews name the animal, or review its events again'
      : `review the ${sources.length === 1 ? 'detection' : 'detections'} that ${sources.length === 1 ? 'it was' : 'they were'} made from: verdict "none", as identity the name that the animal has among the strangers, or a new name, and "purpose": "roster" (${listWords(sources, MOST_NAMES, 'detection')})`;
  return `${named}; then load the file: ${LOAD_REVIEWS}`;
}
