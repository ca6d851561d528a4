// GET /api/exports/pdf/{job_id}: how far the export is, and where it lies when it is done.
import { readStatus } from '../lib/exports/job/status.ts';
import { http } from '../lib/lambda/http.ts';
import { corsOrigin, quickJobs } from '../lib/wiring.ts';

export const handler = http({ corsOrigin }, async ({ path }) => {
  const status = await readStatus({ jobs: quickJobs() }, 'pdf', path.job_id);
  return { status: 200, body: status, headers: { 'retry-after': status.status === 'processing' ? '1' : undefined } };
});
