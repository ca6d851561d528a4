// The occupancy export: one snapshot, three tables in the same order, and what to know of them.

import { csv } from '../../csv.ts';
import type { Archive } from '../archive/archive.ts';
import { writeManifest } from '../archive/manifest.ts';
import { streamArchive } from '../archive/stream.ts';
import type { Renderer, RenderJob } from '../shared/renderer.ts';
import { effortRows, historyRows, occasionHeader, siteColumns, siteRows } from '../sites/tables.ts';
import { readme } from './readme.ts';
import type { OccupancyRequest } from './request.ts';
import { readStudy, type Study, withoutEffort } from './study.ts';

async function fill(zip: Archive, { request, createdAt }: RenderJob<OccupancyRequest>, study: Study): Promise<void> {
  const header = occasionHeader(study);
  // Without a byte order mark: R would take it for a part of the first column's name.
  await zip.text('detection_history.csv', csv(header, historyRows(study)));
  await zip.text('effort.csv', csv(header, effortRows(study)));
  await zip.text(
    'sites.csv',
    csv(
      siteColumns(study).map(({ name }) => name),
      siteRows(study),
    ),
  );
  await zip.text('README.txt', [readme(study, request, createdAt)]);
  const { season, occasions, unexplained } = study;
  const facts = {
    request,
    period: {
      start_date: season.scope.start,
      end_date: season.scope.end,
      occasion_days: study.occasionDays,
      time_zone: season.scope.timeZone,
    },
    counts: {
      sites: study.sites.length,
      occasions: occasions.length,
      detections: season.total.detections,
      left_out_invalid: season.leftOut.invalid,
      left_out_duplicate: season.leftOut.duplicate,
      left_out_no_animal: season.leftOut.nonAnimal,
    },
    coordinates: study.locator.precision,
    sites_without_effort: study.idle,
  };
  const withoutNights = unexplained.map(({ location, occasion: { column, from, to }, detections }) => ({
    location,
    occasion: column,
    from,
    to,
    detections,
  }));
  await zip.text(
    'manifest.json',
    writeManifest(createdAt, facts, { occasions, detections_without_effort: withoutNights, files: zip.files }),
  );
  await zip.finish();
}

/** @throws Fault `invalid`: unknown class or location, or no camera effort in the period. */
export const renderOccupancy: Renderer<OccupancyRequest> = async (work) => {
  work.progress(0, 2);
  const study = await readStudy(work);
  if (study.sites.length === 0) throw withoutEffort(study.season.scope.start, study.season.scope.end);
  work.signal.throwIfAborted();
  work.progress(1, 2);
  return streamArchive(work, async (zip) => {
    await fill(zip, work, study);
    work.progress(2, 2);
  });
};
