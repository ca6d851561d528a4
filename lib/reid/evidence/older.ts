// Reviews with an inclusion probability from before draws were stored: one draw or several? A draw
// of then left out what was reviewed before, so its probabilities hold for the rest alone.

export interface ImportedEvent {
  event: number;
  inclusion: number;
  /** When it was reviewed, ms since 1970; null where not recorded. */
  at: number | null;
}

export type Reading =
  /** The weights 1 / inclusion fit one draw, or nothing shows that there were several. */
  | { kind: 'single' }
  /** They add up to more events than there are: those of the newest draw weigh 1 / p, others 1. */
  | { kind: 'several'; newest: ReadonlySet<number> }
  /** As before, but which events are the newest draw's cannot be seen. */
  | { kind: 'unclear' };

/** Sums of weights are as exact as events are the same as when they were drawn. */
const TOLERANCE = 0.1;

/**
 * Events with one inclusion probability are of one draw, or of one stratum of it; draws follow each
 * other in time. Where the weights of all add up to no more than the events that there were, one
 * draw explains them.
 * @param events how many search events there were when the last of them was reviewed
 */
export function readImported(imported: readonly ImportedEvent[], events: number): Reading {
  const total = imported.reduce((sum, { inclusion }) => sum + 1 / inclusion, 0);
  if (total <= (1 + TOLERANCE) * events) return { kind: 'single' };
  if (imported.some(({ at }) => at === null)) return { kind: 'unclear' };
  const groups = [...Map.groupBy(imported, ({ inclusion }) => inclusion).values()]
    .map((list) => ({ list, from: Math.min(...list.map(({ at }) => at!)), to: Math.max(...list.map(({ at }) => at!)) }))
    .sort((a, b) => a.from - b.from);
  let cuts = 0;
  let best: { newest: ReadonlySet<number>; off: number } | undefined;
  for (let cut = 1; cut < groups.length; cut++) {
    const [before, after] = [groups.slice(0, cut), groups.slice(cut)];
    if (Math.max(...before.map(({ to }) => to)) >= after[0]!.from) continue;
    cuts++;
    const newest = after.flatMap(({ list }) => list);
    const rest = events - (imported.length - newest.length);
    const off = Math.abs(newest.reduce((sum, { inclusion }) => sum + 1 / inclusion, 0) / rest - 1);
    if (best === undefined || off < best.off) best = { newest: new Set(newest.map(({ event }) => event)), off };
  }
  // Nothing shows several draws: the probabilities are from elsewhere, and are taken as they are.
  if (cuts === 0) return { kind: 'single' };
  return best !== undefined && best.off <= TOLERANCE ? { kind: 'several', newest: best.newest } : { kind: 'unclear' };
}
