// The input of a head count out of the database: search events with the identities that people or
// the platform gave them, repeats, effort by day. In the caller's snapshot; writes nothing.
import type { Queries } from '../../adapters/postgres.ts';
import { overlap } from '../../deer/boxes.ts';
import { isDeerGate } from '../../deer/class-gates.ts';
import { isDeerClass } from '../../deer/classes.ts';
import { alikeWarning } from '../../deer/names-alike.ts';
import { loadSpans, makeScope, type Span } from '../../exports/season/index.ts';
import { count } from '../../format.ts';
import { toGate } from '../../reid/dataset/gates.ts';
import { groupBursts } from '../../reid/dataset/search-events.ts';
import { parseDay } from '../counts/index.ts';
import type { Group, HeadEvent, HeadInput, IdentitySource, WorkingDay } from '../counts/types.ts';
import { groupNamed, labelDeer, readPlatform, readRoster } from './identities.ts';
import { type HeadDetection, type HeadRows, type ImageDay, type Period, readHeadRows, readImageDays } from './rows.ts';

export { type Animal, identifyDetections } from './animals.ts';
export type { Period } from './rows.ts';

/**
 * Reads what {@link import('../counts/index.ts').countHeads} takes.
 * @param period calendar days, both included, in `timeZone`: repeats are pooled over it
 * @param identities who says which animal an event shows; repeats are of reviews either way
 * @param asOf now: there is no effort after it
 * @returns the input, and notes that a reader has to see
 * @throws Fault `unavailable` when the database does not answer
 */
export async function readHeadInput(
  queries: Queries,
  period: Period,
  identities: IdentitySource,
  asOf: Date,
): Promise<{ input: HeadInput; notes: string[] }> {
  const rows = await readHeadRows(queries, period);
  const { start, end, timeZone, locations } = period;
  const asked = { start_date: start, end_date: end, group_by: 'month' as const };
  const filter = locations === undefined ? {} : { locations: [...locations] };
  const scope = makeScope({ ...asked, ...filter }, timeZone, asOf);
  return assembleHeads(rows, await loadSpans(queries, scope), period, identities);
}

/** As the ratios have it: a deer of which the class says no sex is of unknown class. */
function toHeadGate(label: string): string {
  const gate = toGate(label);
  return !isDeerGate(gate) && isDeerClass(gate) ? 'unknown' : gate;
}

/** The same from rows; pure. */
export function assembleHeads(
  rows: HeadRows,
  spans: readonly Span[],
  { start, end }: Pick<Period, 'start' | 'end'>,
  source: IdentitySource,
): { input: HeadInput; notes: string[] } {
  const { detections, deer } = rows;
  const grouped = source === 'roster' ? groupNamed(detections, rows) : groupBursts(detections);
  const roster = readRoster(rows, grouped);
  const events = source === 'roster' ? roster.events : readPlatform(rows, detections, grouped);
  const labels = labelDeer(deer);
  const sexes = deer.flatMap(({ id, sex }) =>
    toGate(sex) === 'unknown' ? [] : [[labels.get(id)!, toGate(sex)] as const],
  );
  const known = new Map(sexes);
  /** What a detection counts as: its animal's sex, else what a reviewer saw. */
  const findGate = ({ label }: HeadDetection, row: number): string => {
    const event = grouped.of[row]!;
    const sex = known.get(events.get(event)?.identity ?? '');
    return sex ?? roster.gates.get(event) ?? toHeadGate(label);
  };
  const shown = detections.map((found, row) => ({ ...found, gate: findGate(found, row) }));
  const input: HeadInput = {
    period: { from: parseDay(start), to: parseDay(end) },
    events: grouped.list.map(
      ({ id, gate, at, location, rows: [first] }, event): HeadEvent => ({
        ...{ id, at: at ?? 0, place: location, day: detections[first!]!.day, identity: null },
        ...{ gate: roster.gates.get(event) ?? toHeadGate(gate), ...events.get(event) },
      }),
    ),
    days: listDays(spans, rows.images),
    groups: listGroups(shown),
    repeats: roster.repeats,
    sexes: known,
    identities: source,
    leftOut: listLeftOut(shown, grouped.of),
  };
  return { input, notes: listNotes(input, roster.contradicting) };
}

const HOUR = 11;

/** Effort of each day of a period. @param spans of the same period and places */
export const readWorkingDays = async (
  queries: Queries,
  period: Period,
  spans: readonly Span[],
): Promise<WorkingDay[]> => listDays(spans, await readImageDays(queries, period));

/**
 * Cameras that worked on each local day, for whatever part of it, and locations that took an image.
 */
function listDays(spans: readonly Span[], images: readonly ImageDay[]): WorkingDay[] {
  const cameras = new Map<number, number>();
  for (const { from, to } of spans) {
    const last = parseDay(to.slice(0, 10)) - Number(to.slice(HOUR) === '00:00:00');
    for (let day = parseDay(from.slice(0, 10)); day <= last; day++) cameras.set(day, (cameras.get(day) ?? 0) + 1);
  }
  const taken = new Map<number, number>();
  for (const { location, day } of images) if (location !== null) taken.set(day, (taken.get(day) ?? 0) + 1);
  return [...cameras]
    .map(([day, working]) => ({ day, cameras: working, withImages: Math.min(working, taken.get(day) ?? 0) }))
    .sort((a, b) => a.day - b.day);
}

/** A detection with what it counts as. */
type Counted = HeadDetection & { gate: string };

/** Bursts that could not be divided into animals. */
const listLeftOut = (detections: readonly Counted[], of: ArrayLike<number>): HeadInput['leftOut'] =>
  [
    ...Map.groupBy(
      detections.filter((_, row) => of[row]! < 0),
      ({ burst }) => burst,
    ).values(),
  ].map((list) => ({
    day: list[0]!.day,
    gates: [...new Set(list.map(({ gate }) => gate))],
  }));

/** By day and class, the most detections of one image of which no two overlap. */
function listGroups(detections: readonly Counted[]): Group[] {
  const most = new Map<string, Group>();
  for (const list of Map.groupBy(detections, ({ image, gate }) => `${image} ${gate}`).values()) {
    const apart: typeof list = [];
    // Without a box it is not known whether two detections are one animal.
    for (const other of list)
      if (
        apart.length === 0 ||
        (other.box !== null && apart.every(({ box }) => box !== null && !overlap(box, other.box!)))
      )
        apart.push(other);
    const { day, gate } = list[0]!;
    const key = `${day} ${gate}`;
    if (apart.length > (most.get(key)?.animals ?? 0)) most.set(key, { day, gate, animals: apart.length });
  }
  return [...most.values()];
}

function listNotes({ events }: HeadInput, contradicting: number): string[] {
  const names = new Set(events.flatMap(({ identity }) => identity ?? []));
  const warning = alikeWarning(names);
  return [
    ...(warning === undefined ? [] : [warning]),
    ...(contradicting > 0
      ? [`${count(contradicting, 'event has', 'events have')} verdicts for two animals at once and no identity here`]
      : []),
  ];
}
