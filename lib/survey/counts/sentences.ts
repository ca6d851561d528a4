// What a reader of a head count has to know, in sentences. Pure.
import { count, number, percent } from '../../format.ts';
import type { ClassEvents } from './identities.ts';
import type { HeadClass, HeadCorrected, HeadCounted, HeadInput, Interval, Refusal } from './types.ts';

/** Limits of a number of animals, rounded outward: `21 to 27`, `21 or more`. */
export const sayRange = ({ lower, upper }: Pick<Interval, 'lower' | 'upper'>): string =>
  Number.isFinite(upper)
    ? `${number(Math.floor(lower))} to ${number(Math.ceil(upper))}`
    : `${number(Math.floor(lower))} or more`;

const tenth = (value: number): string => number(value, value < 100 ? 1 : 0);

export const sayWhose = (source: HeadInput['identities']): string =>
  source === 'roster'
    ? 'Identities: from people who went through the events (roster).'
    : 'Identities: those that the platform stored; its owner declares that every event gets one and that misses make new ones.';

const isRefusal = (value: object): value is Refusal => 'sentence' in value;

/** The numbers: animals seen, animals that there are. */
function sayCorrected(of: HeadClass, corrected: HeadCorrected): string[] {
  const { seen, ghosts, rate, chao, m0, atLeast, completeness } = corrected;
  const found = [
    `Animals seen: ${tenth(seen.estimate)} ${of}s (95% interval ${sayRange(seen)}); ${tenth(ghosts)} of the identities are taken for misses.`,
  ];
  if (isRefusal(chao)) found.push(chao.sentence);
  else {
    const lead = atLeast ? 'At least' : 'About';
    const reason = atLeast
      ? ' Chao and M0 do not agree: animals differ in how often they are photographed, or ghosts are left.'
      : '';
    found.push(
      `${lead} ${number(Math.round(chao.estimate))} ${of}s use these camera sites (95% interval ${sayRange(chao)}, corrected Chao).${reason}`,
    );
    if (m0 !== null)
      found.push(`Corrected M0, which takes all animals as alike: ${tenth(m0.estimate)} (${sayRange(m0)}).`);
    if (completeness !== null) {
      const { estimate, lower, upper } = completeness;
      found.push(`The list holds about ${percent(estimate)} of them (${percent(lower)} to ${percent(upper)}).`);
    }
  }
  return [...found, ...sayRate(rate, corrected)];
}

function sayRate(rate: HeadCorrected['rate'], { capped, seenIfMissesRepeat }: HeadCorrected): string[] {
  const measured = `${rate.linkedOnce} of ${count(rate.k, 'event')} that were linked when shown again as new had been missed`;
  const squared = rate.lookedTwice
    ? `; every identity with one event was looked at twice, so ${percent(rate.used)} is used`
    : '';
  return [
    `Miss rate: ${percent(rate.rate)} (${measured})${squared}. The repeats are taken for a random sample.`,
    'A miss that a reviewer would make twice (other flank, shed antler) is not in this rate: it is at least this.',
    ...(rate.elsewhere > 0
      ? [`${count(rate.elsewhere, 'event was', 'events were')} linked to another animal the second time.`]
      : []),
    ...(seenIfMissesRepeat !== null ? [`If misses repeat: ${tenth(seenIfMissesRepeat)} animals seen.`] : []),
    ...(capped ? ['The rate was lowered to what the identities with one event allow.'] : []),
  ];
}

/**
 * All sentences of a count, the numbers first.
 * @param leftOut bursts of the class in the window that are no event
 */
export function sayCount(
  of: HeadClass,
  counted: Omit<HeadCounted, 'sentences'>,
  { sexless, offDays }: ClassEvents,
  leftOut: number,
): string[] {
  const { naive, corrected, singles, coverage, window } = counted;
  const once = singles.filter(({ lookedTwice }) => !lookedTwice).length;
  const look = once > 0 ? ` Show each once more against all ${of}s: ${count(once, 'decision')}.` : '';
  return [
    ...(isRefusal(corrected) ? [corrected.sentence] : sayCorrected(of, corrected)),
    `Naive: ${count(naive.identities, 'identity')} from ${count(naive.events, 'event')}; every miss is in it as an animal.`,
    sayWhose(counted.identities),
    ...(window === null ? [] : [window.sentence]),
    ...(singles.length > 0
      ? [`All ghosts are among the ${count(singles.length, 'identity')} with one event.${look}`]
      : []),
    ...(coverage === null
      ? []
      : [`About ${percent(coverage)} of further visits would be of a ${of} that is on the list already.`]),
    "Closed: nothing was born, shot or moved away in the window; a hunting season in it is the reader's to judge.",
    'Of deer that use these camera sites: no area, no density.',
    ...(counted.reviewed.unknown > 0
      ? [
          `${count(counted.reviewed.unknown, 'event')} of unknown class without an identity: a ${of} in them is in no number.`,
        ]
      : []),
    ...(offDays > 0
      ? [
          `${count(offDays, 'event')} on days of no occasion (without a working camera, or in a last block that is not complete) ${offDays === 1 ? 'is' : 'are'} in no number.`,
        ]
      : []),
    ...(sexless > 0
      ? [
          `${count(sexless, 'identity')} with as many events of one sex as of another ${sexless === 1 ? 'is' : 'are'} in no count.`,
        ]
      : []),
    ...(leftOut > 0
      ? [
          `${count(leftOut, 'burst')} of ${of}s or of unknown class with two animals of one class in one image ${leftOut === 1 ? 'is' : 'are'} no event and left out.`,
        ]
      : []),
  ];
}
