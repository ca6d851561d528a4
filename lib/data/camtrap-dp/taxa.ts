// Which taxa hold which: an animal that a box calls Cervidae or Animalia is the roe deer of its
// event.

import { isPerson } from '../../deer/classes.ts';
import { fold } from '../../deer/names-alike.ts';
import { isDeer, scientificName } from '../../deer/species.ts';
import { isObject, isText } from './resources.ts';
import { taxonKey } from './species.ts';

const RANKS = ['kingdom', 'phylum', 'class', 'order', 'family', 'genus'];
/** Above every animal, and above every deer, whatever the package says. */
const [ANIMALS, DEER] = [
  ['Animalia'],
  ['Chordata', 'Mammalia', 'Artiodactyla', 'Cetartiodactyla', 'Ruminantia', 'Cervidae'],
];

interface Taxon {
  /** See taxonKey. */
  key: string;
  /** Keys of the taxa above it, as far as they are known. */
  above: ReadonlySet<string>;
}

export class Taxa {
  readonly #said = new Map<string, string[]>();
  readonly #known = new Map<string, Taxon>();

  /** @param taxonomic the package's own list of taxa; what is no taxon in it is passed over. */
  constructor(taxonomic: readonly unknown[]) {
    for (const one of taxonomic) {
      if (!isObject(one) || !isText(one.scientificName)) continue;
      const above = RANKS.map((rank) => one[rank]).filter(isText);
      if (above.length > 0) this.#said.set(taxonKey(one.scientificName), above);
    }
  }

  /** The same few names stand in every row. */
  of(name: string): Taxon {
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    if (this.#known.size > 10_000) this.#known.clear();
    const key = taxonKey(name);
    const genus = name.trim().split(/[\s_]+/)[0]!;
    const names = [...ANIMALS, ...(isDeer(name) ? DEER : []), genus, ...(this.#said.get(key) ?? [])];
    const taxon = { key, above: new Set(names.map(fold).filter((one) => one !== key)) };
    this.#known.set(name, taxon);
    return taxon;
  }
}

/**
 * The names of a package's taxa that are people by their vernacular names, such as a number whose
 * English name is "human". A binomial speaks for itself: animals are named after people.
 */
export function peopleAmong(taxonomic: readonly unknown[]): ReadonlySet<string> {
  const people = new Set<string>();
  for (const one of taxonomic) {
    if (!isObject(one) || !isText(one.scientificName) || scientificName(one.scientificName) !== undefined) continue;
    const names = isObject(one.vernacularNames) ? Object.values(one.vernacularNames) : [one.vernacularNames];
    if (names.some(isPerson)) people.add(one.scientificName);
  }
  return people;
}
