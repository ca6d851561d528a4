// The three tables of a Camtrap DP package: all columns of the standard in its order, row by row.

import { type Box, isBox } from '../../../box.ts';
import type { Cell } from '../../../csv.ts';
import { readCoordinates } from '../../../deer/coordinates.ts';
import type { DetectionRow } from '../rows.ts';
import type { Described } from './animal.ts';
import type { Picture, Place, Stay } from './read.ts';

export const DEPLOYMENTS = [
  ...[
    'deploymentID',
    'locationID',
    'locationName',
    'latitude',
    'longitude',
    'coordinateUncertainty',
    'deploymentStart',
    'deploymentEnd',
  ],
  ...[
    'setupBy',
    'cameraID',
    'cameraModel',
    'cameraDelay',
    'cameraHeight',
    'cameraDepth',
    'cameraTilt',
    'cameraHeading',
    'detectionDistance',
  ],
  ...[
    'timestampIssues',
    'baitUse',
    'featureType',
    'habitat',
    'deploymentGroups',
    'deploymentTags',
    'deploymentComments',
  ],
] as const;

export const MEDIA = [
  ...[
    'mediaID',
    'deploymentID',
    'captureMethod',
    'timestamp',
    'filePath',
    'filePublic',
    'fileName',
    'fileMediatype',
    'exifData',
  ],
  ...['favorite', 'mediaComments'],
] as const;

export const OBSERVATIONS = [
  ...[
    'observationID',
    'deploymentID',
    'mediaID',
    'eventID',
    'eventStart',
    'eventEnd',
    'observationLevel',
    'observationType',
  ],
  ...[
    'cameraSetupType',
    'scientificName',
    'count',
    'lifeStage',
    'sex',
    'behavior',
    'individualID',
    'individualPositionRadius',
  ],
  ...[
    'individualPositionAngle',
    'individualSpeed',
    'bboxX',
    'bboxY',
    'bboxWidth',
    'bboxHeight',
    'classificationMethod',
    'classifiedBy',
  ],
  ...['classificationTimestamp', 'classificationProbability', 'observationTags', 'observationComments'],
] as const;

/** A row in the order of `columns`; what is not named is empty. */
const inOrder = <Name extends string>(columns: readonly Name[], cells: Partial<Record<Name, Cell>>): Cell[] =>
  columns.map((name) => cells[name]);

/** Text that the standard would read as "no value" is left out. */
export const said = (text: unknown): string | undefined =>
  typeof text === 'string' && !['', 'NA', 'NaN', 'nan'].includes(text.trim()) ? text : undefined;

/**
 * What an import kept of a row beside the tables, for the columns that the tables do not have;
 * `columns` are the standard's.
 */
function carried<Name extends string>(told: unknown, columns: readonly Name[]): Partial<Record<Name, Cell>> {
  if (typeof told !== 'object' || told === null) return {};
  const cells = Object.entries(told).filter(
    ([name, value]) =>
      columns.includes(name as Name) && (['number', 'boolean'].includes(typeof value) || said(value) !== undefined),
  );
  return Object.fromEntries(cells) as Partial<Record<Name, Cell>>;
}

/** Words of ours after those that an import kept, once. */
const added = (told: Cell, ours: string | undefined, between: string): Cell =>
  ours === undefined || told === undefined
    ? (ours ?? told)
    : String(told).includes(ours)
      ? told
      : `${told}${between}${ours}`;

/** Tags that the import reads: what is no record of the field must not become one elsewhere. */
const TAG = { derived: 'effort:derived', open: 'effort:open' };

type Clock = (instant: Date, zone?: string | null) => string;

const COMMENT = {
  derived: 'no deployment is recorded here: whole days from the first to the last image of this export',
  open: 'still standing: deploymentEnd is the time of the export',
  outside: 'taken outside the recorded time of its deployment',
};

export function deploymentRow(stay: Stay, place: Place | undefined, clock: Clock): Cell[] {
  const [longitude, latitude] = readCoordinates(place?.coordinates) ?? [];
  const told = carried(stay.told, DEPLOYMENTS);
  const kind = stay.derived ? 'derived' : stay.open ? 'open' : undefined;
  return inOrder(DEPLOYMENTS, {
    ...told,
    deploymentID: stay.id,
    locationID: stay.location_id,
    locationName: said(place?.name),
    latitude,
    longitude,
    deploymentStart: clock(stay.starts_at, stay.time_zone),
    deploymentEnd: clock(stay.ends_at, stay.time_zone),
    cameraID: said(stay.camera_id),
    habitat: said(place?.description),
    deploymentTags: added(told.deploymentTags, kind && TAG[kind], ' | '),
    deploymentComments: added(told.deploymentComments, kind && COMMENT[kind], '; '),
  });
}

export const isUrl = (path: string): boolean => /^[a-z][a-z0-9+.-]*:\/\//i.test(path);

