// The status of a job as a reader sees it.
import type { Viewer } from '../../lib/exports/job/jobs.ts';
import type { Ports } from '../../lib/exports/job/ports.ts';
import { describeJob, type ExportStatus, findJob } from '../../lib/exports/job/status.ts';
import type { ExportKind } from '../../lib/exports/kinds/index.ts';

/** @throws as findJob */
export const readStatus = async (
  ports: Pick<Ports, 'jobs'>,
  kind: ExportKind,
  jobId: string | undefined,
  viewer: Viewer,
): Promise<ExportStatus> => describeJob(await findJob(ports, kind, jobId, viewer));
