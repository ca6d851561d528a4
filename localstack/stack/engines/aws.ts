// SQS and S3 (fauxqs): queues in SQLite, objects as plain files, the queues and the bucket made at
// start, on 127.0.0.1 alone.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { buildApp } from 'fauxqs';
import type { EngineOptions } from '../engine-messages.ts';
import { ACCOUNT, QUEUE_ATTRIBUTES, REGION } from '../resources.ts';
import type { Secrets } from '../secrets.ts';
import { guard } from './aws-door.ts';
import { HOST, listenOn, opening, type RunningEngine, runEngine } from './child.ts';
import { answerListUploads, removeHalves, removeWhatFailed } from './uploads.ts';

type Stores = NonNullable<NonNullable<Parameters<typeof buildApp>[0]>['stores']>;
type SqsPersistence = NonNullable<Stores['sqsStore']['persistence']>;
type S3Persistence = NonNullable<Stores['s3Store']['persistence']>;
interface PersistenceManager extends SqsPersistence {
  loadSqsAndSns(sqs: Stores['sqsStore'], sns: Stores['snsStore']): void;
  close(): void;
}
interface FileS3Persistence extends S3Persistence {
  loadS3(s3: Stores['s3Store']): void;
  close(): void;
}

/**
 * fauxqs persists only through startFauxqs, which listens on all addresses; so its stores are put
 * together here as it does.
 */
async function inside<T>(path: string): Promise<T> {
  return (await import(new URL(path, import.meta.resolve('fauxqs')).href)) as T;
}

async function persistentStores(folder: string): Promise<Stores & { close(): void }> {
  const [{ SqsStore }, { SnsStore }, { S3Store }, { PersistenceManager }, { FileS3Persistence }] = await Promise.all([
    inside<{ SqsStore: new () => Stores['sqsStore'] }>('./sqs/sqsStore.js'),
    inside<{ SnsStore: new () => Stores['snsStore'] }>('./sns/snsStore.js'),
    inside<{ S3Store: new () => Stores['s3Store'] }>('./s3/s3Store.js'),
    inside<{ PersistenceManager: new (folder: string) => PersistenceManager }>('./persistence.js'),
    inside<{ FileS3Persistence: new (folder: string) => FileS3Persistence }>('./s3/fileS3Persistence.js'),
  ]);
  const [sqsStore, snsStore, s3Store] = [new SqsStore(), new SnsStore(), new S3Store()];
  const messages = new PersistenceManager(folder);
  const objectsFolder = join(folder, 'objects');
  mkdirSync(objectsFolder, { recursive: true });
  removeHalves(objectsFolder);
  const objects = new FileS3Persistence(objectsFolder);
  removeWhatFailed(objects);
  // Loaded before the stores write through: an "insert or replace" of a loaded queue would cascade
  // into its messages.
  messages.loadSqsAndSns(sqsStore, snsStore);
  objects.loadS3(s3Store);
  sqsStore.persistence = messages;
  snsStore.persistence = messages as unknown as NonNullable<typeof snsStore.persistence>;
  s3Store.persistence = objects;
  for (const queue of sqsStore.allQueues()) queue.persistence = messages;
  return {
    sqsStore,
    snsStore,
    s3Store,
    close: () => {
      messages.close();
      objects.close();
    },
  };
}

/** Existing queues keep their messages and take the limits of resources.ts. */
function makeResources(stores: Stores, bucket: string): void {
  for (const { name, attributes } of QUEUE_ATTRIBUTES) {
    const queue = stores.sqsStore.getQueueByName(name);
    if (queue === undefined) {
      const url = `http://${HOST}/${ACCOUNT}/${name}`;
      stores.sqsStore.createQueue(name, url, `arn:aws:sqs:${REGION}:${ACCOUNT}:${name}`, attributes);
    } else if (Object.entries(attributes).some(([key, value]) => queue.attributes[key] !== value)) {
      queue.setAttributes(attributes);
    }
  }
  if (!stores.s3Store.hasBucket(bucket)) stores.s3Store.createBucket(bucket);
}

async function start(options: EngineOptions, secrets: Secrets): Promise<RunningEngine> {
  const stores = await opening(`the queues and files in ${options.folder}`, () => persistentStores(options.folder));
  stores.sqsStore.region = REGION;
  // Empty: a queue's URL names the address that was asked, not sqs.<region>.localhost, which not
  // every machine resolves.
  stores.sqsStore.host = '';
  makeResources(stores, options.settings.bucket ?? '');
  let port = 0;
  const serve = async (wanted: number): Promise<number> => {
    const app = buildApp({ logger: false, stores });
    guard(app, secrets);
    answerListUploads(app, stores.s3Store);
    await app.listen({ port: wanted, host: HOST });
    port = (app.server.address() as { port: number }).port;
    close = () => app.close();
    return port;
  };
  let close = async (): Promise<unknown> => undefined;
  await listenOn(options, serve);
  return {
    port,
    stop: async () => {
      await close();
      stores.close();
    },
  };
}

await runEngine(start);
