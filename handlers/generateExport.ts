// SQS exports: makes the export that a message asks for.
import { generateExport } from '../lib/exports/job/generate.ts';
import { messageContract } from '../lib/exports/job/message.ts';
import { queue } from '../lib/lambda/queue.ts';
import { generatePorts, prepareExports } from '../lib/wiring.ts';

/** Called by the host where a process was started before its first message. */
export const prepare = prepareExports;

export const handler = queue(
  messageContract,
  ({ message, signal }) => generateExport(generatePorts(), message, signal),
  {
    about: ({ job_id }) => ({ job_id }),
  },
);
