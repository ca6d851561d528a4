// Which events a profile may be made from: its source event, and a few that people confirmed.
import { dayIn } from '../../deer/calendar.ts';
import type { Dataset } from '../dataset/dataset.ts';
import type { SearchEvents } from '../dataset/search-events.ts';
import type { Labels } from '../study/evidence.ts';

export interface Templates {
  /** By profile: its source event first, where it is known; then confirmed ones, earliest first. */
  events: number[][];
  /** 1 for events that are a template without being a source. */
  marks: Uint8Array;
}

/** Templates of a profile, its source event included. */
const MOST_TEMPLATES = 5;

/**
 * At most one confirmed event a day and camera, because pictures of one visit repeat each other;
 * and at most half of the deer's confirmed events, so that the others can judge it. Labels of the
 * matcher are no confirmation.
 * @param labels verdicts of people on events that are no source
 */
export function chooseTemplates(
  dataset: Dataset,
  events: SearchEvents,
  labels: Pick<Labels, 'mated'>,
  timeZone: string,
): Templates {
  const place = (event: number): string => {
    const { at, location } = events.list[event]!;
    return `${location ?? '?'} ${at === null ? '?' : dayIn(timeZone, new Date(at))}`;
  };
  const confirmed = Map.groupBy(labels.mated, ({ profile }) => profile);
  const marks = new Uint8Array(events.list.length);
  const chosen = dataset.profiles.map((_, profile) => {
    const source = listSource(events, profile);
    const same = (confirmed.get(profile) ?? []).map(({ event }) => event).sort((a, b) => a - b);
    // What it gave to a profile that was written is among its half: else each writing would take
    // half of the rest.
    const given = Math.max(0, source.length - 1);
    const half = Math.floor((same.length + given) / 2) - given;
    const most = Math.min(MOST_TEMPLATES - Math.max(1, source.length), half);
    const seen = new Set(source.map(place));
    const others: number[] = [];
    for (const event of same) {
      if (others.length >= most) break;
      if (seen.has(place(event))) continue;
      seen.add(place(event));
      others.push(event);
      marks[event] = 1;
    }
    return [...source, ...others];
  });
  return { events: chosen, marks };
}

/** The source event of a profile, all of them where we wrote it; empty where none is known. */
export const listSource = ({ profileSource, madeFrom }: SearchEvents, profile: number): number[] =>
  madeFrom[profile]!.length > 0 ? madeFrom[profile]! : profileSource[profile]! >= 0 ? [profileSource[profile]!] : [];

/**
 * The templates that a method with at most `most` of them uses. Of a deer without a known source,
 * that many less one.
 */
export const takeTemplates = ({ events: chosen }: Templates, events: SearchEvents, profile: number, most: number) =>
  chosen[profile]!.slice(0, events.profileSource[profile]! >= 0 ? most : most - 1);
