// README.txt: what a person who opens the archive needs to know, in plain ASCII except for names.
import { isDeerClass } from '../../deer/classes.ts';
import { onOneLine as line } from '../../deer/plain-text.ts';
import { formatYears } from '../season/index.ts';
import type { PackageAccount } from './camtrap-dp/package.ts';
import { idleOccasions } from './history.ts';
import type { Counts, Entry } from './manifest.ts';
import type { ZipRequest } from './request.ts';
import type { Contents } from './selection.ts';

const n = (value: number, one: string, many = `${one}s`): string => `${value} ${value === 1 ? one : many}`;

function missing(entries: readonly Entry[]): string[] {
  const reasons = new Map<string, number>();
  for (const { status, reason } of entries) {
    // Reasons with a detail of their own are told by what they begin with.
    const kind =
      status === 'skipped'
        ? (reason ?? '').replace(/:.*$|, (before|after) the period$/s, (end) => (end.startsWith(':') ? '' : end))
        : '';
    const told = kind.replace(/^captured on [\d-]+, /, 'captured ').replace(/ \(\d+ x \d+\)$/, '');
    if (told !== '') reasons.set(told, (reasons.get(told) ?? 0) + 1);
  }
  return [...reasons]
    .sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
    .map(([reason, times]) => `  ${times} x ${line(reason)}`);
}

/**
 * How many of the detections are of deer, where other animals are among them: a PDF report without
 * a class filter counts those alone.
 */
function deerShare({ classes, classTotals, total }: Contents['season']): string {
  const deer = classTotals.reduce(
    (sum, row, index) => sum + (isDeerClass(classes[index] ?? '') ? row.detections : 0),
    0,
  );
  return deer === total.detections
    ? ''
    : ` (${n(deer, 'detection')} of deer, ${total.detections - deer} of other animals)`;
}

/** capture_history.csv in words. */
function historyLines({ season, histories }: Contents): string[] {
  const idle = idleOccasions(season);
  return [
    'capture_history.csv',
    '-------------------',
    `${n(histories.histories.length, 'known animal')} in rows, ${n(season.bins.length, 'occasion')} in columns: one ${season.scope.groupBy} each, 1 = seen, 0 = not seen.`,
    'An animal needs sightings in at least two independent events (30 minutes or more apart, or at two',
    'cameras) anywhere in the database: an id that lives inside one event says nothing about recapture.',
    ...(histories.once > 0 ? [`Left out for that reason: ${n(histories.once, 'animal')}.`] : []),
    ...(idle.length > 0
      ? [`No camera stood in these occasions, so their 0 means nothing; leave them out: ${idle.join(', ')}.`]
      : []),
    ...(season.bins.some((row) => row.bin.partial)
      ? ['The first or last occasion is cut by the period and shorter than the others.']
      : []),
  ];
}

/** Words for species listed in README.txt. */
const SPECIES_LISTED = 12;

/** Which words of the database are no scientific names, and what they were given as. */
function replacedLines(replaced: PackageAccount['replaced']): string[] {
  if (replaced.length === 0) return [];
  const listed = replaced
    .slice(0, SPECIES_LISTED)
    .map(([word, species]) => `    ${line(word).slice(0, 60)}: ${species}`);
  const more = replaced.length - listed.length;
  return [
    '- scientificName: the database has other words for these species (a word of no known meaning is given as',
    '  the default, Odocoileus virginianus):',
    ...listed,
    ...(more > 0 ? [`    and ${more} more`] : []),
  ];
}

/**
 * What a reader of camtrap-dp/ has to know: how things were mapped, what differs from the database,
 * what is still missing.
 */
