// manifest.json: the request, the outcome of every detection, and the checksum of every other file.
import type { FileEntry } from '../archive/archive.ts';
import { writeManifest } from '../archive/manifest.ts';
import type { ZipRequest } from './request.ts';
import type { ArchiveContents } from './selection.ts';

/** The outcome of one detection. */
export interface ManifestEntry {
  detection_id: string;
  status: 'exported' | 'skipped';
  /** Path of the crop in the archive. */
  crop?: string;
  /** Why it was skipped. */
  reason?: string;
  /** It has a row in metadata.csv, even where its crop could not be made. */
  in_metadata: boolean;
}

export interface ManifestCounts {
  requested: number;
  exported: number;
  skipped: number;
  metadata_rows: number;
  crops: number;
  left_out_invalid: number;
  left_out_duplicate: number;
  left_out_no_animal: number;
}

export function countEntries(contents: ArchiveContents, entries: readonly ManifestEntry[]): ManifestCounts {
  const exported = entries.filter((entry) => entry.status === 'exported').length;
  return {
    requested: contents.requested,
    exported,
    skipped: entries.length - exported,
    metadata_rows: entries.filter((entry) => entry.in_metadata).length,
    crops: entries.filter((entry) => entry.crop !== undefined).length,
    left_out_invalid: contents.leftOut.invalid,
    left_out_duplicate: contents.leftOut.duplicate,
    left_out_no_animal: contents.leftOut.nonAnimal,
  };
}

/** The manifest in chunks, with one line for each detection and file. */
export function makeManifest(
  request: ZipRequest,
  createdAt: Date,
  contents: ArchiveContents,
  entries: readonly ManifestEntry[],
  files: readonly FileEntry[],
): Generator<string> {
  const { scope, total } = contents.season;
  const facts = {
    request,
    period: { start_date: scope.start, end_date: scope.end, group_by: scope.groupBy, time_zone: scope.timeZone },
    counts: countEntries(contents, entries),
    season: {
      detections: total.detections,
      independent_events: total.events,
      individuals: total.individuals,
      trap_nights: total.nights,
    },
  };
  return writeManifest(createdAt, facts, { detections: entries, files });
}
