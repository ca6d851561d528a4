// README.txt of an occupancy data set: how R reads it, what the values mean, and what is left out.
import { PRECISION_NOTES } from '../../deer/coordinates.ts';
import { count, listWords, number } from '../../format.ts';
import { onOneLine } from '../../plain-text.ts';
import type { Occasion } from '../sites/occasions.ts';
import { siteColumns } from '../sites/tables.ts';
import type { OccupancyRequest } from './request.ts';
import type { Study } from './study.ts';

/** Lines of one list; manifest.json has all of it. */
const MOST_LISTED = 100;

function listLines<T>(entries: readonly T[], print: (entry: T) => string): string[] {
  const lines = entries.slice(0, MOST_LISTED).map((entry) => `  ${print(entry)}`);
  const rest = entries.length - lines.length;
  return rest > 0 ? [...lines, `  and ${number(rest)} more (see manifest.json)`] : lines;
}

const heading = (text: string): string[] => ['', text, '-'.repeat(text.length)];

/** The text in lines of at most 96 characters, broken at blanks. */
function wrap(text: string): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > 96) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

const CALL = [
  '  y <- as.matrix(read.csv("detection_history.csv", row.names = 1))',
  '  effort <- as.matrix(read.csv("effort.csv", row.names = 1))',
  '  sites <- read.csv("sites.csv", stringsAsFactors = TRUE)',
  '  umf <- unmarked::unmarkedFrameOccu(y = y, siteCovs = sites, obsCovs = list(effort = effort))',
];

function readingLines(study: Study): string[] {
  const columns = siteColumns(study);
  const width = Math.max(...columns.map(({ name }) => name.length)) + 2;
  return [
    ...heading('What is in this archive'),
    `detection_history.csv  ${count(study.sites.length, 'site')} in rows, ${count(study.occasions.length, 'occasion')} in columns:`,
    '                       1 = detected, 0 = not detected, NA = no camera effort',
    'effort.csv             trap nights (24 hours of one camera) of the same sites and occasions; NA = none',
    'sites.csv              the same sites in the same order:',
    ...columns.map(({ name, meaning }) => `                         ${name.padEnd(width)}${meaning}`),
    'manifest.json          the request, the occasions, the SHA-256 of every other file',
    ...heading('How to read it in R'),
    ...CALL,
    '',
    ...wrap(
      'A first model with camera effort as a covariate of detection: unmarked::occu(~ effort ~ 1, umf). The tables are UTF-8 without a byte ' +
        'order mark, because R would read the mark as part of the first column name. In R before 4.2 on Windows, add fileEncoding = "UTF-8". ' +
        'Text that a spreadsheet would run as a formula has an apostrophe in front.',
    ),
  ];
}

const occasionLine = ({ column, from, to, days }: Occasion, full: number): string =>
  `${column.padEnd(14)}${from} to ${to}${days < full ? `  shorter: ${count(days, 'day')}` : ''}`;

function occasionLines({ occasions, occasionDays, season }: Study): string[] {
  const isShort = occasions.some(({ days }) => days < occasionDays);
  return [
    ...heading('Occasions'),
    ...wrap(
      `Each occasion is ${count(occasionDays, 'day')} in ${season.scope.timeZone}, midnight to midnight, one after the other from the first day of the period.` +
        (isShort ? ' The last one is shorter: keep effort in the model, or leave its column out.' : ''),
    ),
    ...occasions.map((occasion) => `  ${occasionLine(occasion, occasionDays)}`),
  ];
}

/** Detections that no camera effort explains. */
function unexplainedLines({ unexplained }: Study): string[] {
  if (unexplained.length === 0) return [];
  const detections = unexplained.reduce((sum, entry) => sum + entry.detections, 0);
  return [
    ...wrap(
      `NA although there is a detection: ${count(unexplained.length, 'occasion')} of a site with ${count(detections, 'detection')} but no recorded camera effort ` +
        '(a wrong camera clock, or a deployment with wrong dates). With no record of the nights without a detection, a 1 here would make ' +
        'detection look too likely. Correct the deployments and export again:',
    ),
    ...listLines(
      unexplained,
      ({ location, occasion: { column, from, to }, detections: n }) =>
        `${location}, ${column} (${from} to ${to}): ${count(n, 'detection')}`,
    ),
  ];
}

