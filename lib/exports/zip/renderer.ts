// The ZIP export: one snapshot, then a stream of tables and crops, and a manifest that lists every
// detection and file.
import type { Crops, Size } from '../../adapters/crops/crops.ts';
import { csv, spreadsheet } from '../../csv.ts';
import type { Archive } from '../archive/archive.ts';
import { streamArchive } from '../archive/stream.ts';
import type { Renderer, RenderJob } from '../shared/renderer.ts';
import type { PackageMetadata } from './camtrap-dp/descriptor.ts';
import { type PackageAccount, writePackage } from './camtrap-dp/package.ts';
import { writeCrops } from './crops.ts';
import { historyHeader, historyRows } from './history.ts';
import { countEntries, type ManifestEntry, makeManifest } from './manifest.ts';
import { makeReadme } from './readme.ts';
import type { ZipRequest } from './request.ts';
import { type ArchiveContents, readContents } from './selection.ts';
import { writeSurvey } from './survey/write.ts';
import { METADATA, metadataRows, SUMMARY, summaryRows } from './tables.ts';

const DEFAULT_CROP_SIZE = 300;

export interface ZipPorts {
  /** What the owner says about the project in a Camtrap DP package. */
  metadata: PackageMetadata;
  crops: Crops;
}

/** Progress as a sum of stages. */
interface Progress {
  advance(n: number): void;
  /** A stage of known size: it counts at most that much, and `finish` counts the rest. */
  beginStage(size: number): { advance(n: number): void; finish(): void };
}

function makeProgress(total: number, report: RenderJob<unknown>['progress'], signal: AbortSignal): Progress {
  let done = 0;
  const advance = (n: number): void => {
    signal.throwIfAborted();
    done += n;
    report(done, total);
  };
  return {
    advance,
    beginStage: (size) => {
      const end = done + size;
      return { advance: (n) => advance(Math.min(n, end - done)), finish: () => advance(end - done) };
    },
  };
}

async function writeTables(
  zip: Archive,
  { season, rows, histories }: ArchiveContents,
  withMetadata: boolean,
  advance: Progress['advance'],
): Promise<void> {
  if (withMetadata)
    await zip.text(
      'metadata.csv',
      spreadsheet(METADATA, () => metadataRows(rows), advance),
    );
  await zip.text(
    `summary_by_${season.scope.groupBy}.csv`,
    spreadsheet(SUMMARY, () => summaryRows(season)),
  );
  await zip.text('capture_history.csv', csv(historyHeader(season), historyRows(season, histories.histories)));
}

async function writeArchive(
  zip: Archive,
  job: RenderJob<ZipRequest>,
  contents: ArchiveContents,
  ports: ZipPorts,
  signal: AbortSignal,
): Promise<void> {
  const { request, createdAt, images } = job;
  const { season, rows, observed, records } = contents;
  const withCrops = request.include_crops ?? true;
  const withMetadata = request.include_metadata_csv ?? true;
  const cropSize = request.crop_size ?? DEFAULT_CROP_SIZE;
  const perRow = Number(withCrops) + Number(withMetadata);
  const total = rows.length * perRow + (records === undefined ? 0 : observed.length) + 1;
  const progress = makeProgress(total, job.progress, signal);

  await writeTables(zip, contents, withMetadata, progress.advance);
  if (contents.survey !== undefined)
    await writeSurvey(zip, contents.survey, { title: request.title || 'Survey', createdAt, signal });

  let entries: ManifestEntry[];
  let sizes = new Map<string, Size>();
  if (withCrops) {
    const parts = { rows, people: contents.people.images, images, crops: ports.crops, size: cropSize };
    ({ entries, sizes } = await writeCrops(zip, parts, withMetadata, progress.advance, signal));
  } else entries = rows.map(({ id }) => ({ detection_id: id, status: 'exported', in_metadata: withMetadata }));
  for (const skip of contents.skipped) entries.push({ ...skip, status: 'skipped', in_metadata: false });

  let account: PackageAccount | undefined;
  if (records !== undefined) {
    // Rows that are not in the package count as done at its end.
    const stage = progress.beginStage(observed.length);
    const title = request.title || undefined;
    const withPeople = request.include_people ?? false;
    const about = { metadata: ports.metadata, createdAt, title, locator: job.locator, withPeople };
    const parts = { season, rows: observed, records, sizes, ...about };
    account = await writePackage(zip, parts, stage.advance);
    stage.finish();
  }
  const counts = countEntries(contents, entries);
  const included = { crops: withCrops, metadata: withMetadata, cropSize };
  await zip.text('README.txt', [makeReadme({ request, createdAt, contents, entries, counts, included, account })]);
  await zip.text('manifest.json', makeManifest(request, createdAt, contents, entries, zip.files));
  await zip.finish();
  progress.advance(1);
}

/**
 * Makes archives. The promise resolves once the snapshot is read.
 * @throws Fault `invalid`: unknown names, or nothing to export
 */
export const zipRenderer =
  (ports: ZipPorts): Renderer<ZipRequest> =>
  async (job) => {
    job.progress(0, 1);
    const contents = await readContents(job);
    job.signal.throwIfAborted();
    return streamArchive(job, (zip, signal) => writeArchive(zip, job, contents, ports, signal));
  };
