// The two HTTP functions that every kind of export has: POST to ask for one, GET for its status.

import {
  access,
  audit,
  clock,
  exportQueue,
  limits,
  names,
  outerPath,
  ownerLimits,
  quickFiles,
  quickJobs,
  today,
  viewer,
} from './clients.ts';
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
  http({ body: jsonBody(contract, today), access, scope: 'exports' }, async ({ body, admission, signal }) => {
    const ports = {
      jobs: quickJobs(),
      queue: exportQueue(),
      files: quickFiles,
      names: names(),
      limits: limits(),
      most: ownerLimits(),
      clock,
    };
    const { caller } = admission ?? {};
    const accepted = await createExport(ports, contract.kind, body, caller?.owner, signal);
    audit()(caller, 'export requested', accepted.job_id);
    const status_url = outerPath(accepted.status_url);
    return { status: 202, body: { ...accepted, status_url }, headers: { location: status_url, 'retry-after': '1' } };
  });

/** GET /api/exports/{kind}/{job_id}: how far a job of that kind is; 404 for one of another kind. */
export const exportStatusHandler = (kind: ExportKind): HttpHandler =>
  http({ access, scope: 'read' }, async ({ path, admission }) => {
    const status = await readStatus({ jobs: quickJobs() }, kind, path.job_id, viewer(admission));
    const download_url = status.download_url === undefined ? undefined : outerPath(status.download_url);
    return {
      status: 200,
      body: { ...status, download_url },
      headers: { 'retry-after': status.status === 'processing' ? '1' : undefined },
    };
  });
