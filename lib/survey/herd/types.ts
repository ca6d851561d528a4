// What a survey of the herd is made from, and what it says: composition and movement. Every number
// has its interval, and every number that the data cannot carry is a sentence instead.

/** Bucks are the classes buck, mature, mid and young; unknown is every other class of deer. */
export type HerdClass = 'buck' | 'doe' | 'fawn' | 'unknown';
export const HERD_CLASSES: readonly HerdClass[] = ['buck', 'doe', 'fawn', 'unknown'];

/** An independent event of one final class, as a season counts it: never its photographs. */
export interface SurveyEvent {
  /** Location id; null: its images have no location. */
  place: string | null;
  class: HerdClass;
  /** The class as the database has it. */
  finalClass: string;
  /** Of its first detection: milliseconds since 1970 UTC. */
  at: number;
  /** The same as wall-clock time in the zone of the survey, `YYYY-MM-DD HH:MM:SS`. */
  local: string;
  /** The largest number of detections of its class in one image, 1 or more. */
  most: number;
  /** Whether the cameras of its place were baited at that time; null: not recorded. */
  bait: 'yes' | 'no' | null;
}

export interface WeekOfEffort {
  /** Monday of the ISO week, which may be before the period: YYYY-MM-DD. */
  monday: string;
  /** Trap nights of that week inside the period, 0 or more. */
  nights: number;
}

/** A location with effort or events in the period. */
export interface SurveyPlace {
  id: string;
  name: string;
  /** Degrees (WGS 84), exact: for sun time, not to be published. null: not known. */
  point: readonly [longitude: number, latitude: number] | null;
  /** Of its deployments in the period, where an import knew it. */
  bait: 'yes' | 'no' | 'mixed' | null;
  /** Trap nights in the period. */
  nights: number;
  /** One for each of SurveyData.weeks, in order. */
  weeks: WeekOfEffort[];
  /** Effort is that of the days from the first to the last image, as no deployment is recorded. */
  derived: boolean;
}

/** What is read for one period. */
export interface SurveyData {
  /** Calendar days in `timeZone`, both included: YYYY-MM-DD. */
  start: string;
  end: string;
  timeZone: string;
  independenceMinutes: number;
  /** The class filter of the request; null: none. */
  classifications: readonly string[] | null;
  /** Deer only, in order of time. */
  events: SurveyEvent[];
  /** By name. */
  places: SurveyPlace[];
  /** Mondays of the ISO weeks of the period, in order. */
  weeks: string[];
}

export interface HerdOptions {
  /** 0 to 4294967295; same seed, same numbers. Default 1. */
  seed?: number;
  /** Draws of each bootstrap, 1,000 or more. Default 1,000. */
  draws?: number;
}

export interface Interval {
  low: number;
  high: number;
}

/** How many of a class there are for each 100 does. */
export interface Ratio {
  /** Of the class, and of does: events or animals. */
  count: number;
  does: number;
  per100: number;
  /** Wilson's 95% interval: counting error only. */
  wilson: Interval;
  /** The 95% interval to use: jackknife over places; null with `noInterval`. */
  interval: Interval | null;
  /** Why there is no interval over places, as a sentence. */
  noInterval: string | null;
}

/** The same ratio, by events and by animals. */
export interface Ratios {
  events: Ratio;
  /** An event counts the largest number of its class in one image. */
  animals: Ratio;
}

/** The composition at places with the same bait. */
export interface CompositionGroup {
  /** null: all places of the period, because bait does not divide them. */
  bait: 'yes' | 'no' | 'unknown' | null;
  events: Record<HerdClass, number>;
  animals: Record<HerdClass, number>;
  /** Places with effort or events. */
  places: number;
  /** Places with fewer than ten doe events, by name. */
  fewDoes: { name: string; does: number }[];
  /** Which of the two is the headline, and the share of events that show more than one animal. */
  headline: 'events' | 'animals';
  severalShare: number;
  /** Why there is no ratio, as a sentence; null where there are ratios. */
  refused: string | null;
  fawns: Ratios | null;
  bucks: Ratios | null;
}

export interface Composition {
  /** One, or one for each kind of bait: these are never pooled. */
  groups: CompositionGroup[];
  /** What a reader has to know, as sentences. */
  notes: string[];
}

/** When the animals of one class move. */
export interface ClassActivity {
  class: HerdClass;
  events: number;
  /** Why there is no curve, as a sentence; the next fields are null then. */
  refused: string | null;
  /** Concentration of the kernel. */
  v: number | null;
  /**
   * Density per radian at 2 pi i / 96, i = 0..95: every quarter of an hour. With sun time sunrise
   * is at i = 24 and sunset at i = 72.
   */
  density: number[] | null;
  /** Where the density is highest: hour of day, 0 to 24 (sun time: sunrise 6, sunset 18). */
  peakHour: number | null;
  /** Activity level 1 / (2 pi max f), 0 to 1: the share of the day that is spent active. */
  level: number | null;
}

/** How alike two activity curves are, 0 to 1. */
export interface Overlap {
  a: string;
  b: string;
  estimator: 'Dhat1' | 'Dhat4';
  value: number;
  /** 95%, percentiles of draws from the two fitted densities. */
  interval: Interval;
  draws: number;
  seed: number;
}

/** Shares of the events of a class by the light at their place: they add up to 1. */
export interface LightShares {
  class: HerdClass;
  events: number;
  day: number;
  /** Sun 0.833 to 6 degrees below the horizon. */
  twilight: number;
  night: number;
}

export interface RutWeek {
  monday: string;
  /** `2024-W46` */
  week: string;
  events: number;
  nights: number;
  /** Buck events per 100 trap nights; null without effort. */
  rate: number | null;
  /** The same over this week and its two neighbors; null where this week has no effort. */
  mean: number | null;
}

export interface Rut {
  weeks: RutWeek[];
  /** Why no week is named, as a sentence. */
  refused: string | null;
  /** The week with the highest 3-week mean. */
  peak: RutWeek | null;
  /** Weeks (RutWeek.week) that hold 95% of the peaks of resampled places; null with `note`. */
  likely: string[] | null;
  /** Why there is no set of weeks, as a sentence. */
  note: string | null;
  places: number;
  draws: number;
  seed: number;
}

export interface Movement {
  /** What activity curves are drawn over. */
  clock: 'sun' | 'clock';
  /** Why it is clock time, or which events are left out, as a sentence. */
  clockNote: string | null;
  activity: ClassActivity[];
  overlaps: Overlap[];
  /** null where the light is not known. */
  light: LightShares[] | null;
  rut: Rut;
}

/** Composition and movement of one period. */
export interface Herd {
  /** Why there is nothing to say, as a sentence: no event has a sex; the rest is still there. */
  refused: string | null;
  composition: Composition;
  movement: Movement;
}

/** Depends on its arguments alone. */
export type MakeHerd = (data: SurveyData, options?: HerdOptions) => Herd;
