// A key prefix, queues and a bucket on running services: what separates users of one stack.
import { randomBytes } from 'node:crypto';
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectsCommand,
  ListObjectsV2Command,
  S3Client,
} from '@aws-sdk/client-s3';
import { CreateQueueCommand, DeleteQueueCommand, GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { Redis } from 'ioredis';
import { MAX_RECEIVES } from '../../localstack/stack/resources.ts';

export interface Tenant {
  environment: Record<string, string>;
  close(): Promise<void>;
}

type Undo = (() => Promise<unknown>)[];

async function makeQueues(environment: Record<string, string>, suffix: string, undo: Undo): Promise<void> {
  const sqs = new SQSClient({ endpoint: environment.AWS_ENDPOINT_URL_SQS });
  undo.push(async () => sqs.destroy());
  const make = async (name: string, Attributes: Record<string, string> = {}): Promise<string> => {
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: `${name}-${suffix}`, Attributes }));
    undo.push(() => sqs.send(new DeleteQueueCommand({ QueueUrl })));
    return QueueUrl!;
  };
  environment.EXPORTS_PARKED_QUEUE_URL = await make('exports-parked');
  environment.WEBHOOKS_QUEUE_URL = await make('webhooks');
  environment.EXPORTS_DEAD_QUEUE_URL = await make('exports-dead');
  const dead = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: environment.EXPORTS_DEAD_QUEUE_URL, AttributeNames: ['QueueArn'] }),
  );
  environment.EXPORTS_QUEUE_URL = await make('exports', {
    VisibilityTimeout: '20',
    RedrivePolicy: JSON.stringify({ deadLetterTargetArn: dead.Attributes!.QueueArn, maxReceiveCount: MAX_RECEIVES }),
  });
}

async function makeBucket(environment: Record<string, string>, undo: Undo, emptied: boolean): Promise<void> {
  const s3 = new S3Client({ endpoint: environment.AWS_ENDPOINT_URL_S3, forcePathStyle: true });
  undo.push(async () => s3.destroy());
  const Bucket = environment.EXPORTS_BUCKET;
  await s3.send(new CreateBucketCommand({ Bucket }));
  if (!emptied) return;
  undo.push(async () => {
    // A listing holds a thousand at most.
    for (;;) {
      const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket }));
      if (Contents.length === 0) break;
      await s3.send(
        new DeleteObjectsCommand({ Bucket, Delete: { Objects: Contents.map(({ Key }) => ({ Key: Key! })) } }),
      );
    }
    await s3.send(new DeleteBucketCommand({ Bucket }));
  });
}

/**
 * @param services what a stack's environment says
 * @param options.emptyBucket whether close() removes the bucket; one of an embedded engine goes
 *   with
 *   the engine's folder
 */
export async function openTenant(
  services: Record<string, string>,
  { emptyBucket = false }: { emptyBucket?: boolean } = {},
): Promise<Tenant> {
  const suffix = randomBytes(4).toString('hex');
  const environment: Record<string, string> = {
    ...services,
    REDIS_KEY_PREFIX: `test-${suffix}:`,
    EXPORTS_BUCKET: `hoofprint-test-${suffix}`,
    LOG_LEVEL: 'silent',
    TIME_ZONE: 'UTC',
  };
  // The AWS clients of this process read them.
  for (const name of ['AWS_REGION', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'])
    if (environment[name] !== undefined) process.env[name] = environment[name];
  const undo: Undo = [];
  const redis = new Redis(environment.REDIS_URL!, { lazyConnect: true });
  undo.push(async () => {
    for await (const keys of redis.scanStream({ match: `${environment.REDIS_KEY_PREFIX}*` }))
      if (keys.length > 0) await redis.del(keys as string[]);
    await redis.quit();
  });
  await makeQueues(environment, suffix, undo);
  await makeBucket(environment, undo, emptyBucket);
  return {
    environment,
    async close() {
      for (const step of undo.reverse()) await step();
    },
  };
}
