// From the checked tables of a package to rows of the database, by the rules in docs/data-model.md.
// No file, no database: the same in, the same out.
import type { Box } from '../../box.ts';
import { toPixels } from '../../deer/boxes.ts';
import { isUrl, readClass, type StoredObservation } from '../../deer/camtrap-dp.ts';
import { isPerson } from '../../deer/classes.ts';
import { isUnnamed } from '../../deer/missing-values.ts';
import { boundAnimals, countOf } from './counts.ts';
import type { Descriptor } from './descriptor.ts';
import { EventIds } from './event-ids.ts';
import { ByEvent, type Event, eventsOf, noEvent, saidByMedia, Timeline, timeOf } from './events.ts';
import type { MediaFile } from './files.ts';
import { Apart, type Ids } from './ids.ts';
import { jsonOf } from './json.ts';
import { type Place, placesOf } from './places.ts';
import { NOTHING_BEFORE, type Prior } from './prior.ts';
import { listOf } from './resources.ts';
import { pickSourceFields } from './source-fields.ts';
import type { Cells } from './tables.ts';
import { Taxa } from './taxa.ts';

export interface Rows {
  locations: {
    id: string;
    name: string;
    spare: string;
    description: string | null;
    coordinates: { lat: number; lon: number } | null;
  }[];
  deployments: {
    id: string;
    location_id: string;
    starts_at: string;
    ends_at: string;
    camera_id: string | null;
    time_zone: string;
    source_fields: object;
  }[];
  images: ImageRow[];
  detections: DetectionRow[];
  /** Names of the animals by the UUID that their detections have as observation.individual. */
  names: Map<string, string>;
  /** Deployments that stand for none: the exporting database had no record there either. */
  derived: number;
  /** Event-based animal observations that repeat media-based ones of the same event. */
  covered: number;
  /** Those of them that count more animals than the media-based ones do. */
  larger: number;
  /**
   * Animals by species that only event rows have, in events whose media-based rows name other
   * species.
   */
  alone: Map<string, number>;
  /**
   * Observations of a medium that another deployment took: they count at their own deployment,
   * without that picture.
   */
  elsewhere: number;
  /** Animals whose individualID is a word for nobody, such as unknown: they are no individuals. */
  nobody: number;
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
  source_fields: object | null;
  /**
   * Not columns: its file is in the package; it only keeps place and time of observations without a
   * file.
   */
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
  observation: StoredObservation;
}

export interface Tables {
  deployments: readonly Cells[];
  media: readonly Cells[];
  observations: readonly Cells[];
}

const iso = (cell: string): string => new Date(timeOf(cell)).toISOString();
const numeric = (cell: string | undefined): number | null => (cell === undefined ? null : Number(cell));

export type Named = Pick<Descriptor, 'created' | 'individuals'> & { ids: Ids; about?: Descriptor['about'] };

/**
 * @param prior what of these events the database has already, so that they keep their ids
 * @throws Fault `invalid` when there are more animals than a database can take at once.
 */
export function rowsOf(
  descriptor: Named,
  tables: Tables,
  files: ReadonlyMap<string, MediaFile>,
  prior: Prior = NOTHING_BEFORE,
): Rows {
  return new RowMaker(descriptor, tables, files, prior).rows();
}

const showsPerson = (row: Cells): boolean => isPerson(row.observationType) || isPerson(row.scientificName);

class RowMaker {
  readonly #descriptor: Named;
  readonly #tables: Tables;
  readonly #files: ReadonlyMap<string, MediaFile>;
  readonly #media: Map<string, Cells>;
  readonly #timeline: Timeline;
  readonly #events: ByEvent<Event>;
  readonly #taxa: Taxa;
  readonly #places: Map<string, Place>;
  readonly #images = new Map<string, ImageRow>();
  readonly #standIns = new ByEvent<{ image?: ImageRow }>();
  readonly #lost = new ByEvent<{ image?: ImageRow }>();
  readonly #eventIds: EventIds;
  readonly #imageIds: Apart;
  readonly #detectionIds: Apart;
  readonly #nobodies = new Map<string, boolean>();
  readonly #made: Rows;

