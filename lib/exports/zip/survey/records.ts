// record_table.csv: a row for each independent event and animal, in the form of camtrapR's record
// table.
import { dirname } from 'node:path';
import type { Cell } from '../../../csv.ts';
import { isDeerClass } from '../../../deer/classes.ts';
import { makeFilePath } from '../camtrap-dp/tables.ts';
import type { DetectionRow } from '../detections/rows.ts';
import type { Identities, Individual } from './identities.ts';

/** Detections of one class at one location, as everywhere in Hoofprint: an independent event. */
export interface SurveyEvent {
  location: string;
  class: string;
  first: DetectionRow;
  /** Seconds since the last detection before it of its class at its location; 0 for the first. */
  since: number;
  /** The most detections of the class in one image. */
  animals: number;
  /** Animals that someone named in it. */
  individuals: ReadonlySet<Individual>;
}

interface OpenEvent extends SurveyEvent {
  lastAt: number;
  lastImage: string;
  inImage: number;
  individuals: Set<Individual>;
}

/**
 * The independent events of counted detections: a detection opens one when the previous one of its
 * class at its location is at least `minutes` earlier (season/activity.ts has the same rule in SQL,
 * and a test compares the two).
 * @param rows by time
 */
export function findEvents(
  rows: readonly DetectionRow[],
  minutes: number,
  identities: Pick<Identities, 'byDetection'>,
): SurveyEvent[] {
  const events: OpenEvent[] = [];
  const open = new Map<string, OpenEvent>();
  for (const row of rows) {
    if (row.location_id === null) continue;
    const key = `${row.location_id} ${row.class}`;
    const at = row.captured_at.getTime();
    let event = open.get(key);
    if (event === undefined || at - event.lastAt >= minutes * 60_000) {
      const since = event === undefined ? 0 : Math.floor((at - event.lastAt) / 1000);
      event = {
        ...{ location: row.location_id, class: row.class, first: row, since, animals: 0, individuals: new Set() },
        ...{ lastAt: at, lastImage: '', inImage: 0 },
      };
      open.set(key, event);
      events.push(event);
    }
    event.inImage = row.image_id === event.lastImage ? event.inImage + 1 : 1;
    event.lastImage = row.image_id;
    event.animals = Math.max(event.animals, event.inImage);
    event.lastAt = at;
    const individual = isDeerClass(row.class) ? identities.byDetection.get(row.id) : undefined;
    if (individual !== undefined) event.individuals.add(individual);
  }
  return events;
}

export const RECORD_COLUMNS = [
  { name: 'Station', kind: 'text' },
  { name: 'Species', kind: 'text' },
  { name: 'Individual', kind: 'text' },
  { name: 'DateTimeOriginal', kind: 'instant' },
  { name: 'Date', kind: 'day' },
  { name: 'Time', kind: 'time' },
  { name: 'delta.time.secs', kind: 'number' },
  { name: 'delta.time.mins', kind: 'number' },
  { name: 'delta.time.hours', kind: 'number' },
  { name: 'delta.time.days', kind: 'number' },
  { name: 'Directory', kind: 'text' },
  { name: 'FileName', kind: 'text' },
  { name: 'n_individuals', kind: 'number' },
  { name: 'Individual_source', kind: 'text' },
] as const;

/** As R rounds to one digit: to the nearer tenth, of two as near to the even one. */
function tenth(value: number): number {
  const below = Math.floor(10 * value);
  const [low, high] = [below / 10, Math.ceil(10 * value) / 10];
  const [down, up] = [value - low, high - value];
  return down < up || (down === up && below % 2 === 0) ? low : high;
}

/** Folder of the file inside the owner's image folder; null where its path is private. */
function findDirectory({ image_id, path, filename }: DetectionRow): string | null {
  const where = makeFilePath({ id: image_id, path, filename });
  if (where.startsWith(`media/${image_id}.`)) return null;
  const folder = dirname(where).replace(/^media(\/|$)/, '');
  return folder === '' ? '.' : folder;
}

/** One of them named, the others together: `n` of them nobody named. */
function* listAnimals({ individuals, animals }: SurveyEvent): Generator<[label: string | null, n: number]> {
  const labels = [...individuals].map(({ label }) => label).sort();
  for (const label of labels) yield [label, 1];
  if (labels.length === 0 || animals > labels.length) yield [null, Math.max(1, animals - labels.length)];
}

/**
 * Sorted by station, species and time. An event in which someone named animals has a row for each
 * of them, and one for the others that were in the same image.
 */
export function* recordRows(
  events: readonly SurveyEvent[],
  stations: ReadonlyMap<string, string>,
  source: string,
): Generator<Cell[]> {
  for (const event of events) {
    const { local, filename } = event.first;
    // Rounded as camtrapR rounds them, each from the one before.
    const minutes = tenth(event.since / 60);
    const hours = tenth(minutes / 60);
    const [day, time] = [local.slice(0, 10), local.slice(11)];
    for (const [label, n] of listAnimals(event))
      yield [
        ...[stations.get(event.location)!, event.class, label, `${day} ${time}`, day, time],
        ...[event.since, minutes, hours, tenth(hours / 24), findDirectory(event.first), filename],
        ...[n, label === null ? null : source],
      ];
  }
}
