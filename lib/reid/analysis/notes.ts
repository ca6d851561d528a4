// What weakens the numbers of an analysis, in sentences: none is said without cause.
import type { Dataset } from '../dataset/dataset.ts';
import { type Gallery, LEAST_STORED } from '../study/gallery.ts';
import type { ThresholdRow } from '../study/rates.ts';
import { ATTACH, listVersions } from '../study/refusal.ts';
import type { Searches } from '../study/searches.ts';
import type { Studied } from '../study/study.ts';
import type { Recommendation } from './recommend.ts';
import { lowest, percent } from './words.ts';

const listed = (names: readonly string[]): string =>
  `${names.slice(0, 5).join(', ')}${names.length > 5 ? ` and ${names.length - 5} more` : ''}`;

/** Sanity in words: each sentence is about something that weakens a number. */
export function writeNotes(
  { dataset, events, searches, labels, strangers, rates, gallery }: Studied,
  current: ThresholdRow,
  recommendation: Recommendation,
): string[] {
  const notes = [...dataset.absent, ...versionNotes(dataset), ...storedNotes(dataset, searches, gallery, current)];
  if (events.unlike.length > 0) {
    const worst = events.unlike.map(({ profile, cosine }) => `${profile} (${cosine.toFixed(3)})`);
    notes.push(
      `profiles that differ from the detection they name as their source, perhaps running means, which makes every event of the animal dependent: ${listed(worst)}`,
    );
  }
  const { unknown } = events.sources;
  if (unknown.length > 0) {
    notes.push(
      `no source event is known for ${unknown.length} of ${dataset.profiles.length} profiles, so their own pictures may be among the searches: ${listed(unknown)}`,
    );
  }
  if (current.assigned_count === 0)
    notes.push(`all scores are below the current threshold of ${current.threshold}: nothing would be assigned`);
  if (labels.counts.contradicting > 0)
    notes.push(`${labels.counts.contradicting} reviewed events contradict themselves and are left out`);
  if (labels.counts.withoutProfile > 0) {
    notes.push(
      `${labels.counts.withoutProfile} reviewed events are of deer that have no profile here (none, or one of another embedding version); no rate counts them`,
    );
  }
  if (searches.unmet > 0) {
    const why =
      dataset.stored === null
        ? 'are older than every profile they could meet'
        : 'have no stored score against any profile';
    notes.push(`${searches.unmet} reviewed events ${why} and are left out`);
  }
  if (searches.narrowed > 0 && dataset.stored === null)
    notes.push(
      `${searches.narrowed} searches met fewer profiles than there are now: some were enrolled after the review`,
    );
  const own = recommendation.qualifying_threshold === null ? current : rates([recommendation.qualifying_threshold])[0]!;
  if (
    own.own_profile_out !== null &&
    own.fpir !== null &&
    own.own_profile_out > Math.max(own.fpir_upper ?? 1, 1.5 * own.fpir)
  ) {
    notes.push(
      `enrolled animals with their own profile left out are taken for another in ${percent(own.own_profile_out)} of their searches at ${own.threshold.toFixed(2)}, well above FPIR (${percent(own.fpir)}): reviewed animals may not be typical`,
    );
  }
  if (strangers.scores.length > 0 && searches.matcher.length > 0)
    notes.push('labels made by the matcher are shown apart and are in no rate');
  return notes;
}

/**
 * Which embedding version the numbers are about, where there are several or some are not recorded.
 */
function versionNotes({ version, versions, source }: Dataset): string[] {
  const recorded = versions.filter((count) => count.version !== null);
  const unnamed = versions.find((count) => count.version === null);
  if (recorded.length > 1) {
    const others = versions.filter((count) => count.version !== version);
    const what = source === 'vectors' ? 'vectors' : 'stored scores of deer';
    return [
      `the ${what} come from several embedding versions, which must not be compared; the numbers are about ${version}, left out are ${listVersions(others)}`,
    ];
  }
  if (unnamed === undefined || recorded.length === 0) return [];
  return [
    `${unnamed.detections} detections and ${unnamed.profiles} profiles have no recorded embedding version; they are taken to be of ${version}`,
  ];
}

/**
 * What the reader of stored scores must know: how many there are, what is missing, and what they
 * cannot answer.
 */
function storedNotes(
  { stored }: Dataset,
  { mateNewer, mateMissing }: Searches,
  gallery: Gallery,
  current: ThresholdRow,
): string[] {
  if (stored === null) return [];
  const { summary } = stored;
  const notes = [
    `scores are the ${summary.used} stored ones of ${summary.detections_with_rows} detections (reid_similarity_scores)${summary.rounded ? ', rounded to four decimals' : ''}`,
    `without vectors there are no all-pairs, burst, same-image and same-instant comparisons and no replay. To have them, attach vectors: ${ATTACH}`,
  ];
  const used = summary.threshold_used;
  if (used !== null && used !== current.threshold) {
    notes.push(
      `the platform's newest scores were matched at ${lowest(used)}, REID_THRESHOLD here is ${lowest(current.threshold)}: "now" and "current" are about the latter`,
    );
  }
  const say = (count: number, sentence: (count: number) => string): void =>
    void (count > 0 && notes.push(sentence(count)));
  say(
    summary.missing_pairs,
    (n) => `${n} of ${summary.gated_pairs} pairs that the matcher's gate lets through have no usable score`,
  );
  say(summary.older_than_vector, (n) => `${n} scores are older than the profile of their deer and are left out`);
  say(summary.other_version, (n) => `${n} scores are of deer of another embedding version and are left out`);
  say(summary.superseded, (n) => `${n} scores are left out because a newer one of the same pair exists`);
  say(summary.not_finite, (n) => `${n} scores are not numbers and are left out`);
  say(
    summary.older_than_change,
    (n) =>
      `${n} scores are older than the last change of their deer (deer.updated_at). If its vector changed then, they are out of date; this cannot be seen`,
  );
  if (gallery.stored !== null && gallery.stored < LEAST_STORED) {
    notes.push(
      `only ${percent(gallery.stored)} of the pairs with deer older than the detection have a score: scores below ${lowest(summary.lowest)} were not kept, so no lower threshold is recommended`,
    );
  }
  if (gallery.share < 1) {
    notes.push(
      `the reviewed strangers were compared with ${percent(gallery.share)} of the profiles that they could be taken for: their bound is divided by ${gallery.share.toFixed(3)}`,
    );
  }
  say(
    mateNewer,
    (n) =>
      `${n} reviewed events have no score against their deer because it was enrolled later; they are left out of FNIR`,
  );
  say(
    mateMissing,
    (n) => `${n} reviewed events have no score against their deer although it is older; they count as missed`,
  );
  return notes;
}
