// The ZIP export: one snapshot, then a stream of tables and crops, and a manifest that accounts for
// everything.

import type { Crops, Size } from '../../adapters/crops/crops.ts';
import type { Images } from '../../adapters/images.ts';
import { csv, spreadsheet } from '../../csv.ts';
import { errorMessage, Fault, isFault } from '../../errors.ts';
import { withTimeout } from '../../timeout.ts';
import type { Archive } from '../archive/archive.ts';
import { streamArchive } from '../archive/stream.ts';
import type { Renderer, RenderJob } from '../shared/renderer.ts';
import type { PackageMetadata } from './camtrap-dp/descriptor.ts';
import { type PackageAccount, writePackage } from './camtrap-dp/package.ts';
import { historyHeader, historyRows } from './history.ts';
import { countsOf, type Entry, manifest } from './manifest.ts';
import { readme } from './readme.ts';
import type { ZipRequest } from './request.ts';
import type { DetectionRow } from './rows.ts';
import { type Contents, readContents } from './selection.ts';
import { METADATA, metadataRows, SUMMARY, summaryRows } from './tables.ts';

export const DEFAULT_CROP_SIZE = 300;

/**
 * Crops in a row whose image could not be had for a passing reason, after which the job gives up
 * until later.
 */
const AWAY_AT_MOST = 20;
/** Images of one archive whose reads hang, after which it is not worth the wait. */
const LATE_AT_MOST = 300;
/** Longer than the bounds of the images' adapter. */
const READ_MS = 25_000;

type Made = {
  row: DetectionRow;
  crop: { jpeg: Buffer } | { reason: string; passing?: boolean; late?: boolean };
  whole?: Size | undefined;
};

const PERSON = 'a person is in the image: such images are never exported';

/**
 * Detections of one image in one group, images by their first detection: the order is the same in
 * every run.
 */
function byImage(rows: readonly DetectionRow[]): DetectionRow[][] {
  const groups = new Map<string, DetectionRow[]>();
  for (const row of rows) {
    const group = groups.get(row.image_id);
    if (group === undefined) groups.set(row.image_id, [row]);
    else group.push(row);
  }
  return [...groups.values()];
}

/** The adapter has bounds of its own; this one is for whatever they do not see. */
const bytesOf = (images: Images, path: string): Promise<Buffer> =>
  withTimeout(
    READ_MS,
    () => images.read(path),
    (cause) =>
      new Fault('unavailable', `image file was not read within ${READ_MS / 1_000} s`, {
        cause: new DOMException(cause.message, 'TimeoutError'),
      }),
  );

const isLate = (error: unknown): boolean =>
  isFault(error) && (error.cause as { name?: unknown } | undefined)?.name === 'TimeoutError';

/** One result per row, whatever a reader or a cutter throws: no image ends an archive. */
async function cropsOf(
  rows: readonly DetectionRow[],
  people: ReadonlySet<string>,
  images: Images,
  crops: Crops,
  size: number,
): Promise<Made[]> {
  const [first] = rows;
  if (first === undefined || people.has(first.image_id)) return rows.map((row) => ({ row, crop: { reason: PERSON } }));
  try {
    const bytes = await bytesOf(images, first.path);
    const cuts = rows.map((row) => ({ box: row.bbox, relative: row.bbox_relative }));
    const { crops: made, whole } = await crops.cut(bytes, cuts, size);
    return rows.map((row, index) => ({ row, crop: made[index] ?? { reason: 'image cannot be decoded' }, whole }));
  } catch (error) {
    const reason = error instanceof Fault ? error.message : `image cannot be read: ${errorMessage(error)}`;
    return rows.map((row) => ({ row, crop: { reason, passing: isFault(error, 'unavailable'), late: isLate(error) } }));
  }
}

/**
 * Results in the order of `items`, at most `width` in work; nothing new is begun after an error or
 * once the reader has gone.
 */
async function* inOrder<A, B>(items: readonly A[], width: number, work: (item: A) => Promise<B>): AsyncGenerator<B> {
  const running: Promise<B>[] = [];
  let next = 0;
  try {
    while (next < items.length || running.length > 0) {
      while (next < items.length && running.length < width) {
        const begun = work(items[next++] as A);
        begun.catch(() => undefined);
        running.push(begun);
      }
      yield await (running.shift() as Promise<B>);
    }
  } finally {
    await Promise.allSettled(running);
  }
}

