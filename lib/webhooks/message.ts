// The message that asks to notify the webhooks of a job; what they get is in the outbox.
import Type, { type Static } from 'typebox';
import type { Queue } from '../adapters/sqs.ts';
import type { Contract } from '../contract.ts';
import { errorMessage } from '../errors.ts';
import { log } from '../log.ts';

const Message = Type.Object(
  {
    version: Type.Literal(1, { expected: '1' }),
    job_id: Type.String({ pattern: '^[0-9a-f-]{36}$', expected: 'the id of a job' }),
  },
  { additionalProperties: false, expected: 'a message about webhooks' },
);
export type WebhookMessage = Static<typeof Message>;
export const webhookMessageContract: Contract<WebhookMessage> = { schema: Message };

/** Longest delay that SQS takes, in ms; what is due later is for the sweeper. */
export const LONGEST_DELAY_MS = 900_000;

/** @returns whether the queue took it; where it did not, the sweeper sends it again */
export async function askToSend(queue: Queue, jobId: string, delayMs = 0): Promise<boolean> {
  const message: WebhookMessage = { version: 1, job_id: jobId };
  try {
    await queue.send(JSON.stringify(message), {}, undefined, Math.ceil(delayMs / 1_000));
    return true;
  } catch (error) {
    log.warn('webhooks are left to the sweeper', { job_id: jobId, reason: errorMessage(error) });
    return false;
  }
}
