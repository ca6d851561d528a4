// A gallery that has grown: which deer that were enrolled after a review are known among the
// reviewed animals, so that a stranger of then is the deer, or surely is not.
import { fold } from '../../deer/names-alike.ts';
import type { Dataset } from '../dataset/dataset.ts';
import type { Profile, Review } from '../dataset/records.ts';
import type { SearchEvents } from '../dataset/search-events.ts';
import { listIdentities } from './verdicts.ts';

/**
 * By profile, the names that its animal has among the reviews: those of its source event, and those
 * that the deer itself has (folded). Empty: no review says who it was.
 */
export function nameProfiles(
  { profiles }: Dataset,
  { profileSource }: SearchEvents,
  reviews: ReadonlyMap<number, readonly Review[]>,
): ReadonlySet<string>[] {
  const folded = Map.groupBy(new Set([...reviews.values()].flatMap(listIdentities)), fold);
  return profiles.map(({ name }, profile) => {
    const said = listIdentities(reviews.get(profileSource[profile]!) ?? []);
    return new Set([...said, ...(folded.get(fold(name)) ?? [])]);
  });
}

/** Whether a profile was there when a review said "none of the deer". Without dates it was. */
export const wasThere = ({ enrolledAt }: Profile, before: number | null): boolean =>
  enrolledAt === null || before === null || enrolledAt < before;
