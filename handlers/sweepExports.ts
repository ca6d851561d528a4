// Every minute: removes files that no record names any more.
import { sweepExports } from '../lib/exports/sweep.ts';
import { task } from '../lib/lambda/task.ts';
import { clock, files, limits, patientJobs } from '../lib/wiring.ts';

export const handler = task('sweep', () => sweepExports({ jobs: patientJobs(), files: files(), limits: limits(), clock }));
