// What a reader of a head count has to know, in sentences. Pure.
import { count, number, percent } from '../../format.ts';
import type { ClassEvents } from './identities.ts';
import type { HeadClass, HeadCorrected, HeadCounted, HeadInput, Interval, Refusal } from './types.ts';

/** Limits of a number of animals, rounded outward: `21 to 27`, `21 or more`. */
export const sayRange = ({ lower, upper }: Pick<Interval, 'lower' | 'upper'>): string =>
  Number.isFinite(upper)
    ? `${number(Math.floor(lower))} to ${number(Math.ceil(upper))}`
    : `${number(Math.floor(lower))} or more`;

/** With a capital letter first. */
export const capital = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}`;

const tenth = (value: number): string => number(value, value < 100 ? 1 : 0);

const sayWhose = (source: HeadInput['identities']): string =>
  source === 'roster'
    ? 'The animals were named by people who went through the events (a roster).'
    : 'The animals have the names that the platform stored; its owner declares that every event gets one, and that an animal which is missed gets a new one.';

const isRefusal = (value: object): value is Refusal => 'sentence' in value;

/** The numbers: animals seen, animals that there are. */
function sayCorrected(of: HeadClass, corrected: HeadCorrected): string[] {
  const { seen, ghosts, rate, chao, m0, atLeast, completeness } = corrected;
  const found = [
    `${capital(of)}s seen: about ${tenth(seen.estimate)} (95% interval ${sayRange(seen)}). That is without ${tenth(ghosts)} of the names, which are taken for second names of a ${of} that has one already.`,
  ];
  if (isRefusal(chao)) found.push(chao.sentence);
  else {
    const lead = atLeast ? 'At least' : 'About';
    const reason = atLeast
      ? ' The two estimates do not agree: some are photographed far more often than others, or second names are left.'
      : '';
    found.push(
      `${lead} ${number(Math.round(chao.estimate))} ${of}s use these camera sites, with those that no camera saw (95% interval ${sayRange(chao)}; Chao's estimate, corrected for second names).${reason}`,
    );
    if (m0 !== null)
      found.push(
        `If all ${of}s were equally likely to be photographed, there would be ${tenth(m0.estimate)} (${sayRange(m0)}; corrected M0).`,
      );
    if (completeness !== null) {
      const { estimate, lower, upper } = completeness;
      found.push(
        `About ${percent(estimate)} of the ${of}s that use these sites were seen (${percent(lower)} to ${percent(upper)}).`,
      );
    }
  }
  return [...found, ...sayRate(of, rate, corrected)];
}

function sayRate(of: HeadClass, rate: HeadCorrected['rate'], { capped, seenIfMissesRepeat }: HeadCorrected): string[] {
  const squared = rate.lookedTwice
    ? ` Every name with one event was looked at twice, so ${percent(rate.used)} is used.`
    : '';
  return [
    `Miss rate: ${percent(rate.rate)}, how often people take a known ${of} for a new one. Of ${count(rate.k, 'event')} that they linked to a known ${of} when shown again as new, ${rate.linkedOnce} had not been linked the first time.${squared} This takes the events shown again for a random sample.`,
    'A miss that people would make twice (other flank, shed antlers) is not in the miss rate, so the rate is at least this.',
    ...(rate.elsewhere > 0
      ? [`${count(rate.elsewhere, `${of} event was`, `${of} events were`)} linked to another animal the second time.`]
      : []),
    ...(seenIfMissesRepeat !== null ? [`If misses repeat, ${tenth(seenIfMissesRepeat)} ${of}s were seen.`] : []),
    ...(capped ? [`The miss rate of ${of}s was lowered to what the names with one event allow.`] : []),
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
  const look = once > 0 ? ` To be surer, compare each once more with all ${of}s: ${count(once, 'decision')}.` : '';
  return [
    ...(isRefusal(corrected) ? [corrected.sentence] : sayCorrected(of, corrected)),
    `As named (naive): ${count(naive.identities, of)} from ${count(naive.events, 'event')}. A ${of} that was missed and got a second name counts twice.`,
    sayWhose(counted.identities),
    ...(window === null ? [] : [window.sentence]),
    ...(singles.length > 0
      ? [`Second names are looked for among the ${count(singles.length, `${of} name`)} with one event.${look}`]
      : []),
    ...(coverage === null
      ? []
      : [`About ${percent(coverage)} of further visits would be of a ${of} that is on the list already.`]),
    'The count assumes that no deer was born, was shot, or moved in or out in the window. Judge for yourself where a hunting season falls in it.',
    'The count is of deer that use these camera sites. It is not for an area, and it gives no density.',
    ...(counted.reviewed.unknown > 0
      ? [
          `${count(counted.reviewed.unknown, 'event')} of unknown class ${counted.reviewed.unknown === 1 ? 'has' : 'have'} no name: a ${of} in ${counted.reviewed.unknown === 1 ? 'it' : 'them'} is not counted.`,
        ]
      : []),
    ...(offDays > 0
      ? [
          `${count(offDays, `${of} event`)} on days that do not count (without a working camera, or left over at the end of the window) ${offDays === 1 ? 'is' : 'are'} left out.`,
        ]
      : []),
    ...(sexless > 0
      ? [
          `${count(sexless, 'name')} with as many events of one sex as of another ${sexless === 1 ? 'is' : 'are'} not counted.`,
        ]
      : []),
    ...(leftOut > 0
      ? [
          `${count(leftOut, 'burst')} of ${of}s or of unknown class with two animals of one class in one image ${leftOut === 1 ? 'is' : 'are'} left out until each animal in ${leftOut === 1 ? 'it' : 'them'} has a name.`,
        ]
      : []),
  ];
}
