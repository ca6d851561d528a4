// Camtrap DP 1.0 as imports and exports share it: missing values, tags, paths of media, events, and
// a deer's class in the words of the standard. Its tables are in camtrap-dp-columns.ts.
import { SEX_AND_AGE_CLASSES, SEXES } from './class-gates.ts';
import { isDeerClass } from './classes.ts';
import { isDeer, words } from './species.ts';

/** Cells that mean "no value" in every table of the standard. */
export const MISSING_VALUES: ReadonlySet<string> = new Set(['', 'NA', 'NaN', 'nan']);

/** Text that a cell can hold; undefined where a reader would take it for a missing value. */
export const toCellText = (text: unknown): string | undefined =>
  typeof text === 'string' && !MISSING_VALUES.has(text.trim()) ? text : undefined;

/**
 * Tags of a deployment that an export adds and an import reads: `derived`, no deployment is
 * recorded and the dates are those of the first and last image; `open`, the camera was still
 * running and the end is the time of the export.
 */
export const EFFORT_TAGS = { derived: 'effort:derived', open: 'effort:open' } as const;

/** A regular expression, in JavaScript's and PostgreSQL's syntax, for one of the tags in a list. */
export const tagPattern = (tag: string): string => `(^|\\|)\\s*${tag}\\s*(\\||$)`;

const CLASS_TAG = /(?:^|\|)\s*class:\s*([^|]*[^|\s])/;

/** The tag for a class that sex and life stage cannot express. */
export const writeClassTag = (name: string): string => `class:${name.replace(/[|:]/g, ' ')}`;

const readClassTag = (tags: string | undefined): string | undefined => CLASS_TAG.exec(tags ?? '')?.[1];

/**
 * Sex and life stage of a deer; `tagged`: the class says more than both, so it is a tag as well.
 */
interface DeerWords {
  sex?: 'male' | 'female';
  lifeStage?: 'adult' | 'juvenile';
  tagged?: boolean;
}

const DEER_CLASSES: Readonly<Record<(typeof SEX_AND_AGE_CLASSES)[number], DeerWords>> = {
  buck: { sex: 'male', lifeStage: 'adult' },
  doe: { sex: 'female', lifeStage: 'adult' },
  fawn: { lifeStage: 'juvenile' },
  mature: { sex: 'male', tagged: true },
  mid: { sex: 'male', tagged: true },
  young: { sex: 'male', tagged: true },
  unknown: {},
};

/**
 * A class of a deer in the words of the standard.
 * @returns undefined for a class that is not one of sex and age, such as a species
 */
export function describeDeerClass(name: string): DeerWords | undefined {
  const folded = words(name);
  const found = SEX_AND_AGE_CLASSES.find((known) => known === folded);
  return found === undefined ? undefined : DEER_CLASSES[found];
}

const [BUCK, DOE, FAWN] = SEXES;

/**
 * The class of an observed animal: buck, doe, fawn or unknown for a deer, or the class that a tag
 * names; the scientific name for any other animal, and without one the tagged class.
 */
export function readClass(
  cells: Partial<Record<'scientificName' | 'sex' | 'lifeStage' | 'observationTags', string>>,
): string {
  const { scientificName, sex, lifeStage } = cells;
  const tagged = readClassTag(cells.observationTags);
  if (scientificName === undefined) return tagged ?? 'unknown';
  if (!isDeer(scientificName)) return scientificName;
  if (tagged !== undefined && isDeerClass(tagged)) return tagged;
  if (lifeStage === 'juvenile') return FAWN;
  if (lifeStage === undefined) return 'unknown';
  return sex === 'male' ? BUCK : sex === 'female' ? DOE : 'unknown';
}

/** The observation of a person. */
export const PERSON = { type: 'human', scientificName: 'Homo sapiens' } as const;

export const isUrl = (path: string): boolean => /^[a-z][a-z0-9+.-]*:\/\//i.test(path);

/** The paths that the standard allows inside a package: no "..", no leading dot, slash or tilde. */
export const ALLOWED_PATH = /^(?=^[^./~])(^((?!\.{2}).)*$).*$/;

/** What paths of image rows without a file begin with. */
export const PLACEHOLDER = 'camtrap-dp:';

/**
 * Where the paths of a package's placeholders begin: image rows without a file that keep location
 * and time of an event, or of a medium that the package does not list.
 */
export const placeholderPrefix = (packageId: string): string => `${PLACEHOLDER}${packageId}/`;

/** The part of such a path that says what the row is a placeholder for. */
export type PlaceholderTarget = 'event' | 'media';

export const isPlaceholder = (path: string): boolean => path.startsWith(PLACEHOLDER);
export const isEventPlaceholder = (path: string): boolean => isPlaceholder(path) && path.includes('/event/');

/**
 * Key in hoofprint_meta of what a source of the data says of people, licenses and project; the id
 * of the source follows.
 */
export const SOURCE_KEY = 'camtrap_dp_package:';

/**
 * The resource, in addition to the standard's three, that gives the lasting id of each
 * individualID.
 */
export const INDIVIDUALS_RESOURCE = 'individuals';

/** What detections.observation holds: columns of the standard, and these of ours. */
export interface StoredObservation {
  individualID?: string;
  /** UUID of the animal, the same in every package of one source. */
  individual?: string;
  /** Start and end of the event, in seconds from the image. */
  eventSeconds?: [from: number, to: number];
  [column: string]: unknown;
}

/** Start and end of the event in seconds from the image; both 0 where nothing is stored. */
export function readEventSeconds(observation: unknown): [from: number, to: number] {
  const { eventSeconds } = (observation ?? {}) as { eventSeconds?: unknown };
  const [from, to] = Array.isArray(eventSeconds) ? (eventSeconds as unknown[]) : [];
  return typeof from === 'number' && typeof to === 'number' && from <= to ? [from, to] : [0, 0];
}
