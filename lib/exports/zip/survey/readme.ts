// The part of README.txt about survey/, and the first sheet of survey.xlsx: what each file is for,
// the line of R that reads it, whose identities it holds, and what is missing.
import { PRECISION_NOTES } from '../../../deer/coordinates.ts';
import { count, listWords, number, percent } from '../../../format.ts';
import { onOneLine } from '../../../plain-text.ts';
import { countProblems } from './cameras.ts';
import type { Captures } from './captures.ts';
import type { Survey } from './load.ts';
import { BEST_WINDOW_DAYS, MOST_WINDOW_DAYS } from './load.ts';

/** Names listed at most. */
const MOST_NAMES = 12;
const MOST_RENAMED = 40;
const LONGEST_LINE = 110;

/** Lines broken at blanks; a line that begins with blanks goes on with as many. */
function wrap(text: string, indent = ''): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && indent.length + line.length + 1 + word.length > LONGEST_LINE) {
      lines.push(indent + line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, indent + line];
}

/** Who named the animals, and how many of the events have a name. */
function describeIdentities({ identities, coverage }: Survey): string {
  const { source, byDetection, assigned } = identities;
  const who =
    source === 'roster'
      ? 'Individual is the animal that people named when they went through the events (reviews with the purpose roster).'
      : 'Individual is the deer that the platform stored for a detection: the request says that it gives every event an identity (identities: platform).';
  const shares = coverage
    .filter(({ events }) => events > 0)
    .slice(0, 6)
    .map(
      (entry) =>
        `${percent(entry.named / entry.events)} of the ${onOneLine(entry.class)} events (${number(entry.named)} of ${number(entry.events)})`,
    );
  const named =
    byDetection.size === 0
      ? 'No detection here has one.'
      : `An animal is named in ${listWords(shares)}. Below 90% of the events of a class, animals that were not recognized are missing or counted twice: do not take a number of animals from these files.`;
  const machine =
    assigned > 0
      ? ` ${count(assigned, 'detection')} to which Hoofprint itself assigned a deer ${assigned === 1 ? 'is' : 'are'} not named by that: a count of them would count what its matcher missed.`
      : '';
  return `${who} ${named}${machine}`;
}

const days = ({ occasions, idle }: Captures): string =>
  `Occasion 1 is ${occasions[0]}; each is one day${
    idle.length === 0
      ? `, the last (${number(occasions.length)}) is ${occasions.at(-1)}.`
      : `. Days without a working camera are no occasion (${listWords(idle, MOST_NAMES, 'day')}); the last (${number(occasions.length)}) is ${occasions.at(-1)}.`
  }`;

/** Lines of comment at the top of both files for secr. */
export function describeCaptures(survey: Survey, captures: Captures): string[] {
  const { utm, window } = survey;
  return [
    `secr captures and traps, ${window.from} to ${window.to}. ${days(captures)}`,
    describeIdentities(survey),
    `X and Y are meters in UTM zone ${utm!.name} (WGS 84, EPSG:${utm!.epsg}). ${PRECISION_NOTES[survey.sites.locator.precision] ?? ''}`.trim(),
  ];
}

interface Entry {
  file: string;
  about: string;
  r: string[];
}

const READ = (name: string, text: readonly string[]): string =>
  `read.csv("survey/${name}.csv", colClasses = c(${text.map((column) => `${column} = "character"`).join(', ')}))`;

