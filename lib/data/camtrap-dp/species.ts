// Which taxon a scientific name means.
import { fold } from '../../deer/names-alike.ts';
import { deerSpecies } from '../../deer/species.ts';

/** Words behind a genus that name no species. */
const ANY_SPECIES = new Set(['sp', 'sp.', 'spp', 'spp.']);

/**
 * A scientific name as far as it names a taxon: without case, blanks, authorship and "sp.".
 * Subspecies stay apart from their species: a dog is no wolf. `Capreolus capreolus (Linnaeus,
 * 1758)`, `CAPREOLUS CAPREOLUS` and `capreolus capreolus` are one.
 */
export function taxonKey(scientificName: string): string {
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
