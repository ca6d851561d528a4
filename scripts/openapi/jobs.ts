// What the service answers about jobs: a status, which can be waited for, the list, the events.
import { FILE, JOB, problem, type Response, SHA256, said } from './answers.ts';

const statusTag = { description: 'Changes with whatever a reader sees of the job.', example: '"1796049964216711"' };
const waited = { description: 'The answer has waited, as Prefer asked.', example: 'wait', isSeldom: true } as const;
const processing = { job_id: JOB, status: 'processing', progress: 40, created_at: '2024-09-02T10:00:00.000Z' };

export const jobResponses = {
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
