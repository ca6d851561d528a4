// SQS exports-dead: ends the job of a message whose attempts are used up and parks the message with
// its reason.

import { announceEnd, backgroundJobs, parkedQueue } from '../lib/clients.ts';
import { deadLetterExport, parkUnreadable } from '../lib/exports/job/dead-letter.ts';
import { messageContract } from '../lib/exports/job/message.ts';
import { queue } from '../lib/lambda/queue.ts';

const ports = () => ({ jobs: backgroundJobs(), parked: parkedQueue(), announceEnd });

export const handler = queue(messageContract, ({ message, text }) => deadLetterExport(ports(), message, text), {
  about: ({ job_id }) => ({ job_id }),
  unreadable: (fault, { text }) => parkUnreadable(ports(), fault, text),
});
