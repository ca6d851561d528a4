// Charts of where errors come from: animals, strata, and the replay of the history.
import { count, threshold as formatThreshold, number } from '../../../format.ts';
import type { Replay } from '../../study/replay.ts';
import type { AnimalRow, Stratum } from '../../study/strata.ts';
import { asText, axis, COLORS, type Figure, percent, shares, shortName, type Trace } from './figure.ts';

/** The current threshold pale, the recommended one dark; the patterns differ too. */
const FACES = [
  {
    color: '#DDDDDD',
    line: { color: '#6B6B6B', width: 1 },
    pattern: { shape: '/', fgcolor: '#6B6B6B', bgcolor: '#F2F2F2', size: 7, solidity: 0.35 },
  },
  { color: COLORS.mated, pattern: { shape: '' } },
];

/**
 * Horizontal bars at whole positions, so that equal names stay two rows and no name is read as a
 * category.
 */
function drawRows(
  labels: readonly string[],
  at: readonly number[],
  valuesAt: (i: number) => (number | null)[],
  hover: string,
) {
  const positions = labels.map((_, i) => i);
  const traces = at.map(
    (threshold, i): Trace => ({
      type: 'bar',
      orientation: 'h',
      name: `at ${formatThreshold(threshold)}`,
      x: valuesAt(i),
      y: positions,
      text: labels.slice(),
      textposition: 'none',
      marker: FACES[i % FACES.length],
      hovertemplate: `%{text}: ${hover} at ${formatThreshold(threshold)}<extra></extra>`,
    }),
  );
  const yaxis = axis('', { tickvals: positions, ticktext: labels, autorange: 'reversed', title: undefined });
  return { traces, yaxis, height: 170 + labels.length * (at.length > 1 ? 34 : 24) };
}

const MOST_ANIMALS = 20;
/** Drawn if there are no errors, so that the chart shows it at a glance. */
const FEW_ANIMALS = 3;

export function animalsFigure(
  animals: readonly AnimalRow[],
  at: readonly number[],
  enrolled: boolean,
): Figure | undefined {
  const all = animals.filter((animal) => animal.enrolled === enrolled);
  if (all.length === 0) return undefined;
  const countErrors = (animal: AnimalRow): number[] => (enrolled ? animal.missed : animal.wrong);
  const last = at.length - 1;
  const total = all.reduce((sum, animal) => sum + countErrors(animal)[last]!, 0);
  const wrong = all.filter((animal) => countErrors(animal).some((n) => n > 0));
  const shown = wrong.length > 0 ? wrong.slice(0, MOST_ANIMALS) : all.slice(0, FEW_ANIMALS);
  const most = Math.max(0, ...shown.flatMap(countErrors));
  const worst = all.slice(0, 5).reduce((sum, animal) => sum + countErrors(animal)[last]!, 0);
  const { traces, yaxis, height } = drawRows(
    shown.map(({ animal, searches }) => `${shortName(animal)} (${searches})`),
    at,
    (i) => shown.map((animal) => countErrors(animal)[i]!),
    enrolled ? '%{x} searches missed' : '%{x} searches matched to a deer',
  );
  // Searches are whole numbers; by default an axis up to 1 has ticks at fifths.
  const whole = most <= 5 ? { dtick: 1, range: [0, Math.max(1, most) + 0.05] } : { rangemode: 'tozero' };
  const xaxis = axis(enrolled ? 'searches missed' : 'searches matched to a deer', whole);
  const few =
    total === 0
      ? 'There are no errors'
      : `The five animals with most errors have ${number(worst)} of ${count(total, 'error')}`;
  return {
    id: enrolled ? 'animals' : 'strangers',
    title: enrolled ? 'Known deer that are missed' : 'Strangers that are matched to a deer',
    reading: `${few} at ${formatThreshold(at[last]!)}.${all.length > shown.length ? ` The chart shows ${shown.length} of ${all.length} animals${wrong.length > 0 ? ', those with most errors' : ''}; the table shows all.` : ''} In parentheses: reviewed searches.`,
    traces,
    layout: { barmode: 'group', xaxis, yaxis },
    table: {
      columns: [
        'animal',
        'class',
        'searches',
        ...at.flatMap((t) =>
          enrolled
            ? [`missed at ${formatThreshold(t)}`, `matched to another at ${formatThreshold(t)}`]
            : [`matched at ${formatThreshold(t)}`],
        ),
      ],
      rows: all.map((animal) => [
        animal.animal,
        animal.class,
        String(animal.searches),
        ...at.flatMap((_, i) =>
          enrolled ? [String(animal.missed[i]), String(animal.wrong[i])] : [String(animal.wrong[i])],
        ),
      ]),
    },
    height,
  };
}