function packageLines(account: PackageAccount): string[] {
  const some = (count: number, text: string): string[] => (count > 0 ? [text] : []);
  return [
    'camtrap-dp/',
    '-----------',
    'The same detections as a Camtrap DP 1.0.2 data package (https://camtrap-dp.tdwg.org):',
    `${n(account.deployments, 'deployment')}, ${n(account.media, 'media file')}, ${n(account.observations, 'observation')}.`,
    ...(account.source === undefined
      ? []
      : [
          'Contributors, licences and project are those that the source of the data gives (where CAMTRAP_DP_PACKAGE',
          'does not say otherwise):',
          `  ${line(account.source)}`,
        ]),
    ...(account.missing.length === 0
      ? []
      : [
          'STILL MISSING, because the database does not know it and nothing is invented; the package becomes valid',
          'when these are filled in (datapackage fields once, in CAMTRAP_DP_PACKAGE). Hoofprint itself reads it as it is:',
          ...account.missing.map((name) => `  ${name}`),
        ]),
    'How it differs from the database, or from a package that was imported into it:',
    '- One observation per detection, count 1: an imported count of n has become n observations.',
    '- Only observations of animals are kept by the database, and marks of images that show a person: blank,',
    '  vehicle, unknown and unclassified observations of an imported package are gone, their images are here.',
    '- Of observations told per media file and per event, those per media file are kept; an event without any',
    '  media is one event-based observation per animal, at the moment its event began.',
    '- Ids are those of the database (UUIDs); ids of an imported package that were none have become UUIDs.',
    '- deploymentStart and deploymentEnd are whole deployments, not cut to the period; media and observations are',
    '  those of the period. Times are local to the deployment with their offset, to the second.',
    '- media.csv lists every image of the period, also without an animal. The image files are not in here:',
    "  filePath is their address, or where they belong below camtrap-dp/ (media/ and the path in the owner's image",
    '  folder). filePublic is false: this program cannot know whether others may open a file. exifData is left out.',
    '- Columns that the database has no place for are what an imported package said, else empty: of deployments',
    '  coordinateUncertainty, setupBy, camera model, delay, height, depth, tilt and heading, detectionDistance,',
    '  timestampIssues, baitUse, featureType, deploymentGroups, deploymentTags, deploymentComments; of media',
    '  captureMethod, favorite, mediaComments; of observations eventStart and eventEnd (else the time of the image),',
    '  cameraSetupType, positions, speed, classificationTimestamp. A correction of the class ends what was said.',
    '- locationName, coordinates and habitat are those of the place: where deployments of one locationID gave',
    '  different ones, all have those of the first.',
    "- datapackage.json has this database's id and not that of an imported package; its name, created, version,",
    '  image, sources, spatial and temporal are those of this export; taxonomic lists what is in it, with taxonID,',
    '  rank and vernacular names where the only imported package gave them. Other tables of a package are gone.',
    '- The class decides sex and life stage: buck male adult, doe female adult, fawn juvenile; mature, mid and young',
    '  are male with the class as a tag. A class of no known meaning is a tag without a scientific name.',
    ...replacedLines(account.replaced),
    '- individualID is the name of the animal, or its id where the name is not unique. The table "individuals" in',
    '  datapackage.json has the lasting id (UUID) of each: packages of other periods mean the same animal by it, also',
    '  when they come from a database that imported it. A program that drops this table leaves the name, which holds',
    '  only together with the id of the package. Reading the package again makes animals only of those seen in at',
    '  least two events, in this package or in those read before.',
    ...(account.nameless
      ? ['- datapackage.json has no id, because this database has none of its own yet: `npm run migrate` makes it.']
      : []),
    '- bbox is given as shares of the image; a reviewed detection is "human" and has no probability.',
    '- Detections marked as not valid or as duplicate are not here; nor is a text that begins like a formula',
    '  without an apostrophe in front.',
    ...some(
      account.derived,
      `- ${n(account.derived, 'deployment')} made of whole days from first to last image, because none is recorded there (tagged effort:derived).`,
    ),
    ...some(
      account.open,
      `- ${n(account.open, 'deployment')} still standing: deploymentEnd is the time of this export (tagged effort:open).`,
    ),
    ...some(
      account.outside,
      `- ${n(account.outside, 'media file')} taken outside the recorded time of the deployment they are given to; mediaComments says so.`,
    ),
    ...some(
      account.unplaced,
      `- ${n(account.unplaced, 'detection')} without a location: no deployment, so not in the package.`,
    ),
    ...some(
      account.boxless,
      `- ${n(account.boxless, 'detection')} with a box that could not be given: the size of the image is not known, or it lies outside.`,
    ),
  ];
}