/** An example of a class for lines of R: the most frequent of the deer. */
const exampleClass = ({ coverage }: Survey): string => (coverage[0]?.class ?? 'doe').replace(/["\\]/g, '\\$&');

function camtrapR(survey: Survey): Entry[] {
  const { scope, sites } = survey;
  const { start, end, independenceMinutes: minutes, timeZone } = scope;
  const records: Entry = {
    file: 'record_table.csv',
    about:
      `One row for each independent event and animal: ${count(survey.events.length, 'event')}. Species is the class (buck, doe, fawn, ...). minDeltaTime is ${count(minutes, 'minute')}, ` +
      'compared to the last record (deltaTimeComparedTo = "lastRecord"). delta.time.* is the time since the last detection of the class at the station, 0 for its first one. ' +
      'An event in which animals are named has a row for each of them, and one with Individual NA for others in the same image; n_individuals is how many animals are in the row. ' +
      'Rows with the same Station, Species and DateTimeOriginal are one event. Directory is NA where the path of the file is private.',
    r: [`records <- ${READ('record_table', ['Station', 'Species', 'Individual'])}`],
  };
  if (sites.sites.length === 0) return [records];
  const problems = countProblems(survey.cameras) > 0;
  return [
    records,
    {
      file: 'camera_table.csv',
      about:
        'One row for each camera of a station: set-up and retrieval, also outside the period; a camera that is still running ends on the day of this export. ' +
        `Problem columns are the days between two of its deployments. A camera that is set up and taken down on one day is given the next day as its retrieval. ${
          survey.utm === undefined
            ? ''
            : `utm_x and utm_y are meters in UTM zone ${survey.utm.name} (EPSG:${survey.utm.epsg}). `
        }These lines make the matrix of camera_operation.csv, for the days of the period:`,
      r: [
        `cameras <- ${READ('camera_table', ['Station', 'Camera'])}`,
        `camop <- camtrapR::cameraOperation(cameras, stationCol = "Station", cameraCol = "Camera", setupCol = "Setup_date", retrievalCol = "Retrieval_date", hasProblems = ${problems ? 'TRUE' : 'FALSE'}, byCamera = FALSE, allCamsOn = FALSE, camerasIndependent = TRUE, dateFormat = "ymd")`,
        `camop <- camop[, colnames(camop) >= "${start}" & colnames(camop) <= "${end}", drop = FALSE]`,
      ],
    },
    {
      file: 'camera_operation.csv',
      about:
        'Stations by days: NA outside the time of its cameras, 0 down, else camera days. By the convention of camtrapR the days of set-up and retrieval are half a day each (noon to noon); ' +
        'effort.csv has the exact trap nights.',
      r: [
        'camop <- as.matrix(read.csv("survey/camera_operation.csv", row.names = "Station", colClasses = c(Station = "character"), check.names = FALSE))',
        `camtrapR::detectionHistory(records, species = "${exampleClass(survey)}", camOp = camop, occasionLength = ${sites.occasionDays}, day1 = "survey", timeZone = "${timeZone}")`,
      ],
    },
  ];
}

function secr(survey: Survey): Entry[] {
  const { captures, window } = survey;
  if (captures === undefined || captures.captures.length === 0) return [];
  const call = (name: string): string =>
    `secr::read.capthist("survey/${name}", "survey/secr_traps.txt", detector = "proximity", covnames = "Sex", binary.usage = FALSE)`;
  const [renamed, rest] = [captures.renamed.slice(0, MOST_RENAMED), captures.renamed.length - MOST_RENAMED];
  return [
    {
      file: 'secr_captures.txt, secr_captures_2_events.txt, secr_traps.txt',
      about:
        `Session, ID, Occasion, Detector and Sex of ${count(captures.animals, 'animal')}, and of those with two or more events in the period (a burst is one event): an animal ` +
        'with one event may be a missed match of another one, and leaving all of them out counts too few. Compare both. Detector, X, Y and the trap nights of each occasion. ' +
        `${days(captures)} ${
          window.chosen
            ? `A population is closed for a short time only: of a period over ${MOST_WINDOW_DAYS} days, these are the ${BEST_WINDOW_DAYS} days with the most cameras at work. Ask for a shorter period for others. `
            : 'secr takes the population as closed in these days: nothing born, shot or moved away. '
        }${captures.unplaced > 0 ? `Left out: ${count(captures.unplaced, 'detection')} of named animals where no camera was recorded as working, or without coordinates. ` : ''}${
          renamed.length > 0
            ? `Written as a single word: ${renamed.map(([name, word]) => `${onOneLine(name)} = ${word}`).join('; ')}${rest > 0 ? `; and ${number(rest)} more` : ''}. `
            : ''
        }`.trim(),
      r: [`all <- ${call('secr_captures.txt')}`, `known <- ${call('secr_captures_2_events.txt')}`],
    },
  ];
}

function unmarked({ sites, scope }: Survey): Entry[] {
  if (sites.sites.length === 0) return [];
  const { occasions, occasionDays } = sites;
  const last = occasions.at(-1)!;
  const classes = scope.classifications === undefined ? 'a deer' : 'one of the selected classes';
  return [
    {
      file: 'detection_history.csv, effort.csv, sites.csv',
      about:
        `${count(sites.sites.length, 'site')} by ${count(occasions.length, 'occasion')} of ${count(occasionDays, 'day')} from ${scope.start} on${
          last.days < occasionDays ? ` (the last has ${count(last.days, 'day')})` : ''
        }: 1 where ${classes} was detected, 0 where not, NA without effort. An effort of 0 is NA too. ` +
        'sites.csv has their coordinates, bait and habitat as far as they are known. All three have the same sites in the same order.',
      r: [
        'y <- as.matrix(read.csv("survey/detection_history.csv", row.names = 1))',
        'effort <- as.matrix(read.csv("survey/effort.csv", row.names = 1))',
        'sites <- read.csv("survey/sites.csv", stringsAsFactors = TRUE)',
        'umf <- unmarked::unmarkedFrameOccu(y = y, siteCovs = sites, obsCovs = list(effort = effort))',
      ],
    },
  ];
}

function places(survey: Survey): Entry[] {
  if (survey.missing.some(({ file }) => file === 'sites.geojson')) return [];
  return [
    {
      file: 'sites.geojson',
      about:
        `The sites as points (RFC 7946, WGS 84) with dates, trap nights, independent events${survey.scope.classifications === undefined ? ' of deer' : ''} and their rate. ${PRECISION_NOTES[survey.sites.locator.precision] ?? ''}`.trim(),
      r: ['points <- sf::st_read("survey/sites.geojson")'],
    },
  ];
}

const listEntries = (survey: Survey): Entry[] => [
  ...camtrapR(survey),
  ...secr(survey),
  ...unmarked(survey),
  ...places(survey),
];

/** What a reader has to know of all of them. */
function noteLines(survey: Survey): string[] {
  const { leftOut, missing } = survey;
  const unexplained = survey.sites.unexplained.length;
  return [
    ...wrap(describeIdentities(survey)),
    ...(leftOut.nowhere > 0
      ? wrap(`In no table, because it has no location: ${count(leftOut.nowhere, 'counted detection')}.`)
      : []),
    ...(leftOut.idle > 0
      ? wrap(
          `Not in record_table.csv, because no camera was recorded as working on that day at that station: ${count(leftOut.idle, 'independent event')}.`,
        )
      : []),
    ...(unexplained > 0
      ? wrap(
          `NA in detection_history.csv although there is a detection: ${count(unexplained, 'occasion')} of a site without any recorded camera effort. Correct the deployments and export again.`,
        )
      : []),
    ...missing.flatMap(({ file, reason }) => wrap(`Not made: ${file}: ${reason}.`)),
  ];
}

/** The section of README.txt. */
export function surveyLines(survey: Survey): string[] {
  const title = 'survey/ and survey.xlsx';
  return [
    title,
    '-'.repeat(title.length),
    ...wrap(
      'R and GIS programs read these files as they are. Run the R lines in the folder where you unpacked this archive. The tables are UTF-8 without a ' +
        'byte order mark; a missing value is NA. In R before 4.2 on Windows, add fileEncoding = "UTF-8".',
    ),
    ...noteLines(survey),
    ...listEntries(survey).flatMap(({ file, about, r }) => [
      '',
      file,
      ...wrap(about, '  '),
      ...r.map((line) => `    ${line}`),
    ]),
    '',
    'survey.xlsx',
    ...wrap(
      'The tables again, one sheet each, for people: IDs are text, dates are dates, and no cell is a formula.',
      '  ',
    ),
    '    readxl::read_excel("survey.xlsx", sheet = "record_table")',
  ];
}

/** The lines of the sheet "Read me". */
export function sheetLines(survey: Survey, title: string, createdAt: Date): string[] {
  const { scope } = survey;
  return [
    title,
    `Period: ${scope.start} to ${scope.end}, both days included. Time zone: ${scope.timeZone}. Created: ${createdAt.toISOString()} by Hoofprint.`,
    ...noteLines(survey),
    ...listEntries(survey)
      .filter(({ file }) => file.endsWith('.csv'))
      .flatMap(({ file, about }) => ['', file.replaceAll('.csv', ''), ...wrap(about)]),
  ];
}
