// The ports of lib/exports on the suite's real services, with a renderer that a test chooses.
import { Readable } from 'node:stream';
import { postgres } from '../../lib/adapters/postgres.ts';
import { redis } from '../../lib/adapters/redis.ts';
import { s3Files } from '../../lib/adapters/s3.ts';
import { sqsQueue } from '../../lib/adapters/sqs.ts';
import { jobs, type Viewer } from '../../lib/exports/job/jobs.ts';
import type { ExportMessage } from '../../lib/exports/job/message.ts';
import type { Ports } from '../../lib/exports/job/ports.ts';
import { CONTRACTS, KINDS, type Renderers } from '../../lib/exports/kinds/index.ts';
import type { PdfRequest } from '../../lib/exports/pdf/request.ts';
import type { Product, Renderer } from '../../lib/exports/shared/renderer.ts';
import { problemFinder } from '../../lib/lambda/validate.ts';
import { logFrom } from '../../lib/log.ts';

export const product = (body: Readable | string): Product => ({
  body: typeof body === 'string' ? Readable.from([Buffer.from(body)]) : body,
});

/** Looks at jobs as a person at this machine does. */
export const EVERYONE: Viewer = { owner: undefined, seesAll: true };

export interface TestPorts extends Ports {
  /** How often the renderer was called. */
  made(): number;
  /** A script on the raw record of a job. */
  record(lua: string, jobId: string, ...args: string[]): Promise<unknown>;
  stored(jobId: string): Promise<string[]>;
  close(): Promise<void>;
}

export function testPorts(
  renderer: Renderer<PdfRequest> = async () => product('%PDF-'),
  limits = { ttlSeconds: 3600, retentionSeconds: 86_400 },
): TestPorts {
  logFrom('silent');
  const store = redis({ url: process.env.REDIS_URL!, prefix: process.env.REDIS_KEY_PREFIX!, timeout: 3_000 });
  const files = s3Files({ bucket: process.env.EXPORTS_BUCKET! });
  const database = postgres({ url: process.env.DATABASE_URL! });
  const findProblems = new Map(KINDS.map(({ kind }) => [kind, problemFinder({ schema: CONTRACTS[kind].schema })]));
  const none = (): Promise<never> => Promise.reject(new Error('this suite makes no such file'));
  let made = 0;
  return {
    jobs: jobs(store, limits),
    queue: sqsQueue({ url: process.env.EXPORTS_QUEUE_URL! }),
    parked: sqsQueue({ url: process.env.EXPORTS_PARKED_QUEUE_URL! }),
    announceEnd: async () => undefined,
    files,
    database,
    images: { read: () => Promise.reject(new Error('no images here')) },
    findProblems: (kind, request) => findProblems.get(kind)!(request, undefined),
    renderers: {
      ...(Object.fromEntries(KINDS.map(({ kind }) => [kind, none])) as unknown as Renderers),
      pdf: (job) => {
        made += 1;
        return renderer(job);
      },
    },
    limits,
    precision: 'exact',
    timeZone: 'UTC',
    clock: () => new Date(),
    made: () => made,
    record: (lua, jobId, ...args) => store.script(lua, `export_job:${jobId}`, args),
    async stored(jobId) {
      const keys: string[] = [];
      for await (const { key } of files.list(`exports/${jobId}/`)) keys.push(key);
      return keys;
    },
    async close() {
      await store.close();
      await database.close();
    },
  };
}

export const aRequest: PdfRequest = { start_date: '2023-09-01', end_date: '2024-01-31', group_by: 'month' };

export const aMessage = (job_id: string, fields: Partial<ExportMessage> = {}): ExportMessage => ({
  version: 1,
  job_id,
  kind: 'pdf',
  created_at: new Date().toISOString(),
  request: aRequest,
  ...fields,
});
