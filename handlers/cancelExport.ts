// DELETE /api/exports/{job_id}: cancels a job and removes its file.
import { cancelExport } from '../lib/exports/job/status.ts';
import { http } from '../lib/lambda/http.ts';
import { corsOrigin, quickFiles, quickJobs } from '../lib/wiring.ts';

export const handler = http({ corsOrigin }, async ({ path }) => {
  await cancelExport({ jobs: quickJobs(), files: quickFiles() }, path.job_id);
  return { status: 204 };
});