function leftOutLines(study: Study): string[] {
  const { season, idle } = study;
  const { leftOut, others, cameras } = season;
  const nowhere = cameras.find(({ id }) => id === null)?.detections ?? 0;
  const outside = cameras.reduce((sum, camera) => sum + camera.outside, 0);
  const otherAnimals = others.reduce((sum, { detections }) => sum + detections, 0);
  return [
    ...heading('What is left out'),
    `Not valid: ${count(leftOut.invalid, 'detection')}. Duplicates: ${number(leftOut.duplicate)}. People, vehicles, and empty images: ${number(leftOut.nonAnimal)}.`,
    ...(otherAnimals > 0
      ? wrap(
          `Other animals: ${count(otherAnimals, 'detection')} (${listWords(
            others.map(({ name }) => onOneLine(name)),
            12,
          )}). To include them, name them in classifications.`,
        )
      : []),
    ...(nowhere > 0 ? [`Without a location, so not in the tables: ${count(nowhere, 'detection')}.`] : []),
    ...(idle.length > 0
      ? [
          `Not in the tables, because no camera was running there in the period: ${count(idle.length, 'location')}:`,
          ...listLines(idle, (name) => name),
        ]
      : []),
    ...unexplainedLines(study),
    ...(outside > 0
      ? wrap(
          `Taken while no deployment was running: ${count(outside, 'detection')}. They are used only in occasions that have effort from another time.`,
        )
      : []),
  ];
}

/** What makes effort or times less certain. */
function cautionLines({ sites, season }: Study): string[] {
  const derived = sites.filter((site) => site.derived).map(({ label }) => label);
  const misdated = season.cameras.flatMap(({ name, misdated: found }) =>
    found === undefined ? [] : [`${onOneLine(name)}: ${count(found.images, 'image')}`],
  );
  const lines = [
    ...(derived.length > 0
      ? [
          ...wrap(
            'Effort from images: these sites have no recorded deployment, so their camera is assumed to run from the first to the last day with an image. ' +
              'Nights before and after are NA, even if the camera was there:',
          ),
          ...listLines(derived, (name) => name),
        ]
      : []),
    ...(misdated.length > 0
      ? ['Images dated outside their deployment (wrong camera clock):', ...listLines(misdated, (text) => text)]
      : []),
    ...(season.overlaps.length > 0
      ? wrap(
          `Overlapping deployments without a camera ID count as separate cameras: ${listWords(season.overlaps.map(onOneLine), 12)}.`,
        )
      : []),
    ...(season.otherZones.length > 0
      ? wrap(
          `Deployments are recorded in ${onOneLine(season.otherZones.join(', '))}; days here are in ${season.scope.timeZone}.`,
        )
      : []),
    ...(season.total.detections === 0
      ? ['No detection of the selected classes: no occupancy model can be fitted.']
      : []),
    ...(sites.length < 2 || sites[0]!.effort.length < 2
      ? ['With fewer than two sites or two occasions, occupancy and detection cannot be separated.']
      : []),
  ];
  return lines.length === 0 ? [] : [...heading('Before you use the numbers'), ...lines];
}

export function readme(study: Study, request: OccupancyRequest, createdAt: Date): string {
  const { scope, classes } = study.season;
  const title = onOneLine(request.title ?? '') || 'Occupancy data set';
  const chosen = scope.classifications?.map(onOneLine).join(', ');
  const lines = [
    title,
    '='.repeat(Math.min(78, [...title].length)),
    '',
    `Period:     ${scope.start} to ${scope.end}, both days included`,
    `Time zone:  ${scope.timeZone}`,
    `Classes:    ${chosen ?? `deer${classes.length === 0 ? '' : ` (${classes.map(onOneLine).join(', ')})`}`}`,
    `Locations:  ${scope.locations?.map(onOneLine).join(', ') ?? 'all'}`,
    `Created:    ${createdAt.toISOString()} by Hoofprint`,
    ...readingLines(study),
    ...occasionLines(study),
    ...leftOutLines(study),
    ...cautionLines(study),
    ...heading('License'),
    'The data belong to the owner of the database. This archive grants no license.',
    PRECISION_NOTES[study.locator.precision] ?? 'Be careful with the locations of rare or hunted animals.',
    '',
  ];
  return `${lines.join('\n')}\n`;
}
