// Every minute: removes files that no record names any more, and what is left of lists of jobs, and
// asks again for webhooks that are due.

import { backgroundJobs, backgroundLists, clock, files, limits, webhookOutbox, webhookQueue } from '../lib/clients.ts';
import { sweepExports } from '../lib/exports/job/sweep.ts';
import { task } from '../lib/lambda/task.ts';
import { sweepWebhooks } from '../lib/webhooks/send.ts';

export const handler = task('sweep', async () => ({
  webhooks: await sweepWebhooks({ outbox: webhookOutbox(), queue: webhookQueue() }),
  lists: await backgroundLists().sweep(),
  ...(await sweepExports({ jobs: backgroundJobs(), files: files(), limits: limits(), clock })),
}));
