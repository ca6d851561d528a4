// generateExport with a renderer that only sleeps: what machines do together is measured by time
// that costs no CPU. RENDER_MS: how long one file takes.
import { Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { generateExport } from '../../lib/exports/job/generate.ts';
import { messageContract } from '../../lib/exports/job/message.ts';
import type { RenderJob } from '../../lib/exports/shared/renderer.ts';
import { queue } from '../../lib/lambda/queue.ts';
import { generatePorts } from '../../lib/wiring.ts';
import { contentOf } from './content.ts';

const renderMs = Number(process.env.RENDER_MS);

async function render({ jobId, progress, signal }: RenderJob<unknown>): Promise<{ body: Readable }> {
  progress(1, 2);
  await pause(renderMs, undefined, { signal });
  return { body: Readable.from([contentOf(jobId)]) };
}

export const handler = queue(
  messageContract,
  ({ message, signal }) => {
    const ports = generatePorts();
    return generateExport({ ...ports, renderers: { ...ports.renderers, pdf: render } }, message, signal);
  },
  { about: ({ job_id }) => ({ job_id }) },
);
