// From a detection's class to what Camtrap DP says of an animal: taxon, sex, life stage, tags.
import { type NoAnimal, noAnimal } from '../../../classes.ts';
import type { DetectionRow } from '../rows.ts';

export interface Described {
  type: 'animal' | NoAnimal;
  scientificName?: string | undefined;
  sex?: string | undefined;
  lifeStage?: string | undefined;
  tags?: string | undefined;
  /** What an imported package said and nobody has corrected since. */
  said: Record<string, unknown>;
}

/** The species of a deer whose database does not say: the animal that this kind of database is about. */
export const DEFAULT_SPECIES = 'Odocoileus virginianus';
export const PERSON = { type: 'human', scientificName: 'Homo sapiens' } as const;

/** Classes of the deer report. A man of some age is a class of its own that Camtrap DP has no word for: it stays as a tag. */
const DEER: Record<string, { sex?: 'male' | 'female'; lifeStage?: 'adult' | 'juvenile'; tagged?: boolean }> = {
  buck: { sex: 'male', lifeStage: 'adult' },
  doe: { sex: 'female', lifeStage: 'adult' },
  fawn: { lifeStage: 'juvenile' },
  mature: { sex: 'male', tagged: true },
  mid: { sex: 'male', tagged: true },
  young: { sex: 'male', tagged: true },
  unknown: {},
};

/** A genus, or a genus and what follows it, as a class may be named. */
const SCIENTIFIC = /^[A-Z][a-z]{2,}( [a-z-]{2,}){0,2}$/;

const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);
const tag = (name: string): string => `class:${name.replace(/[|:]/g, ' ')}`;

export function described(row: DetectionRow): Described {
  const name = row.class.toLowerCase();
  const said = typeof row.observation === 'object' && row.observation !== null ? (row.observation as Record<string, unknown>) : undefined;
  const corrected = row.class !== (row.model_class || 'unknown');
  const other = noAnimal(row.class);
  if (other === 'human') return { ...PERSON, said: {} };
  if (other !== undefined) return { type: other, said: {} };
  if (said !== undefined && !corrected) {
    return {
      type: 'animal',
      scientificName: text(row.species),
      sex: text(said.sex),
      lifeStage: text(said.lifeStage),
      tags: text(said.observationTags),
      said,
    };
  }
  const deer = Object.hasOwn(DEER, name) ? DEER[name] : undefined;
  if (deer === undefined) {
    return SCIENTIFIC.test(row.class)
      ? { type: 'animal', scientificName: row.class, said: {} }
      : { type: 'animal', tags: tag(row.class), said: {} };
  }
  // A detection once taken for another species and corrected to a deer keeps nothing of that species.
  const species = corrected && row.species === row.model_class ? undefined : text(row.species);
  return {
    type: 'animal',
    scientificName: species ?? text(row.deer_species) ?? DEFAULT_SPECIES,
    sex: deer.sex,
    lifeStage: deer.lifeStage,
    tags: deer.tagged ? tag(name) : undefined,
    said: {},
  };
}
