// The part of README.txt about camtrap-dp/: how data were mapped, what differs from the database,
// and what is still missing.

import { PRECISION_NOTES } from '../../deer/coordinates.ts';
import { count } from '../../format.ts';
import { onOneLine } from '../../plain-text.ts';
import type { PackageAccount } from './camtrap-dp/package.ts';

/** Words for species listed in README.txt. */
const SPECIES_LISTED = 12;

/** Words of the database that are not scientific names, and the names that replace them. */
function replacedLines(replaced: PackageAccount['replaced']): string[] {
  if (replaced.length === 0) return [];
  const listed = replaced
    .slice(0, SPECIES_LISTED)
    .map(([word, species]) => `    ${onOneLine(word).slice(0, 60)}: ${species}`);
  const more = replaced.length - listed.length;
  return [
    '- scientificName: the database has other words for these species (a word of unknown meaning becomes the',
    '  default, Odocoileus virginianus):',
    ...listed,
    ...(more > 0 ? [`    and ${more} more`] : []),
  ];
}

/** What differs in any package. */
const DIFFERENCES = [
  '- Each detection is one observation with count 1: an imported count of n has become n observations.',
  '- The database keeps observations of animals, and marks of images that show a person. Blank, vehicle, unknown',
  '  and unclassified observations of an imported package are not here; their images are.',
  '- Where a package has observations for each media file and for each event, those for media files are kept. An',
  '  event without media is one event-based observation for each animal, at the start of the event.',
  '- IDs are the UUIDs of the database. Imported IDs that are not UUIDs have been replaced by UUIDs.',
  '- deploymentStart and deploymentEnd are those of the whole deployment, even outside the period. Media and',
  '  observations are only those of the period. Times are local to the deployment, with their offset from UTC.',
  '- media.csv lists every image of the period, with or without an animal. The image files are not included:',
  "  filePath is their URL, or where they belong in camtrap-dp/ (media/ and the path in the owner's image folder).",
  '  filePublic is false, because Hoofprint does not know whether others may open a file. exifData is empty.',
  '- These columns have the values of an imported package, and are otherwise empty. Deployments:',
  '  coordinateUncertainty, setupBy, camera model, delay, height, depth, tilt and heading, detectionDistance,',
  '  timestampIssues, baitUse, featureType, deploymentGroups, deploymentTags, deploymentComments. Media:',
  '  captureMethod, favorite, mediaComments. Observations: eventStart and eventEnd (otherwise the time of the',
  '  image), cameraSetupType, positions, speed, classificationTimestamp. Observations whose class was corrected',
  '  have none of them.',
  '- locationName, coordinates and habitat belong to the location. If deployments of one locationID had different',
  '  values, all of them have those of the first.',
  '- datapackage.json has the id of this database, not that of an imported package. Its name, created, version,',
  '  image, sources, spatial and temporal are those of this export. taxonomic lists the species in it, with taxonID,',
  '  rank and vernacular names where the only imported package gave them. Other tables of a package are not here.',
  '- The class decides sex and life stage: buck is male and adult, doe is female and adult, fawn is juvenile.',
  '  mature, mid and young are male, with the class as a tag. A class of unknown meaning becomes a tag without a',
  '  scientific name.',
];

const INDIVIDUALS = [
  '- individualID is the name of the animal, or its UUID if the name is not unique. The table "individuals" in',
  '  datapackage.json has the UUID of each: it means the same animal in packages of other periods, and in packages',
  '  of a database that imported this one. A program that drops this table keeps the name, which is unique only',
  '  together with the id of the package. Importing the package again creates only animals that were seen in at',
  '  least two events, in this package or in earlier ones.',
];

const BOXES = [
  '- Boxes are given as shares of the image. Reviewed detections have the method "human" and no probability.',
  '- Detections marked as not valid or as duplicate are not included. Text that begins like a formula has an',
  '  apostrophe in front.',
];

/** How exactly locations are given, and whether people are named. */
function privacyLines({ precision, withPeople }: PackageAccount): string[] {
  const note = PRECISION_NOTES[precision];
  return [
    ...(note === undefined ? [] : [`- ${note}`]),
    ...(withPeople
      ? []
      : ['- Names of people are left out (setupBy; classifiedBy of a person). include_people asks for them.']),
  ];
}

/** What differs in this package, with its numbers. */
function countedLines({ derived, open, outside, unlocated, withoutBox }: PackageAccount): string[] {
  const are = (n: number): string => (n === 1 ? 'is' : 'are');
  const have = (n: number): string => (n === 1 ? 'has' : 'have');
  const lines: [n: number, text: string][] = [
    [
      derived,
      `${count(derived, 'deployment')} ${are(derived)} made of whole days from the first to the last image, because none is recorded there (tagged effort:derived).`,
    ],
    [
      open,
      `${count(open, 'deployment')} ${are(open)} still running: deploymentEnd is the time of this export (tagged effort:open).`,
    ],
    [
      outside,
      `${count(outside, 'media file')} ${are(outside)} dated outside the recorded time of the deployment; mediaComments says so.`,
    ],
    [
      unlocated,
      `${count(unlocated, 'detection')} ${have(unlocated)} no location, so no deployment, and ${are(unlocated)} not in the package.`,
    ],
    [
      withoutBox,
      `${count(withoutBox, 'detection')} ${have(withoutBox)} a box that is not given: the size of the image is unknown, or the box is outside it.`,
    ],
  ];
  return lines.filter(([n]) => n > 0).map(([, text]) => `- ${text}`);
}

/** The section about camtrap-dp/, line by line. */
export const packageLines = (account: PackageAccount): string[] => [
  'camtrap-dp/',
  '-----------',
  'The same detections as a Camtrap DP 1.0.2 data package (https://camtrap-dp.tdwg.org):',
  `${count(account.deployments, 'deployment')}, ${count(account.media, 'media file')}, ${count(account.observations, 'observation')}.`,
  ...(account.source === undefined
    ? []
    : [
        'Contributors, licenses and project are those of the source of the data, unless CAMTRAP_DP_PACKAGE sets others:',
        `  ${onOneLine(account.source)}`,
      ]),
  ...(account.missing.length === 0
    ? []
    : [
        'STILL MISSING: the database does not have these required fields, and Hoofprint does not invent them. The',
        'package is valid when they are filled in (datapackage fields once, in CAMTRAP_DP_PACKAGE). Hoofprint can',
        'import it as it is.',
        ...account.missing.map((name) => `  ${name}`),
      ]),
  'Differences from the database, or from a package that was imported into it:',
  ...DIFFERENCES,
  ...privacyLines(account),
  ...replacedLines(account.replaced),
  ...INDIVIDUALS,
  ...(account.withoutId
    ? ['- datapackage.json has no id, because this database does not have one yet: `npm run migrate` creates it.']
    : []),
  ...BOXES,
  ...countedLines(account),
];
