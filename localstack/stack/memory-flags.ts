// How much memory processes take for what lives only for a moment.

/**
 * Of the host and the engines, which answer many small requests: by default Node lets dead objects
 * fill 100 MB before it looks at them. Measured: the API process under load 290 -> 200 MB, the p99
 * of a read 9 -> 4 ms.
 */
export const SMALL_YOUNG_GENERATION = '--max-semi-space-size=8';

/** Of functions that draw or analyze: the parts of a page live as long as it is drawn. */
export const MEDIUM_YOUNG_GENERATION = '--max-semi-space-size=16';

/** glibc gives each thread an area of memory, and keeps what was freed in it. */
export const FEW_ARENAS = { MALLOC_ARENA_MAX: '2' } as const;
