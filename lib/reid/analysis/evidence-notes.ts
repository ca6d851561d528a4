// What weakens the evidence, one sentence for each cause that exists. Sentences start without a
// capital and end without a period.
import { count, threshold as formatThreshold, listWords, number, percent } from '../../format.ts';
import { measureUndescribed, measureUnsure } from '../study/coverage.ts';
import type { ThresholdRow } from '../study/rates.ts';
import type { Studied } from '../study/study.ts';
import { LOAD_REVIEWS } from './asking.ts';
import { describeLater } from './later.ts';
import { are, have } from './words.ts';

const MOST_GROUPS = 5;
/** Above this, the first thing to know of the rates is what they leave out. */
const MANY_UNDESCRIBED = 0.2;
const MANY_UNSURE = 0.1;
const MANY_OWN = 0.1;

/** Events that no rate describes: `first` where they are many, else `later`. */
export function noteUndescribed(study: Studied): { first: string[]; later: string[] } {
  const undescribed = measureUndescribed(study);
  if (undescribed === null || undescribed.share === 0) return { first: [], later: [] };
  const { share, classes, cameras } = undescribed;
  const groups = (list: typeof classes, what: string): string =>
    listWords(
      list.map(({ name, share: of }) => `${name} ${percent(of)}`),
      MOST_GROUPS,
      what,
    );
  const note = `no rate describes ${percent(share)} of the events, because no draw could have taken them, or none like them is decided (by class: ${groups(classes, 'class')}; by camera: ${groups(cameras, 'camera')}). Draw events without a restriction and load their reviews: ${LOAD_REVIEWS}`;
  return share > MANY_UNDESCRIBED ? { first: [note], later: [] } : { first: [], later: [note] };
}

export function noteWeights({ labels }: Studied): string[] {
  const { counts, weighting, chances } = labels;
  const standing = chances?.standing ?? 0;
  return [
    ...(weighting === 'several'
      ? [
          'the reviews are of several draws of an earlier version, which left out what was reviewed before: events that were reviewed before the newest draw count once, those of the newest draw count for the rest by their inclusion probability',
        ]
      : []),
    ...(standing > 0
      ? [
          `${count(standing, 'event')} of draws of an earlier version, without stored chances, ${standing === 1 ? 'counts' : 'count'} once; later draws count for the rest`,
        ]
      : []),
    ...(counts.uncounted > 0
      ? [
          `${count(counts.uncounted, 'reviewed event')} ${are(counts.uncounted)} in no rate, because no draw took ${counts.uncounted === 1 ? 'it' : 'them'} (a roster or single looks): they only give names and pairs`,
        ]
      : []),
    ...(counts.repeats > 0
      ? [`${count(counts.repeats, 'repeat')} (shown again as new) ${are(counts.repeats)} in no rate and no verdict`]
      : []),
    ...(counts.enrolledSince > 0
      ? [
          `${count(counts.enrolledSince, 'reviewed event')} ${are(counts.enrolledSince)} of strangers that were enrolled since: searches for known deer now`,
        ]
      : []),
  ];
}

/** A gallery that has grown since the reviews, where scores are computed. */
export function noteGrown({ gallery }: Studied): string[] {
  if (gallery.stored !== null || gallery.share >= 1) return [];
  return [
    `the reviewed strangers were compared with ${percent(gallery.share)} of the profiles that they could be taken for, so their bound is divided by ${gallery.share.toFixed(3)}: ${describeLater(gallery)}`,
  ];
}

/** @param threshold the recommended one, or the current one without a recommendation */
export function noteUnsure(study: Studied, threshold: number): string[] {
  const { share, worst } = measureUnsure(study, threshold);
  if (share <= MANY_UNSURE) return [];
  const most =
    worst === null ? '' : `; if all of those at or above it were wrong, FPIR there would be ${percent(worst)}`;
  return [
    `reviewers were unsure of ${percent(share)} of the reviewed events that score near ${formatThreshold(threshold)}${most}`,
  ];
}

/** A picture that a profile was made from is assigned to it at any threshold. */
export const noteOwnPictures = (rows: readonly ThresholdRow[]): string[] =>
  rows.flatMap(
    ({ threshold, assigned_count: assigned, assigned_sources: own, assignment_rate_without_sources: rate }) =>
      own <= MANY_OWN * assigned
        ? []
        : [
            `at ${formatThreshold(threshold)}, ${number(own)} of the ${count(assigned, 'assigned detection')} ${are(own)} of events that profiles were made from; without these events ${percent(rate ?? 0)} of detections are assigned`,
          ],
  );

/** Warnings next to a recommendation: names that may be one animal. */
export const warnOfTies = ({ labels }: Studied): string[] =>
  labels.ties.length === 0
    ? []
    : [
        `${count(labels.ties.length, 'name')} of strangers ${have(labels.ties.length)} a deer of the same name or source: ${listWords(
          labels.ties.map(({ identity, deer }) => `${identity} (deer ${deer})`),
          MOST_GROUPS,
        )}. Verdicts on different events say so, so they are kept apart; if they are the same animal, correct the verdicts`,
      ];
