// The sections of a season's report, each from the same Season; nothing here counts anything.
import type { Content } from 'pdfmake/interfaces.js';
import { GAP_DAYS, type Rated, type Season } from '../season/index.ts';
import type { GroupBy } from '../shared/request.ts';
import { activityChart, hourChart, rateChart, type Series, seriesOf } from './charts.ts';
import { doubts } from './doubts.ts';
import { splitTable } from './layout/split-table.ts';
import { type Heading, legend, section, WIDTH } from './layout/style.ts';
import { type Column, table } from './layout/table.ts';
import { binLabel, count, day, plural, rate, share } from './words.ts';

const number = (head: string, width: Column['width'] = 'auto'): Column => ({ head, width, number: true });
const measures = (row: Rated): string[] => [
  count(row.events),
  count(row.individuals),
  count(row.nights, 1),
  rate(row.per100),
];
const MEASURES = [number('Events'), number('Known deer'), number('Trap nights'), number('Events / 100 TN')];

const chart = (svg: string, height: number): Content => ({ svg, width: WIDTH, height });
const caption = (text: string): Content => ({ text, bold: true, fontSize: 8.5, margin: [0, 8, 0, 2] });

const overTime = (groupBy: GroupBy): Heading => ({
  text: 'Activity over time',
  lead: `Detections by class, one ${groupBy} after another. Counts of unequal effort compare by events per 100 trap nights, not by themselves.`,
});

export function activitySection(season: Season, parts: { charts: boolean; tables: boolean }): Content[] {
  const { groupBy } = season.scope;
  const series = seriesOf(season);
  const heading = overTime(groupBy);
  const content: Content[] = [];
  if (parts.charts) {
    content.push({
      stack: [
        section(heading.text, heading.lead),
        caption(`Detections by class per ${groupBy}`),
        legend(series),
        chart(activityChart(season, WIDTH, 136), 136),
      ],
      unbreakable: true,
    });
    if (season.bins.length > 1 && season.total.per100 !== null) {
      content.push({
        stack: [
          caption(`Independent events per 100 trap nights, per ${groupBy}`),
          chart(rateChart(season, WIDTH, 78), 78),
        ],
        unbreakable: true,
      });
    }
  }
  if (parts.tables) {
    const tables = activityTables(season, series, parts.charts ? undefined : heading);
    content.push(...(parts.charts ? [{ stack: tables, margin: [0, 10, 0, 0] } as Content] : tables));
    content.push(edgeNote(season));
  }
  return content;
}

const BIN = { day: 'Day', week: 'ISO week', month: 'Month' } as const;

function activityTables(season: Season, series: readonly Series[], heading?: Heading): Content[] {
  const of = (row: { byClass: Rated[] }): string[] =>
    series.map((one) => count(one.classes.reduce((sum, index) => sum + (row.byClass[index]?.detections ?? 0), 0)));
  const measured = [number('Detections'), ...MEASURES];
  return splitTable(
    { head: BIN[season.scope.groupBy], width: 'auto' },
    [...series.map((one) => number(one.name)), ...measured],
    [
      ...season.bins.map((row) => [
        binLabel(row.bin, season.scope.groupBy),
        ...of(row),
        count(row.detections),
        ...measures(row),
      ]),
      [
        'Whole period',
        ...of({ byClass: season.classTotals }),
        count(season.total.detections),
        ...measures(season.total),
      ],
    ],
    { heading, strong: [season.bins.length], together: measured.length },
  );
}

const edgeNote = (season: Season): Content =>
  season.bins.some((row) => row.bin.partial)
    ? { text: `* Only part of this ${season.scope.groupBy} lies in the period.`, style: 'small', margin: [0, 3, 0, 0] }
    : { text: '' };

export function classSection(season: Season): Content[] {
  return [
    table(
      [{ head: 'Class', width: '*' }, number('Detections'), number('Share'), ...MEASURES],
      season.classTotals.map((row, index) => [
        season.classes[index] ?? '',
        count(row.detections),
        share(row.detections, season.total.detections),
        ...measures(row),
      ]),
      {
        text: 'Classes',
        lead: "The final class of each detection: a reviewer's correction where there is one, else the model's.",
      },
    ),
  ];
}

