// README.txt: what a person who opens the archive needs to know, in plain ASCII except for names.
import { isDeerClass } from '../../deer/classes.ts';
import { alikeWarning } from '../../deer/names-alike.ts';
import { count, number } from '../../format.ts';
import { onOneLine } from '../../plain-text.ts';
import { formatYears, type Season } from '../season/index.ts';
import type { PackageAccount } from './camtrap-dp/package.ts';
import { listIdleOccasions } from './history.ts';
import type { ManifestCounts, ManifestEntry } from './manifest.ts';
import { packageLines } from './readme-package.ts';
import type { ZipRequest } from './request.ts';
import type { ArchiveContents } from './selection.ts';
import { surveyLines } from './survey/readme.ts';

export interface ReadmeParts {
  request: ZipRequest;
  createdAt: Date;
  contents: ArchiveContents;
  entries: readonly ManifestEntry[];
  counts: ManifestCounts;
  included: { crops: boolean; metadata: boolean; cropSize: number };
  /** Of camtrap-dp/; undefined when it is not included. */
  account: PackageAccount | undefined;
}

const LONGEST_RULE = 78;
const heading = (text: string, rule = '-'): string[] => [text, rule.repeat(Math.min(LONGEST_RULE, [...text].length))];
const when = (condition: boolean, ...lines: string[]): string[] => (condition ? lines : []);

/**
 * How many detections are of deer, where other animals are included: a PDF report counts deer only.
 */
function deerShare({ classes, classTotals, total }: Season): string {
  const deer = classTotals.reduce(
    (sum, row, index) => sum + (isDeerClass(classes[index] ?? '') ? row.detections : 0),
    0,
  );
  const others = total.detections - deer;
  return others === 0 ? '' : ` (${count(deer, 'detection')} of deer, ${number(others)} of other animals)`;
}

/** Names that a person takes for one, in the rows of two. */
const alikeLines = ({ cameras, classes, others }: Season): string[] =>
  [
    alikeWarning(
      cameras.flatMap(({ id, name }) => (id === null ? [] : [name])),
      'locations',
      '',
    ),
    alikeWarning([...classes, ...others.map(({ name }) => name)], 'classes', ''),
  ].flatMap((warning) => (warning === undefined ? [] : [`Names:      ${warning}.`]));

/** What to know about clocks and cameras before using the numbers. */
const cameraLines = ({ cameras, overlaps }: Season): string[] => [
  ...cameras.flatMap(({ name, misdated }) => {
    if (misdated === undefined) return [];
    const are = misdated.images === 1 ? 'is dated outside its' : 'are dated outside their';
    return `Clock:      ${count(misdated.images, 'image')} of ${onOneLine(name)} ${are} deployment (${formatYears(misdated)})`;
  }),
  ...when(
    overlaps.length > 0,
    `Effort:     overlapping deployments without a camera ID count as separate cameras: ${onOneLine(overlaps.join(', '))}`,
  ),
];

function topLines({ request, createdAt, contents }: ReadmeParts): string[] {
  const { season, tooFine } = contents;
  const { scope, otherZones } = season;
  return [
    ...heading(onOneLine(request.title ?? '') || 'Camera-trap export', '='),
    '',
    `Period:     ${scope.start} to ${scope.end}, both days included, by ${scope.groupBy}`,
    ...when(
      tooFine !== undefined,
      `            (by ${tooFine} was requested, but the period is longer than a year. The first or last date may come from`,
      '            a camera with a wrong clock: see captured_at in metadata.csv.)',
    ),
    `Time zone:  ${scope.timeZone}`,
    ...when(
      otherZones.length > 0,
      `            (deployments are recorded in ${onOneLine(otherZones.join(', '))}; days and hours here are in ${scope.timeZone})`,
    ),
    ...cameraLines(season),
    ...alikeLines(season),
    `Classes:    ${scope.classifications?.map(onOneLine).join(', ') ?? `all${deerShare(season)}`}`,
    `Locations:  ${scope.locations?.map(onOneLine).join(', ') ?? 'all'}`,
    `Created:    ${createdAt.toISOString()} by Hoofprint`,
  ];
}

