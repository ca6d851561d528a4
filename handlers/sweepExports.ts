// Every minute: removes files that no record names any more.
import { sweepExports } from '../lib/exports/job/sweep.ts';
import { task } from '../lib/lambda/task.ts';
import { backgroundJobs, clock, files, limits } from '../lib/wiring.ts';

export const handler = task('sweep', () =>
  sweepExports({ jobs: backgroundJobs(), files: files(), limits: limits(), clock }),
);
