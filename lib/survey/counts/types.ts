// Head counts: what they are computed from, and what they say. Days are whole days since
// 1970-01-01 on the calendar of the survey's time zone; instants are milliseconds since 1970 UTC.

/** The sexes that are counted; antlered classes (mature, mid, young) are bucks. */
export const HEAD_CLASSES = ['buck', 'doe'] as const;
export type HeadClass = (typeof HEAD_CLASSES)[number];

/**
 * Who says which animal an event shows: people who went through all events (reviews with purpose
 * roster), or the deer that the platform stored, where the owner declares that every event gets an
 * identity and that misses make new ones.
 */
export type IdentitySource = 'roster' | 'platform';

/** A search event (docs/glossary.md): one burst and one class, never an independent event. */
export interface HeadEvent {
  id: string;
  /** Earliest capture. */
  at: number;
  day: number;
  /** Id of its location; null where the image has none. */
  place: string | null;
  /** buck, doe, fawn, unknown or another class: the gate of the majority of its final classes. */
  gate: string;
  /** The animal, by the last verdict; null where nobody says. Equal texts are one animal. */
  identity: string | null;
  /**
   * The animal by the first verdict, where a second look has changed it; absent: as `identity`.
   * The miss rate is that of first verdicts.
   */
  firstIdentity?: string | null;
  /** Whether the event was shown once more against all animals of the class (second look). */
  lookedTwice?: boolean;
}

/** An event that was shown again as new, its animal hidden. */
export interface Repeat {
  /** HeadEvent.id. */
  event: string;
  /** The animal that it was linked to the second time; null: to none, it was taken as new. */
  identity: string | null;
}

/** Effort of one local day, all cameras together. */
export interface WorkingDay {
  day: number;
  /** Cameras that worked. */
  cameras: number;
  /** Of these, cameras with at least one image. */
  withImages: number;
}

/** The most animals of a class in one image on a day: non-overlapping detections. */
export interface Group {
  day: number;
  gate: string;
  animals: number;
}

export interface DayRange {
  from: number;
  /** Included. */
  to: number;
}

export interface HeadInput {
  period: DayRange;
  /** Every search event of the period, all classes. */
  events: readonly HeadEvent[];
  /** Days of the period with at least one working camera. */
  days: readonly WorkingDay[];
  groups: readonly Group[];
  /** Of the period: windows of one season are pooled. */
  repeats: readonly Repeat[];
  /** By identity, the sex that the database records for the deer: buck, doe or fawn. */
  sexes: ReadonlyMap<string, string>;
  identities: IdentitySource;
  /** Bursts that are no event because one image shows two animals of one class. */
  leftOut?: readonly { day: number; gates: readonly string[] }[];
}

export interface HeadOptions {
  /** At most 60 days; absent: chosen by effort (14, 30, 60 days). */
  window?: DayRange;
  /** Days of an occasion; default 1. */
  occasionDays?: 1 | 3;
  /** Default 1. */
  seed?: number;
  /** Draws of the bootstrap; default 1,000. */
  draws?: number;
}

/** Why a number is not given. */
export interface Refusal {
  kind:
    | 'no events'
    | 'no roster'
    | 'few identities'
    | 'not every event'
    | 'few repeats'
    | 'rate too uncertain'
    | 'few known animals'
    | 'contradicting rate'
    | 'more in one image'
    | 'window too long'
    | 'across antlers'
    | 'few occasions';
  sentence: string;
  /** Reviews that would mend it, about. */
  decisions?: number;
}

export interface Interval {
  estimate: number;
  lower: number;
  upper: number;
}

export type ModelName =
  | 'M0'
  | 'Mt (Darroch)'
  | 'Mh (Chao)'
  | 'Mh (jackknife 1)'
  | 'Mh (jackknife 2)'
  | 'Mh (jackknife 3)'
  | 'Schnabel'
  | 'Chapman';

/** A model on the identities as they are, ghosts included. */
export interface ModelEstimate {
  model: ModelName;
  /** null where the model has no finite estimate here; `reason` says why. */
  estimate: number | null;
  se: number | null;
  lower: number | null;
  upper: number | null;
  reason?: string;
}

