// Every minute: removes files that no record names any more, and what is left of lists of jobs.

import { backgroundJobs, backgroundLists, clock, files, limits } from '../lib/clients.ts';
import { sweepExports } from '../lib/exports/job/sweep.ts';
import { task } from '../lib/lambda/task.ts';

export const handler = task('sweep', async () => ({
  lists: await backgroundLists().sweep(),
  ...(await sweepExports({ jobs: backgroundJobs(), files: files(), limits: limits(), clock })),
}));
