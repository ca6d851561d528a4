// From the checked tables of a package to rows of the database, by the rules in docs/data-model.md. No file, no database: the same in, the same out.
import { isPerson } from '../../classes.ts';
import type { Descriptor } from './descriptor.ts';
import { isUrl, type MediaFile } from './files.ts';
import type { Ids } from './ids.ts';
import { kept } from './kept.ts';
import { instantOf } from './rules.ts';
import { classOf } from './species.ts';
import type { Cells } from './tables.ts';

export interface Rows {
  locations: { id: string; name: string; spare: string; description: string | null; coordinates: { lat: number; lon: number } | null }[];
  deployments: {
    id: string;
    location_id: string;
    starts_at: string;
    ends_at: string;
    camera_id: string | null;
    time_zone: string;
    told: object;
  }[];
  images: ImageRow[];
  detections: DetectionRow[];
  /** Names of the animals by the UUID that their detections have as observation.individual. */
  names: Map<string, string>;
  /** Deployments that stand for none: the exporting database had no record there either. */
  derived: number;
  /** Event-based animal observations that media-based ones of the same event already tell. */
  covered: number;
  /** Events without any media, each given one image row that stands for it. */
  standIns: number;
  /** Boxes kept as shares of the picture, because its size is not known. */
  relativeBoxes: number;
}

export interface ImageRow {
  id: string;
  filename: string;
  path: string;
  timestamp: string;
  created_at: string;
  location_id: string;
  deployment_id: string | null;
  exif_data: unknown;
  width: number | null;
  height: number | null;
  contains_human: boolean;
  told: object | null;
  /** Not columns: its file is in the package; it only keeps place and time of observations without a file. */
  present: boolean;
  stand_in: boolean;
}

export interface DetectionRow {
  id: string;
  image_id: string;
  bbox: object | null;
  bbox_relative: object | null;
  confidence: number | null;
  classification: string;
  is_reviewed: boolean;
  burst_group_id: string | null;
  created_at: string;
  species: string | null;
  observation: { individual?: string; [said: string]: unknown };
}

export interface Tables {
  deployments: readonly Cells[];
  media: readonly Cells[];
  observations: readonly Cells[];
}

const iso = (cell: string): string => new Date(instantOf(cell)!).toISOString();
const zoneOf = (cell: string): string => (cell.endsWith('Z') ? 'UTC' : `${cell.slice(19, 22)}:${cell.slice(-2)}`);
const numeric = (cell: string | undefined): number | null => (cell === undefined ? null : Number(cell));

/** The tag of a deployment that an export made of images, because none was recorded: effort is derived from them here as it was there. */
const DERIVED = /(^|\|)\s*effort:derived\s*(\||$)/;
const isDerived = (row: Cells): boolean => row.deploymentID === row.locationID && DERIVED.test(row.deploymentTags ?? '');

export type Named = Pick<Descriptor, 'created' | 'individuals'> & { ids: Ids };

