// What exports need from the world; lib/wiring.ts fills it in, tests may too. Each act takes only
// what it uses.

import type { Images } from '../../adapters/images.ts';
import type { Database } from '../../adapters/postgres.ts';
import type { Files } from '../../adapters/s3.ts';
import type { Queue } from '../../adapters/sqs.ts';
import type { Problem } from '../../errors.ts';
import type { Precision } from '../../precision.ts';
import type { ExportKind, Renderers } from '../kinds/index.ts';
import type { JobLimits, Jobs } from './jobs.ts';

export interface Ports {
  jobs: Jobs;
  /** The queue of export jobs. */
  queue: Queue;
  /** Says that a job with an owner has ended. Never rejects. */
  announceEnd: (jobId: string) => Promise<unknown>;
  /** Where the operator finds what could not be done. */
  parked: Queue;
  files: Files;
  database: Database;
  images: Images;
  /** What is wrong with a request of a kind by its schema; the edge's validator. */
  findProblems: (kind: ExportKind, request: unknown) => Problem[];
  renderers: Renderers;
  limits: JobLimits;
  /** The finest that any export gives locations in. */
  precision: Precision;
  /** IANA zone in which calendar days are meant. */
  timeZone: string;
  clock: () => Date;
}
