// The rows of a Camtrap DP package's three tables: all columns of the standard, in its order.
import type { Box } from '../../../box.ts';
import type { Cell } from '../../../csv.ts';
import { ALLOWED_PATH, EFFORT_TAGS, isUrl, PERSON, readEventSeconds, toCellText } from '../../../deer/camtrap-dp.ts';
import { COLUMNS } from '../../../deer/camtrap-dp-columns.ts';
import type { Locator } from '../../../deer/coordinates.ts';
import type { DetectionRow } from '../detections/rows.ts';
import type { AnimalDescription } from './animal.ts';
import type { DeploymentRecord, ImageRecord, LocationRecord } from './load.ts';

/** A row in the order of `columns`; columns without a cell are empty. */
const inOrder = <Name extends string>(columns: readonly Name[], cells: Partial<Record<Name, Cell>>): Cell[] =>
  columns.map((name) => cells[name]);

/**
 * Fields that an import stored as JSON, for those columns of the standard that the database lacks.
 */
function pickSourceFields<Name extends string>(fields: unknown, columns: readonly Name[]): Partial<Record<Name, Cell>> {
  if (typeof fields !== 'object' || fields === null) return {};
  const cells = Object.entries(fields).filter(
    ([name, value]) =>
      columns.includes(name as Name) &&
      (['number', 'boolean'].includes(typeof value) || toCellText(value) !== undefined),
  );
  return Object.fromEntries(cells) as Partial<Record<Name, Cell>>;
}

/** Adds text to a cell of an imported package, unless it is there already. */
function append(cell: Cell, text: string | undefined, separator: string): Cell {
  if (text === undefined || cell === undefined) return text ?? cell;
  return String(cell).includes(text) ? cell : `${cell}${separator}${text}`;
}

/** Writes an instant in a time zone; without a zone in that of the report. */
export type WriteInstant = (instant: Date, zone?: string | null) => string;

/** How rows are written, and what of them. */
export interface RowRules {
  write: WriteInstant;
  locator: Locator;
  /** Names of those who set up cameras or classified. */
  withPeople: boolean;
}

const COMMENTS = {
  derived: 'no deployment is recorded here: whole days from the first to the last image of this export',
  open: 'still running: deploymentEnd is the time of the export',
  outside: 'taken outside the recorded time of its deployment',
};

export function deploymentRow(
  deployment: DeploymentRecord,
  location: LocationRecord | undefined,
  { write, locator, withPeople }: RowRules,
): Cell[] {
  const point = locator.locate(location?.coordinates);
  const source = pickSourceFields(deployment.source_fields, COLUMNS.deployments);
  if (!withPeople) delete source.setupBy;
  const known = typeof source.coordinateUncertainty === 'number' ? source.coordinateUncertainty : undefined;
  const effort = deployment.derived ? 'derived' : deployment.open ? 'open' : undefined;
  return inOrder(COLUMNS.deployments, {
    ...source,
    deploymentID: deployment.id,
    locationID: deployment.location_id,
    locationName: toCellText(location?.name),
    latitude: point?.[1],
    longitude: point?.[0],
    coordinateUncertainty: point === undefined ? undefined : locator.uncertainty(known),
    deploymentStart: write(deployment.starts_at, deployment.time_zone),
    deploymentEnd: write(deployment.ends_at, deployment.time_zone),
    cameraID: toCellText(deployment.camera_id),
    habitat: toCellText(location?.description),
    deploymentTags: append(source.deploymentTags, effort && EFFORT_TAGS[effort], ' | '),
    deploymentComments: append(source.deploymentComments, effort && COMMENTS[effort], '; '),
  });
}

const MEDIA_TYPES: Record<string, string> = {
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  png: 'image/png',
  gif: 'image/gif',
  webp: 'image/webp',
  tif: 'image/tiff',
  tiff: 'image/tiff',
  bmp: 'image/bmp',
  avif: 'image/avif',
  heic: 'image/heic',
  mp4: 'video/mp4',
  mov: 'video/quicktime',
  avi: 'video/x-msvideo',
};
const findEnding = (name: string): string => /\.([a-z0-9]{2,5})$/i.exec(name)?.[1]?.toLowerCase() ?? '';

/**
 * filePath of an image: its URL if it has one; else where its file belongs inside the package,
 * which does not contain it. That is the relative path of the database below media/, so that a copy
 * of the owner's image folder there completes the package. Absolute paths are private to the
 * owner's machine: such images are named by their id.
 */