export interface Window extends DayRange {
  /** Days from `from` to `to`. */
  days: number;
  asked: boolean;
  /** Camera days with images in it. */
  cameraDays: number;
  /** Days with at least one working camera. */
  workingDays: number;
  occasionDays: 1 | 3;
  /** t: complete occasions with a working camera. */
  occasions: number;
  /** How it was chosen. */
  sentence: string;
}

/** The measured miss rate of one verdict. */
export interface MissRate {
  /** e = b / (a + b). */
  rate: number;
  /** a: linked both times. */
  linkedTwice: number;
  /** b: linked only the second time. */
  linkedOnce: number;
  /** a + b. */
  k: number;
  /** k': the effective number, with animals as clusters. */
  effective: number;
  /** .975 quantile of Beta(misses + 1/2, hits + 1/2). */
  upper: number;
  /** Linked both times, but to another animal the second time: in `linkedTwice`. */
  elsewhere: number;
  /** Whether every identity with one event was looked at twice, so that e^2 is used. */
  lookedTwice: boolean;
  /** The rate that the counts use: `rate`, or its square. */
  used: number;
}

/** One point of an accumulation curve, after `days` days with a working camera. */
export interface AccumulationPoint {
  days: number;
  /** Animals seen, ghosts taken out; null where the rate is not measured. */
  animals: number | null;
  /** Identities as they are. */
  raw: number;
}

export interface HeadCorrected {
  rate: MissRate;
  ghosts: number;
  /** U: animals seen, with its exact interval. */
  seen: Interval;
  /** U at half the miss rate ("if misses repeat"); only after a second look. */
  seenIfMissesRepeat: number | null;
  /** Whether f_1 limits the ghosts, so that the rate was lowered to what f_1 allows. */
  capped: boolean;
  /** Corrected Chao: the headline. A refusal where there are fewer than 5 occasions. */
  chao: Interval | Refusal;
  /** Corrected M0: its companion; null where the fit has none. */
  m0: Interval | null;
  /** Completeness of the list: U / N with N's interval, shares; null without N. */
  completeness: Interval | null;
  /** Whether Chao is quoted as "at least", because the two intervals do not meet. */
  atLeast: boolean;
}

export interface HeadNaive {
  /** n: identities with an event in the window. */
  identities: number;
  /** c_E: their events. */
  events: number;
  /** f_1: identities with one event. */
  singles: number;
  /** Empty where there are fewer than 5 occasions. */
  models: ModelEstimate[];
  /** f_k on occasions, from k = 1. */
  frequencies: number[];
  /** n_j by occasion. */
  perOccasion: number[];
}

export interface HeadCountBase {
  class: HeadClass;
  identities: IdentitySource;
  window: Window | null;
  /** Events of the class in the window, those of unknown class, and those with an identity. */
  reviewed: { events: number; unknown: number; identified: number };
  seed: number;
  /** What a reader has to know, in order of weight. */
  sentences: string[];
}

export interface HeadRefused extends HeadCountBase {
  refusal: Refusal;
}

export interface HeadCounted extends HeadCountBase {
  refusal: null;
  naive: HeadNaive;
  /** A refusal where nothing corrected can be said: only the naive count is given then. */
  corrected: HeadCorrected | Refusal;
  accumulation: AccumulationPoint[];
  /** Of further visits, the share by an animal on the list; null without two visits. */
  coverage: number | null;
  /** Identities with one event, with that event: all ghosts are among them. */
  singles: { identity: string; event: string; lookedTwice: boolean }[];
  /** Events that were not shown again yet, in the order to show them as new; at most 200. */
  showAgain: string[];
  /** Identities of the class with their events in the window, most events first. */
  animals: { identity: string; events: number; occasions: number }[];
}

export type HeadCount = HeadRefused | HeadCounted;

/** Jacobson's buck ratio: an index. */
export interface JacobsonIndex {
  bucks: Interval;
  does: Interval;
  fawns: Interval;
  total: Interval;
  sentences: string[];
}