const TYPES: Record<string, string> = {
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
const endingOf = (name: string): string => /\.([a-z0-9]{2,5})$/i.exec(name)?.[1]?.toLowerCase() ?? '';

/** Where the standard lets a file lie: no "..", no leading dot, slash or tilde. */
const ALLOWED = /^(?=^[^./~])(^((?!\.{2}).)*$).*$/;

/**
 * filePath of an image: its address when it has one; else where its file belongs inside the
 * package, which does not hold it: a relative path of the database below media/, so that copying
 * the owner's image folder there completes the package; other images by their id (a path of a
 * machine is nobody else's business).
 */
export function filePathOf({ id, path, filename }: Pick<Picture, 'id' | 'path' | 'filename'>): string {
  if (isUrl(path) && ALLOWED.test(path)) return path;
  const relative = path.replace(/\\/g, '/');
  const own = `media/${relative}`;
  const plain =
    !/^([a-z]:|\/)/i.test(relative) &&
    !isUrl(path) &&
    !relative.split('/').some((part) => part.startsWith('.') || part === '');
  if (plain && ALLOWED.test(own)) return own;
  const ending = endingOf(filename);
  return `media/${id}.${ending in TYPES ? ending : 'jpg'}`;
}

export function mediaRow(picture: Picture, stay: Stay, outside: boolean, clock: Clock): Cell[] {
  const told = carried(picture.told, MEDIA);
  return inOrder(MEDIA, {
    ...told,
    mediaID: picture.id,
    deploymentID: stay.id,
    timestamp: clock(picture.at, stay.time_zone),
    filePath: filePathOf(picture),
    filePublic: false,
    fileName: said(picture.filename),
    fileMediatype: TYPES[endingOf(picture.filename)] ?? TYPES[endingOf(picture.path)] ?? 'image/jpeg',
    mediaComments: added(told.mediaComments, outside ? COMMENT.outside : undefined, '; '),
  });
}

/** Eight decimals: a hundredth of a pixel in the largest image. */
const share = (value: number): number => Number(value.toFixed(8));

/**
 * A box as shares of its image, clipped to it; undefined when it has no area there or the size of
 * the image is not known.
 */
export function shareOf(
  row: Pick<DetectionRow, 'bbox' | 'bbox_relative'>,
  size: { width: number; height: number } | undefined,
): Box | undefined {
  const exact = isBox(row.bbox_relative);
  if (!exact && (!isBox(row.bbox) || size === undefined)) return undefined;
  const { x, y, width, height } = (exact ? row.bbox_relative : row.bbox) as Box;
  const [across, down] = exact || size === undefined ? [1, 1] : [size.width, size.height];
  const [left, top] = [Math.max(0, x / across), Math.max(0, y / down)];
  const box = {
    x: share(left),
    y: share(top),
    width: share(Math.min(1, (x + width) / across) - left),
    height: share(Math.min(1, (y + height) / down) - top),
  };
  return box.x <= 1 && box.y <= 1 && box.width > 0 && box.height > 0 ? box : undefined;
}

export interface Seen {
  /** Without a mediaID: the event itself is told, since no file belongs to it. */
  level: 'media' | 'event';
  event: string | null;
  individual: string | undefined;
  box: Box | undefined;
}

/**
 * Start and end of the event of an imported observation in seconds from its image; an event of
 * one's own is the moment itself.
 */
function eventOf(observation: unknown): [from: number, to: number] {
  const { eventSeconds } = (observation ?? {}) as { eventSeconds?: unknown };
  const [from, to] = Array.isArray(eventSeconds) ? (eventSeconds as unknown[]) : [];
  return typeof from === 'number' && typeof to === 'number' && from <= to ? [from, to] : [0, 0];
}

export function observationRow(row: DetectionRow, animal: Described, seen: Seen, stay: Stay, clock: Clock): Cell[] {
  const [from, to] = eventOf(row.observation);
  const moment = (seconds: number): string =>
    clock(new Date(row.captured_at.getTime() + seconds * 1000), stay.time_zone);
  const machine = row.is_reviewed !== true;
  const imported = row.observation !== null && row.observation !== undefined;
  const sure = machine && row.confidence !== null && row.confidence >= 0 && row.confidence <= 1;
  return inOrder(OBSERVATIONS, {
    ...carried(animal.said, OBSERVATIONS),
    observationID: row.id,
    deploymentID: stay.id,
    mediaID: seen.level === 'media' ? row.image_id : undefined,
    eventID: seen.event,
    eventStart: moment(from),
    eventEnd: moment(to),
    observationLevel: seen.level,
    observationType: animal.type,
    scientificName: animal.scientificName,
    count: animal.type === 'blank' ? undefined : 1,
    lifeStage: animal.lifeStage,
    sex: animal.sex,
    individualID: seen.individual,
    bboxX: seen.box?.x,
    bboxY: seen.box?.y,
    bboxWidth: seen.box?.width,
    bboxHeight: seen.box?.height,
    classificationMethod: machine ? 'machine' : 'human',
    // Of an imported detection created_at is no time of a classification.
    classificationTimestamp: imported
      ? said(animal.said.classificationTimestamp)
      : machine && row.created_at !== null
        ? clock(row.created_at)
        : undefined,
    classificationProbability: sure ? row.confidence : undefined,
    observationTags: animal.tags,
  });
}

/**
 * The one thing said of an image that shows a person, so that whoever reads the package keeps it
 * private too.
 */
export const personRow = (picture: Picture, stay: Stay, clock: Clock): Cell[] =>
  inOrder(OBSERVATIONS, {
    observationID: `${picture.id}-person`,
    deploymentID: stay.id,
    mediaID: picture.id,
    eventStart: clock(picture.at, stay.time_zone),
    eventEnd: clock(picture.at, stay.time_zone),
    observationLevel: 'media',
    observationType: 'human',
    scientificName: 'Homo sapiens',
  });
