// What Camtrap DP 1.0 asks of each column, in the project's own words: one table that the checks and their messages are made from.

export type Table = 'deployments' | 'media' | 'observations';

interface Shared {
  required?: true;
  /** Holds each value once. */
  unique?: true;
  /** Names a row of another table by its key. */
  refersTo?: Table;
}
export type Rule = Shared &
  (
    | { is: 'text'; oneOf?: readonly string[]; matches?: RegExp; form?: string }
    | { is: 'number' | 'integer'; least?: number; most?: number }
    | { is: 'boolean' }
    | { is: 'instant' }
  );

const text = { is: 'text' } as const;
const instant = { is: 'instant' } as const;
const flag = { is: 'boolean' } as const;
const share = { is: 'number', least: 0, most: 1 } as const;
const length = { is: 'number', least: 0 } as const;
const degrees = (least: number, most: number): Rule => ({ is: 'integer', least, most });
const oneOf = (...values: string[]): Rule => ({ is: 'text', oneOf: values });
const key: Rule = { is: 'text', required: true, unique: true };
const must = (rule: Rule): Rule => ({ ...rule, required: true });
const to = (table: Table, rule: Rule = text): Rule => ({ ...rule, refersTo: table });

export const KEYS = { deployments: 'deploymentID', media: 'mediaID', observations: 'observationID' } as const satisfies Record<
  Table,
  string
>;

export const RULES: Record<Table, Record<string, Rule>> = {
  deployments: {
    deploymentID: key,
    locationID: text,
    locationName: text,
    latitude: must({ is: 'number', least: -90, most: 90 }),
    longitude: must({ is: 'number', least: -180, most: 180 }),
    coordinateUncertainty: { is: 'integer', least: 1 },
    deploymentStart: must(instant),
    deploymentEnd: must(instant),
    setupBy: text,
    cameraID: text,
    cameraModel: text,
    cameraDelay: { is: 'integer', least: 0 },
    cameraHeight: length,
    cameraDepth: length,
    cameraTilt: degrees(-90, 90),
    cameraHeading: degrees(0, 360),
    detectionDistance: length,
    timestampIssues: flag,
    baitUse: flag,
    featureType: oneOf(
      ...['roadPaved', 'roadDirt', 'trailHiking', 'trailGame', 'roadUnderpass', 'roadOverpass', 'roadBridge', 'culvert', 'burrow'],
      ...['nestSite', 'carcass', 'waterSource', 'fruitingTree'],
    ),
    habitat: text,
    deploymentGroups: text,
    deploymentTags: text,
    deploymentComments: text,
  },
  media: {
    mediaID: key,
    deploymentID: must(to('deployments')),
    captureMethod: oneOf('activityDetection', 'timeLapse'),
    timestamp: must(instant),
    filePath: {
      is: 'text',
      required: true,
      matches: /^(?![./~\\])(?!.*\.\.)/,
      form: 'a URL or a path inside the package (no "..", no leading "." or "/" or "~")',
    },
    filePublic: must(flag),
    fileName: text,
    fileMediatype: { is: 'text', required: true, matches: /^(image|video|audio)\//, form: 'an image/, video/ or audio/ type' },
    exifData: text,
    favorite: flag,
    mediaComments: text,
  },
  observations: {
    observationID: key,
    deploymentID: must(to('deployments')),
    mediaID: to('media'),
    eventID: text,
    eventStart: must(instant),
    eventEnd: must(instant),
    observationLevel: must(oneOf('media', 'event')),
    observationType: must(oneOf('animal', 'human', 'vehicle', 'blank', 'unknown', 'unclassified')),
    cameraSetupType: oneOf('setup', 'calibration'),
    scientificName: text,
    count: { is: 'integer', least: 1 },
    lifeStage: oneOf('adult', 'subadult', 'juvenile'),
    sex: oneOf('female', 'male'),
    behavior: text,
    individualID: text,
    individualPositionRadius: length,
    individualPositionAngle: { is: 'number', least: -90, most: 90 },
    individualSpeed: length,
    bboxX: share,
    bboxY: share,
    bboxWidth: { is: 'number', least: 1e-15, most: 1 },
    bboxHeight: { is: 'number', least: 1e-15, most: 1 },
    classificationMethod: oneOf('human', 'machine'),
    classifiedBy: text,
    classificationTimestamp: instant,
    classificationProbability: share,
    observationTags: text,
    observationComments: text,
  },
};

/** Cells that mean "no value". */
export const MISSING = new Set(['', 'NA', 'NaN', 'nan']);

/** Coordinates that nobody has told are no error where the place has an id: one's own export of such a database can be read again. */
export const isGap = (table: Table, field: string, has: (field: string) => boolean): boolean =>
  table === 'deployments' && ['latitude', 'longitude'].includes(field) && has('locationID') && !has('latitude') && !has('longitude');

const INSTANT = /^(\d{4}-\d{2}-\d{2})T(\d{2}):(\d{2}):(\d{2})(Z|[+-]\d{2}:?\d{2})$/;

/** Milliseconds since 1970 of a date and time with offset; undefined for a day or time that does not exist or has no offset. */
export function instantOf(cell: string): number | undefined {
  const match = INSTANT.exec(cell);
  if (match === null) return undefined;
  const [, day, hours, minutes, seconds, offset] = match as unknown as string[];
  if (Number(hours) > 23 || Number(minutes) > 59 || Number(seconds) > 59 || !isDay(day!)) return undefined;
  const sign = offset === 'Z' ? 'Z' : `${offset!.slice(0, 3)}:${offset!.slice(-2)}`;
  const at = Date.parse(`${day}T${hours}:${minutes}:${seconds}${sign}`);
  return Number.isNaN(at) ? undefined : at;
}

/** A YYYY-MM-DD that exists. */
export function isDay(text: string): boolean {
  const date = new Date(`${text}T00:00:00Z`);
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
}

const NUMBER = /^[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?$/;
export const TRUE = new Set(['true', 'True', 'TRUE', '1']);
const FALSE = new Set(['false', 'False', 'FALSE', '0']);

/** Why a present cell breaks its rule, in words that continue `field x ...`; undefined when it keeps it. */
export function broken(rule: Rule, cell: string): string | undefined {
  const shown = JSON.stringify(cell.length > 60 ? `${cell.slice(0, 60)}...` : cell);
  if (cell.includes('\0')) return 'holds a NUL character';
  switch (rule.is) {
    case 'text':
      if (rule.oneOf !== undefined && !rule.oneOf.includes(cell)) return `is ${shown}, must be one of: ${rule.oneOf.join(', ')}`;
      return rule.matches !== undefined && !rule.matches.test(cell) ? `is ${shown}, must be ${rule.form}` : undefined;
    case 'instant':
      return instantOf(cell) === undefined
        ? `is ${shown}, must be a date and time with offset, such as 2020-05-30T04:57:37+02:00`
        : undefined;
    case 'boolean':
      return TRUE.has(cell) || FALSE.has(cell) ? undefined : `is ${shown}, must be true or false`;
    default: {
      const value = Number(cell);
      const kind = rule.is === 'integer' ? 'a whole number' : 'a number';
      if (!NUMBER.test(cell) || !Number.isFinite(value) || (rule.is === 'integer' && !Number.isInteger(value)))
        return `is ${shown}, must be ${kind}`;
      if (rule.least !== undefined && value < rule.least) return `is ${shown}, must be at least ${rule.least}`;
      return rule.most !== undefined && value > rule.most ? `is ${shown}, must be at most ${rule.most}` : undefined;
    }
  }
}
