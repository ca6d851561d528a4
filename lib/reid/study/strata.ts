// Where errors come from: strata of searches, and a table per animal, because few animals often
// carry all errors.
import { metresBetween } from './pairs.ts';
import type { MatedSearch } from './searches.ts';
import type { Study } from './study.ts';

export interface Stratum {
  by: 'camera' | 'class' | 'time since profile';
  stratum: string;
  of: 'mated' | 'non-mated';
  n: number;
  animals: number;
  /**
   * Weighted error rate at each of the thresholds asked for: FNIR of mated, FPIR of non-mated
   * searches.
   */
  rates: number[];
}

export interface AnimalRow {
  animal: string;
  enrolled: boolean;
  class: string;
  searches: number;
  /** Unweighted counts at each of the thresholds asked for. */
  missed: number[];
  /** Assigned to another animal (enrolled) or to any (not enrolled). */
  wrong: number[];
}

const DAY = 86_400_000;

function gap(ms: number | null): string | undefined {
  if (ms === null) return undefined;
  const days = Math.abs(ms) / DAY;
  return days < 7 ? 'under 7 days' : days < 30 ? '7 to 30 days' : days < 90 ? '30 to 90 days' : '90 days and more';
}

const GAPS = ['under 7 days', '7 to 30 days', '30 to 90 days', '90 days and more'];

export const isMissed = ({ first, mateScore }: MatedSearch, threshold: number): boolean =>
  !first || !(mateScore >= threshold);
export const isMistaken = ({ first, topScore }: MatedSearch, threshold: number): boolean =>
  !first && topScore >= threshold;

/** Strata where the data allow; an empty stratum is not listed. */
export function strataOf(study: Study, thresholds: readonly number[]): Stratum[] {
  const { dataset, events } = study;
  const groups = new Map<
    string,
    {
      head: Pick<Stratum, 'by' | 'stratum' | 'of'>;
      list: { animal: string; weight: number; wrong: (t: number) => boolean }[];
    }
  >();
  const put = (
    by: Stratum['by'],
    stratum: string | undefined,
    of: Stratum['of'],
    item: { animal: string; weight: number; wrong: (t: number) => boolean },
  ): void => {
    if (stratum === undefined) return;
    const key = `${by} ${of} ${stratum}`;
    const group = groups.get(key) ?? { head: { by, stratum, of }, list: [] };
    groups.set(key, group);
    group.list.push(item);
  };
  for (const search of study.mated.searches) {
    const profile = dataset.profiles[search.profile]!;
    const event = events.list[search.event]!;
    const item = { animal: profile.id, weight: search.weight, wrong: (t: number) => isMissed(search, t) };
    put('camera', placeOf(study, profile.sourceLocation, event.location), 'mated', item);
    put('class', event.label, 'mated', item);
    put(
      'time since profile',
      gap(profile.sourceAt === null || event.at === null ? null : event.at - profile.sourceAt),
      'mated',
      item,
    );
  }
  for (const { event, identity, weight, topScore } of study.searches.nonMated) {
    if (identity !== null)
      put('class', events.list[event]!.label, 'non-mated', { animal: identity, weight, wrong: (t) => topScore >= t });
  }
  const rank = ({ by, of, stratum }: Stratum): string =>
    `${by} ${of} ${by === 'time since profile' ? GAPS.indexOf(stratum) : stratum}`;
  return [...groups.values()]
    .map(({ head, list }): Stratum => {
      const total = list.reduce((sum, { weight }) => sum + weight, 0);
      const rate = (t: number): number =>
        list.reduce((sum, { weight, wrong }) => sum + (wrong(t) ? weight : 0), 0) / total;
      return {
        ...head,
        n: list.length,
        animals: new Set(list.map(({ animal }) => animal)).size,
        rates: thresholds.map(rate),
      };
    })
    .sort((a, b) => (rank(a) < rank(b) ? -1 : 1));
}

/** Places under 50 m apart are one camera station under two names. */
function placeOf({ dataset }: Study, one: string | null, other: string | null): string | undefined {
  if (one === null || other === null) return undefined;
  const metres = metresBetween(dataset.locations.get(one), dataset.locations.get(other));
  return one === other || (metres !== undefined && metres < 50) ? 'same camera' : 'other camera';
}

/** Every reviewed animal, most errors at the last threshold first. */
export function animalsOf(study: Study, thresholds: readonly number[]): AnimalRow[] {
  const rows: AnimalRow[] = [];
  for (const [profile, list] of Map.groupBy(study.mated.searches, (search) => search.profile)) {
    const { name, label } = study.dataset.profiles[profile]!;
    rows.push({
      animal: name,
      enrolled: true,
      class: label,
      searches: list.length,
      missed: thresholds.map((t) => list.filter((search) => isMissed(search, t)).length),
      wrong: thresholds.map((t) => list.filter((search) => isMistaken(search, t)).length),
    });
  }
  const named = study.searches.nonMated.filter(({ identity }) => identity !== null);
  for (const [identity, list] of Map.groupBy(named, (search) => search.identity!)) {
    const labels = new Set(list.map(({ event }) => study.events.list[event]!.gate));
    rows.push({
      animal: identity,
      enrolled: false,
      class: labels.size === 1 ? [...labels][0]! : 'several',
      searches: list.length,
      missed: thresholds.map(() => 0),
      wrong: thresholds.map((t) => list.filter(({ topScore }) => topScore >= t).length),
    });
  }
  const errors = ({ missed, wrong, enrolled }: AnimalRow): number => (enrolled ? missed : wrong).at(-1) ?? 0;
  return rows.sort(
    (a, b) => Number(b.enrolled) - Number(a.enrolled) || errors(b) - errors(a) || (a.animal < b.animal ? -1 : 1),
  );
}
