// POST /api/exports/zip: a checked request is accepted and queued.
import { createExport } from '../lib/exports/create.ts';
import { zipContract } from '../lib/exports/request.ts';
import { jsonBody } from '../lib/lambda/body.ts';
import { http } from '../lib/lambda/http.ts';
import { clock, corsOrigin, limits, names, quickFiles, quickJobs, today, workQueue } from '../lib/wiring.ts';

export const handler = http({ body: jsonBody(zipContract, today), corsOrigin }, async ({ body, signal }) => {
  const ports = { jobs: quickJobs(), work: workQueue(), files: quickFiles, names: names(), limits: limits(), clock };
  const accepted = await createExport(ports, 'zip', body, signal);
  return { status: 202, body: accepted, headers: { location: accepted.status_url, 'retry-after': '1' } };
});
