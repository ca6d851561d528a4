// Names and limits of the queues and the bucket; a test holds serverless.yml, compose.yaml and both
// server configurations to them.

export const QUEUES = {
  exports: 'exports',
  dead: 'exports-dead',
  parked: 'exports-parked',
  webhooks: 'webhooks',
} as const;
export const BUCKET = 'hoofprint-exports';

/** Receives of one message before SQS moves it to the dead-letter queue. */
export const MAX_RECEIVES = 5;
/**
 * How long the work queue keeps a message, in seconds (one day); the dead and parked queues keep it
 * 14 days.
 */
export const RETENTION_SECONDS = 86_400;
const PARKED_RETENTION_SECONDS = 1_209_600;
/**
 * Timeouts of the two functions behind queues; AWS wants a visibility timeout of at least six times
 * these.
 */
export const CONSUMER_TIMEOUT_SECONDS = 600;
export const DEAD_LETTER_TIMEOUT_SECONDS = 30;
export const VISIBILITY_SECONDS = 6 * CONSUMER_TIMEOUT_SECONDS;
export const DEAD_VISIBILITY_SECONDS = 6 * DEAD_LETTER_TIMEOUT_SECONDS;
/** What this queue says is kept in Redis: a message that is lost is sent again by the sweeper. */
const WEBHOOKS_RETENTION_SECONDS = 3_600;
export const WEBHOOKS_TIMEOUT_SECONDS = 60;
export const WEBHOOKS_VISIBILITY_SECONDS = 6 * WEBHOOKS_TIMEOUT_SECONDS;
/** Nobody receives from the parked queue but an operator: SQS's default. */
const PARKED_VISIBILITY_SECONDS = 30;
export const REGION = 'us-east-1';
/** The account of every emulator. */
export const ACCOUNT = '000000000000';

/**
 * The queues in the order of their making (a redrive target comes first), with their SQS
 * attributes.
 */
export const QUEUE_ATTRIBUTES: readonly { name: string; attributes: Record<string, string> }[] = [
  {
    name: QUEUES.parked,
    attributes: {
      MessageRetentionPeriod: String(PARKED_RETENTION_SECONDS),
      VisibilityTimeout: String(PARKED_VISIBILITY_SECONDS),
    },
  },
  {
    name: QUEUES.webhooks,
    attributes: {
      MessageRetentionPeriod: String(WEBHOOKS_RETENTION_SECONDS),
      VisibilityTimeout: String(WEBHOOKS_VISIBILITY_SECONDS),
    },
  },
  {
    name: QUEUES.dead,
    attributes: {
      MessageRetentionPeriod: String(PARKED_RETENTION_SECONDS),
      VisibilityTimeout: String(DEAD_VISIBILITY_SECONDS),
    },
  },
  {
    name: QUEUES.exports,
    attributes: {
      MessageRetentionPeriod: String(RETENTION_SECONDS),
      VisibilityTimeout: String(VISIBILITY_SECONDS),
      RedrivePolicy: JSON.stringify({
        deadLetterTargetArn: `arn:aws:sqs:${REGION}:${ACCOUNT}:${QUEUES.dead}`,
        maxReceiveCount: MAX_RECEIVES,
      }),
    },
  },
];
