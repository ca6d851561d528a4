// The section "Survey": what the herd is made of, how many animals there are, when they move.
import type { Content } from 'pdfmake/interfaces.js';
import { SEXES } from '../../deer/class-gates.ts';
import { day, number, percent, timeOfDay } from '../../format.ts';
import { sayRange } from '../../survey/counts/sentences.ts';
import { HEAD_CLASSES, type HeadCount } from '../../survey/counts/types.ts';
import type { CompositionGroup, HerdClass, Ratio, Ratios } from '../../survey/herd/index.ts';
import { findLimits, isRefusal } from '../../survey/sentences.ts';
import { MARKS } from './charts.ts';
import { splitTable } from './layout/split-table.ts';
import { bullets, caption, footnote, legend, picture, section, WIDTH } from './layout/style.ts';
import { type Column, numeric, table } from './layout/table.ts';
import { dayChart, rutChart } from './survey-charts.ts';
import type { Surveyed, SurveyedPeriod } from './survey-read.ts';
import { NAMES, namePair, range, sayComposition, sayHeads, sayMovement } from './survey-sentences.ts';

interface Parts {
  charts: boolean;
  tables: boolean;
}

const WHERE = { yes: ', with bait', no: ', without bait', unknown: ', bait not recorded' };
const RATIOS = [
  ['fawns', 'Fawns per 100 does'],
  ['bucks', 'Bucks per 100 does'],
] as const;
const WAYS = ['events', 'animals'] as const;

/** A ratio of a group of places, counted in one way. */
interface Line {
  label: string;
  way: keyof Ratios;
  /** The headline of its group. */
  strong: boolean;
  find: (groups: readonly CompositionGroup[]) => Ratio | undefined;
}

/** Every ratio that any of the periods has, the headline of each first. */
function listLines(periods: readonly SurveyedPeriod[]): Line[] {
  const all = periods.flatMap(({ herd }) => herd.composition.groups).filter(({ refused }) => refused === null);
  const kinds = [...new Set(all.map(({ bait }) => bait))];
  return kinds.flatMap((bait) => {
    const headline = all.find((group) => group.bait === bait)!.headline;
    return RATIOS.flatMap(([ratio, label]) =>
      WAYS.toSorted((a, b) => Number(b === headline) - Number(a === headline)).map(
        (way): Line => ({
          ...{ label: `${label}${bait === null ? '' : WHERE[bait]}`, way, strong: way === headline },
          find: (groups) => groups.find((group) => group.bait === bait)?.[ratio]?.[way],
        }),
      ),
    );
  });
}

/** A table with a column for each period. */
function byPeriod(
  head: string,
  periods: readonly SurveyedPeriod[],
  rows: string[][],
  strong: number[] = [],
): Content[] {
  const columns = periods.map(
    ({ label = '' }, i): Column => ({ head: `${String.fromCharCode(65 + i)} ${label}`, width: 60, number: true }),
  );
  return splitTable({ head, width: '*' }, columns, rows, { strong });
}

function compositionTable(periods: readonly SurveyedPeriod[]): Content[] {
  const lines = listLines(periods);
  const strong = lines.flatMap((line, i) => (line.strong ? [i] : []));
  if (lines.length === 0) return [];
  if (periods.length > 1) {
    const cell = (ratio: Ratio | undefined): string =>
      ratio === undefined
        ? '-'
        : `${number(ratio.per100, 1)} (${range(findLimits(ratio))}${ratio.interval === null ? ' *' : ''})`;
    const rows = lines.map((line) => [
      `${line.label}, by ${line.way}`,
      ...periods.map(({ herd }) => cell(line.find(herd.composition.groups))),
    ]);
    const starred = rows.some((row) => row.some((text) => text.endsWith(' *)')));
    return [
      ...byPeriod('Ratio (95% interval)', periods, rows, strong),
      ...(starred ? [footnote('* Counting error alone: the spread between locations is not known.')] : []),
    ];
  }
  const groups = periods[0]!.herd.composition.groups;
  const rows = lines.map((line) => {
    const ratio = line.find(groups)!;
    return [
      line.label,
      line.way,
      number(ratio.per100, 1),
      ratio.interval === null ? '-' : range(ratio.interval),
      range(ratio.wilson),
      `${number(ratio.count)} / ${number(ratio.does)}`,
    ];
  });
  return [
    table(
      [
        { head: 'Ratio', width: '*' },
        { head: 'Counted by', width: 'auto' },
        ...['Value', '95% interval', 'Counting error alone', 'Counted / does'].map(numeric),
      ],
      rows,
      undefined,
      strong,
    ),
  ];
}

