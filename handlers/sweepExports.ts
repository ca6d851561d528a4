// Every minute: removes files that no record names, what is left of lists of jobs, and abandoned
// uploads; sends webhooks that are due again, and notes whether pictures can be written here.
import { backgroundLists, backgroundStore, roomSettings, sweepPorts } from '../lib/clients.ts';
import { noteRoom } from '../lib/exports/import/room.ts';
import { sweepUploads } from '../lib/exports/import/uploads.ts';
import { sweepExports } from '../lib/exports/job/sweep.ts';
import { task } from '../lib/lambda/task.ts';
import { sweepWebhooks } from '../lib/webhooks/send.ts';

export const handler = task('sweep', async () => {
  const ports = sweepPorts();
  await noteRoom(backgroundStore(), roomSettings().imageRoot);
  const removed = { webhooks: await sweepWebhooks(ports), lists: await backgroundLists().sweep() };
  return { ...removed, ...(await sweepExports(ports)), packages: await sweepUploads(ports.files, ports.clock()) };
});
