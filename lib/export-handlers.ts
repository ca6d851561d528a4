// The HTTP functions of exports: the two that every kind has, and how jobs are shown to readers.

import {
  access,
  audit,
  changes,
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
import { isKnownTag } from './etag.ts';
import { createExport } from './exports/job/create.ts';
import type { FoundJob } from './exports/job/lists.ts';
import { statusUrl } from './exports/job/paths.ts';
import { describeJob, type ExportStatus, findJob } from './exports/job/status.ts';
import { readWait, tagJob, waitForChange } from './exports/job/wait.ts';
import type { ExportKind } from './exports/kinds/index.ts';
import type { ExportRequest, RequestContract } from './exports/shared/kind.ts';
import type { Answer } from './lambda/answers.ts';
import { jsonBody } from './lambda/body.ts';
import { type HttpHandler, http } from './lambda/http.ts';

/** POST /api/exports/{kind}: a checked request is accepted and queued, 202 with its status URL. */
export const createExportHandler = <Request extends ExportRequest>(
  contract: RequestContract<ExportKind, Request>,
): HttpHandler =>
  http({ body: jsonBody(contract, today), access, scope: 'exports', once: contract.kind }, async (request) => {
    const { body, admission, signal } = request;
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

/** With the paths by which clients reach this service. */
export function showStatus(status: ExportStatus): ExportStatus {
  const { download_url } = status;
  return download_url === undefined ? status : { ...status, download_url: outerPath(download_url) };
}

/** As an entry of a list or as an event, where a reader has not asked for this very job. */
export const showEntry = (job: FoundJob): ExportStatus & { status_url: string } => ({
  ...showStatus(describeJob(job)),
  status_url: outerPath(statusUrl(job.record.kind, job.jobId)),
});

/** 304 for a reader who knows the job as it is. */
function statusAnswer(job: FoundJob, isKnown: boolean): Answer {
  const headers = { etag: tagJob(job), 'retry-after': job.record.status === 'processing' ? '1' : undefined };
  return isKnown ? { status: 304, headers } : { status: 200, body: showStatus(describeJob(job)), headers };
}

/**
 * GET /api/exports/{kind}/{job_id}: how far a job of that kind is; 404 for one of another kind.
 * With If-None-Match and Prefer: wait the answer comes when that has changed.
 */
export const exportStatusHandler = (kind: ExportKind): HttpHandler =>
  http({ access, scope: 'read' }, async ({ path, headers, admission, onGone, msLeft }) => {
    const read = (): Promise<FoundJob> => findJob({ jobs: quickJobs() }, kind, path.job_id, viewer(admission));
    const job = await read();
    const tag = tagJob(job);
    if (!isKnownTag(headers['if-none-match'], tag)) return statusAnswer(job, false);
    const ms = readWait(headers.prefer, msLeft());
    const waiting = ms > 0 ? await waitForChange(changes(), { job, ms, read, onGone }) : undefined;
    if (waiting === undefined) return statusAnswer(job, true);
    const held = waiting.end.then(({ job: now, change }) => {
      const answer = statusAnswer(now, tagJob(now) === tag);
      const late = change && Date.now() + quickJobs().skew() - change.changedMs;
      return {
        ...answer,
        headers: { ...answer.headers, 'preference-applied': 'wait' },
        about: { held: true, after_change_ms: late },
      };
    });
    return { held };
  });
