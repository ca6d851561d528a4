// Which animal each detection shows, for tables with a row for each: by the verdicts that head
// counts take, so that a table and a count name the same animals.
import type { Queries } from '../../adapters/postgres.ts';
import { toGate } from '../../reid/dataset/gates.ts';
import type { Grouped } from '../../reid/dataset/search-events.ts';
import { decideSexes } from '../counts/identities.ts';
import type { IdentitySource } from '../counts/types.ts';
import { type EventsOf, groupNamed, labelDeer, readRoster } from './identities.ts';
import { type Period, readVerdicts, type Verdicts } from './rows.ts';

export interface Animal {
  /** Another one for each animal. */
  identity: string;
  /** buck, doe or fawn: of the deer, else of most of its events; null where nobody knows. */
  sex: string | null;
}

export interface Shown extends Grouped {
  /** The stored deer, unless a run of ours wrote it. */
  deer: string | null;
}

/**
 * @param detections of the period: those of one class are enough
 * @returns by the id of a detection; those of no known animal are absent
 */
export const identifyDetections = async (
  queries: Queries,
  period: Period,
  detections: readonly Shown[],
  source: IdentitySource,
): Promise<Map<string, Animal>> => identify(detections, await readVerdicts(queries, period), source);

/** The same from rows; pure. */
function identify(detections: readonly Shown[], verdicts: Verdicts, source: IdentitySource): Map<string, Animal> {
  const events = eachInAnEvent(detections, verdicts);
  const roster = readRoster({ detections, ...verdicts }, events);
  const labels = labelDeer(verdicts.deer);
  const name = ({ deer }: Shown, row: number): string | null => {
    if (source === 'roster') return roster.events.get(events.of[row]!)?.identity ?? null;
    return deer === null ? null : (labels.get(deer) ?? deer);
  };
  const found = new Map<string, string>();
  // One vote for each event of an animal.
  const votes = new Map<string, { identity: string; gate: string }>();
  detections.forEach((detection, row) => {
    const identity = name(detection, row);
    if (identity === null) return;
    found.set(detection.id, identity);
    const event = events.of[row]!;
    votes.set(`${event} ${identity}`, { identity, gate: roster.gates.get(event) ?? events.list[event]!.gate });
  });
  const known = verdicts.deer.flatMap(({ id, sex }) =>
    toGate(sex) === 'unknown' ? [] : [[labels.get(id)!, toGate(sex)] as const],
  );
  const sexes = decideSexes({ events: [...votes.values()], sexes: new Map(known) });
  return new Map([...found].map(([id, identity]) => [id, { identity, sex: sexes.get(identity) ?? null }]));
}

/** Of a burst that cannot be divided into animals, each detection is an event. */
function eachInAnEvent(detections: readonly Grouped[], verdicts: Verdicts): EventsOf & { of: Int32Array } {
  const { list, of } = groupNamed(detections, verdicts);
  const all = list.slice();
  detections.forEach(({ id, at, location, label }, row) => {
    if (of[row]! >= 0) return;
    of[row] = all.length;
    all.push({ id, rows: [row], gate: toGate(label), label, at, location });
  });
  return { list: all, of };
}
