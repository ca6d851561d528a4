// Stored rows put in order of detection: what can be used, what is left out and why. Pure.
import type { Profile } from './records.ts';
import type { StoredRows, StoredScores, StoredSummary } from './stored-scores.ts';

export interface Sorted {
  kept: Pick<StoredScores, 'offsets' | 'profile' | 'score'>;
  summary: StoredSummary;
}

interface Where {
  /**
   * Position of each of rows.detectionIds among the detections, of each of rows.deerIds among all
   * deer and among the profiles; -1 = not in it.
   */
  rowOf: Int32Array;
  deerOf: Int32Array;
  profileOf: Int32Array;
  /**
   * ms since 1970 by profile, NaN where not recorded: when it was enrolled, when its row changed
   * last.
   */
  since: Float64Array;
  changed: Float64Array;
}

const noRows = ({ count, thresholdUsed }: StoredRows): StoredSummary => ({
  rows: count,
  used: 0,
  detections_with_rows: 0,
  gated_pairs: 0,
  missing_pairs: 0,
  older_than_vector: 0,
  other_version: 0,
  superseded: 0,
  not_finite: 0,
  elsewhere: 0,
  older_than_change: 0,
  lowest: null,
  rounded: true,
  threshold_used: thresholdUsed,
});

type Why = 'elsewhere' | 'other_version' | 'not_finite' | 'older_than_vector';

/** Why row i is left out; undefined when it is not. */
function leftOut(rows: StoredRows, i: number, { rowOf, deerOf, profileOf, since }: Where): Why | undefined {
  if (rowOf[rows.detection[i]!]! < 0 || deerOf[rows.deer[i]!]! < 0) return 'elsewhere';
  const profile = profileOf[rows.deer[i]!]!;
  if (profile < 0) return 'other_version';
  if (!Number.isFinite(rows.score[i]!)) return 'not_finite';
  return rows.at[i]! < since[profile]! ? 'older_than_vector' : undefined;
}

/** Of several rows of one pair the newest counts. @param n detections */
export function sortRows(rows: StoredRows, n: number, profiles: readonly Profile[], where: Where): Sorted {
  const summary = noRows(rows);
  // A counting sort: the usable rows of detection d are order[begins[d]] to order[begins[d + 1]].
  const begins = new Uint32Array(n + 1);
  const usable = new Uint8Array(rows.count);
  for (let i = 0; i < rows.count; i++) {
    const why = leftOut(rows, i, where);
    if (why !== undefined) summary[why]++;
    else {
      usable[i] = 1;
      begins[where.rowOf[rows.detection[i]!]! + 1]! += 1;
    }
  }
  for (let row = 0; row < n; row++) begins[row + 1]! += begins[row]!;
  const order = new Uint32Array(begins[n]!);
  const next = begins.slice();
  for (let i = 0; i < rows.count; i++) {
    if (usable[i] === 0) continue;
    const row = where.rowOf[rows.detection[i]!]!;
    order[next[row]!] = i;
    next[row]! += 1;
  }
  return { kept: withoutOlder(rows, begins, order, profiles.length, where, summary), summary };
}

/** One entry a pair; counts what is left in `summary`. */
function withoutOlder(
  rows: StoredRows,
  begins: Uint32Array,
  order: Uint32Array,
  count: number,
  { profileOf, changed }: Where,
  summary: StoredSummary,
): Sorted['kept'] {
  const offsets = new Uint32Array(begins.length);
  const [profile, score, at] = [
    new Uint32Array(order.length),
    new Float64Array(order.length),
    new Float64Array(order.length),
  ];
  // Where each profile has its entry, and for which detection.
  const [entryOf, entryFor] = [new Uint32Array(count), new Int32Array(count).fill(-1)];
  let used = 0;
  for (let row = 0; row + 1 < begins.length; row++) {
    for (let o = begins[row]!; o < begins[row + 1]!; o++) {
      const i = order[o]!;
      const of = profileOf[rows.deer[i]!]!;
      let entry = used;
      if (entryFor[of] === row) {
        summary.superseded++;
        entry = entryOf[of]!;
        if (!(rows.at[i]! >= at[entry]!)) continue;
      } else {
        used++;
        entryOf[of] = entry;
        entryFor[of] = row;
      }
      profile[entry] = of;
      score[entry] = rows.score[i]!;
      at[entry] = rows.at[i]!;
    }
    offsets[row + 1] = used;
    if (used > offsets[row]!) summary.detections_with_rows++;
  }
  let lowest = Number.POSITIVE_INFINITY;
  for (let entry = 0; entry < used; entry++) {
    lowest = Math.min(lowest, score[entry]!);
    if (Math.abs(score[entry]! * 1e4 - Math.round(score[entry]! * 1e4)) > 1e-6) summary.rounded = false;
    if (at[entry]! < changed[profile[entry]!]!) summary.older_than_change++;
  }
  summary.used = used;
  summary.lowest = used === 0 ? null : lowest;
  return { offsets, profile: profile.subarray(0, used), score: score.subarray(0, used) };
}
