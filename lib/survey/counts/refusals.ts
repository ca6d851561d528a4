// Why a head count, or its correction, is refused: one sentence each, with what would mend it.
import { count, number, percent } from '../../format.ts';
import type { Tally } from './ghosts.ts';
import type { ClassEvents } from './identities.ts';
import { KNOWN_ANIMALS, LEAST_REPEATS, LEAST_SHARE, MOST_RATE, WANTED_REPEATS } from './limits.ts';
import type { HeadClass, HeadInput, MissRate, Refusal } from './types.ts';
import { crossesMarch, MOST_DAYS } from './window.ts';

/** Of a window that was asked for. */
export function refuseWindow(of: HeadClass, { from, to }: { from: number; to: number }): Refusal | null {
  const days = to - from + 1;
  if (days > MOST_DAYS || days < 1) {
    const sentence = `A head count takes a window of 1 to ${MOST_DAYS} days, not ${number(days)}: in a longer time animals come and go.`;
    return { kind: 'window too long', sentence };
  }
  return of === 'buck' && crossesMarch({ from, to }) ? ACROSS_ANTLERS : null;
}

export const ACROSS_ANTLERS: Refusal = {
  kind: 'across antlers',
  sentence:
    'The window crosses 1 March: bucks shed their antlers about then, and a buck before and after cannot be known as the same. Choose a window on one side.',
};

const NO_COUNT =
  'Names that the software wrote say which known deer were seen, not how many animals there are, and a review of only some events gives no count.';

/** A share that does not meet a limit, in as many digits as it takes to see that. */
function percentBeside(share: number, limit: number): string {
  let text = percent(share);
  for (let digits = 1; digits < 6 && Number.parseFloat(text) === 100 * limit; digits++) text = percent(share, digits);
  return text;
}

/** Of identities: nearly every event of the class needs one. */
export function refuseIdentities(
  of: HeadClass,
  { named, unnamed, unknown }: ClassEvents,
  source: HeadInput['identities'],
): Refusal | null {
  const all = named.length + unnamed.length;
  if (all === 0) return { kind: 'no events', sentence: `There is no ${of} event in the window.` };
  if (named.length >= LEAST_SHARE * all) return null;
  const decisions = unnamed.length + unknown.length;
  const begin =
    named.length === 0
      ? `None of the ${count(all, `${of} event`)} in the window has a name, so ${of}s are not counted.`
      : `Only ${percentBeside(named.length / all, LEAST_SHARE)} of the ${of} events in the window have a name, too few to count ${of}s.`;
  if (source === 'platform') {
    const sentence = `${begin} The platform was declared to give every event a name, and it did not.`;
    return { kind: 'not every event', sentence };
  }
  return {
    kind: named.length === 0 ? 'no roster' : 'few identities',
    sentence: `${begin} Name the animals${named.length === 0 ? '' : ' of the rest'}: about ${count(decisions, 'decision')}. ${NO_COUNT}`,
    decisions,
  };
}

const NAIVE = 'Only the number as named is given: an animal that was missed and got a second name counts twice.';

/** Of animals that are known well enough. */
export function refuseKnown(of: HeadClass, known: number): Refusal | null {
  if (known >= KNOWN_ANIMALS) return null;
  const found = `${known} named ${of}${known === 1 ? ' has' : 's have'} two or more events in the window`;
  return {
    kind: 'few known animals',
    sentence: `${found}, fewer than ${KNOWN_ANIMALS}, so the count is not corrected. ${NAIVE}`,
  };
}

/** Of the miss rate. */
export function refuseRate(of: HeadClass, rate: Pick<MissRate, 'k' | 'upper' | 'rate'> | null): Refusal | null {
  const k = rate?.k ?? 0;
  if (rate === null || k < LEAST_REPEATS) {
    const measured =
      k === 0
        ? `The miss rate of ${of}s is not measured`
        : `The miss rate of ${of}s is measured on ${count(k, 'event')}`;
    const decisions = WANTED_REPEATS - k;
    return {
      kind: 'few repeats',
      sentence: `${measured}: that needs at least ${LEAST_REPEATS} events that are linked to a known ${of} when shown again as new. Show about ${decisions} more. ${NAIVE}`,
      decisions,
    };
  }
  if (rate.upper <= MOST_RATE) return null;
  return {
    kind: 'rate too uncertain',
    sentence: `The miss rate of ${of}s is ${percent(rate.rate)} and may be ${percentBeside(rate.upper, MOST_RATE)}, above ${percent(MOST_RATE)}, so the count is not corrected. ${NAIVE}`,
  };
}

/** Of what the correction gives. */
export function refuseSeen(
  of: HeadClass,
  { n, events, singles }: Tally,
  rate: number,
  seen: { estimate: number; interval: object | null; together: number },
): Refusal | null {
  if (seen.interval === null) {
    const data = `${count(n, 'name')} from ${count(events, 'event')}, ${singles} of them with one event`;
    return {
      kind: 'contradicting rate',
      sentence: `A miss rate of ${percent(rate)} contradicts the data (${data}): no number of ${of}s fits both. ${NAIVE}`,
    };
  }
  if (seen.estimate >= seen.together) return null;
  return {
    kind: 'more in one image',
    sentence: `One image shows ${seen.together} different ${of}s, more than the ${seen.estimate.toFixed(1)} that the correction leaves: the miss rate cannot hold. ${NAIVE}`,
  };
}

export const refuseOccasions = (occasions: number, least: number): Refusal => ({
  kind: 'few occasions',
  sentence: `The window has ${count(occasions, 'day or block of days', 'days or blocks of days')} with a working camera. An estimate of how many animals there are needs at least ${least}.`,
});
