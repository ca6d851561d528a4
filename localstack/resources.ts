// Names and limits of the queues and the bucket; a test holds serverless.yml, compose.yaml and both server configurations to them.

export const QUEUES = { work: 'exports', dead: 'exports-dead', parked: 'exports-parked' } as const;
export const BUCKET = 'hoofprint-exports';

/** Receives of one message before SQS moves it to the dead-letter queue. */
export const MAX_RECEIVES = 5;
/** How long the work queue keeps a message, in seconds (one day); the dead and parked queues keep it 14 days. */
export const RETENTION_SECONDS = 86_400;
export const PARKED_RETENTION_SECONDS = 1_209_600;
/** Timeout of the consumer function; AWS wants a visibility timeout of at least six times this. */
export const CONSUMER_TIMEOUT_SECONDS = 300;
export const VISIBILITY_SECONDS = 6 * CONSUMER_TIMEOUT_SECONDS;
export const REGION = 'us-east-1';