function fileLines({ contents, counts, included, account }: ReadmeParts): string[] {
  const { groupBy } = contents.season.scope;
  return [
    ...heading('What is in this archive'),
    ...when(included.metadata, `metadata.csv            one row per detection: ${count(counts.metadata_rows, 'row')}`),
    `${`summary_by_${groupBy}.csv`.padEnd(24)}counts and effort per ${groupBy} and class`,
    `capture_history.csv     which known deer was seen in which ${groupBy}`,
    ...when(
      contents.survey !== undefined,
      'survey/                 tables and points for R (camtrapR, secr, unmarked) and GIS programs',
      'survey.xlsx             the same tables as a workbook',
    ),
    ...when(
      account !== undefined,
      'camtrap-dp/             the detections as a Camtrap DP 1.0.2 data package, for other programs',
    ),
    ...when(
      included.crops,
      `crops/                  ${count(counts.crops, 'JPEG file')}, one per detection, named by detection id: the box of the`,
      '                        detection, or the whole image where there is no box, turned upright. The longest side',
      `                        is at most ${included.cropSize} pixels; crops are not enlarged. Camera metadata are not copied.`,
    ),
    'manifest.json           the request, what happened to each detection and why, and the SHA-256 of every other file',
  ];
}

function tableLines({ request, contents, included }: ReadmeParts): string[] {
  const { scope, derivedEffort } = contents.season;
  const summary = `summary_by_${scope.groupBy}.csv`;
  return [
    ...heading('How to read the tables'),
    'The tables are UTF-8 text, separated by commas, with a header line. Any spreadsheet or statistics program can',
    'read them. Text that a spreadsheet would run as a formula has an apostrophe in front. captured_at is local time',
    'with its offset from UTC. bbox_* are pixels from the upper left corner of the upright image.',
    `${included.metadata ? `metadata.csv and ${summary} begin` : `${summary} begins`} with a byte order mark if a cell is not ASCII, for spreadsheets.`,
    'To read them with or without the mark, use fileEncoding="UTF-8-BOM" in R or encoding="utf-8-sig" in Python.',
    'independent_events: detections of one class at one location, each less than',
    `${count(scope.independenceMinutes, 'minute')} after the previous one, are one event.`,
    'individuals: number of identified deer. A deer can appear in several rows, so rows do not add up to the total.',
    'trap_nights: 24 hours of one camera running, summed over all cameras of the selected locations;',
    'the same number for every class.',
    ...when(
      derivedEffort,
      'Some locations have no recorded deployment. Their trap nights are the days from the first to the last image.',
    ),
    ...when(
      request.detection_ids !== undefined,
      'This archive was requested by detection ids. Its counts include these detections only, and it has no files for',
      'occupancy or capture-recapture: a choice of detections does not say where deer were not seen.',
    ),
  ];
}

function historyLines({ season, histories }: ArchiveContents): string[] {
  const idle = listIdleOccasions(season);
  const { groupBy } = season.scope;
  return [
    ...heading('capture_history.csv'),
    `${count(histories.histories.length, 'known deer')} in rows, ${count(season.bins.length, 'occasion')} in columns: one ${groupBy} each, 1 = seen, 0 = not seen.`,
    'A deer is listed if it was seen in at least two independent events (30 minutes or more apart, or at two cameras)',
    'anywhere in the database. An id that was seen in only one event says nothing about recapture.',
    ...when(histories.seenOnce > 0, `Left out for that reason: ${number(histories.seenOnce)} deer.`),
    ...when(
      idle.length > 0,
      `No camera was running in these occasions, so their 0 means nothing; leave them out: ${idle.join(', ')}.`,
    ),
    ...when(
      season.bins.some((row) => row.bin.partial),
      'The first or last occasion is only partly in the period, so it is shorter than the others.',
    ),
  ];
}

/** As many names of classes as a reader would look at. */
const MOST_NAMES = 200;
function namesLine(names: readonly string[]): string {
  const shown = names.slice(0, MOST_NAMES).map((name) => JSON.stringify(onOneLine(name)).slice(1, -1));
  const more = names.length > shown.length ? ` and ${number(names.length - shown.length)} more` : '';
  return `  ${shown.join(', ')}${more}`;
}

