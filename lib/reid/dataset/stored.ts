// Scores that the platform's matcher stored, one row per compared detection and deer: the gate is
// the rows that exist. Pure.
import type { Detection, Profile } from './dataset.ts';
import { matcherGate } from './stored-gate.ts';
import { sortRows } from './stored-rows.ts';
import { chosenVersion, ofVersion, type VersionCount } from './versions.ts';

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

export interface StoredData {
  stored: StoredScores;
  profiles: Profile[];
  version: string | null;
  versions: VersionCount[];
  /** Profiles without a row and without a vector, and those of other embedding versions. */
  withoutVector: number;
  otherVersion: number;
}

/**
 * @param detections valid, not duplicate, of a deer's class, in order of id. @param all every deer,
 * in order of id.
 */
export function storedData(raw: StoredRaw, detections: readonly Detection[], all: readonly Profile[]): StoredData {
  const { rows } = raw;
  const rowOf = positions(rows.detectionIds, detections);
  const deerOf = positions(rows.deerIds, all);
  const seen = new Uint8Array(all.length);
  for (let i = 0; i < rows.count; i++) {
    const deer = deerOf[rows.deer[i]!]!;
    if (deer >= 0) seen[deer] = 1;
  }
  const known = all.filter(({ id }, deer) => seen[deer] === 1 || raw.profiles.get(id)?.vector === true);
  const versions = versionsOf(rows, rowOf, deerOf, all, known);
  const version = chosenVersion(versions);
  const belongs = ofVersion(versions, version, 'profiles');
  const profiles = known.filter((profile) => belongs(profile.version));
  const stored = storedScores(raw, detections, profiles, { rowOf, deerOf });
  return {
    stored,
    profiles,
    version,
    versions,
    withoutVector: all.length - known.length,
    otherVersion: known.length - profiles.length,
  };
}

/** Position in `list` of each id; -1 where it is not in it. */
function positions(ids: readonly string[], list: readonly { id: string }[]): Int32Array {
  const at = new Map(list.map(({ id }, index) => [id, index]));
  return Int32Array.from(ids, (id) => at.get(id) ?? -1);
}

/** Detections with a row of a deer of each version, and the deer of each. */
function versionsOf(
  rows: StoredRows,
  rowOf: Int32Array,
  deerOf: Int32Array,
  all: readonly Profile[],
  known: readonly Profile[],
): VersionCount[] {
  const names = [...new Set(known.map(({ version }) => version))];
  const numberOf = Int32Array.from(all, ({ version }) => names.indexOf(version));
  const compared = new Map<number, Set<number>>(names.map((_, number) => [number, new Set()]));
  for (let i = 0; i < rows.count; i++) {
    const [row, deer] = [rowOf[rows.detection[i]!]!, deerOf[rows.deer[i]!]!];
    if (row >= 0 && deer >= 0) compared.get(numberOf[deer]!)!.add(row);
  }
  return names
    .map((version, number) => ({
      version,
      detections: compared.get(number)!.size,
      profiles: known.filter((profile) => profile.version === version).length,
    }))
    .sort((a, b) => ((a.version ?? '') < (b.version ?? '') ? -1 : 1));
}

interface Where {
  rowOf: Int32Array;
  deerOf: Int32Array;
}

function storedScores(
  raw: StoredRaw,
  detections: readonly Detection[],
  profiles: readonly Profile[],
  where: Where,
): StoredScores {
  const dates = {
    since: Float64Array.from(profiles, ({ id }) => raw.profiles.get(id)?.since ?? Number.NaN),
    changed: Float64Array.from(profiles, ({ id }) => raw.profiles.get(id)?.changedAt ?? Number.NaN),
    created: Float64Array.from(detections, ({ id }) => raw.detections.get(id)?.createdAt ?? Number.NaN),
  };
  const profileOf = positions(raw.rows.deerIds, profiles);
  const { kept, summary } = sortRows(raw.rows, detections.length, profiles, { ...where, profileOf, ...dates });
  const gate = matcherGate(raw, detections, profiles, dates.since);
  const { offsets, profile } = kept;
  // Comparisons with NaN are false: a date that is not recorded makes nothing younger.
  const younger = (row: number, deer: number): boolean => dates.since[deer]! > dates.created[row]!;
  const entries = (row: number): Uint32Array => profile.subarray(offsets[row]!, offsets[row + 1]!);
  let beyond = 0;
  for (let row = 0; row < detections.length; row++)
    for (const deer of entries(row)) if (!gate.open(row, deer)) beyond++;
  summary.gated_pairs = gate.pairs() + beyond;
  summary.missing_pairs = summary.gated_pairs - profile.length;
  return {
    ...kept,
    summary,
    gated: gate.open,
    younger,
    completeness: (some) => {
      let [pairs, present] = [0, 0];
      for (const row of some) {
        pairs += gate.older(row, dates.created[row]!);
        for (const deer of entries(row)) {
          if (younger(row, deer)) continue;
          present++;
          if (!gate.open(row, deer)) pairs++;
        }
      }
      return { pairs, present };
    },
  };
}
