// What weakens the numbers of an analysis, one sentence for each cause that exists. Sentences start
// without a capital and end without a period.
import { count, threshold as formatThreshold, listWords, number, percent } from '../../format.ts';
import type { Dataset } from '../dataset/dataset.ts';
import type { StoredSummary } from '../dataset/stored-scores.ts';
import { type Gallery, LEAST_STORED } from '../study/gallery.ts';
import type { ThresholdRow } from '../study/rates.ts';
import { ATTACH, listVersions } from '../study/refusal.ts';
import type { Searches } from '../study/searches.ts';
import type { Studied } from '../study/study.ts';
import { noteGrown, noteOwnPictures, noteUndescribed, noteUnsure, noteWeights } from './evidence-notes.ts';
import type { Recommendation } from './recommend.ts';
import { are, formatScore, have } from './words.ts';

const MOST_NAMES = 5;

/** `sentence` if there are any, else nothing. */
const note = (n: number, sentence: (n: number) => string): string[] => (n > 0 ? [sentence(n)] : []);

/** @param current rates at the current threshold */
export function writeNotes(study: Studied, current: ThresholdRow, recommendation: Recommendation): string[] {
  const { dataset, searches, gallery } = study;
  const at = recommendation.qualifying_threshold ?? current.threshold;
  const rows = at === current.threshold ? [current] : [current, ...study.rates([at])];
  const undescribed = noteUndescribed(study);
  return [
    ...undescribed.first,
    ...dataset.absent,
    ...note(
      dataset.applied,
      (n) =>
        `${number(n)} of the ${count(dataset.assigned, 'assigned detection')} got ${n === 1 ? 'its' : 'their'} deer from Hoofprint (npm run reid -- apply); without them ${percent((dataset.assigned - n) / dataset.total)} are assigned. They are never evidence`,
    ),
    ...noteVersions(dataset),
    ...(dataset.stored === null ? [] : noteStored(dataset.stored.summary, searches, gallery, current)),
    ...noteSources(study),
    ...(current.assigned_count === 0
      ? [`all scores are below the current threshold of ${current.threshold}: nothing would be assigned`]
      : []),
    ...noteOwnPictures(rows),
    ...noteWeights(study),
    ...undescribed.later,
    ...noteReviews(study),
    ...noteGrown(study),
    ...noteUnsure(study, at),
    ...noteStrangers(study, current, recommendation),
    ...(study.strangers.scores.length > 0 && searches.matcher.length > 0
      ? ['labels that the matcher wrote are shown separately and are in no rate']
      : []),
  ];
}

function noteSources({ dataset, events }: Studied): string[] {
  const unlike = events.unlike.map(({ profile, cosine }) => `${profile} (${cosine.toFixed(3)})`);
  const { unknown } = events.sources;
  return [
    ...note(
      unlike.length,
      () =>
        `some profiles differ from the detection that they name as their source and may be averages of several images; then all events of the deer depend on each other: ${listWords(unlike, MOST_NAMES)}`,
    ),
    ...note(
      unknown.length,
      (n) =>
        `the source of ${number(n)} of ${count(dataset.profiles.length, 'profile')} is unknown, so searches may include the images that they were made from: ${listWords(unknown, MOST_NAMES)}`,
    ),
  ];
}

function noteReviews({ dataset, labels, searches }: Studied): string[] {
  const { contradicting, withoutProfile } = labels.counts;
  const unmet =
    dataset.stored === null ? 'older than every profile of the same class' : 'without a stored score of any profile';
  return [
    ...note(
      contradicting,
      (n) => `${count(n, 'reviewed event')} ${have(n)} contradicting verdicts and ${are(n)} left out`,
    ),
    ...note(
      withoutProfile,
      (n) =>
        `${count(n, 'reviewed event')} ${are(n)} of deer without a usable profile (no vector, or one of another embedding version) and ${are(n)} in no rate`,
    ),
    ...note(searches.unmet, (n) => `${count(n, 'reviewed event')} ${are(n)} ${unmet} and ${are(n)} left out`),
    ...note(
      dataset.stored === null ? searches.narrowed : 0,
      (n) =>
        `${count(n, 'search')} met fewer profiles than there are now, because some deer were enrolled after the review`,
    ),
  ];
}

