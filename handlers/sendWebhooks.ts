// SQS webhooks: notifies the webhooks of an owner's keys that a job of his has ended.
import { webhookPorts } from '../lib/clients.ts';
import { showEntry } from '../lib/export-handlers.ts';
import { queue } from '../lib/lambda/queue.ts';
import { log } from '../lib/log.ts';
import { webhookMessageContract } from '../lib/webhooks/message.ts';
import { sendWebhooks } from '../lib/webhooks/send.ts';

export const handler = queue(
  webhookMessageContract,
  ({ message }) => sendWebhooks({ ...webhookPorts(), show: showEntry }, message.job_id),
  {
    about: ({ job_id }) => ({ job_id }),
    unreadable: async ({ message }) => log.warn('message dropped', { reason: message }),
  },
);
