// The crops of an archive: every detection gets a crop or the reason why it has none.
import { pMapIterable } from 'p-map';
import type { Crops, Size } from '../../adapters/crops/crops.ts';
import type { Images } from '../../adapters/images.ts';
import { errorMessage, Fault, isFault } from '../../errors.ts';
import type { Archive } from '../archive/archive.ts';
import { cutImage } from '../shared/cut-image.ts';
import type { DetectionRow } from './detections/rows.ts';
import type { ManifestEntry } from './manifest.ts';

/** A job is tried again later when this many crops in a row fail because images cannot be read. */
const MOST_UNREADABLE = 20;
/** So many reads of one archive may time out before the job is tried again later. */
const MOST_TIMEOUTS = 300;

const PERSON = 'a person is in the image: such images are never exported';

/**
 * Where a crop could not be made, whether a later try may succeed, and whether the read timed out.
 */
type CropOutcome = { jpeg: Buffer } | { reason: string; passing?: boolean; timedOut?: boolean };

interface CropResult {
  row: DetectionRow;
  outcome: CropOutcome;
  imageSize?: Size | undefined;
}

export interface CropParts {
  rows: readonly DetectionRow[];
  /** Ids of images that show a person. */
  people: ReadonlySet<string>;
  images: Images;
  crops: Crops;
  /** Longest side of a crop, in pixels. */
  size: number;
}

const isTimeout = (error: unknown): boolean =>
  isFault(error) && (error.cause as { name?: unknown } | undefined)?.name === 'TimeoutError';

/**
 * Crops of the detections of one image: a result for each row, and no error, because one image must
 * not end an archive.
 */
async function cropImage(rows: readonly DetectionRow[], parts: CropParts): Promise<CropResult[]> {
  const [first] = rows;
  if (first === undefined || parts.people.has(first.image_id))
    return rows.map((row) => ({ row, outcome: { reason: PERSON } }));
  try {
    const cuts = rows.map((row) => ({ box: row.bbox, relative: row.bbox_relative }));
    const { crops, whole } = await cutImage(parts, first.path, cuts, parts.size);
    return rows.map((row, index) => ({
      row,
      outcome: crops[index] ?? { reason: 'image cannot be decoded' },
      imageSize: whole,
    }));
  } catch (error) {
    const reason = error instanceof Fault ? error.message : `image cannot be read: ${errorMessage(error)}`;
    const outcome = { reason, passing: isFault(error, 'unavailable'), timedOut: isTimeout(error) };
    return rows.map((row) => ({ row, outcome }));
  }
}

/**
 * A check that throws when the source of the images seems to be down, so that the job is tried
 * again later. A single image that cannot be read only gets its reason in the manifest. A read that
 * times out will time out again, so a few of these do not restart the job.
 * @throws Fault `unavailable`
 */
function watchSource(rows: number): (results: readonly CropResult[]) => void {
  let unreadable = 0;
  let timeouts = 0;
  let most = Math.min(MOST_UNREADABLE, rows);
  return (results) => {
    const failed = results.every(({ outcome }) => 'reason' in outcome && outcome.passing);
    unreadable = failed ? unreadable + results.length : 0;
    if (results.some(({ outcome }) => 'reason' in outcome && outcome.timedOut)) {
      most = MOST_UNREADABLE;
      timeouts += 1;
    }
    if (unreadable >= most || timeouts > MOST_TIMEOUTS)
      throw new Fault('unavailable', 'the camera images cannot be read at the moment');
  };
}

/**
 * Writes all crops to the archive, in the order of the rows' images, several images at once.
 * @param advance called with the number of detections that are done
 * @returns the manifest's entries in the same order, and the size of each image by its id
 * @throws Fault `unavailable` when the source of the images seems to be down
 */
export async function writeCrops(
  zip: Archive,
  parts: CropParts,
  inMetadata: boolean,
  advance: (n: number) => void,
  signal: AbortSignal,
): Promise<{ entries: ManifestEntry[]; sizes: Map<string, Size> }> {
  const entries: ManifestEntry[] = [];
  const sizes = new Map<string, Size>();
  const checkSource = watchSource(parts.rows.length);
  const byImage = [...Map.groupBy(parts.rows, (row) => row.image_id).values()];
  const results = pMapIterable(byImage, (rows) => cropImage(rows, parts), { concurrency: parts.crops.atOnce });
  for await (const ofImage of results) {
    signal.throwIfAborted();
    for (const { row, outcome, imageSize } of ofImage) {
      if (imageSize !== undefined) sizes.set(row.image_id, imageSize);
      if ('jpeg' in outcome) {
        const path = `crops/${row.id}.jpg`;
        await zip.stored(path, outcome.jpeg);
        entries.push({ detection_id: row.id, status: 'exported', crop: path, in_metadata: inMetadata });
      } else {
        const { reason } = outcome;
        entries.push({ detection_id: row.id, status: 'skipped', reason, in_metadata: inMetadata });
      }
    }
    checkSource(ofImage);
    advance(ofImage.length);
  }
  return { entries, sizes };
}
