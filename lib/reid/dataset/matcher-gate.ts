// Which detections the platform's matcher compares with which deer, found from the rows that it
// stored. Pure.

import { firstAtLeast } from '../statistics/rates.ts';
import { toGate } from './gates.ts';
import type { Detection, Profile } from './records.ts';
import type { StoredRaw } from './stored-scores.ts';

export interface MatcherGate {
  /**
   * Whether the matcher compares detections of this row's class with deer of this profile's sex.
   */
  open(row: number, profile: number): boolean;
  /** How many pairs of a detection and a deer pass it. */
  pairs(): number;
  /**
   * How many of the deer that pass it for this detection were enrolled by `created` (ms since 1970;
   * NaN = unknown, all of them).
   */
  older(row: number, created: number): number;
}

/** Position in `list` of each id; -1 where it is not in it. */
export function findPositions(ids: readonly string[], list: readonly { id: string }[]): Int32Array {
  const at = new Map(list.map(({ id }, index) => [id, index]));
  return Int32Array.from(ids, (id) => at.get(id) ?? -1);
}

/** More gates than there are classes and sexes; a cell is one number. */
const SIZE = 65_536;

/**
 * A class is compared with a sex where any row of such a pair exists. Classes and sexes are those
 * that the matcher recorded with its rows, else the model's class and the deer's sex: the gate of
 * the other analyses (unknown passes everything) need not be the matcher's.
 * @param since when each profile was enrolled, ms since 1970; NaN where not recorded
 */
export function findMatcherGate(
  { rows, detections: made }: StoredRaw,
  detections: readonly Detection[],
  profiles: readonly Profile[],
  since: Float64Array,
): MatcherGate {
  const numbers = new Map<string, number>();
  const number = (name: string): number => {
    const gate = toGate(name);
    const at = numbers.get(gate) ?? numbers.size;
    numbers.set(gate, at);
    return at;
  };
  const [detectionAt, deerAt] = [findPositions(rows.detectionIds, detections), findPositions(rows.deerIds, profiles)];
  const model = Int32Array.from(rows.detectionIds, (id) => (made.has(id) ? number(made.get(id)!.label) : -1));
  const recorded = Int32Array.from(rows.names, (name) => (name === '' ? -1 : number(name)));
  const labels = Int32Array.from(detections, ({ id, label }) => number(made.get(id)?.label || label));
  const sexes = Int32Array.from(profiles, ({ label }) => number(label));
  // What the rows say wins over what the tables say now; of several rows of a deer the newest.
  const newest = new Float64Array(profiles.length).fill(Number.NEGATIVE_INFINITY);
  const cells = new Set<number>();
  for (let i = 0; i < rows.count; i++) {
    const [row, deer] = [detectionAt[rows.detection[i]!]!, deerAt[rows.deer[i]!]!];
    const [saidLabel, saidSex] = [recorded[rows.label[i]!]!, recorded[rows.sex[i]!]!];
    const label = saidLabel >= 0 ? saidLabel : model[rows.detection[i]!]!;
    const sex = saidSex >= 0 || deer < 0 ? saidSex : number(profiles[deer]!.label);
    if (row >= 0 && label >= 0) labels[row] = label;
    if (deer >= 0 && sex >= 0 && !(rows.at[i]! < newest[deer]!)) {
      sexes[deer] = sex;
      if (!Number.isNaN(rows.at[i]!)) newest[deer] = rows.at[i]!;
    }
    if (label >= 0 && sex >= 0) cells.add(label * SIZE + sex);
  }
  const open = (label: number, profile: number): boolean => cells.has(label * SIZE + sexes[profile]!);
  const members = Array.from({ length: numbers.size }, (_, label) =>
    [...sexes.keys()].filter((profile) => open(label, profile)),
  );
  // A deer without a date is older than everything.
  const dates = members.map((list) =>
    Float64Array.from(list, (profile) =>
      Number.isNaN(since[profile]!) ? Number.NEGATIVE_INFINITY : since[profile]!,
    ).sort(),
  );
  return {
    open: (row, profile) => open(labels[row]!, profile),
    pairs: () => labels.reduce((sum, label) => sum + members[label]!.length, 0),
    older: (row, created) => {
      const list = dates[labels[row]!]!;
      return Number.isNaN(created) ? list.length : firstAtLeast(list, created + 0.5);
    },
  };
}
