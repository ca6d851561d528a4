// POST /api/exports/pdf: a checked request is accepted and queued.
import { createExport } from '../lib/exports/job/create.ts';
import { pdfContract } from '../lib/exports/kinds/request.ts';
import { jsonBody } from '../lib/lambda/body.ts';
import { http } from '../lib/lambda/http.ts';
import { clock, corsOrigin, exportQueue, limits, names, quickFiles, quickJobs, today } from '../lib/wiring.ts';

export const handler = http({ body: jsonBody(pdfContract, today), corsOrigin }, async ({ body, signal }) => {
  const ports = { jobs: quickJobs(), queue: exportQueue(), files: quickFiles, names: names(), limits: limits(), clock };
  const accepted = await createExport(ports, 'pdf', body, signal);
  return { status: 202, body: accepted, headers: { location: accepted.status_url, 'retry-after': '1' } };
});