export const hourSection = (season: Season): Content[] => [
  {
    stack: [
      section('Activity by hour of day', `Detections by class and hour of the clock in ${season.scope.timeZone}.`),
      legend(seriesOf(season)),
      chart(hourChart(season, WIDTH, 130), 130),
    ],
    unbreakable: true,
  },
];

export function cameraSection(season: Season): Content[] {
  const content: Content[] = [
    table(
      [
        { head: 'Camera', width: '*' },
        number('Images'),
        number('Detections'),
        ...MEASURES,
        { head: 'First image', width: 52 },
        { head: 'Last image', width: 52 },
      ],
      season.cameras.map((camera) => [
        `${camera.name}${camera.derived ? ' \u2020' : ''}`,
        count(camera.images),
        count(camera.detections),
        ...measures(camera),
        day(camera.firstImage.slice(0, 10)),
        day(camera.lastImage.slice(0, 10)),
      ]),
      {
        text: 'Cameras',
        lead: 'What each camera was given (trap nights) and what it saw. Images include those without a detection.',
      },
    ),
  ];
  if (season.derivedEffort) {
    content.push({
      text: '\u2020 No deployment is recorded here: trap nights are the days from first to last image of the period.',
      style: 'small',
      margin: [0, 3, 0, 0],
    });
  }
  content.push(...doubts(season));
  const outside = season.cameras.filter((camera) => camera.outside > 0);
  if (outside.length > 0) {
    const listed = outside.map((camera) => `${camera.name} ${count(camera.outside)}`).join(', ');
    content.push({
      text: `Detections outside every deployment of their camera, counted but without effort: ${listed}.`,
      style: 'small',
      margin: [0, 3, 0, 0],
    });
  }
  const nowhere = season.cameras.find((camera) => camera.id === null);
  if (nowhere !== undefined && nowhere.detections > 0) {
    content.push({
      text: `${plural(nowhere.detections, 'detection')} without a location: counted, but without effort, so in no rate.`,
      style: 'small',
      margin: [0, 3, 0, 0],
    });
  }
  const gaps = season.cameras.flatMap((camera) => camera.gaps.map((gap) => ({ name: camera.name, ...gap })));
  if (gaps.length > 0) {
    content.push(
      table(
        [
          { head: 'Camera', width: '*' },
          { head: 'From', width: 'auto' },
          { head: 'To', width: 'auto' },
          number('Days'),
        ],
        gaps.map((gap) => [
          gap.name,
          day(gap.from.slice(0, 16)),
          day(gap.to.slice(0, 16)),
          count(
            (Date.parse(`${gap.to.replace(' ', 'T')}Z`) - Date.parse(`${gap.from.replace(' ', 'T')}Z`)) / 86_400_000,
            1,
          ),
        ]),
        {
          text: 'Gaps',
          lead: `Stretches of more than ${GAP_DAYS} days in which a camera stood and took no image, told whole where they reach beyond the period.`,
        },
      ),
    );
  }
  return content;
}

export function deerSection(season: Season): Content[] {
  if (season.deer.length === 0) {
    return [section('Known deer', 'No detection of this selection is assigned to a known deer.')];
  }
  return [
    table(
      [
        { head: 'Deer', width: '*' },
        { head: 'Sex', width: 'auto' },
        number('Detections'),
        number('Events'),
        number('Cameras'),
        number('Days seen'),
        { head: 'First seen', width: 'auto' },
        { head: 'Last seen', width: 'auto' },
      ],
      season.deer.map((deer) => [
        deer.label,
        deer.sex,
        count(deer.detections),
        count(deer.events),
        count(deer.places),
        count(deer.days),
        day(deer.first),
        day(deer.last),
      ]),
      {
        text: 'Known deer',
        lead: `${plural(season.total.individuals, 'animal')} with ${plural(season.total.assigned, 'assigned detection')}. Events are counted animal by animal; unassigned detections may show the same animals.`,
      },
    ),
  ];
}

