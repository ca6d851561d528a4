// How much of the gallery the reviewed strangers met: a bound holds for the profiles that they met,
// and a larger gallery errs more often.
import type { Dataset } from '../dataset/dataset.ts';
import type { Profile } from '../dataset/records.ts';
import type { SearchEvents } from '../dataset/search-events.ts';
import type { Meeting, Searches } from './searches.ts';

export interface Gallery {
  /** g: weighted share of gated profiles met, 0 to 1; 1 where nothing can be missing. */
  share: number;
  /** The same by class, for classes with a tenth of the counted events or more; lowest first. */
  classes: { class: string; share: number }[];
  /** Deer that some named stranger did not meet. */
  later: readonly Profile[];
  /**
   * Among pairs of counted detections with gated deer older than them, the share with a stored
   * score; null where scores are computed.
   */
  stored: number | null;
}

/**
 * Below this share (in all, or in a class with a tenth of the counted events) nothing is
 * recommended: dividing the bound by it would be a guess.
 */
export const LEAST_GALLERY = 0.9;
/** Below this share of stored pairs, low scores were probably not kept. */
export const LEAST_STORED = 0.95;

const CLASS_SHARE = 0.1;

/**
 * With computed scores a profile is met where it was there, or where the reviews know its animal;
 * with stored scores where a row exists.
 */
export function measureGallery(
  { stored, profiles }: Dataset,
  events: SearchEvents,
  { meetings, missed }: Searches,
  counted: readonly number[],
): Gallery {
  const share = (list: readonly Meeting[]): number => {
    const gated = list.reduce((sum, meeting) => sum + meeting.weight * meeting.gated, 0);
    return gated === 0 ? 1 : list.reduce((sum, meeting) => sum + meeting.weight * meeting.met, 0) / gated;
  };
  const countedByGate = Map.groupBy(counted, (event) => events.list[event]!.gate);
  const classes = [...Map.groupBy(meetings, ({ event }) => events.list[event]!.gate)]
    .filter(([gate]) => (countedByGate.get(gate)?.length ?? 0) >= CLASS_SHARE * counted.length)
    .map(([gate, list]) => ({ class: gate, share: share(list) }))
    .sort((a, b) => a.share - b.share || (a.class < b.class ? -1 : 1));
  const found = { share: share(meetings), classes, later: missed.map((profile) => profiles[profile]!) };
  if (stored === null) return { ...found, stored: null };
  const { pairs, present } = stored.completeness(counted.flatMap((event) => events.list[event]!.rows));
  return { ...found, stored: pairs === 0 ? 1 : present / pairs };
}
