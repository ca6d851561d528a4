// The three tables of Camtrap DP 1.0: their columns in the order of the standard, and the rule of
// each column. An import checks cells by the rules, an export writes the columns.

export type PackageTable = 'deployments' | 'media' | 'observations';

interface Shared {
  required?: true;
  /** Holds each value once. */
  unique?: true;
  /** Names a row of another table by its key. */
  refersTo?: PackageTable;
}
export type Rule = Shared &
  (
    | {
        is: 'text';
        free?: true;
        inPackage?: true;
        choices?: readonly string[];
        matches?: RegExp;
        form?: string;
        longest?: number;
      }
    | { is: 'number' | 'integer'; least?: number; most?: number }
    | { is: 'boolean' }
    | { is: 'instant' }
  );

/** A name or key: a cell such as NULL names nothing. At most 300 characters. */
const text = { is: 'text', longest: 300 } as const;
/** What people wrote: kept as it is, whatever it looks like. */
const words = { is: 'text', free: true } as const;
const instant = { is: 'instant' } as const;
const flag = { is: 'boolean' } as const;
const share = { is: 'number', least: 0, most: 1 } as const;
const length = { is: 'number', least: 0 } as const;
const degrees = (least: number, most: number): Rule => ({ is: 'integer', least, most });
const choices = (...values: string[]): Rule => ({ is: 'text', choices: values });
const key: Rule = { ...text, required: true, unique: true };
const must = (rule: Rule): Rule => ({ ...rule, required: true });
const to = (table: PackageTable): Rule => ({ ...text, refersTo: table });

export const KEYS = {
  deployments: 'deploymentID',
  media: 'mediaID',
  observations: 'observationID',
} as const satisfies Record<PackageTable, string>;

const TABLES = {
  deployments: {
    deploymentID: key,
    locationID: text,
    locationName: { ...words, longest: 300 },
    latitude: must({ is: 'number', least: -90, most: 90 }),
    longitude: must({ is: 'number', least: -180, most: 180 }),
    coordinateUncertainty: { is: 'integer', least: 1 },
    deploymentStart: must(instant),
    deploymentEnd: must(instant),
    setupBy: words,
    cameraID: text,
    cameraModel: words,
    cameraDelay: { is: 'integer', least: 0 },
    cameraHeight: length,
    cameraDepth: length,
    cameraTilt: degrees(-90, 90),
    cameraHeading: degrees(0, 360),
    detectionDistance: length,
    timestampIssues: flag,
    baitUse: flag,
    featureType: choices(
      ...[
        'roadPaved',
        'roadDirt',
        'trailHiking',
        'trailGame',
        'roadUnderpass',
        'roadOverpass',
        'roadBridge',
        'culvert',
        'burrow',
      ],
      ...['nestSite', 'carcass', 'waterSource', 'fruitingTree'],
    ),
    habitat: words,
    deploymentGroups: words,
    deploymentTags: words,
    deploymentComments: words,
  },
  media: {
    mediaID: key,
    deploymentID: must(to('deployments')),
    captureMethod: choices('activityDetection', 'timeLapse'),
    timestamp: must(instant),
    filePath: {
      is: 'text',
      inPackage: true,
      required: true,
      matches: /^(?!\.)(?!.*\.\.)/,
      longest: 2_000,
      form: 'a URL or a path inside the package (no "..", no leading "." or "/" or "~")',
    },
    filePublic: must(flag),
    fileName: words,
    fileMediatype: {
      is: 'text',
      required: true,
      matches: /^(image|video|audio)\//,
      form: 'an image/, video/ or audio/ type',
    },
    exifData: words,
    favorite: flag,
    mediaComments: words,
  },
  observations: {
    observationID: key,
    deploymentID: must(to('deployments')),
    mediaID: to('media'),
    eventID: text,
    eventStart: must(instant),
    eventEnd: must(instant),
    observationLevel: must(choices('media', 'event')),
    observationType: must(choices('animal', 'human', 'vehicle', 'blank', 'unknown', 'unclassified')),
    cameraSetupType: choices('setup', 'calibration'),
    scientificName: text,
    count: { is: 'integer', least: 1, most: 10_000 },
    lifeStage: choices('adult', 'subadult', 'juvenile'),
    sex: choices('female', 'male'),
    behavior: words,
    individualID: text,
    individualPositionRadius: length,
    individualPositionAngle: { is: 'number', least: -90, most: 90 },
    individualSpeed: length,
    bboxX: share,
    bboxY: share,
    bboxWidth: { is: 'number', least: 1e-15, most: 1 },
    bboxHeight: { is: 'number', least: 1e-15, most: 1 },
    classificationMethod: choices('human', 'machine'),
    classifiedBy: words,
    classificationTimestamp: instant,
    classificationProbability: share,
    observationTags: words,
    observationComments: words,
  },
} satisfies Record<PackageTable, Record<string, Rule>>;

/** The rule of each column, in the order of the standard. */
export const RULES: Readonly<Record<PackageTable, Readonly<Record<string, Rule>>>> = TABLES;

const listColumns = <Table extends PackageTable>(table: Table) =>
  Object.keys(TABLES[table]) as (keyof (typeof TABLES)[Table] & string)[];

/** The columns of each table, in the order of the standard. */
export const COLUMNS = {
  deployments: listColumns('deployments'),
  media: listColumns('media'),
  observations: listColumns('observations'),
} as const;

/**
 * Columns for which the database has none: an import stores them as JSON
 * (deployments.source_fields, images.source_fields, detections.observation), and an export writes
 * them again.
 */
export const SOURCE_FIELDS = {
  deployments: [
    ...['coordinateUncertainty', 'setupBy', 'cameraModel', 'cameraDelay', 'cameraHeight', 'cameraDepth', 'cameraTilt'],
    ...['cameraHeading', 'detectionDistance', 'timestampIssues', 'baitUse', 'featureType', 'deploymentGroups'],
    ...['deploymentTags', 'deploymentComments'],
  ],
  media: ['captureMethod', 'favorite', 'mediaComments'],
  observations: [
    ...['observationID', 'cameraSetupType', 'lifeStage', 'sex', 'behavior', 'individualPositionRadius'],
    ...['individualPositionAngle', 'individualSpeed', 'classifiedBy', 'classificationTimestamp', 'observationTags'],
    'observationComments',
  ],
} as const satisfies { [Table in PackageTable]: readonly (keyof (typeof TABLES)[Table])[] };

/**
 * Cells without which a row has no key, no location or no time. Any other cell that breaks its rule
 * is left out of its row, which stays.
 */
const ESSENTIAL: Record<PackageTable, readonly string[]> = {
  deployments: ['deploymentID', 'locationID', 'latitude', 'longitude', 'deploymentStart', 'deploymentEnd'],
  media: ['mediaID', 'deploymentID', 'timestamp'],
  observations: ['observationID', 'deploymentID', 'eventStart', 'eventEnd'],
};

export const isEssential = (table: PackageTable, field: string): boolean => ESSENTIAL[table].includes(field);

/**
 * Missing coordinates are no error where the location has an id: an export of a database without
 * coordinates can be imported again.
 */
export const isGap = (table: PackageTable, field: string, has: (field: string) => boolean): boolean =>
  table === 'deployments' &&
  ['latitude', 'longitude'].includes(field) &&
  has('locationID') &&
  !has('latitude') &&
  !has('longitude');
