// DELETE /api/exports/{job_id}: cancels a job and removes its file.

import { access, audit, quickFiles, quickJobs, viewer } from '../lib/clients.ts';
import { cancelExport } from '../lib/exports/job/status.ts';
import { http } from '../lib/lambda/http.ts';

export const handler = http({ access, scope: 'exports' }, async ({ path, admission }) => {
  await cancelExport({ jobs: quickJobs(), files: quickFiles() }, path.job_id, viewer(admission));
  audit()(admission?.caller, 'export cancelled', path.job_id ?? '');
  return { status: 204 };
});