export function rowsOf(descriptor: Named, tables: Tables, files: ReadonlyMap<string, MediaFile>): Rows {
  const { ids, individuals } = descriptor;
  const counts = { covered: 0, standIns: 0, relativeBoxes: 0, derived: 0 };
  const made: Rows = { locations: [], deployments: [], images: [], detections: [], names: new Map(), ...counts };
  const places = placesOf(tables.deployments, ids, made);
  const createdAt = (fallback: string): string =>
    descriptor.created === undefined ? iso(fallback) : new Date(descriptor.created).toISOString();

  const images = new Map<string, ImageRow>();
  const addImage = (
    key: string,
    deployment: string,
    image: Pick<ImageRow, 'filename' | 'path'> & Partial<ImageRow>,
    at: string,
  ): ImageRow => {
    const bare = { exif_data: null, width: null, height: null, contains_human: false, told: null, present: false, stand_in: false };
    const row = { ...bare, ...image };
    const place = places.get(deployment)!;
    const full: ImageRow = { id: ids.row(key), timestamp: iso(at), created_at: createdAt(at), ...place, ...row };
    made.images.push(full);
    return full;
  };
  const byPath = new Map<string, ImageRow>();
  for (const row of tables.media) {
    const { path, size, present } = files.get(row.mediaID!)!;
    // Two media rows of one file are one image: its path is unique in the database.
    const known = byPath.get(path);
    const filename = row.fileName ?? (isUrl(path) ? row.mediaID! : path.replace(/^.*[/\\]/, ''));
    const about = { exif_data: jsonOf(row.exifData), told: kept('media', row) };
    const more = { filename, path, present, ...about, width: size?.width ?? null, height: size?.height ?? null };
    const image = known ?? addImage(row.mediaID!, row.deploymentID!, more, row.timestamp!);
    byPath.set(path, image);
    images.set(row.mediaID!, image);
  }

  const events = eventsOf(tables.observations, tables.media);
  const standIn = (row: Cells): ImageRow => {
    const lost = row.mediaID;
    const name = lost === undefined ? `event/${eventKey(row)}` : `media/${lost}`;
    let image = images.get(name);
    if (image === undefined) {
      const path = `camtrap-dp:${ids.package}/${name.split('/').map(encodeURIComponent).join('/')}`;
      image = addImage(
        lost ?? `event:${eventKey(row)}`,
        row.deploymentID!,
        { filename: lost ?? row.eventID ?? row.observationID!, path, stand_in: true },
        row.eventStart!,
      );
      images.set(name, image);
      made.standIns += 1;
    }
    return image;
  };
  const imageOf = (row: Cells): ImageRow => {
    const first = row.mediaID ?? events.get(eventKey(row))?.media[0];
    return (first === undefined ? undefined : images.get(first)) ?? standIn(row);
  };

  for (const row of tables.observations) {
    if (isPerson(row.observationType) || isPerson(row.scientificName)) {
      const told = row.mediaID === undefined ? (events.get(eventKey(row))?.media ?? []) : [row.mediaID];
      for (const id of told) if (images.has(id)) images.get(id)!.contains_human = true;
    }
    if (row.observationType !== 'animal') continue;
    if (row.observationLevel === 'event' && events.get(eventKey(row))?.toldByMedia === true) made.covered += 1;
    else addDetections(row, imageOf(row));
  }

  function addDetections(row: Cells, image: ImageRow): void {
    const count = Number(row.count ?? 1);
    const { bbox, relative } = boxOf(row, image);
    if (bbox === null && relative !== null) made.relativeBoxes += 1;
    const observation = { ...kept('observations', row), ...eventSeconds(row, image) };
    // An id of several animals is no animal.
    const single = count === 1 && row.individualID !== undefined ? individualOf(row.individualID) : {};
    for (let i = 1; i <= count; i++) {
      made.detections.push({
        id: i === 1 ? ids.row(row.observationID!) : ids.named(`${row.observationID!}#${i}`),
        image_id: image.id,
        bbox,
        bbox_relative: relative,
        confidence: numeric(row.classificationProbability),
        classification: classOf(row),
        is_reviewed: row.classificationMethod === 'human',
        burst_group_id: row.eventID === undefined ? null : ids.row(row.eventID),
        created_at: row.classificationTimestamp === undefined ? createdAt(row.eventStart!) : iso(row.classificationTimestamp),
        species: row.scientificName ?? null,
        observation: count === 1 ? { ...observation, ...single } : { ...observation, count, of: i },
      });
    }
  }

  /** The same name of another source is another animal, the same animal under another name is not: `individual` tells. */
  function individualOf(name: string): { individualID: string; individual: string } {
    const known = individuals.get(name);
    const [individual, individualID] = [known?.id ?? ids.row(name), known?.name ?? name];
    made.names.set(individual, individualID);
    return { individualID, individual };
  }
  return made;
}

/** Start and end of the event from the moment of the image, so that a clock put right in the database moves them too. */
function eventSeconds(row: Cells, image: ImageRow): { eventSeconds?: [from: number, to: number] } {
  const [from, to] = [row.eventStart, row.eventEnd].map((cell) => (instantOf(cell!)! - Date.parse(image.timestamp)) / 1000);
  return from === 0 && to === 0 ? {} : { eventSeconds: [from!, to!] };
}

