// From a detection's class to what Camtrap DP says of an animal: taxon, sex, life stage, tags.
import { describeDeerClass, PERSON, writeClassTag } from '../../../deer/camtrap-dp.ts';
import { isDeerClass, isPerson, type NonAnimal, nonAnimal } from '../../../deer/classes.ts';
import { DEFAULT_SPECIES, deerSpecies, scientificName, words } from '../../../deer/species.ts';
import type { DetectionRow } from '../rows.ts';

export interface Described {
  type: 'animal' | NonAnimal;
  scientificName?: string | undefined;
  sex?: string | undefined;
  lifeStage?: string | undefined;
  tags?: string | undefined;
  /** Words of the database for the species that `scientificName` was given instead of. */
  replaced?: string | undefined;
  /** What an imported package said and nobody has corrected since. */
  said: Record<string, unknown>;
}

const text = (value: unknown): string | undefined =>
  typeof value === 'string' && value.trim() !== '' ? value : undefined;

/**
 * The species of a deer: its own, where that is the name of a species, else by its class
 * (`mule_deer`), else the default. A single word counts only where it is a deer's: `White` would
 * pass for a genus.
 */
function speciesOf(row: DetectionRow, own: string | undefined): Pick<Described, 'scientificName' | 'replaced'> {
  const said = own ?? text(row.deer_species);
  const named = scientificName(said);
  const species =
    named !== undefined && (named.includes(' ') || isDeerClass(named))
      ? named
      : (deerSpecies(row.class) ?? DEFAULT_SPECIES);
  return { scientificName: species, replaced: said === undefined || said === species ? undefined : said };
}

export function described(row: DetectionRow): Described {
  const said =
    typeof row.observation === 'object' && row.observation !== null
      ? (row.observation as Record<string, unknown>)
      : undefined;
  const corrected = row.class !== (row.model_class || 'unknown');
  const other = nonAnimal(row.class);
  // A species that is a person's counts as long as nobody has corrected the class.
  if (other === 'human' || (!corrected && isPerson(row.species))) return { ...PERSON, said: {} };
  if (other !== undefined) return { type: other, said: {} };
  if (said !== undefined && !corrected) {
    const own = text(row.species);
    // As its package said it, but for words that are known to be no scientific name.
    const species = deerSpecies(own) ?? own;
    return {
      type: 'animal',
      scientificName: species,
      replaced: species === own ? undefined : own,
      sex: text(said.sex),
      lifeStage: text(said.lifeStage),
      tags: text(said.observationTags),
      said,
    };
  }
  if (!isDeerClass(row.class)) {
    const name = scientificName(row.class);
    return name === undefined
      ? { type: 'animal', tags: writeClassTag(row.class), said: {} }
      : { type: 'animal', scientificName: name, said: {} };
  }
  const name = words(row.class);
  const deer = describeDeerClass(name);
  // A detection once taken for another species and corrected to a deer keeps nothing of that
  // species.
  const own = corrected && row.species === row.model_class ? undefined : text(row.species);
  const species = speciesOf(row, own);
  return {
    type: 'animal',
    ...species,
    sex: deer?.sex,
    lifeStage: deer?.lifeStage,
    // A class that is the scientific name itself is said with it.
    tags:
      deer?.tagged || (deer === undefined && row.class !== species.scientificName)
        ? writeClassTag(deer === undefined ? row.class : name)
        : undefined,
    said: {},
  };
}
