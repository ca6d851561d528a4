// secr_captures.txt and secr_traps.txt: what secr's read.capthist reads.
import { onOneLine } from '../../../plain-text.ts';
import { countNights, type Span } from '../../season/index.ts';
import type { DetectionRow } from '../detections/rows.ts';
import type { Identities, Individual } from './identities.ts';

export interface Detector {
  location: string;
  /** A word that secr can read: no blanks, no `#`, `/` or quotes. */
  name: string;
  x: number;
  y: number;
  /** Trap nights of each occasion. */
  usage: number[];
}

export interface Capture {
  individual: string;
  sex: Individual['sex'];
  occasion: number;
  detector: string;
}

export interface Captures {
  /** Days on which a camera was working, in order. */
  occasions: string[];
  /** Days of the window without one. */
  idle: string[];
  detectors: Detector[];
  captures: Capture[];
  /** Names of animals with two or more events. */
  known: ReadonlySet<string>;
  animals: number;
  /** Detections of named animals where no camera was recorded as working, or at no known place. */
  unplaced: number;
  /** Names that are written in another way, with that way. */
  renamed: [name: string, written: string][];
}

/**
 * Words for names, each another one. `NA` and `NONE` mean a missing value and no capture.
 * @returns by name
 */
function makeWords(names: Iterable<string>): Map<string, string> {
  const taken = new Set(['NA', 'NONE']);
  return new Map(
    [...names].map((name) => {
      const plain = name.replace(/[^\p{L}\p{N}._-]+/gu, '_').replace(/^_+|_+$/g, '');
      let word = plain === '' ? '_' : plain;
      for (let n = 2; taken.has(word); n += 1) word = `${plain}_${n}`;
      taken.add(word);
      return [name, word];
    }),
  );
}

export interface CaptureParts {
  /** Days of the window, in order. */
  days: readonly string[];
  spans: ReadonlyMap<string, readonly Span[]>;
  /** Label and meters by location; those without coordinates are absent. */
  places: ReadonlyMap<string, { label: string; x: number; y: number }>;
  /** Counted detections of deer classes. */
  rows: readonly DetectionRow[];
  identities: Identities;
}

const round = (nights: number): number => Number(nights.toFixed(4));

/** A visit is one burst, or one image outside a burst: what a reviewer links to an animal. */
const nameVisit = ({ burst_group_id, image_id }: DetectionRow): string => burst_group_id ?? image_id;

function findKnown(rows: readonly DetectionRow[], { byDetection }: Identities): Set<string> {
  const events = new Map<string, Set<string>>();
  for (const row of rows) {
    const label = byDetection.get(row.id)?.label;
    if (label === undefined) continue;
    const own = events.get(label) ?? new Set();
    events.set(label, own.add(nameVisit(row)));
  }
  return new Set([...events].flatMap(([label, own]) => (own.size > 1 ? [label] : [])));
}

/** One capture for each animal, occasion and detector, by animal and occasion. */
export function findCaptures({ days, spans, places, rows, identities }: CaptureParts): Captures {
  const words = makeWords([...places.values()].map(({ label }) => label));
  const all = [...places].map(([location, { label, x, y }]): Detector => {
    const own = spans.get(location) ?? [];
    const usage = days.map((day) => round(own.reduce((sum, span) => sum + countNights(span, day, day), 0)));
    return { location, name: words.get(label)!, x, y, usage };
  });
  const isUsed = days.map((_, index) => all.some(({ usage }) => usage[index]! > 0));
  const occasions = days.filter((_, index) => isUsed[index]);
  const detectors = all
    .map((detector) => ({ ...detector, usage: detector.usage.filter((_, index) => isUsed[index]) }))
    .filter(({ usage }) => usage.some((nights) => nights > 0));
  const number = new Map(occasions.map((day, index) => [day, index + 1]));
  const at = new Map(detectors.map((detector) => [detector.location, detector]));
  const animals = makeWords([...new Set([...identities.byDetection.values()].map(({ label }) => label))].sort());
  const found = new Map<string, Capture>();
  let unplaced = 0;
  const [first, last] = [days[0]!, days.at(-1)!];
  for (const row of rows) {
    const individual = identities.byDetection.get(row.id);
    const day = row.local.slice(0, 10);
    if (individual === undefined || day < first || day > last) continue;
    const occasion = number.get(day);
    const detector = at.get(row.location_id ?? '');
    if (occasion === undefined || detector === undefined || !(detector.usage[occasion - 1]! > 0)) {
      unplaced += 1;
      continue;
    }
    const capture = {
      individual: animals.get(individual.label)!,
      ...{ sex: individual.sex, occasion, detector: detector.name },
    };
    found.set(`${capture.individual} ${occasion} ${detector.name}`, capture);
  }
  const captures = [...found.values()].sort(
    (a, b) =>
      (a.individual < b.individual ? -1 : Number(a.individual > b.individual)) ||
      a.occasion - b.occasion ||
      (a.detector < b.detector ? -1 : 1),
  );
  return {
    ...{ occasions, idle: days.filter((_, index) => !isUsed[index]), detectors, captures, unplaced },
    known: new Set([...findKnown(rows, identities)].map((label) => animals.get(label)!)),
    animals: new Set(captures.map(({ individual }) => individual)).size,
    renamed: [...words, ...animals].filter(([name, word]) => name !== word),
  };
}

const comment = (text: string): string => `# ${onOneLine(text)}\n`;

/** @param about lines of comment: whose identities, which days */
export function* captureLines(captures: Iterable<Capture>, about: readonly string[]): Generator<string> {
  yield [...about.map(comment), comment('Session ID Occasion Detector Sex')].join('');
  for (const { individual, occasion, detector, sex } of captures)
    yield `1 ${individual} ${occasion} ${detector} ${sex ?? 'NA'}\n`;
}

export function* trapLines({ detectors }: Captures, about: readonly string[]): Generator<string> {
  yield [...about.map(comment), comment('Detector X Y usage of each occasion, in trap nights')].join('');
  for (const { name, x, y, usage } of detectors) yield `${name} ${x} ${y} ${usage.join(' ')}\n`;
}
