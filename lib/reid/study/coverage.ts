// What the evidence does not speak for: events like none that was drawn, verdicts that nobody could
// give, and strangers that were reviewed elsewhere or at another time than operation sees events.
import { metersBetween } from '../../deer/coordinates.ts';
import type { Dataset } from '../dataset/dataset.ts';
import type { RateSources } from './rates.ts';

export interface Undescribed {
  /** Share of the counted events that no draw could have decided. */
  share: number;
  /** Where there are any, highest share first. */
  classes: { name: string; share: number }[];
  cameras: { name: string; share: number }[];
}

const nameLocation = ({ locations }: Dataset, id: string | null): string =>
  id === null ? 'not recorded' : (locations.get(id)?.name ?? id);

/** null where no stored draws weigh the evidence. */
export function measureUndescribed({ dataset, events, labels, counted }: RateSources): Undescribed | null {
  const { chances } = labels;
  if (chances === null) return null;
  const measure = (list: readonly number[]): number =>
    list.reduce((n, event) => n + Number(chances.pi[event] === 0), 0) / Math.max(1, list.length);
  const by = (name: (event: number) => string): Undescribed['classes'] =>
    [...Map.groupBy(counted, name)]
      .map(([group, list]) => ({ name: group, share: measure(list) }))
      .filter(({ share }) => share > 0)
      .sort((a, b) => b.share - a.share || (a.name < b.name ? -1 : 1));
  return {
    share: measure(counted),
    classes: by((event) => events.list[event]!.label),
    cameras: by((event) => nameLocation(dataset, events.list[event]!.location)),
  };
}

export interface UnsureBand {
  /** Best scores from here to the next band. */
  from: number;
  /** Reviewed events that count, and how many of them nobody could decide. */
  reviewed: number;
  unsure: number;
}

interface Decision {
  score: number;
  weight: number;
  unsure: boolean;
}

function listDecisions({ labels, searches }: RateSources): Decision[] {
  const unsure = new Set(labels.unsure.map(({ event }) => event));
  const weights = new Map(
    [...labels.mated, ...labels.nonMated, ...labels.different, ...labels.unsure].map(({ event, weight }) => [
      event,
      weight,
    ]),
  );
  return [...weights]
    .filter(([event, weight]) => weight > 0 && searches.all[event]!.first >= 0)
    .map(([event, weight]) => ({ score: searches.all[event]!.firstScore, weight, unsure: unsure.has(event) }));
}

const BANDS = 10;

/** Ten bands over the range of the grid; a band without a review is not listed. */
export function bandUnsure(sources: RateSources): UnsureBand[] {
  const { grid } = sources;
  if (grid.length < 2) return [];
  const [low, width] = [grid[0]!, (grid.at(-1)! - grid[0]!) / BANDS];
  const found = Map.groupBy(listDecisions(sources), ({ score }) =>
    Math.min(BANDS - 1, Math.max(0, Math.floor((score - low) / width))),
  );
  return [...found]
    .sort((a, b) => a[0] - b[0])
    .map(([band, list]) => ({
      from: Number((low + band * width).toFixed(6)),
      reviewed: list.length,
      unsure: list.filter(({ unsure }) => unsure).length,
    }));
}

export interface UnsureNear {
  /** Weighted share of reviewed events near the threshold that nobody could decide. */
  share: number;
  /** FPIR if all undecided events at or above the threshold were wrong; null without strangers. */
  worst: number | null;
}

/** Of events whose best score is within a tenth of the range of scores from a threshold. */
export function measureUnsure(sources: RateSources, threshold: number): UnsureNear {
  const { grid, strangers } = sources;
  const reach = grid.length < 2 ? 0 : (grid.at(-1)! - grid[0]!) / BANDS;
  const decisions = listDecisions(sources);
  const sum = (list: readonly Decision[]): number => list.reduce((total, { weight }) => total + weight, 0);
  const near = decisions.filter(({ score }) => Math.abs(score - threshold) <= reach);
  const wrong = sum(decisions.filter(({ unsure, score }) => unsure && score >= threshold));
  let [accepted, all] = [0, 0];
  for (let i = 0; i < strangers.scores.length; i++) {
    all += strangers.weight[i]!;
    if (strangers.scores[i]! >= threshold) accepted += strangers.weight[i]!;
  }
  return {
    share: near.length === 0 ? 0 : sum(near.filter(({ unsure }) => unsure)) / sum(near),
    worst: all === 0 ? null : (accepted + wrong) / (all + wrong),
  };
}

export interface CoverageRow {
  by: 'camera' | 'class' | 'month';
  group: string;
  /** Searches for named strangers that count. */
  reviewed: number;
  reviewed_share: number;
  /** Events of operation. */
  events: number;
  events_share: number;
}

/** Two locations less than 50 m apart are one camera under two names. */
export function isSameCamera({ locations }: Dataset, a: string, b: string): boolean {
  const meters = metersBetween(locations.get(a), locations.get(b));
  return a === b || (meters !== undefined && meters < 50);
}

/** Where and when strangers were reviewed, and where and when there are events. */
export function tabulateCoverage(sources: RateSources): CoverageRow[] {
  const { dataset, events, searches, labels, counted } = sources;
  const reviewedEvents = [...labels.mated, ...labels.nonMated, ...labels.different, ...labels.unsure];
  const reviewedAt = new Set(
    reviewedEvents.filter(({ weight }) => weight > 0).map(({ event }) => events.list[event]!.location),
  );
  const relate = (event: number): string => {
    const { location } = events.list[event]!;
    if (location === null) return 'camera not recorded';
    if (!reviewedAt.has(location)) return 'cameras without any review';
    const profile = dataset.profiles[searches.all[event]!.first];
    if (profile === undefined || profile.sourceLocation === null) return 'profile without a camera';
    return isSameCamera(dataset, location, profile.sourceLocation) ? "the profile's camera" : 'other cameras';
  };
  const groupings: [CoverageRow['by'], (event: number) => string][] = [
    ['camera', relate],
    ['class', (event) => events.list[event]!.label],
    ['month', (event) => monthName(events.list[event]!.at)],
  ];
  const strangers = searches.nonMated.filter(({ identity, weight }) => identity !== null && weight > 0);
  if (strangers.length === 0) return [];
  return groupings.flatMap(([by, name]) => {
    const reviewed = Map.groupBy(strangers, ({ event }) => name(event));
    const all = Map.groupBy(counted, name);
    return [...new Set([...all.keys(), ...reviewed.keys()])].sort().map((group): CoverageRow => {
      const [n, of] = [reviewed.get(group)?.length ?? 0, all.get(group)?.length ?? 0];
      return {
        ...{ by, group, reviewed: n, reviewed_share: n / strangers.length },
        ...{ events: of, events_share: of / Math.max(1, counted.length) },
      };
    });
  });
}

const monthName = (at: number | null): string =>
  at === null ? 'not recorded' : new Date(at).toISOString().slice(0, 7);
