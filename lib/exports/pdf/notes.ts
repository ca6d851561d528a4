// The last section of a report: what its terms and numbers mean.
import type { Content } from 'pdfmake/interfaces.js';
import { count } from '../../format.ts';
import type { Season } from '../season/index.ts';
import { section } from './layout/style.ts';

const DEER_NOTE: [string, string] = [
  'Deer',
  'Without a class filter, this report counts deer classes: buck, doe, fawn, mature, mid, young, unknown, and deer species by name. Other animals are listed in a separate table.',
];

const DERIVED_EFFORT =
  'For a location without any recorded deployment (\u2020), trap nights are the whole days from the first to the last image.';

const listNotes = ({ scope, derivedEffort }: Season): [term: string, text: string][] => [
  [
    'Detection',
    'One animal found in one image. Detections marked as not valid or as duplicate, or not of an animal (person, vehicle, empty), are left out of all numbers and counted at the top of this report.',
  ],
  ['Camera', 'One location of the database. Cameras that work at the same location share one row.'],
  ...(scope.deerOnly === true ? [DEER_NOTE] : []),
  [
    'Independent event',
    `Detections of one class at one camera, each less than ${count(scope.independenceMinutes, 'minute')} after the previous one. An event counts on the day and in the hour of its first detection. Only detections in this report are considered.`,
  ],
  [
    'Known deer',
    'Number of identified deer. A deer can appear in several rows, so rows do not add up to the total. A deer without a name is shown by a short ID (deer 3fa9); a ZIP archive has the full ID.',
  ],
  [
    'Trap night',
    `One camera running for 24 hours. Only the part of each deployment inside the period counts, in ${scope.timeZone} local time; a day with a clock change counts as one. ${derivedEffort ? DERIVED_EFFORT : ''}`,
  ],
  [
    'Events per 100 trap nights',
    'Independent events at known locations, divided by trap nights and multiplied by 100 (relative abundance index). It compares activity, not numbers of animals. A dash means no effort.',
  ],
  [
    'Busiest, most active',
    'The highest rate among the days, weeks, months or cameras with at least half the median effort, because a few trap nights can give a high rate by chance. Where effort is unknown for some of them, the highest count is used.',
  ],
  [
    'Interval of a change',
    "The 95% interval shows how certain a change is. It is based on how differently the cameras changed (jackknife over cameras, Student's t). It accounts for chance in where animals walk. It says nothing about areas without a camera. If it includes 0%, the change may be due to chance.",
  ],
  [
    'Days, weeks and hours',
    `Calendar days in ${scope.timeZone}; the last day is included. Weeks are ISO weeks, Monday to Sunday.`,
  ],
];

export function notesSection(season: Season): Content[] {
  const lines = [
    section('Notes', 'Terms and numbers of this report.'),
    ...listNotes(season).map(
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
