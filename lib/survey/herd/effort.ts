// How much effort a rate needs to be compared with others. Pure.

/** A few trap nights can give the highest rate by chance. */
const ENOUGH = 0.5;

/** Trap nights from which a rate is compared: half of the median of those that have any. */
export function leastNights(all: ArrayLike<number>): number {
  const nights = Array.from(all)
    .filter((own) => own > 0)
    .sort((a, b) => a - b);
  const [low, high] = [nights[(nights.length - 1) >> 1] ?? 0, nights[nights.length >> 1] ?? 0];
  return (ENOUGH * (low + high)) / 2;
}
