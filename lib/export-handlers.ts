// The HTTP functions of exports: the two that every kind has, and how jobs are shown to readers.

import {
  access,
  audit,
  changes,
  clock,
  downloadFiles,
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
import { Fault, isFault } from './errors.ts';
import { isKnownTag } from './etag.ts';
import { createExport } from './exports/job/create.ts';
import { downloadAnswer, openPart } from './exports/job/download.ts';
import type { FoundJob } from './exports/job/lists.ts';
import { takesGzip } from './exports/job/packed.ts';
import { statusUrl } from './exports/job/paths.ts';
import { describeJob, type ExportStatus, findJob } from './exports/job/status.ts';
import { readWait, tagJob, waitForChange } from './exports/job/wait.ts';
import { type ExportKind, findKind } from './exports/kinds/index.ts';
import { reidKind } from './exports/reid/kind.ts';
import type { NameChecker } from './exports/season/index.ts';
import type { ExportRequest, RequestContract } from './exports/shared/kind.ts';
import type { Answer } from './lambda/answers.ts';
import { jsonBody } from './lambda/body.ts';
import { type HttpHandler, type HttpRequest, http } from './lambda/http.ts';
import { JOB_INPUTS, type JobAnalysis } from './reid/job-inputs.ts';

type Asked = Pick<HttpRequest<unknown>, 'admission' | 'signal' | 'making'>;

/** A checked request is accepted and queued, 202 with its status URL. */
export async function accept(
  kind: ExportKind,
  body: ExportRequest,
  checker: NameChecker,
  { admission, signal, making }: Asked,
): Promise<Answer> {
  const ports = {
    jobs: quickJobs(),
    queue: exportQueue(),
    files: quickFiles,
    names: checker,
    limits: limits(),
    most: ownerLimits(),
    clock,
  };
  const { caller } = admission ?? {};
  const accepted = await createExport(ports, kind, body, { owner: caller?.owner, signal, making });
  audit()(caller, 'export requested', accepted.job_id);
  const status_url = outerPath(accepted.status_url);
  return { status: 202, body: { ...accepted, status_url }, headers: { location: status_url, 'retry-after': '1' } };
}

/** POST /api/exports/{kind} */
export const createExportHandler = <Request extends ExportRequest>(
  contract: RequestContract<ExportKind, Request>,
): HttpHandler => {
  const { kind } = contract;
  const { scope } = findKind(kind)!;
  return http({ body: jsonBody(contract, today), access, scope, once: kind }, (request) =>
    accept(kind, request.body, names(), request),
  );
};

/** The filters of an input of Re-ID are those of an export by other names. */
const checkInput = async (input: { classes?: string[]; locations?: string[] }): Promise<void> => {
  const { classes, locations } = input;
  const asked = { ...(classes && { classifications: classes }), ...(locations && { locations }) };
  await names()
    .check(asked)
    .catch((error: unknown) => {
      if (!isFault(error, 'invalid')) throw error;
      const problems = error.problems.map(({ pointer, detail }) => ({
        ...{ pointer: pointer.replace('/classifications/', '/classes/'), detail },
      }));
      throw new Fault('invalid', error.message, { problems });
    });
};

/** POST /api/reid/{analysis} */
export const createAnalysisHandler = (analysis: JobAnalysis): HttpHandler => {
  const { kind, path, scope } = reidKind;
  return http(
    { body: jsonBody(JOB_INPUTS[analysis].contract), access, scope, once: `${path}/${analysis}` },
    (request) => accept(kind, { analysis, input: request.body }, { check: () => checkInput(request.body) }, request),
  );
};

/** GET .../report and .../result.json of a job whose kind has both. */
export const partHandler = (kind: ExportKind, part: 'report' | 'result'): HttpHandler =>
  http({ access, scope: 'read', navigable: true }, async ({ path, headers, admission, streams }) => {
    const ports = { jobs: quickJobs(), files: quickFiles(), ...(streams ? { streamed: downloadFiles() } : {}) };
    const packs = part === 'report' && takesGzip(headers['accept-encoding']);
    return downloadAnswer(await openPart(ports, kind, part, path.job_id, viewer(admission), packs), headers);
  });

/** With the paths by which clients reach this service. */
function showStatus(status: ExportStatus): ExportStatus {
  const { download_url, report_url, result_url } = status;
  if (download_url === undefined) return status;
  return {
    ...{ ...status, download_url: outerPath(download_url) },
    ...(report_url && { report_url: outerPath(report_url) }),
    ...(result_url && { result_url: outerPath(result_url) }),
  };
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
 * GET of the status: how far a job of that kind is; 404 for one of another kind.
 * With If-None-Match and Prefer: wait the answer comes when that has changed.
 */
export const exportStatusHandler = (kind: ExportKind): HttpHandler => {
  const { parameter = 'job_id' } = findKind(kind)!;
  const readJobId = (path: HttpRequest<unknown>['path']): string | undefined => path[parameter];
  return http({ access, scope: 'read', readJobId }, async ({ path, headers, admission, onGone, msLeft }) => {
    const read = (): Promise<FoundJob> => findJob({ jobs: quickJobs() }, kind, readJobId(path), viewer(admission));
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
};
