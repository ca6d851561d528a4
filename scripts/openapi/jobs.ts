// What the service answers about jobs: a status, which can be waited for, the list, the events.
import { named, optional, secured, text } from './access.ts';
import { FILE, JOB, problem, type Response, responses, SHA256, said } from './answers.ts';

const statusTag = { description: 'Changes with whatever a reader sees of the job.', example: '"1796049964216711"' };
const waited = { description: 'The answer has waited, as Prefer asked.', example: 'wait', isSeldom: true } as const;
const processing = { job_id: JOB, status: 'processing', progress: 40, created_at: '2024-09-02T10:00:00.000Z' };

export const jobResponses = {
  working: {
    description: 'A request with this Idempotency-Key is being answered.',
    headers: { 'Retry-After': { description: 'Seconds to wait before asking again.', example: '1' } },
    body: problem({ working: said('A request with this Idempotency-Key is being answered') }),
  },
  reused: {
    description: 'The Idempotency-Key was used for another request.',
    body: problem({ reused: said('This Idempotency-Key was used for another request') }),
  },
  status: {
    description: 'How far the export is, and where to fetch it when it is done.',
    headers: {
      'Retry-After': { description: 'While processing: seconds to wait before asking again.', example: '1' },
      ETag: statusTag,
      'Preference-Applied': waited,
    },
    body: {
      of: 'Status',
      examples: {
        processing,
        completed: {
          job_id: JOB,
          status: 'completed',
          progress: 100,
          filename: FILE,
          download_url: `/api/static/exports/${FILE}`,
          file_size_bytes: 84_213,
          sha256: SHA256,
          created_at: '2024-09-02T10:00:00.000Z',
          completed_at: '2024-09-02T10:00:01.000Z',
          expires_at: '2024-09-02T11:00:01.000Z',
        },
        failed: {
          job_id: JOB,
          status: 'failed',
          progress: 0,
          created_at: '2024-09-02T10:00:00.000Z',
          completed_at: '2024-09-02T10:00:01.000Z',
          expires_at: '2024-09-02T11:00:01.000Z',
          error: 'No detections found between 2022-01-01 and 2022-01-31',
        },
      },
    },
  },
  unchangedStatus: {
    description: 'Nothing has changed since the reader asked (If-None-Match), also not while the answer waited.',
    headers: { ETag: statusTag, 'Preference-Applied': waited },
  },
  list: {
    description: 'Jobs of the caller, the newest first; of everybody with the scope exports:all or admin.',
    body: {
      of: 'Exports',
      examples: {
        page: { exports: [{ ...processing, status_url: `/api/exports/pdf/${JOB}` }], next: 'MTc5NjA0OTk2NDIxNjcxMQ' },
        last: { exports: [] },
      },
    },
  },
  noPage: {
    description: 'The query asks for no page.',
    body: problem({ limit: said('limit must be a whole number from 1 to 100') }),
  },
  events: {
    description:
      'A stream of events: `job` with a status and its status_url, `gone` for a job that was cancelled, `open` at the beginning, and `reset` where what the reader knows is too old: all jobs follow.',
    headers: { 'X-Accel-Buffering': { description: 'Proxies pass each event on at once.', example: 'no' } },
    body: {
      types: ['text/event-stream'],
      examples: { gone: `id: 1796049964216711\nevent: gone\ndata: {"job_id":"${JOB}"}\n\n` },
    },
  },
  noStream: {
    description: 'This gateway passes no stream on.',
    body: problem({
      wait: said('Events are not streamed here: ask for the status of a job with If-None-Match and Prefer: wait=20'),
    }),
  },
} as const satisfies Record<string, Response>;

/** Of what makes something. */
export const ONCE = [
  optional(
    'header',
    'Idempotency-Key',
    '1 to 255 visible ASCII characters; one with a comma needs quotes. The same key and body within a day make one job, and get the first answer again.',
    text,
    '"8e03978e-40d5-43dd-bc93-6894a57f9324"',
  ),
];
/** Of a status. */
/** @param schema name of the request's schema */
export const requestBody = (schema: string, examples: Record<string, unknown>) => ({
  required: true,
  description: 'Read as JSON whatever its Content-Type; at most 512 KiB.',
  content: {
    'application/json': { schema: { $ref: `#/components/schemas/${schema}` }, examples: named(examples) },
  },
});

export const WAITING = [
  optional('header', 'If-None-Match', 'The ETag of an earlier answer: 304 if nothing has changed.', text, '"1796049"'),
  optional(
    'header',
    'Prefer',
    'wait=20: with If-None-Match the answer comes when something has changed, after so many seconds (20 at most) at the latest.',
    text,
    'wait=20',
  ),
];

/** Of the functions about several jobs. */
export const jobPaths = (): object => ({
  '/api/exports': {
    get: {
      operationId: 'listExports',
      summary: 'Jobs of the caller, the newest first',
      tags: ['exports'],
      parameters: [
        optional(
          'query',
          'limit',
          'Most jobs of a page.',
          { type: 'integer', minimum: 1, maximum: 100, default: 20 },
          20,
        ),
        optional('query', 'before', '`next` of the answer before.', text, 'MTc5NjA0OTk2NDIxNjcxMQ'),
      ],
      ...secured('read', { 200: jobResponses.list, 400: jobResponses.noPage, 503: responses.unavailable }),
    },
  },
  '/api/events': {
    get: {
      operationId: 'exportEvents',
      summary: 'What happens to the jobs of the caller, as a stream',
      tags: ['exports'],
      parameters: [
        optional(
          'header',
          'Last-Event-ID',
          'The last event that was read; what changed since follows.',
          text,
          '17960499',
        ),
      ],
      ...secured('read', { 200: jobResponses.events, 501: jobResponses.noStream, 503: responses.unavailable }),
    },
  },
});
