// SQS exports-dead: ends the job of a message whose attempts are used up and parks the message with its reason.
import { closeExport, parkUnreadable } from '../lib/exports/close.ts';
import { messageContract } from '../lib/exports/message.ts';
import { queue } from '../lib/lambda/queue.ts';
import { parkedQueue, patientJobs } from '../lib/wiring.ts';

const ports = () => ({ jobs: patientJobs(), parked: parkedQueue() });

export const handler = queue(messageContract, ({ message, text }) => closeExport(ports(), message, text), {
  about: ({ job_id }) => ({ job_id }),
  unreadable: (fault, { text }) => parkUnreadable(ports(), fault, text),
});
