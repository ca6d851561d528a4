// The three tables of a Camtrap DP package: all columns of the standard in its order, row by row.

import type { Box } from '../../../box.ts';
import type { Cell } from '../../../csv.ts';
import { ALLOWED_PATH, EFFORT_TAGS, isUrl, PERSON, readEventSeconds, toCellText } from '../../../deer/camtrap-dp.ts';
import { COLUMNS } from '../../../deer/camtrap-dp-columns.ts';
import { readCoordinates } from '../../../deer/coordinates.ts';
import type { DetectionRow } from '../rows.ts';
import type { Described } from './animal.ts';
import type { Picture, Place, Stay } from './read.ts';

/** A row in the order of `columns`; what is not named is empty. */
const inOrder = <Name extends string>(columns: readonly Name[], cells: Partial<Record<Name, Cell>>): Cell[] =>
  columns.map((name) => cells[name]);

/**
 * What an import kept of a row beside the tables, for the columns that the tables do not have;
 * `columns` are the standard's.
 */
function carried<Name extends string>(told: unknown, columns: readonly Name[]): Partial<Record<Name, Cell>> {
  if (typeof told !== 'object' || told === null) return {};
  const cells = Object.entries(told).filter(
    ([name, value]) =>
      columns.includes(name as Name) &&
      (['number', 'boolean'].includes(typeof value) || toCellText(value) !== undefined),
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

type Clock = (instant: Date, zone?: string | null) => string;

const COMMENT = {
  derived: 'no deployment is recorded here: whole days from the first to the last image of this export',
  open: 'still standing: deploymentEnd is the time of the export',
  outside: 'taken outside the recorded time of its deployment',
};

export function deploymentRow(stay: Stay, place: Place | undefined, clock: Clock): Cell[] {
  const [longitude, latitude] = readCoordinates(place?.coordinates) ?? [];
  const told = carried(stay.source_fields, COLUMNS.deployments);
  const kind = stay.derived ? 'derived' : stay.open ? 'open' : undefined;
  return inOrder(COLUMNS.deployments, {
    ...told,
    deploymentID: stay.id,
    locationID: stay.location_id,
    locationName: toCellText(place?.name),
    latitude,
    longitude,
    deploymentStart: clock(stay.starts_at, stay.time_zone),
    deploymentEnd: clock(stay.ends_at, stay.time_zone),
    cameraID: toCellText(stay.camera_id),
    habitat: toCellText(place?.description),
    deploymentTags: added(told.deploymentTags, kind && EFFORT_TAGS[kind], ' | '),
    deploymentComments: added(told.deploymentComments, kind && COMMENT[kind], '; '),
  });
}

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

/**
 * filePath of an image: its address when it has one; else where its file belongs inside the
 * package, which does not hold it: a relative path of the database below media/, so that copying
 * the owner's image folder there completes the package; other images by their id (a path of a
 * machine is nobody else's business).
 */
export function filePathOf({ id, path, filename }: Pick<Picture, 'id' | 'path' | 'filename'>): string {
  if (isUrl(path) && ALLOWED_PATH.test(path)) return path;
  const relative = path.replace(/\\/g, '/');
  const own = `media/${relative}`;
  const plain =
    !/^([a-z]:|\/)/i.test(relative) &&
    !isUrl(path) &&
    !relative.split('/').some((part) => part.startsWith('.') || part === '');
  if (plain && ALLOWED_PATH.test(own)) return own;
  const ending = endingOf(filename);
  return `media/${id}.${ending in TYPES ? ending : 'jpg'}`;
}

export function mediaRow(picture: Picture, stay: Stay, outside: boolean, clock: Clock): Cell[] {
  const told = carried(picture.source_fields, COLUMNS.media);
  return inOrder(COLUMNS.media, {
    ...told,
    mediaID: picture.id,
    deploymentID: stay.id,
    timestamp: clock(picture.at, stay.time_zone),
    filePath: filePathOf(picture),
    filePublic: false,
    fileName: toCellText(picture.filename),
    fileMediatype: TYPES[endingOf(picture.filename)] ?? TYPES[endingOf(picture.path)] ?? 'image/jpeg',
    mediaComments: added(told.mediaComments, outside ? COMMENT.outside : undefined, '; '),
  });
}

export interface Seen {
  /** Without a mediaID: the event itself is told, since no file belongs to it. */
  level: 'media' | 'event';
  event: string | null;
  individual: string | undefined;
  box: Box | undefined;
}

export function observationRow(row: DetectionRow, animal: Described, seen: Seen, stay: Stay, clock: Clock): Cell[] {
  const [from, to] = readEventSeconds(row.observation);
  const moment = (seconds: number): string =>
    clock(new Date(row.captured_at.getTime() + seconds * 1000), stay.time_zone);
  const machine = row.is_reviewed !== true;
  const imported = row.observation !== null && row.observation !== undefined;
  const sure = machine && row.confidence !== null && row.confidence >= 0 && row.confidence <= 1;
  return inOrder(COLUMNS.observations, {
    ...carried(animal.said, COLUMNS.observations),
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
      ? toCellText(animal.said.classificationTimestamp)
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
  inOrder(COLUMNS.observations, {
    observationID: `${picture.id}-person`,
    deploymentID: stay.id,
    mediaID: picture.id,
    eventStart: clock(picture.at, stay.time_zone),
    eventEnd: clock(picture.at, stay.time_zone),
    observationLevel: 'media',
    observationType: PERSON.type,
    scientificName: PERSON.scientificName,
  });