/** Names of classes on lines of their own, as many as a reader would look at. */
const MOST_NAMES = 200;
function namesLine(names: readonly string[]): string {
  const shown = names.slice(0, MOST_NAMES).map((name) => JSON.stringify(line(name)).slice(1, -1));
  return `  ${shown.join(', ')}${names.length > shown.length ? ` and ${names.length - shown.length} more` : ''}`;
}

/** What each class was taken for: the owner is the only one who can see a mistake. */
const classLines = ({ season, people }: Contents): string[] => [
  'Animals and people',
  '------------------',
  'Classes taken for animals:',
  namesLine([...season.classes, ...season.others.map(({ name }) => name)]),
  ...(people.words.length === 0
    ? ['No class of these images was taken for people.']
    : [
        'Classes taken for people; images with any such detection are not in here, nor any crop of them:',
        namesLine(people.words),
      ]),
  'A class of people among the animals? Name it in HUMAN_CLASSES and export again.',
];

/** The licences that the package carries, said here as there; without one there is none. */
const licenceLines = (licences: readonly string[]): string[] =>
  licences.length === 0
    ? ['This archive grants no licence: ask the owner before you publish or pass them on.']
    : [
        'camtrap-dp/datapackage.json names these licences, of the tables (data) and of the images and their crops (media):',
        ...licences.map((licence) => `  ${line(licence)}`),
        'They are the word of the source of the data or of the owner; this archive grants nothing beyond them.',
      ];

export interface ReadmeParts {
  request: ZipRequest;
  createdAt: Date;
  contents: Contents;
  entries: readonly Entry[];
  counts: Counts;
  crops: boolean;
  metadata: boolean;
  cropSize: number;
  /** Of camtrap-dp/; undefined when it is left out. */
  account: PackageAccount | undefined;
}

/** What to know of clocks and cameras before using the numbers. */
function doubts({ cameras, overlaps }: Contents['season']): string[] {
  const misdated = cameras.flatMap(({ name, misdated: found }) => (found === undefined ? [] : [{ name, ...found }]));
  return [
    ...misdated.map(
      (one) =>
        `Clock:      ${n(one.images, 'image')} of ${line(one.name)} outside their deployment (dated ${formatYears(one)})`,
    ),
    ...(overlaps.length === 0
      ? []
      : [
          `Effort:     overlapping deployments without a camera ID count as separate cameras: ${line(overlaps.join(', '))}`,
        ]),
  ];
}

