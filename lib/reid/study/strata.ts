// Where errors come from: strata of the searches (camera, class, time since the profile) and a row
// for each animal, because few animals often carry all errors.
import type { Dataset } from '../dataset/dataset.ts';
import { isSameCamera } from './coverage.ts';
import type { RateSources } from './rates.ts';
import type { MatedSearch } from './searches.ts';

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
const GAPS = [
  { below: 7, name: 'under 7 days' },
  { below: 30, name: '7 to 30 days' },
  { below: 90, name: '30 to 90 days' },
  { below: Number.POSITIVE_INFINITY, name: '90 days and more' },
];

function nameGap(from: number | null, to: number | null): string | undefined {
  if (from === null || to === null) return undefined;
  const days = Math.abs(to - from) / DAY;
  return GAPS.find(({ below }) => days < below)!.name;
}

const isMissed = ({ first, mateScore }: MatedSearch, threshold: number): boolean => !first || !(mateScore >= threshold);
const isMistaken = ({ first, topScore }: MatedSearch, threshold: number): boolean => !first && topScore >= threshold;

interface Item {
  animal: string;
  weight: number;
  wrong: (threshold: number) => boolean;
}

interface Group {
  name: Pick<Stratum, 'by' | 'stratum' | 'of'>;
  items: Item[];
}

/** Strata where the data allow; an empty stratum is not listed. */
export function stratify(study: RateSources, thresholds: readonly number[]): Stratum[] {
  const rank = ({ by, of, stratum }: Stratum): string =>
    `${by} ${of} ${by === 'time since profile' ? GAPS.findIndex(({ name }) => name === stratum) : stratum}`;
  return groupSearches(study)
    .map(({ name, items }): Stratum => {
      const total = items.reduce((sum, { weight }) => sum + weight, 0);
      const rate = (t: number): number =>
        items.reduce((sum, { weight, wrong }) => sum + (wrong(t) ? weight : 0), 0) / total;
      return {
        ...name,
        n: items.length,
        animals: new Set(items.map(({ animal }) => animal)).size,
        rates: thresholds.map(rate),
      };
    })
    .sort((a, b) => (rank(a) < rank(b) ? -1 : 1));
}

function groupSearches({ dataset, events, mated, searches }: RateSources): Group[] {
  const groups = new Map<string, Group>();
  const put = (by: Stratum['by'], stratum: string | undefined, of: Stratum['of'], item: Item): void => {
    if (stratum === undefined) return;
    const key = `${by} ${of} ${stratum}`;
    const group = groups.get(key) ?? { name: { by, stratum, of }, items: [] };
    groups.set(key, group);
    group.items.push(item);
  };
  for (const search of mated.searches) {
    const profile = dataset.profiles[search.profile]!;
    const event = events.list[search.event]!;
    const item = { animal: profile.id, weight: search.weight, wrong: (t: number) => isMissed(search, t) };
    put('camera', compareCameras(dataset, profile.sourceLocation, event.location), 'mated', item);
    put('class', event.label, 'mated', item);
    put('time since profile', nameGap(profile.sourceAt, event.at), 'mated', item);
  }
  for (const { event, identity, weight, topScore } of searches.nonMated) {
    if (identity === null || weight === 0) continue;
    put('class', events.list[event]!.label, 'non-mated', { animal: identity, weight, wrong: (t) => topScore >= t });
  }
  return [...groups.values()];
}

function compareCameras(dataset: Dataset, a: string | null, b: string | null): string | undefined {
  if (a === null || b === null) return undefined;
  return isSameCamera(dataset, a, b) ? 'same camera' : 'other camera';
}

/** Every reviewed animal, enrolled ones first, most errors at the last threshold first. */
export function tabulateAnimals(study: RateSources, thresholds: readonly number[]): AnimalRow[] {
  const errors = ({ missed, wrong, enrolled }: AnimalRow): number => (enrolled ? missed : wrong).at(-1) ?? 0;
  return [...tabulateDeer(study, thresholds), ...tabulateStrangers(study, thresholds)].sort(
    (a, b) => Number(b.enrolled) - Number(a.enrolled) || errors(b) - errors(a) || (a.animal < b.animal ? -1 : 1),
  );
}

function tabulateDeer({ dataset, mated }: RateSources, thresholds: readonly number[]): AnimalRow[] {
  return [...Map.groupBy(mated.searches, ({ profile }) => profile)].map(([profile, list]) => {
    const { name, label } = dataset.profiles[profile]!;
    return {
      animal: name,
      enrolled: true,
      class: label,
      searches: list.length,
      missed: thresholds.map((t) => list.filter((search) => isMissed(search, t)).length),
      wrong: thresholds.map((t) => list.filter((search) => isMistaken(search, t)).length),
    };
  });
}

function tabulateStrangers({ events, searches }: RateSources, thresholds: readonly number[]): AnimalRow[] {
  const named = searches.nonMated.filter(({ identity, weight }) => identity !== null && weight > 0);
  return [...Map.groupBy(named, ({ identity }) => identity!)].map(([identity, list]) => {
    const gates = new Set(list.map(({ event }) => events.list[event]!.gate));
    return {
      animal: identity,
      enrolled: false,
      class: gates.size === 1 ? [...gates][0]! : 'several',
      searches: list.length,
      missed: thresholds.map(() => 0),
      wrong: thresholds.map((t) => list.filter(({ topScore }) => topScore >= t).length),
    };
  });
}