/** What a head count prints; a dash where it is refused. */
function headCells(count: HeadCount): { seen: string; there: string; naive: string } {
  if (count.refusal !== null) return { seen: '-', there: '-', naive: '-' };
  const { corrected, naive } = count;
  const cell = (of: { estimate: number; lower: number; upper: number }): string =>
    `${number(of.estimate, 1)} (${sayRange(of)})`;
  const named = number(naive.identities);
  if (isRefusal(corrected)) return { seen: '-', there: '-', naive: named };
  const { seen, chao } = corrected;
  return { seen: cell(seen), there: isRefusal(chao) ? '-' : cell(chao), naive: named };
}

const HEADS = [
  ['seen', 'seen, without second names of one animal'],
  ['there', 'that use these camera sites (corrected Chao)'],
  ['naive', 'as they were named (naive)'],
] as const;

/** Rows with a number in any period; the others are sentences. */
const withNumbers = (rows: string[][]): string[][] => rows.filter(([, ...cells]) => cells.some((cell) => cell !== '-'));

function headTable(periods: readonly SurveyedPeriod[]): Content[] {
  const rows = withNumbers(
    HEAD_CLASSES.flatMap((each) =>
      HEADS.map(([field, label]) => [
        `${NAMES[each]} ${label}`,
        ...periods.map(({ heads }) => {
          const found = heads.find((count) => count.class === each);
          return found === undefined ? '-' : headCells(found)[field];
        }),
      ]),
    ),
  );
  if (rows.length === 0) return [];
  const strong = rows.flatMap(([label], i) => (label!.endsWith(HEADS[1][1]) ? [i] : []));
  if (periods.length > 1) return byPeriod('Animals (95% interval)', periods, rows, strong);
  return [table([{ head: 'Animals', width: '*' }, numeric('Number (95% interval)')], rows, undefined, strong)];
}

/** Peak, activity level, and shares by light of one class. */
function movementCells({ herd: { movement } }: SurveyedPeriod, name: HerdClass): string[] {
  const found = movement.activity.find((activity) => activity.class === name);
  const light = movement.light?.find((shares) => shares.class === name);
  const shares = [light?.day, light?.twilight, light?.night];
  return [
    number(found?.events ?? 0),
    found?.peakHour == null ? '-' : timeOfDay(found.peakHour),
    found?.level == null ? '-' : number(found.level, 2),
    ...(movement.light === null ? [] : shares.map((share) => (share === undefined ? '-' : percent(share, 0)))),
  ];
}

const MOVEMENT = ['Events', 'Peak', 'Activity level', 'Day', 'Twilight', 'Night'];

/** The same of several periods: one row for each measure of each class, and for each overlap. */
function movementByPeriod(periods: readonly SurveyedPeriod[]): Content[] {
  const rows = SEXES.flatMap((name) => {
    const cells = periods.map((period) => movementCells(period, name));
    return [
      ...MOVEMENT.slice(0, 3).map((head, i) => [
        `${NAMES[name]}: ${head.toLowerCase()}`,
        ...cells.map((own) => own[i]!),
      ]),
      [`${NAMES[name]}: day / twilight / night`, ...cells.map((own) => own.slice(3).join(' / ') || '-')],
    ];
  });
  const pairs = new Set(periods.flatMap(({ herd }) => herd.movement.overlaps.map(namePair)));
  const overlaps = [...pairs].map((pair) => [
    `${pair}: overlap (95% interval)`,
    ...periods.map(({ herd }) => {
      const found = herd.movement.overlaps.find((overlap) => namePair(overlap) === pair);
      return found === undefined ? '-' : `${number(found.value, 2)} (${range(found.interval, 2)})`;
    }),
  ]);
  return byPeriod('Measure', periods, withNumbers([...rows, ...overlaps]));
}

