// From where on a head count says something (SURVEY.md sections 3 and 4).

/** Share of the events of the class that need an identity. */
export const LEAST_SHARE = 0.9;
/** Identities with two or more events. */
export const KNOWN_ANIMALS = 10;
/** Events linked when they were shown again: the fewest, and as many as are asked for. */
export const LEAST_REPEATS = 25;
export const WANTED_REPEATS = 50;
/** Of the events to show again, as many as are listed. */
export const MOST_SHOWN = 200;
/** The highest .975 quantile of the miss rate. */
export const MOST_RATE = 0.3;
/** Occasions of a capture-recapture. */
export const LEAST_OCCASIONS = 5;