  constructor(descriptor: Named, tables: Tables, files: ReadonlyMap<string, MediaFile>, prior: Prior) {
    this.#descriptor = descriptor;
    this.#tables = tables;
    this.#files = files;
    this.#imageIds = new Apart(descriptor.ids);
    this.#detectionIds = new Apart(descriptor.ids);
    this.#media = new Map(tables.media.map((row) => [row.mediaID!, row]));
    this.#timeline = new Timeline(tables.media);
    this.#taxa = new Taxa(listOf(descriptor.about?.taxonomic));
    this.#events = eventsOf(tables.observations, this.#media, this.#timeline, this.#taxa);
    const { places, locations, deployments, derived } = placesOf(tables.deployments, descriptor.ids);
    this.#places = places;
    this.#eventIds = new EventIds(descriptor.ids, prior, places);
    const counts = { covered: 0, larger: 0, elsewhere: 0, nobody: 0, standIns: 0, relativeBoxes: 0, derived };
    this.#made = { locations, deployments, images: [], detections: [], names: new Map(), alone: new Map(), ...counts };
  }

  rows(): Rows {
    // Keys that the package gives come first: what is made beside them gives way.
    for (const { mediaID } of this.#tables.media) this.#imageIds.of(mediaID!);
    for (const { observationID } of this.#tables.observations) this.#detectionIds.of(observationID!);
    this.#addMedia();
    this.#markPeople();
    const counted = this.#tables.observations.filter((row) => row.observationType === 'animal' && this.#counts(row));
    boundAnimals(counted);
    for (const row of counted) this.#addDetections(row, countOf(row), this.#imageOf(row));
    return this.#made;
  }

  #addMedia(): void {
    const byPath = new Map<string, ImageRow>();
    for (const row of this.#tables.media) {
      const { path, size, present } = this.#files.get(row.mediaID!)!;
      // Two media rows of one file are one image: its path is unique in the database.
      let image = byPath.get(path);
      if (image === undefined) {
        const base = (row.filePath ?? path).replace(/^.*[/\\]/, '');
        const filename = row.fileName ?? (isUrl(path) || base === '' ? row.mediaID! : base);
        const about = { exif_data: jsonOf(row.exifData), source_fields: pickSourceFields('media', row) };
        const more = { filename, path, present, ...about, width: size?.width ?? null, height: size?.height ?? null };
        image = this.#addImage(this.#imageIds.of(row.mediaID!), row.deploymentID!, more, row.timestamp!);
        byPath.set(path, image);
      }
      this.#images.set(row.mediaID!, image);
    }
  }

  #addImage(
    id: string,
    deployment: string,
    image: Pick<ImageRow, 'filename' | 'path'> & Partial<ImageRow>,
    at: string,
  ): ImageRow {
    const bare = {
      exif_data: null,
      width: null,
      height: null,
      contains_human: false,
      source_fields: null,
      present: false,
      stand_in: false,
    };
    const { location_id, deployment_id } = this.#places.get(deployment)!;
    const row: ImageRow = {
      id,
      timestamp: iso(at),
      created_at: this.#createdAt(at),
      location_id,
      deployment_id,
      ...bare,
      ...image,
    };
    this.#made.images.push(row);
    return row;
  }