export function makeFilePath({ id, path, filename }: Pick<ImageRecord, 'id' | 'path' | 'filename'>): string {
  if (isUrl(path) && ALLOWED_PATH.test(path)) return path;
  const relative = path.replace(/\\/g, '/');
  const inPackage = `media/${relative}`;
  const plain =
    !/^([a-z]:|\/)/i.test(relative) &&
    !isUrl(path) &&
    !relative.split('/').some((part) => part.startsWith('.') || part === '');
  if (plain && ALLOWED_PATH.test(inPackage)) return inPackage;
  const ending = findEnding(filename);
  return `media/${id}.${ending in MEDIA_TYPES ? ending : 'jpg'}`;
}

/** @param outside the image was taken outside the recorded time of its deployment */
export function mediaRow(
  image: ImageRecord,
  deployment: DeploymentRecord,
  outside: boolean,
  write: WriteInstant,
): Cell[] {
  const source = pickSourceFields(image.source_fields, COLUMNS.media);
  return inOrder(COLUMNS.media, {
    ...source,
    mediaID: image.id,
    deploymentID: deployment.id,
    timestamp: write(image.at, deployment.time_zone),
    filePath: makeFilePath(image),
    filePublic: false,
    fileName: toCellText(image.filename),
    fileMediatype: MEDIA_TYPES[findEnding(image.filename)] ?? MEDIA_TYPES[findEnding(image.path)] ?? 'image/jpeg',
    mediaComments: append(source.mediaComments, outside ? COMMENTS.outside : undefined, '; '),
  });
}

/** What an observation needs in addition to its detection and animal. */
export interface ObservationContext {
  /** 'event' where no media file belongs to the observation: it then has no mediaID. */
  level: 'media' | 'event';
  event: string | null;
  individual: string | undefined;
  box: Box | undefined;
}

export function observationRow(
  row: DetectionRow,
  animal: AnimalDescription,
  { level, event, individual, box }: ObservationContext,
  deployment: DeploymentRecord,
  { write, withPeople }: Pick<RowRules, 'write' | 'withPeople'>,
): Cell[] {
  const [from, to] = readEventSeconds(row.observation);
  const writeMoment = (seconds: number): string =>
    write(new Date(row.captured_at.getTime() + seconds * 1_000), deployment.time_zone);
  const machine = row.is_reviewed !== true;
  const imported = row.observation !== null && row.observation !== undefined;
  const source = pickSourceFields(animal.sourceFields, COLUMNS.observations);
  // The name of a model is no person's.
  if (!withPeople && !(machine && source.classificationMethod === 'machine')) delete source.classifiedBy;
  const probable = machine && row.confidence !== null && row.confidence >= 0 && row.confidence <= 1;
  return inOrder(COLUMNS.observations, {
    ...source,
    observationID: row.id,
    deploymentID: deployment.id,
    mediaID: level === 'media' ? row.image_id : undefined,
    eventID: event,
    eventStart: writeMoment(from),
    eventEnd: writeMoment(to),
    observationLevel: level,
    observationType: animal.type,
    scientificName: animal.scientificName,
    count: animal.type === 'blank' ? undefined : 1,
    lifeStage: animal.lifeStage,
    sex: animal.sex,
    individualID: individual,
    bboxX: box?.x,
    bboxY: box?.y,
    bboxWidth: box?.width,
    bboxHeight: box?.height,
    classificationMethod: machine ? 'machine' : 'human',
    // The created_at of an imported detection is not the time of a classification.
    classificationTimestamp: imported
      ? toCellText(animal.sourceFields.classificationTimestamp)
      : machine && row.created_at !== null
        ? write(row.created_at)
        : undefined,
    classificationProbability: probable ? row.confidence : undefined,
    observationTags: animal.tags,
  });
}

/**
 * The only observation of an image that shows a person, so that an importer keeps it private too.
 */
export const personRow = (image: ImageRecord, deployment: DeploymentRecord, write: WriteInstant): Cell[] =>
  inOrder(COLUMNS.observations, {
    observationID: `${image.id}-person`,
    deploymentID: deployment.id,
    mediaID: image.id,
    eventStart: write(image.at, deployment.time_zone),
    eventEnd: write(image.at, deployment.time_zone),
    observationLevel: 'media',
    observationType: PERSON.type,
    scientificName: PERSON.scientificName,
  });
