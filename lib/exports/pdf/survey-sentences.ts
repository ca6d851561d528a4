// What the survey of a report says in sentences.
import { count, day, listWords, number } from '../../format.ts';
import type { HerdClass, Interval, Overlap, RutWeek } from '../../survey/herd/index.ts';
import type { Surveyed, SurveyedPeriod } from './survey-read.ts';

export const NAMES: Readonly<Record<HerdClass, string>> = {
  ...{ buck: 'Bucks', doe: 'Does', fawn: 'Fawns', unknown: 'Unknown' },
};

const limit = (value: number, digits: number): string => (Number.isFinite(value) ? number(value, digits) : 'no limit');
/** `12.5 to 18.0` */
export const range = ({ low, high }: Interval, digits = 1): string => `${limit(low, digits)} to ${limit(high, digits)}`;

const quoted = (label: string | undefined): string => (label === undefined ? '' : `"${label}": `);

/** Sentences that several periods share are printed once, the others with the name of theirs. */
function gather(periods: readonly SurveyedPeriod[], say: (period: SurveyedPeriod) => string[]): string[] {
  const said = periods.map((period) => new Set(say(period)));
  const all = [...new Set(said.flatMap((sentences) => [...sentences]))];
  return all.flatMap((sentence) => {
    const where = periods.filter((_, i) => said[i]!.has(sentence));
    return where.length === periods.length ? [sentence] : where.map(({ label }) => `${quoted(label)}${sentence}`);
  });
}

const WHERE = { yes: 'With bait: ', no: 'Without bait: ', unknown: 'Bait not recorded: ' };

/** Refusals, missing intervals and what a reader has to know of the ratios. */
export const sayComposition = (periods: readonly SurveyedPeriod[]): string[] =>
  gather(periods, ({ herd: { composition } }) => [
    ...composition.groups.flatMap(({ bait, refused, fawns, bucks, headline }) => {
      const where = bait === null ? '' : WHERE[bait];
      if (refused !== null) return [`${where}${refused}`];
      const reasons = [fawns, bucks].flatMap((ratios) => ratios?.[headline].noInterval ?? []);
      return [...new Set(reasons)].map(
        (reason) => `${where}${reason} Only the interval of counting error is given, and it is too narrow.`,
      );
    }),
    ...composition.notes,
  ]);

/** What head counts say, or why there are none. */
export const sayHeads = (periods: readonly SurveyedPeriod[]): string[] =>
  gather(periods, ({ heads, noHeads }) => [
    ...(noHeads === undefined ? [] : [noHeads]),
    ...heads.flatMap(({ sentences }) => sentences),
  ]);

const sayOverlap = (who: string, { value, interval, estimator, seed, draws }: Overlap): string =>
  `The hours of ${who} overlap by ${number(value, 2)} (95% interval ${range(interval, 2)}; ${estimator}, seed ${seed}, ${count(draws, 'draw')}).`;

const sayWeek = ({ week, monday, mean }: RutWeek): string =>
  `Bucks were seen most around week ${week} (from ${day(monday)}): ${number(mean ?? 0, 1)} events per 100 trap nights on average over three weeks.`;

/** Weeks in a row as a span: `2023-W44 to 2023-W46 and 2023-W48`. */
function sayWeeks(weeks: readonly string[], all: readonly RutWeek[]): string {
  const order = new Map(all.map(({ week }, i) => [week, i]));
  const runs: string[][] = [];
  for (const week of weeks) {
    const last = runs.at(-1);
    if (last !== undefined && order.get(week) === order.get(last.at(-1)!)! + 1) last.push(week);
    else runs.push([week]);
  }
  return listWords(runs.map((run) => (run.length === 1 ? run[0]! : `${run[0]} to ${run.at(-1)}`)));
}

const sayRut = ({ herd: { movement } }: SurveyedPeriod): string[] => {
  const { refused, peak, likely, note, weeks, seed, draws, places } = movement.rut;
  if (refused !== null || peak === null) return refused === null ? [] : [refused];
  const sure =
    likely === null
      ? (note ?? '')
      : `With other locations, the busiest week might have been another one: in 95% of ${count(draws, 'draw')} from the ${count(places, 'location')} it is in ${sayWeeks(likely, weeks)} (seed ${seed}).`;
  return [`${sayWeek(peak)} ${sure}`];
};

const plural = (name: string): string => (NAMES as Record<string, string>)[name] ?? name;

/** `Bucks and does` */
export const namePair = ({ a, b }: Overlap): string => `${plural(a)} and ${plural(b).toLowerCase()}`;

/**
 * Activity, overlaps and the rut.
 * @param tabled whether the overlaps of each period are in a table
 */
export const sayMovement = ({ periods, between }: Surveyed, tabled: boolean): string[] => [
  ...gather(periods, (period) => {
    const { clockNote, activity, overlaps } = period.herd.movement;
    return [
      ...(clockNote === null ? [] : [clockNote]),
      ...activity.flatMap(({ refused }) => refused ?? []),
      ...(tabled ? [] : overlaps.map((overlap) => sayOverlap(namePair(overlap).toLowerCase(), overlap))),
      ...sayRut(period),
    ];
  }),
  ...between.map(({ class: name, overlap }) =>
    sayOverlap(`${plural(name).toLowerCase()} of "${overlap.a}" and of "${overlap.b}"`, overlap),
  ),
];