function movementTable(periods: readonly SurveyedPeriod[]): Content[] {
  if (periods.length > 1) return movementByPeriod(periods);
  const [period] = periods;
  const rows = SEXES.map((name) => [NAMES[name], ...movementCells(period!, name)]).filter(
    ([, events]) => events !== '0',
  );
  if (withNumbers(rows.map(([name, , ...measured]) => [name!, ...measured])).length === 0) return [];
  const heads = MOVEMENT.slice(0, period!.herd.movement.light === null ? 3 : 6);
  return [table([{ head: 'Class', width: '*' }, ...heads.map(numeric)], rows)];
}

function charts({ herd: { movement } }: SurveyedPeriod): Content[] {
  const { activity, clock, rut } = movement;
  const drawn = activity.flatMap(({ density, class: name }, i) =>
    density === null ? [] : [{ name: NAMES[name], color: MARKS[i]?.color ?? '', mark: MARKS[i]?.glyph ?? '' }],
  );
  const over = clock === 'sun' ? 'sun time: 06 is sunrise, 18 is sunset' : 'hour of day';
  const parts: Content[] = [];
  if (drawn.length > 0) {
    const title = caption(`Activity by ${over} (1 = the same all day)`, 8);
    parts.push({
      stack: [title, legend(drawn), picture(dayChart(activity, WIDTH, 110), 110)],
      unbreakable: true,
    });
  }
  if (rut.refused === null && rut.weeks.length > 2) {
    const title = caption(
      'Buck events per 100 trap nights by ISO week: mean of three weeks (thick line) and each week (thin line)',
      8,
    );
    parts.push({ stack: [title, picture(rutChart(rut, WIDTH, 78), 78)], unbreakable: true });
  }
  return parts;
}

const METHOD =
  "Ratios: the 95% interval is the jackknife over locations, each with all its cameras (log scale, Student's t). The interval of counting error alone is Wilson's; it is too narrow. Counted by events, each visit of a class counts once. Counted by animals, a visit counts the most animals of its class in one image; this line comes first if at least a tenth of the events show more than one animal. Activity: von Mises kernel density; the activity level is the share of the day that is active, if all are active at the peak. Twilight: sun 0.8 to 6 degrees below the horizon. Overlap: 1 is the same pattern, 0 never the same hours; Dhat1 below 50 events, else Dhat4. Its interval is a little low: an overlap near 1 may be above it. In fall the busiest weeks of bucks mark the rut. docs/SURVEY.md has formulas and sources.";

const part = (title: string, sentences: readonly string[], content: readonly Content[] = []): Content[] =>
  sentences.length + content.length === 0
    ? []
    : [
        ...(content.length === 0
          ? bullets(sentences, caption(title, 10))
          : [{ stack: [caption(title, 10), content[0]!], unbreakable: true }, ...content.slice(1)]),
        ...(content.length === 0 ? [] : [{ stack: bullets(sentences), margin: [0, 5, 0, 0] } as Content]),
      ];

/** The survey of one period, or a column for each of several. */
export function surveySection(surveyed: Surveyed, parts: Parts): Content[] {
  const { periods } = surveyed;
  const labels = periods.flatMap(({ label, start, end }, i) =>
    label === undefined ? [] : [`${String.fromCharCode(65 + i)} ${label} (${day(start)} to ${day(end)})`],
  );
  const heading = section(
    'Survey',
    `What the herd is made of, how many animals there are, and when they move.${labels.length === 0 ? '' : ` ${labels.join('; ')}.`}`,
  );
  const refused = periods.map(({ herd }) => herd.refused);
  if (refused.every((reason) => reason !== null)) return bullets([refused[0]!], heading);
  const { tables } = parts;
  const [first, ...others] = [
    ...part('Composition', sayComposition(periods), tables ? compositionTable(periods) : []),
    ...part('How many animals', sayHeads(periods), tables ? headTable(periods) : []),
    ...part('When they move', sayMovement(surveyed, tables && periods.length > 1), [
      ...(parts.charts && periods.length === 1 ? charts(periods[0]!) : []),
      ...(tables ? movementTable(periods) : []),
    ]),
    footnote(METHOD),
  ];
  return [{ stack: [heading, first!], unbreakable: true }, ...others];
}
