// Scores that the platform's matcher stored: as rows of its table, as typed arrays, and how
// complete they are. A row exists for each detection and deer that the matcher compared.

/**
 * The rows as they were read, column by column; `detection`, `deer`, `label` and `sex` are
 * positions in the lists of names.
 */
export interface StoredRows {
  count: number;
  detection: Uint32Array;
  deer: Uint32Array;
  score: Float64Array;
  /** When it was calculated, ms since 1970; NaN where not recorded. */
  at: Float64Array;
  /** Class and sex that the matcher compared; position of '' where not recorded. */
  label: Uint16Array;
  sex: Uint16Array;
  detectionIds: readonly string[];
  deerIds: readonly string[];
  names: readonly string[];
  /** The threshold that the matcher used when it wrote the newest row; null where not recorded. */
  thresholdUsed: number | null;
}

/** What the comparison needs to know of detections and deer beyond their rows, by id. */
export interface StoredRaw {
  rows: StoredRows;
  /**
   * When the detection was made (ms since 1970) and the model's own class, which is what the
   * matcher saw.
   */
  detections: ReadonlyMap<string, { createdAt: number | null; label: string }>;
  /**
   * When the deer was enrolled or, where that is not recorded, its row was made; when the row last
   * changed; whether it has a vector.
   */
  profiles: ReadonlyMap<string, { since: number | null; changedAt: number | null; vector: boolean }>;
}

/**
 * How complete the stored scores are, for people and JSON. Counts are of rows, or of pairs of a
 * detection and a deer.
 */
export interface StoredSummary {
  rows: number;
  used: number;
  detections_with_rows: number;
  /** Pairs that the matcher's gate lets through, with and without a usable row. */
  gated_pairs: number;
  missing_pairs: number;
  /**
   * Left out: older than the deer's enrollment; of a deer of another embedding version; a newer row
   * of the pair exists; no finite score.
   */
  older_than_vector: number;
  other_version: number;
  superseded: number;
  not_finite: number;
  /** Of detections or deer that this analysis leaves out. */
  elsewhere: number;
  /** Kept, although the row of their deer changed later: whether its vector did is not recorded. */
  older_than_change: number;
  lowest: number | null;
  /** Every score is a whole number of ten-thousandths. */
  rounded: boolean;
  /** The platform's own threshold, as its newest row says; null where not recorded. */
  threshold_used: number | null;
}

export interface StoredScores {
  /**
   * Entries offsets[row] to offsets[row + 1] belong to that row of Dataset.detections: a position
   * in Dataset.profiles and a score.
   */
  offsets: Uint32Array;
  profile: Uint32Array;
  score: Float64Array;
  summary: StoredSummary;
  /** Whether the matcher compares detections of this one's class with deer of this one's sex. */
  gated(row: number, profile: number): boolean;
  /**
   * Whether the deer is newer than the detection, so that no row can be expected. Unknown dates are
   * no reason.
   */
  younger(row: number, profile: number): boolean;
  /**
   * Among pairs of these detections with gated deer older than them: how many there are, and how
   * many have a row.
   */
  completeness(rows: Iterable<number>): { pairs: number; present: number };
}
