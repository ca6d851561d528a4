// Which class an observation of an animal gets: the deer of the report, or the species itself.

/** Genera of the deer family (Cervidae). */
const DEER = new Set(
  (
    'Alces Axis Blastocerus Capreolus Cervus Dama Elaphodus Elaphurus Hippocamelus Hydropotes Mazama Muntiacus Odocoileus Ozotoceros Pudu ' +
    'Rangifer Rucervus Rusa Cervidae'
  ).split(' '),
);

export const isDeer = (scientificName: string): boolean => DEER.has(scientificName.trim().split(/\s+/)[0] ?? '');

/** buck, doe, fawn or unknown for deer; the scientific name for everything else; unknown when there is none. */
export function classOf(scientificName: string | undefined, sex: string | undefined, lifeStage: string | undefined): string {
  if (scientificName === undefined) return 'unknown';
  if (!isDeer(scientificName)) return scientificName;
  if (lifeStage === 'juvenile') return 'fawn';
  if (lifeStage === undefined) return 'unknown';
  return sex === 'male' ? 'buck' : sex === 'female' ? 'doe' : 'unknown';
}
