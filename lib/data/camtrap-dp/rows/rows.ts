// From the checked tables of a package to rows of the database, by the rules in docs/data-model.md.
// No file, no database: the same input gives the same rows.
import type { Box } from '../../../box.ts';
import { toPixels } from '../../../deer/boxes.ts';
import { readClass, type StoredObservation } from '../../../deer/camtrap-dp.ts';
import type { PackageTable } from '../../../deer/camtrap-dp-columns.ts';
import { isUnnamed } from '../../../deer/missing-values.ts';
import { Fault } from '../../../errors.ts';
import { number } from '../../../format.ts';
import type { Descriptor } from '../read/descriptor.ts';
import { DistinctIds, type PackageIds } from '../read/ids.ts';
import { toList } from '../read/json.ts';
import type { MediaFile } from '../read/media.ts';
import type { Cells } from '../read/table.ts';
import {
  type ByEvent,
  compareWithMedia,
  countAnimals,
  type EarlierEvents,
  EventIds,
  groupEvents,
  type PackageEvent,
  parseTime,
  Timeline,
  toIso,
} from './events.ts';
import { type ImageRow, Images } from './images.ts';
import { type LocationRows, makeLocations, pickSourceFields } from './locations.ts';
import { Taxa } from './taxa.ts';

export interface PackageRows extends Omit<LocationRows, 'cameras'> {
  images: ImageRow[];
  detections: DetectionRow[];
  /** Names of the animals by the UUID that their detections have as observation.individual. */
  names: Map<string, string>;
  /** Event-based animal observations that repeat media-based ones of the same event. */
  covered: number;
  /** Covered observations that count more animals than the media-based ones do. */
  larger: number;
  /**
   * Animals by species that only event-based rows have, in events whose media-based rows name other
   * species.
   */
  alone: Map<string, number>;
  /**
   * Observations of a medium that another deployment took: they count at their own deployment,
   * without that picture.
   */
  elsewhere: number;
  /** Observations whose individualID is a word for an unnamed animal, such as unknown. */
  unnamed: number;
  /** Placeholder image rows for an event or a medium without a file. */
  placeholders: number;
  /** Boxes kept as shares of the picture only, because its size is not known. */
  relativeBoxes: number;
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

/** The rows of each table as they are used. */
export type TableRows = Record<PackageTable, readonly Cells[]>;

/** What the rows need of a package beyond its tables. */
export type PackageFacts = Pick<Descriptor, 'created' | 'individuals'> & {
  ids: PackageIds;
  about?: Descriptor['about'];
};

const NOTHING_EARLIER: EarlierEvents = { bursts: new Map(), placeholders: new Map() };

/**
 * @param files by mediaID; every row of media has one
 * @param earlier what the database has of these events, so that they keep their ids
 * @throws Fault `invalid` when there are more animals than a database can take at once.
 */
export function makeRows(
  facts: PackageFacts,
  tables: TableRows,
  files: ReadonlyMap<string, MediaFile>,
  earlier: EarlierEvents = NOTHING_EARLIER,
): PackageRows {
  const { ids, created } = facts;
  const taxa = new Taxa(toList(facts.about?.taxonomic));
  const timeline = new Timeline(tables.media);
  const media = new Map(tables.media.map((row) => [row.mediaID!, row]));
  const events = groupEvents(tables.observations, media, timeline, taxa);
  const { cameras, ...locations } = makeLocations(tables.deployments, ids);
  const eventIds = new EventIds(ids, earlier, cameras);
  const images = new Images({ media, files, ids, eventIds, events, timeline, cameras, created });
  images.markPeople(tables.observations);
  const detections = new Detections({ facts, images, events, eventIds, taxa });
  detections.add(tables.observations);
  const { rows, names, covered, larger, alone, unnamed, relativeBoxes } = detections;
  return {
    ...{ ...locations, images: images.rows, detections: rows, names },
    ...{ covered, larger, alone, unnamed, relativeBoxes },
    ...{ elsewhere: images.elsewhere, placeholders: images.placeholders },
  };
}

/** More animals than any survey counts: a table of large counts would fill memory and database. */
const MOST_DETECTIONS = 1_000_000;

/** @throws Fault `invalid` when there are more animals than a database can take at once. */
function boundAnimals(rows: readonly Cells[]): void {
  const animals = rows.reduce((sum, row) => sum + countAnimals(row), 0);
  if (animals > MOST_DETECTIONS)
    throw new Fault(
      'invalid',
      `the package counts more than ${number(MOST_DETECTIONS)} animals: split it, or look for counts that are not meant`,
    );
}

interface DetectionParts {
  facts: PackageFacts;
  images: Images;
  events: ByEvent<PackageEvent>;
  eventIds: EventIds;
  taxa: Taxa;
}

/** Observations of animals as detections: one row for each animal that they count. */
class Detections {
  readonly rows: DetectionRow[] = [];
  readonly names = new Map<string, string>();
  readonly alone = new Map<string, number>();
  covered = 0;
  larger = 0;
  unnamed = 0;
  relativeBoxes = 0;
  readonly #parts: DetectionParts;
  readonly #ids: DistinctIds;
  readonly #unnamed = new Map<string, boolean>();

