// The sections on activity: over time, by class and by hour of day.
import type { Content } from 'pdfmake/interfaces.js';
import { number, share } from '../../format.ts';
import type { RatedTally, Season } from '../season/index.ts';
import { activityChart, groupClasses, hourChart, rateChart, type Series } from './charts.ts';
import { MEASURES, measureCells } from './columns.ts';
import { binLabel } from './labels.ts';
import { splitTable } from './layout/split-table.ts';
import { caption, footnote, type Heading, legend, picture, section, WIDTH } from './layout/style.ts';
import { numeric, table } from './layout/table.ts';

export function activitySection(season: Season, parts: { charts: boolean; tables: boolean }): Content[] {
  const { groupBy } = season.scope;
  const series = groupClasses(season);
  const heading: Heading = {
    text: 'Activity over time',
    lead: `Detections by class for each ${groupBy}. Where effort differs, compare events per 100 trap nights, not counts.`,
  };
  const content: Content[] = [];
  if (parts.charts) {
    content.push({
      stack: [
        section(heading.text, heading.lead),
        caption(`Detections by class per ${groupBy}`),
        legend(series),
        picture(activityChart(season, WIDTH, 136), 136),
      ],
      unbreakable: true,
    });
    if (season.bins.length > 1 && season.total.per100 !== null) {
      content.push({
        stack: [
          caption(`Independent events per 100 trap nights, per ${groupBy}`),
          picture(rateChart(season, WIDTH, 78), 78),
        ],
        unbreakable: true,
      });
    }
  }
  if (parts.tables) {
    const tables = activityTables(season, series, parts.charts ? undefined : heading);
    content.push(...(parts.charts ? [{ stack: tables, margin: [0, 10, 0, 0] } as Content] : tables));
    if (season.bins.some((row) => row.bin.partial))
      content.push(footnote(`* Only part of this ${groupBy} is in the period.`));
  }
  return content;
}

const BIN_HEADS = { day: 'Day', week: 'ISO week', month: 'Month' } as const;

function activityTables(season: Season, series: readonly Series[], heading?: Heading): Content[] {
  const detectionsBySeries = (byClass: readonly RatedTally[]): string[] =>
    series.map(({ classes }) => number(classes.reduce((sum, index) => sum + (byClass[index]?.detections ?? 0), 0)));
  const measured = [numeric('Detections'), ...MEASURES];
  const cells = (label: string, byClass: readonly RatedTally[], row: RatedTally): string[] => [
    label,
    ...detectionsBySeries(byClass),
    number(row.detections),
    ...measureCells(row),
  ];
  return splitTable(
    { head: BIN_HEADS[season.scope.groupBy], width: 'auto' },
    [...series.map(({ name }) => numeric(name)), ...measured],
    [
      ...season.bins.map((row) => cells(binLabel(row.bin, season.scope.groupBy), row.byClass, row)),
      cells('Whole period', season.classTotals, season.total),
    ],
    { heading, strong: [season.bins.length], together: measured.length },
  );
}

export const classSection = (season: Season): Content[] => [
  table(
    [{ head: 'Class', width: '*' }, numeric('Detections'), numeric('Share'), ...MEASURES],
    season.classTotals.map((row, index) => [
      season.classes[index] ?? '',
      number(row.detections),
      share(row.detections, season.total.detections),
      ...measureCells(row),
    ]),
    {
      text: 'Classes',
      lead: "The final class of each detection: the reviewer's correction where there is one, otherwise the model's class.",
    },
  ),
];

export const hourSection = (season: Season): Content[] => [
  {
    stack: [
      section('Activity by hour of day', `Detections by class and hour of day in ${season.scope.timeZone}.`),
      legend(groupClasses(season)),
      picture(hourChart(season, WIDTH, 130), 130),
    ],
    unbreakable: true,
  },
];