async function fill(
  zip: Archive,
  work: RenderJob<ZipRequest>,
  contents: Contents,
  { metadata, crops }: ZipPorts,
  signal: AbortSignal,
): Promise<void> {
  const { request, createdAt, images, progress } = work;
  const { season, rows, observed } = contents;
  const parts = {
    crops: request.include_crops ?? true,
    metadata: request.include_metadata_csv ?? true,
    cropSize: request.crop_size ?? DEFAULT_CROP_SIZE,
  };
  const whole =
    rows.length * (Number(parts.crops) + Number(parts.metadata)) +
    (contents.field === undefined ? 0 : observed.length) +
    1;
  let done = 0;
  const advance = (n: number): void => {
    signal.throwIfAborted();
    done += n;
    progress(done, whole);
  };

  if (parts.metadata)
    await zip.text(
      'metadata.csv',
      spreadsheet(METADATA, () => metadataRows(rows), advance),
    );
  await zip.text(
    `summary_by_${season.scope.groupBy}.csv`,
    spreadsheet(SUMMARY, () => summaryRows(season)),
  );
  await zip.text('capture_history.csv', csv(historyHeader(season), historyRows(season, contents.histories.histories)));

  const entries: Entry[] = [];
  const sizes = new Map<string, Size>();
  if (parts.crops) {
    let away = 0;
    let late = 0;
    let enough = Math.min(AWAY_AT_MOST, rows.length);
    for await (const made of inOrder(byImage(rows), crops.atOnce, (group) =>
      cropsOf(group, contents.people.images, images, crops, parts.cropSize),
    )) {
      signal.throwIfAborted();
      for (const { row, crop, whole: size } of made) {
        if (size !== undefined) sizes.set(row.image_id, size);
        if ('jpeg' in crop) {
          const path = `crops/${row.id}.jpg`;
          await zip.stored(path, crop.jpeg);
          entries.push({ detection_id: row.id, status: 'exported', crop: path, in_metadata: parts.metadata });
        } else {
          entries.push({ detection_id: row.id, status: 'skipped', reason: crop.reason, in_metadata: parts.metadata });
        }
      }
      // One image that cannot be had has its reason in the manifest; when none can, the source is
      // down and the job is tried again later. A file whose read hangs will hang then as well: few
      // of them alone do not send the job round again.
      away = made.every(({ crop }) => 'reason' in crop && crop.passing) ? away + made.length : 0;
      if (made.some(({ crop }) => 'reason' in crop && crop.late)) {
        enough = AWAY_AT_MOST;
        late += 1;
      }
      if (away >= enough || late > LATE_AT_MOST)
        throw new Fault('unavailable', 'the camera images cannot be read at the moment');
      advance(made.length);
    }
  } else {
    for (const row of rows) entries.push({ detection_id: row.id, status: 'exported', in_metadata: parts.metadata });
  }
  for (const skip of contents.skips) entries.push({ ...skip, status: 'skipped', in_metadata: false });

  let account: PackageAccount | undefined;
  if (contents.field !== undefined) {
    const before = done;
    // Rows that have no place in the package are done with as well.
    account = await writePackage(
      zip,
      { season, rows: observed, field: contents.field, metadata, createdAt, title: request.title || undefined, sizes },
      (n) => advance(Math.min(n, before + observed.length - done)),
    );
    advance(before + observed.length - done);
  }
  await zip.text('README.txt', [
    readme({ ...parts, request, createdAt, contents, entries, counts: countsOf(contents, entries), account }),
  ]);
  await zip.text('manifest.json', manifest(request, createdAt, contents, entries, zip.files));
  await zip.finish();
  advance(1);
}

export interface ZipPorts {
  /** What the owner says of the project in a Camtrap DP package. */
  metadata: PackageMetadata;
  crops: Crops;
}

/**
 * Makes archives. The promise resolves once the snapshot is read.
 * @throws Fault `invalid`: unknown names, or nothing to export.
 */
export const zipRenderer =
  (ports: ZipPorts): Renderer<ZipRequest> =>
  async (work) => {
    work.progress(0, 1);
    const contents = await readContents(work.database, work.request, work.timeZone, work.createdAt);
    work.signal.throwIfAborted();
    return streamArchive(work, (zip, signal) => fill(zip, work, contents, ports, signal));
  };