  constructor(parts: DetectionParts) {
    this.#parts = parts;
    this.#ids = new DistinctIds(parts.facts.ids);
  }

  add(observations: readonly Cells[]): void {
    // Keys that the package gives come first: keys that are made of other cells must differ from
    // them.
    for (const { observationID } of observations) this.#ids.give(observationID!);
    const counted = observations.filter((row) => row.observationType === 'animal' && this.#counts(row));
    boundAnimals(counted);
    for (const row of counted) this.#addRow(row, countAnimals(row), this.#parts.images.find(row));
  }

  /** False for an event-based row that repeats media-based ones. */
  #counts(row: Cells): boolean {
    if (row.observationLevel !== 'event') return true;
    const added = compareWithMedia(row, this.#parts.events.get(row), this.#parts.taxa);
    if (added.repeats) {
      this.covered += 1;
      this.larger += Number(countAnimals(row) > added.counted);
      return false;
    }
    const name = row.scientificName;
    if (added.alone && name !== undefined) this.alone.set(name, (this.alone.get(name) ?? 0) + countAnimals(row));
    return true;
  }

  #addRow(row: Cells, count: number, image: ImageRow): void {
    const { bbox, relative } = readBoxes(row, image);
    if (bbox === null && relative !== null) this.relativeBoxes += 1;
    const observation = { ...pickSourceFields('observations', row), ...readEventSeconds(row, image) };
    const individual = this.#readIndividual(row, count);
    const key = row.observationID!;
    for (let i = 1; i <= count; i++) {
      this.rows.push({
        id:
          i === 1
            ? this.#ids.give(key)
            : this.#ids.give(JSON.stringify([key, i]), this.#parts.facts.ids.named(`${key}#${i}`)),
        image_id: image.id,
        bbox,
        bbox_relative: relative,
        confidence: toNumber(row.classificationProbability),
        classification: readClass(row),
        is_reviewed: row.classificationMethod === 'human',
        burst_group_id: this.#parts.eventIds.burst(row),
        created_at:
          row.classificationTimestamp === undefined
            ? this.#parts.images.createdAt(row.eventStart!)
            : toIso(row.classificationTimestamp),
        species: row.scientificName ?? null,
        observation: count === 1 ? { ...observation, ...individual } : { ...observation, count, of: i },
      });
    }
  }

  /** None for several animals with one id, and none for a word that means an unnamed animal. */
  #readIndividual(
    { individualID: name }: Cells,
    count: number,
  ): Pick<StoredObservation, 'individual' | 'individualID'> {
    if (name === undefined) return {};
    if (this.#isUnnamed(name)) {
      this.unnamed += 1;
      return {};
    }
    if (count > 1) return {};
    // The same name of another source is another animal; the same animal may have another name.
    const known = this.#parts.facts.individuals.get(name);
    const [individual, individualID] = [known?.id ?? this.#parts.facts.ids.row(name), known?.name ?? name];
    this.names.set(individual, individualID);
    return { individualID, individual };
  }

  /** A name that the package lists as an individual names an animal, even if it is `unknown`. */
  #isUnnamed(name: string): boolean {
    const known = this.#unnamed.get(name);
    if (known !== undefined) return known;
    const unnamed = !this.#parts.facts.individuals.has(name) && isUnnamed(name);
    this.#unnamed.set(name, unnamed);
    return unnamed;
  }
}

const toNumber = (cell: string | undefined): number | null => (cell === undefined ? null : Number(cell));

/**
 * The box of an observation in pixels, where the size of its image is known, and as shares of it.
 */
function readBoxes(row: Cells, { width, height }: ImageRow): { bbox: Box | null; relative: Box | null } {
  const [x, y, w, h] = [row.bboxX, row.bboxY, row.bboxWidth, row.bboxHeight].map(toNumber);
  if (x == null || y == null || w == null || h == null) return { bbox: null, relative: null };
  const relative = { x, y, width: w, height: h };
  return { bbox: width === null || height === null ? null : toPixels(relative, { width, height }), relative };
}

/**
 * Start and end of the event in seconds from its image, so that they move when a clock is corrected
 * in the database.
 */
function readEventSeconds(row: Cells, image: ImageRow): Pick<StoredObservation, 'eventSeconds'> {
  const taken = Date.parse(image.timestamp);
  const [from, to] = [parseTime(row.eventStart!) - taken, parseTime(row.eventEnd!) - taken];
  return from === 0 && to === 0 ? {} : { eventSeconds: [from / 1_000, to / 1_000] };
}