/** Known deer named in the note on other animals. */
const MISTAKEN_NAMED = 8;

/** Other animals than deer, where the report is about deer; empty where there are none. */
export function otherSection({ others, mistaken }: Season): Content[] {
  if (others.length === 0) return [];
  const assigned = others.reduce((sum, row) => sum + row.assigned, 0);
  const heads = ['Detections', 'Events', 'Cameras', 'Trap nights', 'Events / 100 TN'];
  const listed = table(
    [
      { head: 'Class', width: '*' },
      ...heads.map((head) => number(head)),
      { head: 'First seen', width: 'auto' },
      { head: 'Last seen', width: 'auto' },
    ],
    others.map((row) => [
      row.name,
      ...[count(row.detections), count(row.events), count(row.cameras), count(row.nights, 1), rate(row.per100)],
      ...[day(row.first), day(row.last)],
    ]),
    { text: 'Other animals', lead: 'Classes that are not deer. No other number of this report includes them.' },
  );
  if (assigned === 0) return [listed];
  const named = `${mistaken.slice(0, MISTAKEN_NAMED).join(', ')}${mistaken.length > MISTAKEN_NAMED ? ', ...' : ''}`;
  const text = `${plural(assigned, 'detection')} of other animals ${assigned === 1 ? 'is' : 'are'} assigned to known deer (${named}): either the class or the assignment is wrong.`;
  // A few rows and the note stay on one page.
  return [{ stack: [listed, { text, style: 'small', margin: [0, 3, 0, 0] }], unbreakable: others.length <= 12 }];
}

const DEER_NOTE: [string, string] = [
  'Deer',
  'Without a class filter this report counts the classes of deer: buck, doe, fawn, mature, mid, young, unknown, and species of deer by name. Other animals have a table of their own.',
];

export function notesSection(season: Season): Content[] {
  const { independenceMinutes, timeZone } = season.scope;
  const notes: [string, string][] = [
    [
      'Detection',
      'One animal found in one image. Detections marked as not valid or as duplicate, and those whose class is no animal (person, vehicle, empty ...), are left out everywhere and counted at the top of this report.',
    ],
    ...(season.scope.deerOnly === true ? [DEER_NOTE] : []),
    [
      'Independent event',
      `Detections of one class at one camera less than ${plural(independenceMinutes, 'minute')} after the previous one belong to one event. It counts where its first detection lies, and only detections of this selection are looked at.`,
    ],
    [
      'Known deer',
      'Number of identified deer. A deer can appear in several rows, so rows do not add up to the total. A deer without a name has a short id (deer 3fa9); a ZIP archive has the whole one.',
    ],
    [
      'Trap night',
      `24 hours of one camera standing, by the clock in ${timeZone}, from its deployments cut to the period; a day on which the clocks change counts one. ${season.derivedEffort ? 'At a place without any recorded deployment (\u2020), the whole days from first to last image.' : ''}`,
    ],
    [
      'Events per 100 trap nights',
      'Independent events at known places divided by trap nights, times 100: the relative abundance index. It compares activity, not numbers of animals; a dash means no effort.',
    ],
    [
      'Busiest, most active',
      'The highest rate among those with at least half the median effort, so that a few nights do not win by chance; where effort is not known for all, the highest count.',
    ],
    [
      'Interval of a change',
      "95 %, from how differently the cameras changed (jackknife over cameras, Student's t): it covers chance in where animals walk, not places without a camera. An interval that holds 0 % means the change may be chance.",
    ],
    [
      'Days, weeks and hours',
      `Calendar days in ${timeZone}; the last day counts whole. Weeks are ISO weeks, Monday to Sunday.`,
    ],
  ];
  const lines = [
    section('Notes', 'What the words and numbers of this report mean.'),
    ...notes.map(
      ([term, text]): Content => ({
        columns: [
          { text: term, bold: true, fontSize: 8, width: 108 },
          { text, fontSize: 8, width: '*' },
        ],
        columnGap: 10,
        unbreakable: true,
        margin: [0, 0, 0, 5],
      }),
    ),
  ];
  return [{ stack: lines, unbreakable: true }];
}
