// What scientific names mean: which of them name one taxon, which taxa contain which, and which are
// people. A box that is called Cervidae or Animalia shows the roe deer of its event.
import { isPerson } from '../../../deer/classes.ts';
import { fold } from '../../../deer/names-alike.ts';
import { deerSpecies, isDeer, scientificName } from '../../../deer/species.ts';
import { isObject, isText } from '../read/json.ts';

/** Words after a genus that name no species. */
const ANY_SPECIES = new Set(['sp', 'sp.', 'spp', 'spp.']);

/**
 * A scientific name as far as it names a taxon: without case, blanks, authorship and "sp.".
 * `Capreolus capreolus (Linnaeus, 1758)`, `CAPREOLUS CAPREOLUS` and `capreolus capreolus` are one.
 * A subspecies differs from its species: a dog is no wolf.
 */
export function makeTaxonKey(scientificName: string): string {
  const [genus = '', ...rest] = scientificName
    .normalize('NFC')
    .trim()
    .split(/[\s_]+/);
  const capitals = scientificName === scientificName.toUpperCase();
  const end = rest.findIndex((word) => !(capitals ? /^\p{L}[\p{L}.-]*$/u : /^\p{Ll}[\p{Ll}.-]*$/u).test(word));
  const epithets = (end === -1 ? rest : rest.slice(0, end)).slice(0, capitals ? 2 : 4);
  const name = [genus, ...epithets.filter((word) => !ANY_SPECIES.has(word.toLowerCase()))].join(' ');
  return fold(deerSpecies(name) ?? name);
}

const RANKS = ['kingdom', 'phylum', 'class', 'order', 'family', 'genus'];
/** Above every animal, and above every deer, whatever the package says. */
const ABOVE_ANIMALS = ['Animalia'];
const ABOVE_DEER = ['Chordata', 'Mammalia', 'Artiodactyla', 'Cetartiodactyla', 'Ruminantia', 'Cervidae'];

interface Taxon {
  /** See makeTaxonKey. */
  key: string;
  /** Keys of the taxa above it, as far as they are known. */
  above: ReadonlySet<string>;
}

/** A package has a few names; one with a different name in each row must not fill the memory. */
const MOST_KNOWN = 10_000;

export class Taxa {
  readonly #listed = new Map<string, string[]>();
  readonly #known = new Map<string, Taxon>();

  /** @param taxonomic the list of taxa in the descriptor; elements that are no taxa are ignored. */
  constructor(taxonomic: readonly unknown[]) {
    for (const taxon of taxonomic) {
      if (!isObject(taxon) || !isText(taxon.scientificName)) continue;
      const above = RANKS.map((rank) => taxon[rank]).filter(isText);
      if (above.length > 0) this.#listed.set(makeTaxonKey(taxon.scientificName), above);
    }
  }

  find(name: string): Taxon {
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    if (this.#known.size > MOST_KNOWN) this.#known.clear();
    const key = makeTaxonKey(name);
    const genus = name.trim().split(/[\s_]+/)[0]!;
    const names = [...ABOVE_ANIMALS, ...(isDeer(name) ? ABOVE_DEER : []), genus, ...(this.#listed.get(key) ?? [])];
    const taxon = { key, above: new Set(names.map(fold).filter((above) => above !== key)) };
    this.#known.set(name, taxon);
    return taxon;
  }
}

/**
 * The names of a package's taxa that are people by their vernacular names, such as a number whose
 * English name is "human". A binomial is never one: animals are named after people.
 */
export function findPeople(taxonomic: readonly unknown[]): ReadonlySet<string> {
  const people = new Set<string>();
  for (const taxon of taxonomic) {
    if (!isObject(taxon) || !isText(taxon.scientificName) || scientificName(taxon.scientificName) !== undefined)
      continue;
    const names = isObject(taxon.vernacularNames) ? Object.values(taxon.vernacularNames) : [taxon.vernacularNames];
    if (names.some(isPerson)) people.add(taxon.scientificName);
  }
  return people;
}