/** Enrolled deer without their profile should match others about as often as strangers do. */
function noteStrangers({ rates }: Studied, current: ThresholdRow, recommendation: Recommendation): string[] {
  const at = recommendation.qualifying_threshold;
  const row = at === null ? current : rates([at])[0]!;
  const { own_profile_out: own, fpir, fpir_upper: upper, threshold } = row;
  if (own === null || fpir === null || own <= Math.max(upper ?? 1, 1.5 * fpir)) return [];
  return [
    `with their own profile left out, enrolled deer match another deer in ${percent(own)} of their searches at ${formatThreshold(threshold)}, much more often than reviewed strangers do (FPIR ${percent(fpir)}): the reviewed strangers may not be typical`,
  ];
}

/** Which embedding version the numbers are for, if there are several or some are not recorded. */
function noteVersions({ version, versions, source }: Dataset): string[] {
  const recorded = versions.filter((counts) => counts.version !== null);
  const unnamed = versions.find((counts) => counts.version === null);
  if (recorded.length > 1) {
    const others = versions.filter((counts) => counts.version !== version);
    const what = source === 'vectors' ? 'vectors' : 'stored scores';
    return [
      `the ${what} are of several embedding versions, which cannot be compared: all numbers are for ${version}, left out are ${listVersions(others)}`,
    ];
  }
  if (unnamed === undefined || recorded.length === 0) return [];
  return [
    `the embedding version of ${count(unnamed.detections, 'detection')} and ${count(unnamed.profiles, 'profile')} is not recorded and is taken to be ${version}`,
  ];
}

/** How complete stored scores are, and what they cannot answer. */
function noteStored(
  summary: StoredSummary,
  { mateNewer, mateMissing }: Searches,
  gallery: Gallery,
  current: ThresholdRow,
): string[] {
  const used = summary.threshold_used;
  return [
    `scores are not computed: ${count(summary.used, 'stored score')} of ${count(summary.detections_with_rows, 'detection')} ${are(summary.used)} used (reid_similarity_scores)${summary.rounded ? ', rounded to four decimals' : ''}`,
    `comparisons of all pairs, of one burst, image or instant, and the replay need vectors. To attach vectors: ${ATTACH}`,
    ...(used === null || used === current.threshold
      ? []
      : [
          `the platform's newest scores were matched at ${formatScore(used)}, but REID_THRESHOLD is ${formatScore(current.threshold)} here, which is what "now" and "current" mean`,
        ]),
    ...noteRows(summary),
    ...(gallery.stored !== null && gallery.stored < LEAST_STORED
      ? [
          `only ${percent(gallery.stored)} of the pairs with a deer older than the detection have a score: scores below ${summary.lowest === null ? '-' : formatScore(summary.lowest)} were not kept, so no lower threshold is recommended`,
        ]
      : []),
    ...(gallery.share < 1
      ? [
          `the reviewed strangers were compared with ${percent(gallery.share)} of the profiles that they could be taken for, so their bound is divided by ${gallery.share.toFixed(3)}`,
        ]
      : []),
    ...note(
      mateNewer,
      (n) =>
        `${count(n, 'reviewed event')} ${have(n)} no score for their deer, which was enrolled later, and ${are(n)} left out of FNIR`,
    ),
    ...note(
      mateMissing,
      (n) =>
        `${count(n, 'reviewed event')} ${have(n)} no score for their deer, although it was enrolled before, and count as missed`,
    ),
  ];
}

/** Pairs without a row, and rows that are left out. */
function noteRows(summary: StoredSummary): string[] {
  const leftOut = (n: number, why: string): string[] =>
    note(n, () => `${count(n, 'score')} ${are(n)} left out: ${why}`);
  return [
    ...note(
      summary.missing_pairs,
      (n) => `${number(n)} of ${count(summary.gated_pairs, 'pair')} that pass the matcher's gate have no usable score`,
    ),
    ...leftOut(summary.older_than_vector, 'older than the profile of their deer'),
    ...leftOut(summary.other_version, 'their deer have another embedding version'),
    ...leftOut(summary.superseded, 'the same pair has a newer one'),
    ...leftOut(summary.not_finite, 'not a number'),
    ...note(
      summary.older_than_change,
      (n) =>
        `${count(n, 'score')} ${are(n)} older than the last change of their deer (deer.updated_at). Whether its profile changed then is not recorded; if it did, these scores are out of date`,
    ),
  ];
}
