// The services a test run uses: a database, key prefix, queues and bucket of its own making,
// wherever the environment points; embedded engines where it points nowhere.
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectsCommand,
  ListObjectsV2Command,
  S3Client,
} from '@aws-sdk/client-s3';
import { CreateQueueCommand, DeleteQueueCommand, GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { Redis } from 'ioredis';
import pg from 'pg';
import { postgres } from '../../lib/adapters/postgres.ts';
import { migrate } from '../../lib/deer/schema.ts';
import { loadHerd } from '../../localstack/herd/load.ts';
import { copyThroughStdin } from '../../localstack/stack/bulk.ts';
import { openStack, type Stack } from '../../localstack/stack/index.ts';
import { MAX_RECEIVES } from '../../localstack/stack/resources.ts';
import { withStandIn } from './database.ts';
import { objectsOf, partsOf } from './left-over.ts';

/**
 * Detections of the herd in the suite's database: enough for every kind of row, loaded in a second.
 */
export const HERD = { seed: 7, detections: 2_000 };

export interface Services {
  environment: Record<string, string>;
  /** The embedded engines of these services, for tests that stop them. */
  engines: Stack['engines'];
  /**
   * Where the embedded S3 keeps the parts of unfinished uploads, and its files; neither is there
   * when another S3 is used.
   */
  parts: string;
  objects: string;
  close(): Promise<void>;
}

/** What chooses services outside: the only variables of a developer's shell that tests look at. */
const CHOOSING = /^(PATH|HOME|TMPDIR|NODE_.*|DATABASE_URL|REDIS_URL|AWS_.*|S3_PUBLIC_ENDPOINT)$/;

/** The environment as it was before the suite's services were put into it. */
export const outsideEnvironment = (): NodeJS.ProcessEnv =>
  process.env.HOOFPRINT_TEST_OUTSIDE === undefined
    ? process.env
    : (JSON.parse(process.env.HOOFPRINT_TEST_OUTSIDE) as NodeJS.ProcessEnv);

/**
 * Opens everything and loads a herd, a small one unless told otherwise; close() removes what was
 * made and flushes nothing else.
 */
export async function openServices(outside: NodeJS.ProcessEnv = outsideEnvironment(), herd = HERD): Promise<Services> {
  const suffix = randomBytes(4).toString('hex');
  const folder = mkdtempSync(join(tmpdir(), 'hoofprint-test-'));
  const undo: (() => Promise<unknown>)[] = [async () => rmSync(folder, { recursive: true, force: true })];
  // The stack sees only what chooses services, so that a developer's other variables do not leak
  // into the tests.
  const chosen = Object.fromEntries(Object.entries(outside).filter(([name]) => CHOOSING.test(name)));
  if (chosen.AWS_ENDPOINT_URL_SQS) {
    // Our queues do not exist yet, so their names cannot be asked for.
    for (const name of ['EXPORTS_QUEUE_URL', 'EXPORTS_DEAD_QUEUE_URL', 'EXPORTS_PARKED_QUEUE_URL'])
      chosen[name] = 'http://127.0.0.1:1/unused';
  }
  const stack = await openStack({
    role: 'service',
    dataDir: folder,
    freePorts: true,
    herd: false,
    env: chosen,
    say: () => undefined,
  });
  undo.push(() => stack.close());
  const environment: Record<string, string> = {
    ...stack.environment,
    REDIS_KEY_PREFIX: `test-${suffix}:`,
    EXPORTS_BUCKET: `hoofprint-test-${suffix}`,
    LOG_LEVEL: 'silent',
    TIME_ZONE: 'UTC',
  };
  Object.assign(process.env, {
    AWS_REGION: environment.AWS_REGION,
    AWS_ACCESS_KEY_ID: environment.AWS_ACCESS_KEY_ID,
    AWS_SECRET_ACCESS_KEY: environment.AWS_SECRET_ACCESS_KEY,
  });

  if (!stack.embeddedDatabase) {
    const server = environment.DATABASE_URL!;
    const name = `hoofprint_test_${suffix}`;
    // A connection for each statement: a test may end the server in between.
    const administer = async (sql: string): Promise<void> => {
      const admin = new pg.Client({ connectionString: server });
      await admin.connect();
      await admin.query(sql);
      await admin.end();
    };
    await administer(`CREATE DATABASE ${name}`);
    undo.push(() => administer(`DROP DATABASE ${name} WITH (FORCE)`));
    environment.DATABASE_URL = Object.assign(new URL(server), { pathname: `/${name}` }).href;
    environment.HOOFPRINT_TEST_DATABASE_URL = server;
  }
  const database = postgres({ url: environment.DATABASE_URL!, queryTimeout: 60_000 });
  await migrate(stack.embeddedDatabase ? database : await withStandIn(database));
  const copy = stack.embeddedDatabase ? stack.copy : copyThroughStdin(database);
  await loadHerd({ ...herd, copy, rows: (sql, params) => database.write((queries) => queries.rows(sql, params)) });
  await database.close();

  const redis = new Redis(environment.REDIS_URL!, { lazyConnect: true });
  undo.push(async () => {
    for await (const keys of redis.scanStream({ match: `${environment.REDIS_KEY_PREFIX}*` }))
      if (keys.length > 0) await redis.del(keys as string[]);
    await redis.quit();
  });

  const sqs = new SQSClient({ endpoint: environment.AWS_ENDPOINT_URL_SQS });
  const make = async (name: string, Attributes: Record<string, string> = {}): Promise<string> => {
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: `${name}-${suffix}`, Attributes }));
    undo.push(() => sqs.send(new DeleteQueueCommand({ QueueUrl })));
    return QueueUrl!;
  };
  environment.EXPORTS_PARKED_QUEUE_URL = await make('exports-parked');
  environment.EXPORTS_DEAD_QUEUE_URL = await make('exports-dead');
  const dead = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: environment.EXPORTS_DEAD_QUEUE_URL, AttributeNames: ['QueueArn'] }),
  );
  environment.EXPORTS_QUEUE_URL = await make('exports', {
    VisibilityTimeout: '20',
    RedrivePolicy: JSON.stringify({ deadLetterTargetArn: dead.Attributes!.QueueArn, maxReceiveCount: MAX_RECEIVES }),
  });

  const s3 = new S3Client({ endpoint: environment.AWS_ENDPOINT_URL_S3, forcePathStyle: true });
  const Bucket = environment.EXPORTS_BUCKET;
  await s3.send(new CreateBucketCommand({ Bucket }));
  undo.push(async () => {
    // What lies in an engine of our own goes with its folder.
    if (stack.engines().some(({ name }) => name === 'aws')) return;
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
  return {
    environment,
    engines: stack.engines,
    parts: partsOf(join(folder, 'aws')),
    objects: objectsOf(join(folder, 'aws')),
    async close() {
      for (const step of undo.reverse()) await step();
    },
  };
}
