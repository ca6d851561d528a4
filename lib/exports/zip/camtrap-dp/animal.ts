// From a detection's class to what Camtrap DP says about an animal: taxon, sex, life stage, tags.
import { describeDeerClass, PERSON, writeClassTag } from '../../../deer/camtrap-dp.ts';
import { isDeerClass, isPerson, type NonAnimal, nonAnimal } from '../../../deer/classes.ts';
import { DEFAULT_SPECIES, deerSpecies, scientificName, words } from '../../../deer/species.ts';
import type { DetectionRow } from '../detections/rows.ts';

/** What an observation says about the animal of a detection. */
export interface AnimalDescription {
  type: 'animal' | NonAnimal;
  scientificName?: string | undefined;
  sex?: string | undefined;
  lifeStage?: string | undefined;
  tags?: string | undefined;
  /** The database's words for the species, where `scientificName` replaces them. */
  replaced?: string | undefined;
  /** Fields of an imported observation whose class nobody has corrected since. */
  sourceFields: Record<string, unknown>;
}

const text = (value: unknown): string | undefined =>
  typeof value === 'string' && value.trim() !== '' ? value : undefined;

/**
 * The species of a deer: its recorded species where that is a scientific name, else the species of
 * its class (`mule_deer`), else the default. A single word must be a deer class: `White` would pass
 * for a genus.
 * @param recorded detections.species, where it is of this deer
 */
function findDeerSpecies(
  row: DetectionRow,
  recorded: string | undefined,
): Pick<AnimalDescription, 'scientificName' | 'replaced'> {
  const given = recorded ?? text(row.deer_species);
  const named = scientificName(given);
  const species =
    named !== undefined && (named.includes(' ') || isDeerClass(named))
      ? named
      : (deerSpecies(row.class) ?? DEFAULT_SPECIES);
  return { scientificName: species, replaced: given === undefined || given === species ? undefined : given };
}

/** An observation as its package had it, except for words that are not a scientific name. */
function describeImported(row: DetectionRow, sourceFields: Record<string, unknown>): AnimalDescription {
  const recorded = text(row.species);
  const species = deerSpecies(recorded) ?? recorded;
  return {
    type: 'animal',
    scientificName: species,
    replaced: species === recorded ? undefined : recorded,
    sex: text(sourceFields.sex),
    lifeStage: text(sourceFields.lifeStage),
    tags: text(sourceFields.observationTags),
    sourceFields,
  };
}

function describeDeer(row: DetectionRow, corrected: boolean): AnimalDescription {
  const name = words(row.class);
  const deer = describeDeerClass(name);
  // The species of a detection that was corrected from another species to a deer is not the deer's.
  const recorded = corrected && row.species === row.model_class ? undefined : text(row.species);
  const species = findDeerSpecies(row, recorded);
  // A class that is the scientific name needs no tag.
  const tagged = deer?.tagged || (deer === undefined && row.class !== species.scientificName);
  return {
    type: 'animal',
    ...species,
    sex: deer?.sex,
    lifeStage: deer?.lifeStage,
    tags: tagged ? writeClassTag(deer === undefined ? row.class : name) : undefined,
    sourceFields: {},
  };
}

export function describeAnimal(row: DetectionRow): AnimalDescription {
  const corrected = row.class !== (row.model_class || 'unknown');
  const other = nonAnimal(row.class);
  // A species of a person counts as long as nobody has corrected the class.
  if (other === 'human' || (!corrected && isPerson(row.species))) return { ...PERSON, sourceFields: {} };
  if (other !== undefined) return { type: other, sourceFields: {} };
  if (typeof row.observation === 'object' && row.observation !== null && !corrected)
    return describeImported(row, row.observation as Record<string, unknown>);
  if (isDeerClass(row.class)) return describeDeer(row, corrected);
  const name = scientificName(row.class);
  return {
    type: 'animal',
    ...(name === undefined ? { tags: writeClassTag(row.class) } : { scientificName: name }),
    sourceFields: {},
  };
}