/** How each class was understood: only the owner can see a mistake. */
const classLines = ({ season, people }: ArchiveContents): string[] => [
  ...heading('Animals and people'),
  'Classes counted as animals:',
  namesLine([...season.classes, ...season.others.map(({ name }) => name)]),
  ...(people.words.length === 0
    ? ['None of the classes in these images means a person.']
    : [
        'Classes of people. Images with any such detection are not included, and there are no crops of them:',
        namesLine(people.words),
      ]),
  'If a class of people is listed as an animal, add it to HUMAN_CLASSES and export again.',
];

/** A reason without the details of one detection, so that equal reasons are counted together. */
const generalize = (reason: string): string =>
  onOneLine(
    reason
      .replace(/:.*$/s, '')
      .replace(/^captured on [\d-]+, /, 'captured ')
      .replace(/ \(\d+ x \d+\)$/, ''),
  );

/** Reasons for skipped detections with their counts, the most frequent first. */
function reasonLines(entries: readonly ManifestEntry[]): string[] {
  const counts = new Map<string, number>();
  for (const { status, reason = '' } of entries) {
    const general = status === 'skipped' ? generalize(reason) : '';
    if (general !== '') counts.set(general, (counts.get(general) ?? 0) + 1);
  }
  return [...counts]
    .sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
    .map(([reason, times]) => `  ${number(times)} x ${reason}`);
}

function leftOutLine({ invalid, duplicate, nonAnimal }: ArchiveContents['leftOut']): string {
  if (invalid + duplicate + nonAnimal === 0)
    return 'No detection of the selection is marked as not valid or as duplicate, or is not of an animal.';
  const others = nonAnimal > 0 ? `, ${number(nonAnimal)} not of an animal (person, vehicle, empty)` : '';
  return `Left out of all counts: ${count(invalid, 'detection')} marked as not valid, ${number(duplicate)} marked as duplicate${others}.`;
}

function missingLines({ contents, entries, counts }: ReadmeParts): string[] {
  const { cameras } = contents.season;
  const unlocated = cameras.find((camera) => camera.id === null)?.detections ?? 0;
  const outside = cameras.reduce((sum, camera) => sum + camera.outside, 0);
  const have = unlocated === 1 ? 'has no location. It is' : 'have no location. They are';
  const are =
    outside === 1 ? 'is dated outside every deployment of its' : 'are dated outside every deployment of their';
  return [
    ...heading('What is missing'),
    ...when(
      unlocated > 0,
      `${count(unlocated, 'counted detection')} ${have} not included in rates (events_per_100_trap_nights), because camera effort is unknown.`,
    ),
    ...when(
      outside > 0,
      `${count(outside, 'counted detection')} ${are} camera. The effort is unknown, so rates are too high.`,
    ),
    leftOutLine(contents.leftOut),
    counts.skipped > 0
      ? `Skipped: ${count(counts.skipped, 'detection')} (manifest.json lists each of them).`
      : 'Every requested detection was exported.',
    ...reasonLines(entries),
  ];
}

/** The licenses of the package; without one the archive grants none. */
const licenseLines = (licenses: readonly string[]): string[] => [
  ...heading('License'),
  'The images and data belong to the owner of the database.',
  ...(licenses.length === 0
    ? ['This archive grants no license. Ask the owner before you publish the data or pass them on.']
    : [
        'camtrap-dp/datapackage.json names these licenses, for the tables (data) and for images and crops (media):',
        ...licenses.map((license) => `  ${onOneLine(license)}`),
        'They come from the source of the data or from the owner; this archive grants nothing more.',
      ]),
  'Be careful with the locations of rare or hunted animals.',
];

/** The whole text of README.txt. */
export function makeReadme(parts: ReadmeParts): string {
  const { contents, account } = parts;
  const sections = [
    topLines(parts),
    fileLines(parts),
    tableLines(parts),
    historyLines(contents),
    ...(contents.survey === undefined ? [] : [surveyLines(contents.survey)]),
    ...(account === undefined ? [] : [packageLines(account)]),
    classLines(contents),
    missingLines(parts),
    licenseLines(account?.licenses ?? []),
  ];
  return `${sections.map((lines) => `${lines.join('\n')}\n`).join('\n')}\n`;
}
