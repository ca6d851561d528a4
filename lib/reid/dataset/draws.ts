// Draws of events for review, as they are stored: which events could be taken, with which chance,
// and which were taken and decided.

/**
 * plain: every event with one chance; banded: by class and by what a threshold changes. The others
 * are reviews of before draws were stored: `imported` with one chance for all events, `older` with
 * chances that are known of the reviewed events alone.
 */
const DESIGNS = ['plain', 'banded', 'imported', 'older'] as const;
export type Design = (typeof DESIGNS)[number];

/** null: not restricted. */
export interface Selection {
  classes: readonly string[] | null;
  locations: readonly string[] | null;
  since: string | null;
  until: string | null;
}

/** What a draw was restricted to, and what it was asked for; compared to find the same draw. */
export interface Population extends Selection {
  /** How many events were asked for, and at which threshold a banded draw was stratified. */
  sample: number | null;
  threshold: number | null;
  /** Events that could be taken, those of earlier draws included. */
  events: number;
}

export interface DrawStratum {
  stratum: string;
  /** a: the share of the events never drawn before that was taken; null where not known. */
  chance: number | null;
  /** Ids of all its search events, those of earlier draws included. */
  events: readonly string[];
}

export interface TakenEvent {
  event: string;
  stratum: string;
  /** Its place in the list that is shown, from 0, in random order. */
  place: number;
  detections: readonly string[];
  /** No detection of it is valid any more, so that nobody can decide it. */
  gone: boolean;
}

export interface Draw {
  /** null until it is stored. */
  id: number | null;
  seed: number;
  design: Design;
  population: Population;
  strata: readonly DrawStratum[];
  taken: readonly TakenEvent[];
}