/** Locations by locationID, else by coordinates; deployments with the offset that their start was written in. */
function placesOf(deployments: readonly Cells[], ids: Ids, made: Rows): Map<string, Placed> {
  const places = new Map<string, Placed>();
  const known = new Map<string, string>();
  for (const row of deployments) {
    const coordinates = row.latitude === undefined ? null : { lat: Number(row.latitude), lon: Number(row.longitude) };
    const key = row.locationID ?? `${coordinates!.lat},${coordinates!.lon}`;
    let location = known.get(key);
    if (location === undefined) {
      location = ids.row(key);
      known.set(key, location);
      const name = row.locationName ?? key;
      made.locations.push({ id: location, name, spare: `${name} (${key})`, description: row.habitat ?? null, coordinates });
    }
    const derived = isDerived(row);
    places.set(row.deploymentID!, { location_id: location, deployment_id: derived ? null : ids.row(row.deploymentID!) });
    made.derived += Number(derived);
    if (derived) continue;
    const time = { starts_at: iso(row.deploymentStart!), ends_at: iso(row.deploymentEnd!), time_zone: zoneOf(row.deploymentStart!) };
    made.deployments.push({
      id: ids.row(row.deploymentID!),
      location_id: location,
      ...time,
      camera_id: row.cameraID ?? null,
      told: kept('deployments', row),
    });
  }
  return places;
}

type Placed = Pick<ImageRow, 'location_id' | 'deployment_id'>;

/** Events are named by eventID; without one, by camera and time. */
const eventKey = (row: Cells): string => row.eventID ?? `${row.deploymentID!} ${row.eventStart!} ${row.eventEnd!}`;

interface Event {
  /** Has a media-based animal observation, which then counts instead of event-based ones. */
  toldByMedia: boolean;
  /** mediaIDs in order of time: those its media-based observations name, else those taken within the event. */
  media: string[];
}

function eventsOf(observations: readonly Cells[], media: readonly Cells[]): Map<string, Event> {
  const at = new Map(media.map((row) => [row.mediaID!, instantOf(row.timestamp!)!]));
  const byDeployment = Map.groupBy(media, (row) => row.deploymentID!);
  const events = new Map<string, Event>();
  for (const row of observations) {
    const key = eventKey(row);
    const event = events.get(key) ?? { toldByMedia: false, media: [] };
    events.set(key, event);
    if (row.observationLevel !== 'media') continue;
    if (row.observationType === 'animal') event.toldByMedia = true;
    if (row.mediaID !== undefined && at.has(row.mediaID)) event.media.push(row.mediaID);
  }
  for (const row of observations) {
    const event = events.get(eventKey(row))!;
    if (row.observationLevel !== 'event' || event.media.length > 0) continue;
    const [start, end] = [instantOf(row.eventStart!)!, instantOf(row.eventEnd!)!];
    const within = (byDeployment.get(row.deploymentID!) ?? []).filter(
      ({ mediaID }) => at.get(mediaID!)! >= start && at.get(mediaID!)! <= end,
    );
    event.media.push(...within.map(({ mediaID }) => mediaID!));
  }
  for (const event of events.values()) event.media.sort((a, b) => at.get(a)! - at.get(b)! || (a < b ? -1 : 1));
  return events;
}

/** Camtrap DP boxes are shares of the picture; ours are whole pixels inside it, so they need its size. */
function boxOf(row: Cells, image: ImageRow): { bbox: object | null; relative: object | null } {
  const [x, y, width, height] = [numeric(row.bboxX), numeric(row.bboxY), numeric(row.bboxWidth), numeric(row.bboxHeight)];
  if (x === null || y === null || width === null || height === null) return { bbox: null, relative: null };
  const relative = { x, y, width, height };
  if (image.width === null || image.height === null) return { bbox: null, relative };
  const left = Math.min(Math.round(x * image.width), image.width - 1);
  const top = Math.min(Math.round(y * image.height), image.height - 1);
  const right = Math.min(Math.max(Math.round((x + width) * image.width), left + 1), image.width);
  const bottom = Math.min(Math.max(Math.round((y + height) * image.height), top + 1), image.height);
  return { bbox: { x: left, y: top, width: right - left, height: bottom - top }, relative };
}

function jsonOf(cell: string | undefined): unknown {
  if (cell === undefined) return null;
  try {
    return JSON.parse(cell) as unknown;
  } catch {
    return { text: cell };
  }
}
