// What stands at the head of both analyses: counts, evidence, what weakens the numbers, and the recommendation.
import type { Dataset, LeftOut } from './dataset.ts';
import type { Labels } from './evidence.ts';
import { DEFAULT_MAX_FPIR, DEFAULT_MIN_ANIMALS, type ScoresInput } from './input.ts';
import { separationOf } from './rates.ts';
import { percent, type Recommendation, recommend } from './recommend.ts';
import type { Study, ThresholdRow } from './study.ts';

export interface Circumstances {
  /** REID_THRESHOLD. */
  currentThreshold: number;
  /** The replay costs a search of every event against all earlier ones: done only when asked for. */
  replay?: boolean;
}

/** What stands at the head of both analyses. */
export interface Head {
  current_threshold: number;
  current_assignment_rate: number | null;
  total_detections: number;
  assigned_detections: number;
  deer_profiles: number;
  left_out: { detections: LeftOut; profiles: LeftOut; bursts: number; burst_detections: number };
  events: number;
  source_events: number;
  /** Events that rates of all events count. */
  searches: number;
  sampled: boolean;
  /** What the reader must know before any number, in words. */
  notes: string[];
  evidence: EvidenceSummary | null;
  recommendation: Recommendation;
}

export type EvidenceSummary = Labels['counts'] & {
  used: readonly string[];
  weighting: Labels['weighting'];
  mated_by: 'reviews' | 'matcher' | null;
  mated_searches: number;
  matcher_searches: number;
  non_mated_searches: number;
  non_mated_animals: number;
  non_mated_pairs: number;
  unmet: number;
  narrowed: number;
  gated_profiles: number;
  unknown_share: number | null;
  unknown_share_from: 'given' | 'reviews' | null;
};

/** The head, the grid rows that charts are drawn from, and the separation of reviewed comparisons. */
export function headOf(dataset: Dataset, study: Study | string, input: ScoresInput, { currentThreshold }: Circumstances) {
  const refused = typeof study === 'string';
  const grid = refused ? [] : study.rows(study.grid);
  const current = refused ? null : study.rows([currentThreshold])[0]!;
  const mated = refused ? [] : study.searches.mated.map(({ pairScore }) => pairScore);
  const separation = refused ? null : separationOf(mated, study.searches.nonMatedPairs.scores);
  const recommendation = recommend({
    grid,
    current,
    maxFpir: input.max_fpir ?? DEFAULT_MAX_FPIR,
    minAnimals: input.min_animals ?? DEFAULT_MIN_ANIMALS,
    profiles: dataset.profiles.length,
    refusal: refused ? study : undefined,
    weighting: refused ? 'none' : study.labels.weighting,
    matedBy: refused ? null : study.mated.by,
    auc: separation?.auc ?? null,
    unnamed: refused ? 0 : study.labels.counts.none - study.labels.counts.noneWithIdentity,
  });
  const head: Head = {
    current_threshold: currentThreshold,
    current_assignment_rate: dataset.total === 0 ? null : dataset.assigned / dataset.total,
    total_detections: dataset.total,
    assigned_detections: dataset.assigned,
    deer_profiles: dataset.profiles.length,
    left_out: {
      ...dataset.leftOut,
      bursts: refused ? 0 : study.events.leftOut.bursts,
      burst_detections: refused ? 0 : study.events.leftOut.detections,
    },
    events: refused ? 0 : study.events.list.length,
    source_events: refused ? 0 : study.events.source.reduce((sum, is) => sum + is, 0),
    searches: refused ? 0 : study.counted.length,
    sampled: refused ? false : study.sampled,
    notes: refused ? dataset.absent : notesOf(dataset, study, current, recommendation),
    evidence: refused ? null : evidenceOf(study),
    recommendation,
  };
  return { head, grid, separation };
}

function evidenceOf({ evidence, labels, searches, mated, unknown, strangers }: Study): EvidenceSummary {
  return {
    used: evidence,
    weighting: labels.weighting,
    ...labels.counts,
    mated_by: mated.by,
    mated_searches: searches.mated.length,
    matcher_searches: searches.matcher.length,
    non_mated_searches: strangers.scores.length,
    non_mated_animals: new Set(Array.from(strangers.cluster)).size,
    non_mated_pairs: searches.nonMatedPairs.scores.length,
    unmet: searches.unmet,
    narrowed: searches.narrowed,
    gated_profiles: searches.gatedProfiles,
    unknown_share: unknown.share,
    unknown_share_from: unknown.from,
  };
}

const listed = (names: readonly string[]): string =>
  `${names.slice(0, 5).join(', ')}${names.length > 5 ? ` and ${names.length - 5} more` : ''}`;

/** Sanity in words: each sentence is about something that weakens a number, none is said without cause. */
function notesOf(
  dataset: Dataset,
  { events, searches, labels, strangers, rows }: Study,
  current: ThresholdRow | null,
  recommendation: Recommendation,
): string[] {
  const notes = [...dataset.absent];
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
  const untold = dataset.versions.find(({ version }) => version === null);
  if (untold !== undefined && dataset.versions.length > 1) {
    notes.push(
      `${untold.detections} detections and ${untold.profiles} profiles do not tell their embedding version; they are taken to be of the one that is told`,
    );
  }
  if (current !== null && current.assigned_count === 0)
    notes.push(`all scores are below the current threshold of ${current.threshold}: nothing would be assigned`);
  if (labels.counts.contradicting > 0) notes.push(`${labels.counts.contradicting} reviewed events contradict themselves and are left out`);
  if (searches.unmet > 0) notes.push(`${searches.unmet} reviewed events are older than every profile they could meet and are left out`);
  if (searches.narrowed > 0)
    notes.push(`${searches.narrowed} searches met fewer profiles than there are now: some were enrolled after the review`);
  const own = recommendation.qualifying_threshold === null ? current : rows([recommendation.qualifying_threshold])[0]!;
  if (own?.own_profile_out != null && own.fpir !== null && own.own_profile_out > Math.max(own.fpir_upper ?? 1, 1.5 * own.fpir)) {
    notes.push(
      `enrolled animals with their own profile left out are taken for another in ${percent(own.own_profile_out)} of their searches at ${own.threshold.toFixed(2)}, well above FPIR (${percent(own.fpir)}): reviewed animals may not be typical`,
    );
  }
  if (strangers.scores.length > 0 && searches.matcher.length > 0)
    notes.push('labels made by the matcher are shown apart and are in no rate');
  return notes;
}
