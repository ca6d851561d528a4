// What the service answers: schemas of the bodies, and an example of each; tests hold both the
// examples and real answers to them.
import Type from 'typebox';
import { KINDS } from '../../lib/exports/kinds/index.ts';
import type { KindFacts } from '../../lib/exports/shared/kind.ts';
import { importSchemas } from './import-schemas.ts';
import { overviewSchemas } from './overview-schemas.ts';

export const JOB = '0f8f5f0e-5a3b-4c8e-9d51-6b1f0a2c7d11';
export const FILE = `deer-report_2023-09-01_to_2024-01-31_${JOB}.pdf`;
export const SHA256 = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08';

export const closed = { additionalProperties: false };
export const instant = (description: string) => Type.String({ format: 'date-time', description });
const jobId = () => Type.String({ format: 'uuid', description: 'Id of the job, a UUID of version 4.' });

const status = {
  job_id: jobId(),
  status: Type.String({ enum: ['processing', 'completed', 'failed'] }),
  progress: Type.Integer({ minimum: 0, maximum: 100, description: 'Whole percent of the work done.' }),
  filename: Type.Optional(Type.String({ description: 'Name of the file; only when completed.' })),
  download_url: Type.Optional(Type.String({ description: 'Path of the file; only when completed.' })),
  file_size_bytes: Type.Optional(Type.Integer({ minimum: 0 })),
  sha256: Type.Optional(Type.String({ pattern: '^[0-9a-f]{64}$' })),
  report_url: Type.Optional(Type.String({ description: 'Path of the page of an analysis, to be shown.' })),
  result_url: Type.Optional(Type.String({ description: 'Path of what an analysis found, as JSON.' })),
  result_sha256: Type.Optional(Type.String({ pattern: '^[0-9a-f]{64}$', description: 'Of what it found.' })),
  created_at: instant('When the job was accepted.'),
  completed_at: Type.Optional(instant('When the job ended, well or not.')),
  expires_at: Type.Optional(instant('When status and file are forgotten; absent while processing.')),
  error: Type.Optional(Type.String({ description: 'Why the job failed, fit for a reader.' })),
};
export const Entry = Type.Object(
  { ...status, status_url: Type.String({ description: 'Path of the status.' }) },
  closed,
);

export const schemas = {
  Accepted: Type.Object(
    {
      job_id: jobId(),
      status: Type.Literal('processing'),
      status_url: Type.String({ description: 'Path of the status; also in the header Location.' }),
      expires_after_seconds: Type.Integer({
        minimum: 1,
        description: 'Life of the finished export, counted from its completion.',
      }),
    },
    closed,
  ),
  Status: Type.Object(status, closed),
  Exports: Type.Object(
    {
      exports: Type.Array(Entry, { description: 'The newest first.' }),
      next: Type.Optional(
        Type.String({ description: 'The next page is what this asks for as `before`; absent on the last page.' }),
      ),
    },
    closed,
  ),
  Problem: Type.Object(
    {
      detail: Type.String({ description: 'The first broken rule, or what is wrong.' }),
      errors: Type.Optional(
        Type.Array(
          Type.Object(
            { pointer: Type.String({ description: 'JSON pointer into the request body.' }), detail: Type.String() },
            closed,
          ),
          { description: 'All broken rules, in the order of docs/EXPORT_VALIDATION.md.' },
        ),
      ),
    },
    { ...closed, description: 'RFC 9457 problem details; type is about:blank and left out.' },
  ),
  SignIn: Type.Object({ key: Type.String({ minLength: 1, maxLength: 200 }) }, closed),
  Health: Type.Object(
    {
      status: Type.String({ enum: ['ok', 'unavailable'] }),
      services: Type.Record(Type.String(), Type.String({ enum: ['ok', 'unavailable'] })),
    },
    closed,
  ),
  ReidResult: Type.Object(
    {},
    { additionalProperties: true, description: 'Fields as docs/REID_OPTIMIZATION_ANALYSIS.md describes them.' },
  ),
  Alive: Type.Object({ status: Type.Literal('alive') }, closed),
  Readiness: Type.Object(
    {
      status: Type.String({ enum: ['ready', 'unavailable', 'ending'] }),
      services: Type.Optional(
        Type.Record(Type.String(), Type.String({ enum: ['ok', 'unavailable'] }), {
          description: 'For those with a key, and where none is needed.',
        }),
      ),
    },
    closed,
  ),
  ...overviewSchemas,
  ...importSchemas,
} as const;

