// Media of a package as images of the database, and placeholder image rows for what has no file.
// Which of them show a person is decided here, before any of them is stored.
import { isUrl } from '../../../deer/camtrap-dp.ts';
import { isPerson } from '../../../deer/classes.ts';
import { DistinctIds, type PackageIds } from '../read/ids.ts';
import { parseCell } from '../read/json.ts';
import type { MediaFile } from '../read/media.ts';
import type { Cells } from '../read/table.ts';
import { ByEvent, type EventIds, type PackageEvent, parseTime, type Timeline, toIso } from './events.ts';
import { type Camera, pickSourceFields } from './locations.ts';

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
  /** Not a column: its file is in the package. */
  present: boolean;
  /** Not a column: it only keeps location and time of observations without a file. */
  placeholder: boolean;
}

const EMPTY = {
  exif_data: null,
  width: null,
  height: null,
  contains_human: false,
  source_fields: null,
  present: false,
  placeholder: false,
};

export interface ImageParts {
  /** By mediaID, in the order of the table. */
  media: ReadonlyMap<string, Cells>;
  /** By mediaID. */
  files: ReadonlyMap<string, MediaFile>;
  ids: PackageIds;
  eventIds: EventIds;
  events: ByEvent<PackageEvent>;
  timeline: Timeline;
  /** By deploymentID. */
  cameras: ReadonlyMap<string, Camera>;
  /** ms since 1970; undefined when the package does not say. */
  created: number | undefined;
}

const showsPerson = (row: Cells): boolean => isPerson(row.observationType) || isPerson(row.scientificName);

export class Images {
  readonly rows: ImageRow[] = [];
  /** Placeholder image rows for an event or a medium without a file. */
  placeholders = 0;
  /** Observations of a medium that another deployment took. */
  elsewhere = 0;
  readonly #parts: ImageParts;
  readonly #byMedium = new Map<string, ImageRow>();
  readonly #ofEvents = new ByEvent<{ image?: ImageRow }>(() => ({}));
  readonly #ofLostMedia = new ByEvent<{ image?: ImageRow }>(() => ({}));
  readonly #ids: DistinctIds;

  constructor(parts: ImageParts) {
    this.#parts = parts;
    this.#ids = new DistinctIds(parts.ids);
    // Keys that the package gives come first: keys that are made of other cells give way to them.
    for (const mediaID of parts.media.keys()) this.#ids.give(mediaID);
    this.#addMedia();
  }

  #addMedia(): void {
    const byPath = new Map<string, ImageRow>();
    for (const row of this.#parts.media.values()) {
      const { path, size, present } = this.#parts.files.get(row.mediaID!)!;
      // Two media rows of one file are one image: its path is unique in the database.
      let image = byPath.get(path);
      if (image === undefined) {
        const base = (row.filePath ?? path).replace(/^.*[/\\]/, '');
        const filename = row.fileName ?? (isUrl(path) || base === '' ? row.mediaID! : base);
        image = this.#add(this.#ids.give(row.mediaID!), row.deploymentID!, row.timestamp!, {
          ...{ filename, path, present, width: size?.width ?? null, height: size?.height ?? null },
          ...{ exif_data: parseCell(row.exifData), source_fields: pickSourceFields('media', row) },
        });
        byPath.set(path, image);
      }
      this.#byMedium.set(row.mediaID!, image);
    }
  }

  #add(
    id: string,
    deployment: string,
    at: string,
    image: Pick<ImageRow, 'filename' | 'path'> & Partial<ImageRow>,
  ): ImageRow {
    const { location_id, deployment_id } = this.#parts.cameras.get(deployment)!;
    const [timestamp, created_at] = [toIso(at), this.createdAt(at)];
    const row: ImageRow = { id, timestamp, created_at, location_id, deployment_id, ...EMPTY, ...image };
    this.rows.push(row);
    return row;
  }

  /** When rows of the package were made: as it says, else at the time of the row. */
  createdAt(at: string): string {
    const { created } = this.#parts;
    return created === undefined ? toIso(at) : new Date(created).toISOString();
  }

  /**
   * Marks all images that may show a person: of an event, every image taken within it, whichever of
   * them its rows name.
   */
  markPeople(observations: readonly Cells[]): void {
    const spans = new Map<string, [start: number, end: number][]>();
    const mark = (id: string | undefined): void => {
      const image = id === undefined ? undefined : this.#byMedium.get(id);
      if (image !== undefined) image.contains_human = true;
    };
    for (const row of observations) {
      if (!showsPerson(row)) continue;
      mark(row.mediaID);
      if (row.observationLevel !== 'event' && row.mediaID !== undefined) continue;
      mark(this.#parts.events.get(row).first);
      const known = spans.get(row.deploymentID!);
      const span: [number, number] = [parseTime(row.eventStart!), parseTime(row.eventEnd!)];
      if (known === undefined) spans.set(row.deploymentID!, [span]);
      else known.push(span);
    }
    this.#parts.timeline.eachWithin(spans, mark);
  }

  /**
   * The image of an observation: its own, else that of its event, else a placeholder. A medium
   * that another deployment took is not its own.
   */
  find(row: Cells): ImageRow {
    const medium = row.mediaID === undefined ? undefined : this.#parts.media.get(row.mediaID);
    if (medium !== undefined && medium.deploymentID === row.deploymentID) return this.#byMedium.get(row.mediaID!)!;
    this.elsewhere += Number(medium !== undefined);
    const lost = medium === undefined ? row.mediaID : undefined;
    const first = lost === undefined ? this.#parts.events.get(row).first : undefined;
    return (first === undefined ? undefined : this.#byMedium.get(first)) ?? this.#placeholder(row, lost);
  }

  /**
   * An image row that keeps location and time of an event, or of a medium that the package does not
   * list.
   */
  #placeholder(row: Cells, lost: string | undefined): ImageRow {
    const { deploymentID } = row;
    const known = lost === undefined ? this.#ofEvents.get(row) : this.#ofLostMedia.get({ deploymentID, eventID: lost });
    known.image ??= this.#addPlaceholder(row, lost);
    return known.image;
  }

  #addPlaceholder(row: Cells, lost: string | undefined): ImageRow {
    const { path, key } = this.#parts.eventIds.placeholder(row, lost);
    const id = this.#ids.give(key);
    this.placeholders += 1;
    const filename = lost ?? row.eventID ?? row.observationID!;
    return this.#add(id, row.deploymentID!, row.eventStart!, { filename, path, placeholder: true });
  }
}