export function readme(parts: ReadmeParts): string {
  const { request, createdAt, contents, entries, counts, crops, metadata, cropSize, account } = parts;
  const { scope, derivedEffort, otherZones } = contents.season;
  const { leftOut, tooFine } = contents;
  const title = line(request.title ?? '');
  const skipped = missing(entries);
  const nowhere = contents.season.cameras.find((camera) => camera.id === null)?.detections ?? 0;
  const outside = contents.season.cameras.reduce((sum, camera) => sum + camera.outside, 0);
  const lines = [
    title || 'Camera-trap export',
    '='.repeat(Math.min(78, [...(title || 'Camera-trap export')].length)),
    '',
    `Period:     ${scope.start} to ${scope.end}, both days included, by ${scope.groupBy}`,
    ...(tooFine === undefined
      ? []
      : [
          `            (by ${tooFine} was asked for, but more than a year of it: the first or last date may be that of a camera`,
          '            whose clock was wrong; metadata.csv has captured_at of each detection)',
        ]),
    `Time zone:  ${scope.timeZone}`,
    ...(otherZones.length === 0
      ? []
      : [
          `            (deployments are recorded in ${line(otherZones.join(', '))}: days and hours here are those of ${scope.timeZone})`,
        ]),
    ...doubts(contents.season),
    `Classes:    ${scope.classifications?.map(line).join(', ') ?? `all${deerShare(contents.season)}`}`,
    `Locations:  ${scope.locations?.map(line).join(', ') ?? 'all'}`,
    `Made:       ${createdAt.toISOString()} by Hoofprint`,
    '',
    'What is in here',
    '---------------',
    ...(metadata ? [`metadata.csv            one row per detection: ${n(counts.metadata_rows, 'row')}`] : []),
    `${`summary_by_${scope.groupBy}.csv`.padEnd(24)}counts and effort per ${scope.groupBy} and class`,
    `capture_history.csv     which known animal was seen in which ${scope.groupBy}`,
    ...(account === undefined
      ? []
      : ['camtrap-dp/             the detections as a Camtrap DP 1.0.2 data package, for other programs']),
    ...(crops
      ? [
          `crops/                  ${n(counts.crops, 'JPEG')}, one per detection, named by its id; cut by its box from the upright`,
          `                        image (the whole frame where it has no box), longest side at most ${cropSize} pixels,`,
          "                        never enlarged; the camera's own metadata are not copied",
        ]
      : []),
    'manifest.json           the request, what came of every detection and why, sha256 of every other file',
    '',
    'How to open it',
    '--------------',
    'The tables are UTF-8, separated by commas, with a header line; any spreadsheet or statistics program reads',
    'them. A text that a spreadsheet would run as a formula has an apostrophe in front. captured_at is the local',
    'time with its offset from UTC. bbox_* are pixels from the upper left corner of the upright image.',
    `${metadata ? 'metadata.csv and ' : ''}summary_by_${scope.groupBy}.csv begin${metadata ? '' : 's'} with a byte order mark when a cell is not ASCII, for spreadsheets.`,
    'Read them with fileEncoding="UTF-8-BOM" in R or encoding="utf-8-sig" in Python; both work without the mark, too.',
    'An independent event: detections of one class at one location, each less than',
    `${n(scope.independenceMinutes, 'minute')} after the one before. individuals: different known deer; they do not add up over rows.`,
    'trap_nights: 24 hours of one camera standing, of all cameras of the selected locations, whatever the class.',
    ...(derivedEffort
      ? ['Some locations have no recorded deployment: their trap nights are the days from first to last image.']
      : []),
    ...(request.detection_ids === undefined
      ? []
      : ['This archive was asked for by detection ids: its counts are of these detections only.']),
    '',
    ...historyLines(contents),
    '',
    ...(account === undefined ? [] : [...packageLines(account), '']),
    ...classLines(contents),
    '',
    'What is missing',
    '---------------',
    ...(nowhere > 0
      ? [
          `${n(nowhere, 'counted detection')} without a location: no effort, so in no rate (events_per_100_trap_nights).`,
        ]
      : []),
    ...(outside > 0
      ? [
          `${n(outside, 'counted detection')} taken outside every deployment of the camera: seen without recorded effort, which makes rates too high.`,
        ]
      : []),
    leftOut.invalid + leftOut.duplicate + leftOut.nonAnimal > 0
      ? `Not counted anywhere: ${n(leftOut.invalid, 'detection')} marked as not valid, ${leftOut.duplicate} marked as duplicate${leftOut.nonAnimal > 0 ? `, ${leftOut.nonAnimal} of no animal (person, vehicle, nothing)` : ''}.`
      : 'No detection of the selection is marked as not valid or as duplicate, or is of no animal.',
    skipped.length > 0
      ? `Skipped (${n(counts.skipped, 'detection')}; manifest.json names each):`
      : 'Every requested detection was exported.',
    ...skipped,
    '',
    'Licence',
    '-------',
    'The images and data belong to the owner of the database they come from.',
    ...licenceLines(account?.licences ?? []),
    'Places of rare or hunted animals deserve discretion.',
    '',
  ];
  return `${lines.join('\n')}\n`;
}
