// The platform's stored scores in memory: which rows count, of which embedding version, and what is
// missing. Pure.
import { findMatcherGate, findPositions } from './matcher-gate.ts';
import type { Detection, Profile } from './records.ts';
import { sortRows } from './sort-stored.ts';
import type { StoredRaw, StoredRows, StoredScores } from './stored-scores.ts';
import { chooseVersion, matchVersion, sortVersions, type VersionCount } from './versions.ts';

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
 * @param detections valid ones of searched classes, no duplicates, in order of id
 * @param all every deer, in order of id
 */
export function assembleStored(raw: StoredRaw, detections: readonly Detection[], all: readonly Profile[]): StoredData {
  const { rows } = raw;
  const detectionAt = findPositions(rows.detectionIds, detections);
  const deerAt = findPositions(rows.deerIds, all);
  const seen = new Uint8Array(all.length);
  for (let i = 0; i < rows.count; i++) {
    const deer = deerAt[rows.deer[i]!]!;
    if (deer >= 0) seen[deer] = 1;
  }
  const known = all.filter(({ id }, deer) => seen[deer] === 1 || raw.profiles.get(id)?.vector === true);
  const versions = countVersions(rows, detectionAt, deerAt, all, known);
  const version = chooseVersion(versions);
  const belongs = matchVersion(versions, version, 'profiles');
  const profiles = known.filter((profile) => belongs(profile.version));
  const stored = makeStoredScores(raw, detections, profiles, { detectionAt, deerAt });
  return {
    stored,
    profiles,
    version,
    versions,
    withoutVector: all.length - known.length,
    otherVersion: known.length - profiles.length,
  };
}

/** Detections with a row of a deer of each version, and the deer of each. */
function countVersions(
  rows: StoredRows,
  detectionAt: Int32Array,
  deerAt: Int32Array,
  all: readonly Profile[],
  known: readonly Profile[],
): VersionCount[] {
  const names = [...new Set(known.map(({ version }) => version))];
  const versionNumbers = Int32Array.from(all, ({ version }) => names.indexOf(version));
  const compared = new Map<number, Set<number>>(names.map((_, number) => [number, new Set()]));
  for (let i = 0; i < rows.count; i++) {
    const [row, deer] = [detectionAt[rows.detection[i]!]!, deerAt[rows.deer[i]!]!];
    if (row >= 0 && deer >= 0) compared.get(versionNumbers[deer]!)!.add(row);
  }
  return sortVersions(
    names.map((version, number) => ({
      version,
      detections: compared.get(number)!.size,
      profiles: known.filter((profile) => profile.version === version).length,
    })),
  );
}

/** Positions of the rows' ids: among the detections, and among all deer; -1 where absent. */
interface Positions {
  detectionAt: Int32Array;
  deerAt: Int32Array;
}

function makeStoredScores(
  raw: StoredRaw,
  detections: readonly Detection[],
  profiles: readonly Profile[],
  positions: Positions,
): StoredScores {
  const dates = {
    since: Float64Array.from(profiles, ({ id }) => raw.profiles.get(id)?.since ?? Number.NaN),
    changed: Float64Array.from(profiles, ({ id }) => raw.profiles.get(id)?.changedAt ?? Number.NaN),
    created: Float64Array.from(detections, ({ id }) => raw.detections.get(id)?.createdAt ?? Number.NaN),
  };
  const profileAt = findPositions(raw.rows.deerIds, profiles);
  const { used, summary } = sortRows(raw.rows, detections.length, profiles, { ...positions, profileAt, ...dates });
  const gate = findMatcherGate(raw, detections, profiles, dates.since);
  const { offsets, profile } = used;
  // Comparisons with NaN are false: a date that is not recorded makes nothing younger.
  const younger = (row: number, deer: number): boolean => dates.since[deer]! > dates.created[row]!;
  const entries = (row: number): Uint32Array => profile.subarray(offsets[row]!, offsets[row + 1]!);
  let beyond = 0;
  for (let row = 0; row < detections.length; row++)
    for (const deer of entries(row)) if (!gate.open(row, deer)) beyond++;
  summary.gated_pairs = gate.pairs() + beyond;
  summary.missing_pairs = summary.gated_pairs - profile.length;
  return {
    ...used,
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
