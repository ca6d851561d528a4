// The two HTTP functions that every kind of export has: POST to ask for one, GET for its status.

import { access, clock, exportQueue, limits, names, quickFiles, quickJobs, today } from './clients.ts';
import { createExport } from './exports/job/create.ts';
import { readStatus } from './exports/job/status.ts';
import type { ExportKind } from './exports/kinds/index.ts';
import type { ExportRequest, RequestContract } from './exports/shared/kind.ts';
import { jsonBody } from './lambda/body.ts';
import { type HttpHandler, http } from './lambda/http.ts';

/** POST /api/exports/{kind}: a checked request is accepted and queued, 202 with its status URL. */
export const createExportHandler = <Request extends ExportRequest>(
  contract: RequestContract<ExportKind, Request>,
): HttpHandler =>
  http({ body: jsonBody(contract, today), access }, async ({ body, signal }) => {
    const ports = {
      jobs: quickJobs(),
      queue: exportQueue(),
      files: quickFiles,
      names: names(),
      limits: limits(),
      clock,
    };
    const accepted = await createExport(ports, contract.kind, body, signal);
    return { status: 202, body: accepted, headers: { location: accepted.status_url, 'retry-after': '1' } };
  });

/** GET /api/exports/{kind}/{job_id}: how far a job of that kind is; 404 for one of another kind. */
export const exportStatusHandler = (kind: ExportKind): HttpHandler =>
  http({ access }, async ({ path }) => {
    const status = await readStatus({ jobs: quickJobs() }, kind, path.job_id);
    return { status: 200, body: status, headers: { 'retry-after': status.status === 'processing' ? '1' : undefined } };
  });
