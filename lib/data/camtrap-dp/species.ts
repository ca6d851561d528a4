// Which class an observation of an animal gets: the deer of the report, or the species itself.

import { isDeerClass } from '../../deer/deer-classes.ts';
import { isDeer } from '../../deer/species.ts';

export { isDeer };

/** What sex and life stage cannot say of a deer's class, an export tags. */
const CLASS = /(?:^|\|)\s*class:\s*([^|]*[^|\s])/;

/** buck, doe, fawn or unknown for deer, or their class as a tag; the scientific name for everything else; without one the class that a tag names. */
export function classOf(said: Partial<Record<'scientificName' | 'sex' | 'lifeStage' | 'observationTags', string>>): string {
  const { scientificName, sex, lifeStage } = said;
  const tagged = CLASS.exec(said.observationTags ?? '')?.[1];
  if (scientificName === undefined) return tagged ?? 'unknown';
  if (!isDeer(scientificName)) return scientificName;
  if (tagged !== undefined && isDeerClass(tagged)) return tagged;
  if (lifeStage === 'juvenile') return 'fawn';
  if (lifeStage === undefined) return 'unknown';
  return sex === 'male' ? 'buck' : sex === 'female' ? 'doe' : 'unknown';
}
