// Jacobson's buck ratio: the number of bucks that people identified, carried to does and fawns by
// the ratios of events (H. A. Jacobson et al., Wildlife Society Bulletin 25 (1997) 547-556). Pure.
import type { HeadCount, Interval, JacobsonIndex, Refusal } from './types.ts';

const scale = ({ estimate, lower, upper }: Interval, by: number): Interval => ({
  estimate: estimate * by,
  lower: lower * by,
  upper: upper * by,
});

/**
 * does = E_B N_D / N_B, fawns = does N_F / N_D, with E_B animals and N events. The intervals are
 * those of the bucks, carried on: the ratios add their own error.
 * @example
 * carryByJacobson(
 *   { estimate: 213, lower: 213, upper: 213 },
 *   { bucks: 100, does: 140, fawns: 93.8 },
 * ).total.estimate // => 710.994
 */
export function carryByJacobson(
  bucks: Interval,
  events: { bucks: number; does: number; fawns: number },
): Omit<JacobsonIndex, 'sentences'> {
  const [does, fawns] = [events.does / events.bucks, events.fawns / events.bucks];
  return { bucks, does: scale(bucks, does), fawns: scale(bucks, fawns), total: scale(bucks, 1 + does + fawns) };
}

/**
 * The index from a head count of bucks, or why there is none.
 * @param events independent events of each class in the window of the head count
 */
export function indexByJacobson(
  of: HeadCount,
  events: { bucks: number; does: number; fawns: number },
): JacobsonIndex | Refusal {
  if (of.refusal !== null) return of.refusal;
  if ('sentence' in of.corrected) {
    const { kind, sentence, decisions } = of.corrected;
    const said = `Jacobson's index needs the number of bucks with its interval. ${sentence}`;
    return { kind, sentence: said, ...(decisions === undefined ? {} : { decisions }) };
  }
  if (events.bucks === 0 || events.does === 0) {
    const missing = events.bucks === 0 ? 'buck' : 'doe';
    return {
      kind: 'no events',
      sentence: `Jacobson's index needs events of both sexes: there is no ${missing} event.`,
    };
  }
  return {
    ...carryByJacobson(of.corrected.seen, events),
    sentences: [
      'An index, no count: it takes bucks, does and fawns to be photographed equally often.',
      'Does are photographed about half as often as bucks where it was measured; the index is then 32% low on average.',
      'If does are photographed x times less than bucks, there are x times as many does and fawns as the index says.',
      'Nothing is added for animals that no camera saw.',
    ],
  };
}
