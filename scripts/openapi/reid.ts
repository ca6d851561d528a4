// Analyses of Re-ID as jobs, as docs/openapi.yaml says them.
import { ANALYSES, reidKind } from '../../lib/exports/reid/kind.ts';
import { JOB_INPUTS } from '../../lib/reid/job-inputs.ts';
import { secured } from './access.ts';
import { broken, JOB, problem, type Response, responses, SHA256, said } from './answers.ts';
import { jobResponses, ONCE, requestBody, WAITING } from './jobs.ts';
import { documentSchema } from './schema.ts';

type Analysis = (typeof ANALYSES)[number];

const { path } = reidKind;
const requestName = (analysis: Analysis): string => `Reid${analysis[0]!.toUpperCase()}${analysis.slice(1)}Request`;
const FILE = `reid-analysis_${JOB}.html`;

const etag = { ETag: { description: 'SHA-256 of the file, in quotes.', example: `"${SHA256}"` } };
const answers = {
  accepted: responses.accepted(reidKind),
  invalid: {
    description: 'The input breaks a rule; nothing was queued.',
    body: problem({
      threshold: broken(['/thresholds/0', 'thresholds[0] must be a number from -1 to 1']),
      days: broken(['/since', 'since must be before until']),
      output: broken(['/output', 'output is not a known field; known fields: evidence, classes, locations']),
      not_json: said('Request body is not valid JSON'),
    }),
  },
  status: {
    ...jobResponses.status,
    description: 'How far the analysis is, and where to read it when it is done.',
    body: {
      of: 'Status',
      examples: {
        processing: jobResponses.status.body.examples.processing,
        completed: {
          ...jobResponses.status.body.examples.completed,
          ...{ filename: FILE, download_url: `/api/static/exports/${FILE}` },
          ...{ report_url: `${path}/${JOB}/report`, result_url: `${path}/${JOB}/result.json`, result_sha256: SHA256 },
        },
        failed: { ...jobResponses.status.body.examples.failed, error: 'Unknown class "unicorn"; known: buck, doe' },
      },
    },
  },
  report: {
    description: 'The page, to be shown: it runs its scripts in a sandbox, and loads nothing from anywhere.',
    headers: {
      ...etag,
      'Content-Security-Policy': {
        description: 'A sandbox, and the hashes of the scripts of the page.',
        example: "sandbox allow-scripts allow-downloads; default-src 'none'; script-src 'sha256-...'",
      },
    },
    body: { types: ['text/html'], examples: { page: '<!doctype html>...' } },
  },
  result: {
    description: 'What the analysis found: what the function returns, but for its links.',
    headers: etag,
    body: { of: 'ReidResult', examples: { some: { current_threshold: 0.7, total_detections: 11_570, notes: [] } } },
  },
  noPart: { description: 'No completed analysis has this id.', body: responses.noFile.body },
} as const satisfies Record<string, Response>;

const JOB_ID = [
  {
    name: 'job_id',
    in: 'path',
    required: true,
    description: 'Id of the job.',
    schema: { type: 'string' },
    example: JOB,
  },
];

const ask = (analysis: Analysis) => ({
  post: {
    operationId: `createReid${analysis[0]!.toUpperCase()}${analysis.slice(1)}`,
    summary: JOB_INPUTS[analysis].description,
    tags: ['reid'],
    parameters: ONCE,
    requestBody: requestBody(requestName(analysis), JOB_INPUTS[analysis].examples),
    ...secured(reidKind.scope, {
      202: answers.accepted,
      400: answers.invalid,
      409: jobResponses.working,
      413: responses.tooLarge,
      415: responses.unsupportedType,
      422: jobResponses.reused,
      503: responses.unavailable,
    }),
  },
});

const part = (operationId: string, summary: string, found: Response) => ({
  get: {
    ...{ operationId, summary, tags: ['reid'], parameters: JOB_ID },
    ...secured('read', {
      200: found,
      206: { ...responses.part, body: { types: found.body?.types ?? ['application/json'], examples: { some: '...' } } },
      304: responses.unchanged,
      307: responses.elsewhere,
      404: answers.noPart,
      416: responses.outOfRange,
      500: responses.damaged,
      503: responses.unavailable,
    }),
  },
});

export const reidPaths = (): object => ({
  ...Object.fromEntries(ANALYSES.map((analysis) => [`${path}/${analysis}`, ask(analysis)])),
  [`${path}/{job_id}`]: {
    get: {
      operationId: 'readReidAnalysis',
      summary: 'How far an analysis of Re-ID is; DELETE /api/exports/{job_id} cancels it',
      tags: ['reid'],
      parameters: [...JOB_ID, ...WAITING],
      ...secured('read', {
        200: answers.status,
        304: jobResponses.unchangedStatus,
        404: responses.gone,
        503: responses.unavailable,
      }),
    },
  },
  [`${path}/{job_id}/report`]: part('readReidReport', 'The page of a completed analysis', answers.report),
  [`${path}/{job_id}/result.json`]: part('readReidResult', 'What a completed analysis found', answers.result),
});

export const reidSchemas = (): object =>
  Object.fromEntries(
    ANALYSES.map((analysis) => {
      const { contract, description } = JOB_INPUTS[analysis];
      const words = `${description} since must not be after until, and no list may hold a value twice. Names of classes and locations must be known to the database. An optional field that is null counts as absent.`;
      return [requestName(analysis), { ...documentSchema(contract.schema), description: words }];
    }),
  );