export function strataFigure(strata: readonly Stratum[], at: readonly number[], of: Stratum['of']): Figure | undefined {
  const list = strata.filter((stratum) => stratum.of === of);
  if (list.length === 0) return undefined;
  const mated = of === 'mated';
  const { traces, yaxis, height } = drawRows(
    list.map(({ by, stratum, n }) => (by === 'class' ? `${shortName(stratum)} (${n})` : `${asText(stratum)} (${n})`)),
    at,
    (i) => list.map(({ rates }) => rates[i]!),
    mated ? '%{x:.1%} missed' : '%{x:.1%} matched to a deer',
  );
  const last = at.length - 1;
  const [best, worst] = [
    list.toSorted((a, b) => a.rates[last]! - b.rates[last]!)[0]!,
    list.toSorted((a, b) => b.rates[last]! - a.rates[last]!)[0]!,
  ];
  const [low, high] = [percent(best.rates[last]), percent(worst.rates[last])];
  const spread = low === high ? `${low} in every group` : `from ${low} (${best.stratum}) to ${high} (${worst.stratum})`;
  return {
    id: mated ? 'strata-mated' : 'strata-non-mated',
    title: mated ? 'Missed deer by class, camera and time' : 'Strangers matched to a deer, by class',
    reading: `At ${formatThreshold(at[last]!)}: ${spread}. In parentheses: searches; a group with few searches says little.`,
    traces,
    layout: { barmode: 'group', xaxis: shares(mated ? 'FNIR' : 'FPIR', mated ? { range: [0, 1] } : {}), yaxis },
    table: {
      columns: [
        'by',
        'group',
        'searches',
        'animals',
        ...at.map((t) => `${mated ? 'FNIR' : 'FPIR'} at ${formatThreshold(t)}`),
      ],
      rows: list.map(({ by, stratum, n, animals, rates }) => [
        by,
        stratum,
        String(n),
        String(animals),
        ...rates.map(percent),
      ]),
    },
    height,
  };
}

const describeReplay = (low: Replay, high: Replay, skipped: number): string =>
  [
    `${count(low.events, 'event')} in order of time would have made ${count(high.new_profiles, 'profile')} at ${formatThreshold(high.threshold)} and ${number(low.new_profiles)} at ${formatThreshold(low.threshold)}.`,
    `Of ${count(low.known_animals, 'animal')} known from reviews, ${number(high.split_animals)} and ${number(low.split_animals)} would be in several profiles; ${number(high.merged_profiles)} and ${number(low.merged_profiles)} profiles would hold several animals.`,
    ...(skipped > 0 ? [`${count(skipped, 'earlier event')} ${skipped === 1 ? 'is' : 'are'} left out.`] : []),
  ].join(' ');

export function replayFigure(replay: { rows: Replay[]; skipped_events: number } | null): Figure | undefined {
  if (replay === null || replay.rows.length === 0) return undefined;
  const rows = replay.rows.toSorted((a, b) => a.threshold - b.threshold);
  const kinds: [string, keyof Replay, string, string, string][] = [
    ['new profiles', 'new_profiles', COLORS.ink, 'circle', 'solid'],
    ['splits of known animals', 'splits', COLORS.mated, 'square', 'dash'],
    ['merges of known animals', 'merges', COLORS.nonMated, 'diamond', 'dot'],
  ];
  const [low, high] = [rows[0]!, rows.at(-1)!];
  return {
    id: 'replay',
    title: 'Replay: the same history, starting with an empty gallery',
    reading: describeReplay(low, high, replay.skipped_events),
    traces: kinds.map(([name, key, color, symbol, dash]) => ({
      type: 'scatter',
      mode: 'lines+markers',
      name,
      x: rows.map(({ threshold }) => threshold),
      y: rows.map((row) => row[key]),
      line: { color: color, width: 2, dash },
      marker: { color: color, size: 9, symbol },
      hovertemplate: `threshold %{x:.6~f}: %{y:,} ${name}<extra></extra>`,
      meta: key,
    })),
    layout: { xaxis: axis('threshold'), yaxis: axis('profiles or animals', { rangemode: 'tozero' }) },
    table: {
      columns: [
        'threshold',
        'events',
        'assigned',
        'new profiles',
        'known animals',
        'split animals',
        'splits',
        'merged profiles',
        'merges',
      ],
      rows: rows.map((row) => [
        formatThreshold(row.threshold),
        ...[
          row.events,
          row.assigned,
          row.new_profiles,
          row.known_animals,
          row.split_animals,
          row.splits,
          row.merged_profiles,
          row.merges,
        ].map(String),
      ]),
    },
    height: 440,
  };
}