  #createdAt(fallback: string): string {
    const { created } = this.#descriptor;
    return created === undefined ? iso(fallback) : new Date(created).toISOString();
  }

  /**
   * All images that may show a person: of an event, every image taken within it, whichever of them
   * its rows name.
   */
  #markPeople(): void {
    const spans = new Map<string, [number, number][]>();
    const mark = (id: string | undefined): void => {
      const image = id === undefined ? undefined : this.#images.get(id);
      if (image !== undefined) image.contains_human = true;
    };
    for (const row of this.#tables.observations) {
      if (!showsPerson(row)) continue;
      mark(row.mediaID);
      if (row.observationLevel !== 'event' && row.mediaID !== undefined) continue;
      mark(this.#events.of(row, noEvent).first);
      const known = spans.get(row.deploymentID!);
      const span: [number, number] = [timeOf(row.eventStart!), timeOf(row.eventEnd!)];
      if (known === undefined) spans.set(row.deploymentID!, [span]);
      else known.push(span);
    }
    this.#timeline.within(spans, mark);
  }

  /** False for an event-based row that repeats media-based ones. */
  #counts(row: Cells): boolean {
    if (row.observationLevel !== 'event') return true;
    const said = saidByMedia(row, this.#events.of(row, noEvent), this.#taxa);
    if (said.repeats) {
      this.#made.covered += 1;
      this.#made.larger += Number(countOf(row) > said.counted);
      return false;
    }
    const name = row.scientificName;
    if (said.alone && name !== undefined) this.#made.alone.set(name, (this.#made.alone.get(name) ?? 0) + countOf(row));
    return true;
  }

  #imageOf(row: Cells): ImageRow {
    const own = row.mediaID === undefined ? undefined : this.#media.get(row.mediaID);
    if (own !== undefined && own.deploymentID === row.deploymentID) return this.#images.get(row.mediaID!)!;
    this.#made.elsewhere += Number(own !== undefined);
    const lost = own === undefined ? row.mediaID : undefined;
    const first = lost === undefined ? this.#events.of(row, noEvent).first : undefined;
    return (first === undefined ? undefined : this.#images.get(first)) ?? this.#standIn(row, lost);
  }

  /**
   * An image row that keeps place and time of an event, or of a medium that the package does not
   * list.
   */
  #standIn(row: Cells, lost: string | undefined): ImageRow {
    const { deploymentID } = row;
    const known =
      lost === undefined
        ? this.#standIns.of(row, () => ({}))
        : this.#lost.of({ deploymentID, eventID: lost }, () => ({}));
    known.image ??= this.#newStandIn(row, lost);
    return known.image;
  }

  #newStandIn(row: Cells, lost: string | undefined): ImageRow {
    const { path, key } = this.#eventIds.standIn(row, lost);
    const id = this.#imageIds.of(key);
    this.#made.standIns += 1;
    const filename = lost ?? row.eventID ?? row.observationID!;
    return this.#addImage(id, row.deploymentID!, { filename, path, stand_in: true }, row.eventStart!);
  }

  #addDetections(row: Cells, count: number, image: ImageRow): void {
    const { bbox, relative } = readBoxes(row, image);
    if (bbox === null && relative !== null) this.#made.relativeBoxes += 1;
    const observation = { ...pickSourceFields('observations', row), ...eventSeconds(row, image) };
    // An id of several animals is no animal, and a word for nobody is none.
    const nobody = row.individualID !== undefined && this.#isUnnamed(row.individualID);
    this.#made.nobody += Number(nobody);
    const single = count === 1 && row.individualID !== undefined && !nobody ? this.#individualOf(row.individualID) : {};
    const key = row.observationID!;
    for (let i = 1; i <= count; i++) {
      this.#made.detections.push({
        id:
          i === 1
            ? this.#detectionIds.of(key)
            : this.#detectionIds.of(JSON.stringify([key, i]), this.#descriptor.ids.named(`${key}#${i}`)),
        image_id: image.id,
        bbox,
        bbox_relative: relative,
        confidence: numeric(row.classificationProbability),
        classification: readClass(row),
        is_reviewed: row.classificationMethod === 'human',
        burst_group_id: this.#eventIds.burst(row),
        created_at:
          row.classificationTimestamp === undefined
            ? this.#createdAt(row.eventStart!)
            : iso(row.classificationTimestamp),
        species: row.scientificName ?? null,
        observation: count === 1 ? { ...observation, ...single } : { ...observation, count, of: i },
      });
    }
  }

  /** What the package itself tells apart is an animal, whatever its name. */
  #isUnnamed(name: string): boolean {
    const known = this.#nobodies.get(name);
    if (known !== undefined) return known;
    const nobody = !this.#descriptor.individuals.has(name) && isUnnamed(name);
    this.#nobodies.set(name, nobody);
    return nobody;
  }

  /**
   * The same name of another source is another animal, the same animal under another name is not:
   * `individual` tells.
   */
  #individualOf(name: string): { individualID: string; individual: string } {
    const known = this.#descriptor.individuals.get(name);
    const [individual, individualID] = [known?.id ?? this.#descriptor.ids.row(name), known?.name ?? name];
    this.#made.names.set(individual, individualID);
    return { individualID, individual };
  }
}

/**
 * The box of an observation in pixels, where the size of its image is known, and as shares of it.
 */
function readBoxes(row: Cells, { width, height }: ImageRow): { bbox: Box | null; relative: Box | null } {
  const [x, y, w, h] = [row.bboxX, row.bboxY, row.bboxWidth, row.bboxHeight].map(numeric);
  if (x == null || y == null || w == null || h == null) return { bbox: null, relative: null };
  const relative = { x, y, width: w, height: h };
  return { bbox: width === null || height === null ? null : toPixels(relative, { width, height }), relative };
}

/**
 * Start and end of the event from the moment of the image, so that a clock put right in the
 * database moves them too.
 */
function eventSeconds(row: Cells, image: ImageRow): Pick<StoredObservation, 'eventSeconds'> {
  const [from, to] = [row.eventStart, row.eventEnd].map((cell) => (timeOf(cell!) - Date.parse(image.timestamp)) / 1000);
  return from === 0 && to === 0 ? {} : { eventSeconds: [from!, to!] };
}
