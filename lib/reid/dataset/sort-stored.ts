// Stored rows in order of detection: which can be used, which are left out and why. Pure.
import type { Profile } from './records.ts';
import type { StoredRows, StoredScores, StoredSummary } from './stored-scores.ts';

export interface SortedRows {
  used: Pick<StoredScores, 'offsets' | 'profile' | 'score'>;
  summary: StoredSummary;
}

/** Which row belongs to which detection and deer, and their dates. */
interface RowIndex {
  /**
   * Position of each of rows.detectionIds among the detections, and of each of rows.deerIds among
   * all deer and among the profiles; -1 where it is absent.
   */
  detectionAt: Int32Array;
  deerAt: Int32Array;
  profileAt: Int32Array;
  /** When each profile was enrolled and last changed, ms since 1970; NaN where not recorded. */
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

type Reason = 'elsewhere' | 'other_version' | 'not_finite' | 'older_than_vector';

/** Why row i is left out; undefined if it is used. */
function findReason(
  rows: StoredRows,
  i: number,
  { detectionAt, deerAt, profileAt, since }: RowIndex,
): Reason | undefined {
  if (detectionAt[rows.detection[i]!]! < 0 || deerAt[rows.deer[i]!]! < 0) return 'elsewhere';
  const profile = profileAt[rows.deer[i]!]!;
  if (profile < 0) return 'other_version';
  if (!Number.isFinite(rows.score[i]!)) return 'not_finite';
  return rows.at[i]! < since[profile]! ? 'older_than_vector' : undefined;
}

/** Of several rows of a pair the newest counts. @param n number of detections */
export function sortRows(rows: StoredRows, n: number, profiles: readonly Profile[], index: RowIndex): SortedRows {
  const summary = noRows(rows);
  // A counting sort: the usable rows of detection d are order[begins[d]] to order[begins[d + 1]].
  const begins = new Uint32Array(n + 1);
  const usable = new Uint8Array(rows.count);
  for (let i = 0; i < rows.count; i++) {
    const why = findReason(rows, i, index);
    if (why !== undefined) summary[why]++;
    else {
      usable[i] = 1;
      begins[index.detectionAt[rows.detection[i]!]! + 1]! += 1;
    }
  }
  for (let row = 0; row < n; row++) begins[row + 1]! += begins[row]!;
  const order = new Uint32Array(begins[n]!);
  const next = begins.slice();
  for (let i = 0; i < rows.count; i++) {
    if (usable[i] === 0) continue;
    const row = index.detectionAt[rows.detection[i]!]!;
    order[next[row]!] = i;
    next[row]! += 1;
  }
  return { used: dropOlder(rows, begins, order, profiles.length, index, summary), summary };
}

/** One entry per pair; completes `summary`. */
function dropOlder(
  rows: StoredRows,
  begins: Uint32Array,
  order: Uint32Array,
  count: number,
  { profileAt, changed }: RowIndex,
  summary: StoredSummary,
): SortedRows['used'] {
  const offsets = new Uint32Array(begins.length);
  const [profile, score, at] = [
    new Uint32Array(order.length),
    new Float64Array(order.length),
    new Float64Array(order.length),
  ];
  // The entry of each profile, and the detection that it is for.
  const [entryAt, entryFor] = [new Uint32Array(count), new Int32Array(count).fill(-1)];
  let used = 0;
  for (let row = 0; row + 1 < begins.length; row++) {
    for (let o = begins[row]!; o < begins[row + 1]!; o++) {
      const i = order[o]!;
      const of = profileAt[rows.deer[i]!]!;
      let entry = used;
      if (entryFor[of] === row) {
        summary.superseded++;
        entry = entryAt[of]!;
        if (!(rows.at[i]! >= at[entry]!)) continue;
      } else {
        used++;
        entryAt[of] = entry;
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
