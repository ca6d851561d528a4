// What is counted and measured about jobs, in Redis: it goes on rising whatever restarts.

/** Upper bounds in seconds of the buckets that waits and durations are counted in. */
export const WAIT_BOUNDS = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1_800, 7_200] as const;
export const DURATION_BOUNDS = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 3_600] as const;
