// The section on cameras: effort and results, what is doubtful about them, and gaps.
import type { Content } from 'pdfmake/interfaces.js';
import { count, day, number } from '../../format.ts';
import { formatYears, GAP_DAYS, type Season } from '../season/index.ts';
import { MEASURES, measureCells } from './columns.ts';
import { footnote } from './layout/style.ts';
import { numeric, table } from './layout/table.ts';

export const cameraSection = (season: Season): Content[] => [
  cameraTable(season),
  ...cameraNotes(season).map(footnote),
  ...gapTable(season),
];

const cameraTable = (season: Season): Content =>
  table(
    [
      { head: 'Camera', width: '*' },
      numeric('Images'),
      numeric('Detections'),
      ...MEASURES,
      { head: 'First image', width: 52 },
      { head: 'Last image', width: 52 },
    ],
    season.cameras.map((camera) => [
      `${camera.name}${camera.derived ? ' \u2020' : ''}`,
      number(camera.images),
      number(camera.detections),
      ...measureCells(camera),
      day(camera.firstImage.slice(0, 10)),
      day(camera.lastImage.slice(0, 10)),
    ]),
    {
      text: 'Cameras',
      lead: 'Effort (trap nights) and results by camera. Images include those without a detection.',
    },
  );

/** What to know about clocks, deployments and locations before using the numbers of the cameras. */
function cameraNotes({ cameras, derivedEffort, overlaps }: Season): string[] {
  const notes: string[] = [];
  if (derivedEffort) {
    notes.push(
      '\u2020 No deployment is recorded here. Trap nights are the days from the first to the last image of the period.',
    );
  }
  const misdated = cameras.flatMap(({ name, misdated: found }) =>
    found === undefined ? [] : [`${name} ${number(found.images)} (${formatYears(found)})`],
  );
  if (misdated.length > 0) {
    notes.push(
      `Images dated outside their deployment because of a wrong camera clock: ${misdated.join(', ')}. Only those dated within the period are in this report.`,
    );
  }
  if (overlaps.length > 0) {
    notes.push(
      `Overlapping deployments without a camera ID count as separate cameras, and their trap nights are added: ${overlaps.join(', ')}.`,
    );
  }
  const outside = cameras.flatMap((camera) => (camera.outside > 0 ? [`${camera.name} ${number(camera.outside)}`] : []));
  if (outside.length > 0) {
    notes.push(
      `Detections dated outside every deployment of their camera: ${outside.join(', ')}. They are included in counts and rates, but their effort is unknown.`,
    );
  }
  const unlocated = cameras.find((camera) => camera.id === null)?.detections ?? 0;
  if (unlocated > 0) {
    notes.push(
      `${count(unlocated, 'detection')} ${unlocated === 1 ? 'has no location. It is' : 'have no location. They are'} included in counts but not in rates, because camera effort is unknown.`,
    );
  }
  return notes;
}

/** Days from one local time to a later one. */
const daysApart = (from: string, to: string): number =>
  (Date.parse(`${to.replace(' ', 'T')}Z`) - Date.parse(`${from.replace(' ', 'T')}Z`)) / 86_400_000;

function gapTable({ cameras }: Season): Content[] {
  const gaps = cameras.flatMap((camera) => camera.gaps.map((gap) => ({ name: camera.name, ...gap })));
  if (gaps.length === 0) return [];
  return [
    table(
      [{ head: 'Camera', width: '*' }, { head: 'From', width: 'auto' }, { head: 'To', width: 'auto' }, numeric('Days')],
      gaps.map((gap) => [
        gap.name,
        day(gap.from.slice(0, 16)),
        day(gap.to.slice(0, 16)),
        number(daysApart(gap.from, gap.to), 1),
      ]),
      {
        text: 'Gaps',
        lead: `Periods of more than ${GAP_DAYS} days when a deployed camera took no images. Gaps that extend beyond the report period show their full dates.`,
      },
    ),
  ];
}
