// Which class an observation of an animal gets: the deer of the report, or the species itself.

import { isDeerClass } from '../../deer/classes.ts';
import { fold } from '../../deer/names-alike.ts';
import { deerSpecies, isDeer } from '../../deer/species.ts';

export { isDeer };

/** What sex and life stage cannot say of a deer's class, an export tags. */
const CLASS = /(?:^|\|)\s*class:\s*([^|]*[^|\s])/;

/**
 * buck, doe, fawn or unknown for deer, or their class as a tag; the scientific name for everything
 * else; without one the class that a tag names.
 */
export function classOf(
  said: Partial<Record<'scientificName' | 'sex' | 'lifeStage' | 'observationTags', string>>,
): string {
  const { scientificName, sex, lifeStage } = said;
  const tagged = CLASS.exec(said.observationTags ?? '')?.[1];
  if (scientificName === undefined) return tagged ?? 'unknown';
  if (!isDeer(scientificName)) return scientificName;
  if (tagged !== undefined && isDeerClass(tagged)) return tagged;
  if (lifeStage === 'juvenile') return 'fawn';
  if (lifeStage === undefined) return 'unknown';
  return sex === 'male' ? 'buck' : sex === 'female' ? 'doe' : 'unknown';
}

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
