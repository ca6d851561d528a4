// Which class an observation of an animal gets: the deer of the report, or the species itself.

/** Genera of the deer family (Cervidae). */
const DEER = new Set(
  (
    'Alces Axis Blastocerus Capreolus Cervus Dama Elaphodus Elaphurus Hippocamelus Hydropotes Mazama Muntiacus Odocoileus Ozotoceros Pudu ' +
    'Rangifer Rucervus Rusa Cervidae'
  ).split(' '),
);

export const isDeer = (scientificName: string): boolean => DEER.has(scientificName.trim().split(/\s+/)[0] ?? '');

/** Classes of deer that sex and life stage cannot say: an export tags them. */
const TAGGED = new Set(['mature', 'mid', 'young']);
const CLASS = /(?:^|\|)\s*class:\s*([^|]*[^|\s])/;

/** buck, doe, fawn or unknown for deer, or their class as a tag; the scientific name for everything else; without one the class that a tag names. */
export function classOf(said: Partial<Record<'scientificName' | 'sex' | 'lifeStage' | 'observationTags', string>>): string {
  const { scientificName, sex, lifeStage } = said;
  const tagged = CLASS.exec(said.observationTags ?? '')?.[1];
  if (scientificName === undefined) return tagged ?? 'unknown';
  if (!isDeer(scientificName)) return scientificName;
  if (tagged !== undefined && TAGGED.has(tagged)) return tagged;
  if (lifeStage === 'juvenile') return 'fawn';
  if (lifeStage === undefined) return 'unknown';
  return sex === 'male' ? 'buck' : sex === 'female' ? 'doe' : 'unknown';
}