export type SchemaName = keyof typeof schemas;

/**
 * A body of one response; `of` names its schema, `types` is application/json unless it says
 * otherwise.
 */
export interface Body {
  of?: SchemaName;
  types?: readonly string[];
  examples: Record<string, unknown>;
}
export interface Response {
  description: string;
  /** Always there, unless `isSeldom`. */
  headers?: Record<string, { description: string; example: string; isSeldom?: true }>;
  body?: Body;
}

export const problem = (examples: Record<string, unknown>): Body => ({
  of: 'Problem',
  types: ['application/problem+json'],
  examples,
});
export const said = (detail: string) => ({ detail });
export const broken = (...rules: [pointer: string, detail: string][]) => ({
  detail: rules[0]?.[1] ?? '',
  errors: rules.map(([pointer, detail]) => ({ pointer, detail })),
});
const retry = { 'Retry-After': { description: 'Seconds to wait before asking again.', example: '2' } };

export const responses = {
  accepted: ({ path }: Pick<KindFacts, 'path'>): Response => ({
    description: 'Accepted and queued.',
    headers: {
      Location: { description: 'Path of the status.', example: `${path}/${JOB}` },
      'Retry-After': { description: 'Seconds to wait before asking for the status.', example: '1' },
      'Idempotency-Replayed': { description: 'This answer was given before.', example: 'true', isSeldom: true },
    },
    body: {
      of: 'Accepted',
      examples: {
        accepted: {
          job_id: JOB,
          status: 'processing',
          status_url: `${path}/${JOB}`,
          expires_after_seconds: 3600,
        },
      },
    },
  }),
  invalid: {
    description: 'The request breaks a rule; nothing was queued.',
    body: problem({
      turned_round: broken(['/start_date', 'start_date must be before end_date']),
      too_long: broken(['/end_date', 'Date range cannot exceed 1 year']),
      grouping: broken(['/group_by', 'group_by must be one of: day, week, month']),
      several: broken(
        ['/title', 'title must be text of up to 120 characters'],
        ['/start_date', 'start_date cannot be in the future'],
      ),
      not_json: said('Request body is not valid JSON'),
    }),
  },
  forbidden: {
    description: 'The request comes from a web page of another origin, or from a proxy that is not trusted.',
    body: problem({ foreign: said('Other web pages may not use this service') }),
  },
  misdirected: {
    description: 'The Host header does not name this service.',
    body: problem({ host: said('This host name is not served here; PUBLIC_URL names the one that is') }),
  },
  unsupportedType: {
    description: 'A web page sent something else than JSON; other clients may.',
    body: problem({ form: said('A web page must send application/json') }),
  },
  tooLarge: {
    description: 'The body is larger than 512 KiB.',
    body: problem({ too_large: said('Request body is too large') }),
  },
  unavailable: {
    description: 'A service that this one leans on is down or slow; nothing half-done remains.',
    headers: retry,
    body: problem({ redis: said('Redis is not available') }),
  },
  gone: {
    description: 'Unknown, expired, cancelled, or of another kind.',
    body: problem({ gone: said('Job not found or expired') }),
  },
  cancelled: { description: 'Cancelled; its file is removed.' },
  file: {
    description: 'The file; from Lambda up to 4.5 MB.',
    headers: {
      'Accept-Ranges': { description: 'A Range header is understood.', example: 'bytes' },
      ETag: { description: 'SHA-256 of the file, in quotes.', example: `"${SHA256}"` },
      'Content-Disposition': { description: 'The name to save it under.', example: `attachment; filename="${FILE}"` },
    },
    body: {
      types: [...new Set(KINDS.map(({ contentType }) => contentType.split(';')[0]!))],
      examples: { bytes: '...' },
    },
  },
  part: {
    description: 'The bytes that Range asks for; If-Range may name the ETag that they must be of.',
    headers: {
      ETag: { description: 'SHA-256 of the file, in quotes.', example: `"${SHA256}"` },
      'Content-Range': { description: 'Which bytes of how many.', example: 'bytes 0-1023/84213' },
    },
    body: {
      types: [...new Set(KINDS.map(({ contentType }) => contentType.split(';')[0]!))],
      examples: { bytes: '...' },
    },
  },
  outOfRange: {
    description: 'The file does not have the bytes that Range asks for.',
    headers: { 'Content-Range': { description: 'How many bytes there are.', example: 'bytes */84213' } },
    body: problem({ outside: said('The file does not have this range') }),
  },
  unchanged: {
    description: 'The reader has it already (If-None-Match).',
    headers: { ETag: { description: 'SHA-256 of the file, in quotes.', example: `"${SHA256}"` } },
  },
  elsewhere: {
    description:
      'From Lambda only: the file is larger than 4.5 MB, or S3 sends it slowly. It is fetched by a signed link; curl -L follows it.',
    headers: { Location: { description: 'The signed link.', example: 'http://127.0.0.1:4566/hoofprint-exports/...' } },
    body: {
      types: ['text/plain'],
      examples: {
        link: 'The file is fetched from http://127.0.0.1:4566/hoofprint-exports/... (curl -L follows it)\n',
      },
    },
  },
  noFile: {
    description: 'No completed job names this file.',
    body: problem({ gone: said('File not found or expired') }),
  },
  damaged: {
    description: 'The stored file is not what its record describes, or an error of this program.',
    body: problem({ damaged: said('The stored file is damaged; ask for the export again') }),
  },
  healthy: {
    description: 'Everything answers.',
    body: {
      of: 'Health',
      examples: { ok: { status: 'ok', services: { postgres: 'ok', redis: 'ok', sqs: 'ok', s3: 'ok' } } },
    },
  },
  unhealthy: {
    description: 'Something does not answer.',
    body: {
      of: 'Health',
      examples: {
        redis_down: { status: 'unavailable', services: { postgres: 'ok', redis: 'unavailable', sqs: 'ok', s3: 'ok' } },
      },
    },
  },
  metrics: {
    description: 'Figures in the text format of Prometheus. Counters of jobs are of all processes together.',
    body: {
      types: ['text/plain'],
      examples: {
        queue:
          '# HELP queue_messages Messages of jobs.\n# TYPE queue_messages gauge\nqueue_messages{state="waiting"} 3\n',
      },
    },
  },
  alive: {
    description: 'This process answers. Nothing else is looked at.',
    body: { of: 'Alive', examples: { alive: { status: 'alive' } } },
  },
  ready: {
    description: 'Every store takes what it is given.',
    body: {
      of: 'Readiness',
      examples: {
        stranger: { status: 'ready' },
        office: { status: 'ready', services: { postgres: 'ok', redis: 'ok', sqs: 'ok', s3: 'ok', disk: 'ok' } },
      },
    },
  },
  unready: {
    description: 'A store is away or full, or this process is about to end.',
    body: {
      of: 'Readiness',
      examples: {
        ending: { status: 'ending' },
        full: { status: 'unavailable', services: { postgres: 'ok', redis: 'unavailable', sqs: 'ok', s3: 'ok' } },
      },
    },
  },
} as const satisfies Record<string, Response | ((kind: never) => Response)>;
