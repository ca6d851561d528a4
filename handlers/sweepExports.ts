// Every minute: removes files that no record names any more.

import { backgroundJobs, clock, files, limits } from '../lib/clients.ts';
import { sweepExports } from '../lib/exports/job/sweep.ts';
import { task } from '../lib/lambda/task.ts';

export const handler = task('sweep', () =>
  sweepExports({ jobs: backgroundJobs(), files: files(), limits: limits(), clock }),
);
