// Joins features to adapters: each client made once, on first use, from the configuration. No
// logic, and nothing heavy: what renders, draws or analyzes is joined in wiring.ts.
import { type Audit, makeAudit } from './access/audit.ts';
import { type Admission, type Guard, makeGuard, type PassageSettings, passAnyone } from './access/guard.ts';
import { doOnce } from './access/idempotency.ts';
import { tableKeys } from './access/key-table.ts';
import { type KeyRing, keyRing } from './access/keys.ts';
import { fileKeys, fileWebhooks } from './access/keys-file.ts';
import { areKeysNoted } from './access/required.ts';
import { openSessions, type Sessions } from './access/sessions.ts';
import type { SessionSettings } from './access/sign-in.ts';
import { tableWebhooks } from './access/webhook-table.ts';
import type { WebhookStore } from './access/webhooks.ts';
import { freeBytes } from './adapters/disk.ts';
import { images as imageFiles } from './adapters/images.ts';
import { poster } from './adapters/poster.ts';
import { type Database, postgres } from './adapters/postgres.ts';
import { redis } from './adapters/redis.ts';
import { redisChannel } from './adapters/redis-channel.ts';
import { type Files, s3Files } from './adapters/s3.ts';
import { type Queue, sqsQueue } from './adapters/sqs.ts';
import { config } from './config.ts';
import { dayIn } from './deer/calendar.ts';
import { makeLocator } from './deer/coordinates.ts';
import { registeredRoots } from './deer/image-roots.ts';
import { isEnding, onEnding } from './ending.ts';
import type { RoomSettings } from './exports/import/room.ts';
import { type Changes, watchChanges } from './exports/job/changes.ts';
import { type JobLimits, type Jobs, jobs, type OwnerLimits, type Viewer } from './exports/job/jobs.ts';
import { type JobLists, jobLists } from './exports/job/lists.ts';
import { makeNameChecker, type NameChecker } from './exports/season/index.ts';
import { checkRoom, readOrReach, watchReadiness } from './health.ts';
import type { Access } from './lambda/http.ts';
import { makeFinder, type PicturePorts } from './overview/crop.ts';
import type { SeasonPorts } from './overview/season.ts';
import type { Circumstances } from './overview/service.ts';
import { askToSend } from './webhooks/message.ts';
import { type Outbox, outbox } from './webhooks/outbox.ts';
import type { SendPorts } from './webhooks/send.ts';

interface Connected {
  close(): Promise<void>;
}
const connected: Connected[] = [];
export const connect = <T extends Connected>(client: T): T => {
  // A program that runs functions in its own process announces that it takes their services away
  // (localstack/host/index.ts). Not 'beforeExit': AWS emits that between calls.
  if (connected.length === 0)
    (process as NodeJS.EventEmitter).once('hoofprint:end', () => void closeWiring().catch(() => undefined));
  connected.push(client);
  return client;
};

/**
 * Kept after success only: an error in the configuration is reported again, and a corrected one is
 * read. The annotation lets the bundler drop what a function does not use; it holds in this file
 * alone, so calls in others say it themselves.
 */
/* @__NO_SIDE_EFFECTS__ */
export function once<T extends object>(make: () => T): () => T {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

/** Ends the connections that were made; a function never needs it, a test does. */
export async function closeWiring(): Promise<void> {
  await Promise.all(connected.splice(0).map((client) => client.close()));
}

export const clock = (): Date => new Date();
/** Today's calendar day in TIME_ZONE. */
export const today = (): string => dayIn(config('TIME_ZONE'), clock());
const corsOrigin = (): string => config('CORS_ORIGIN');
export const isKeyRequired = (): boolean => config('AUTH') === 'required' || areKeysNoted();
/** A path of ours as clients reach it. */
export const outerPath = (path: string): string => `${config('BASE_PATH')}${path.slice(1)}`;
const passage: PassageSettings = {
  browser: () => ({
    corsOrigin: corsOrigin(),
    publicUrl: config('PUBLIC_URL'),
    ownHost: config('HOOFPRINT_HOST'),
  }),
  trustedProxies: () => config('TRUSTED_PROXIES'),
};
export const sessionSettings = (): SessionSettings => ({
  basePath: config('BASE_PATH'),
  publicUrl: config('PUBLIC_URL'),
});

/** As whom a request looks at jobs; one that passed no door sees none. */
export const viewer = (admission: Admission | undefined): Viewer =>
  admission?.caller ?? { owner: undefined, seesAll: false };
export const ownerLimits = (): OwnerLimits => ({
  waitingJobs: config('MOST_WAITING_JOBS'),
  bytes: config('MOST_ALIVE_MEGABYTES') * 1_000_000,
});
/** @param hasEventStream whether answers of this caller may be streams */
export const circumstances = (hasEventStream: boolean): Circumstances => {
  const { waitingJobs, bytes: aliveBytes } = ownerLimits();
  const now = { today: today(), timeZone: config('TIME_ZONE'), isKeyRequired: isKeyRequired() };
  return { ...now, hasEventStream, waitingJobs, aliveBytes };
};

export const limits = (): JobLimits => ({
  ttlSeconds: config('EXPORT_TTL_SECONDS'),
  retentionSeconds: config('QUEUE_RETENTION_SECONDS'),
});

// A person waits: short bounds, so that an answer, good or bad, comes within a second.
export const quickStore = once(() =>
  connect(redis({ url: config('REDIS_URL'), prefix: config('REDIS_KEY_PREFIX'), timeout: 600 })),
);
export const quickJobs = once<Jobs>(() => jobs(quickStore(), limits()));
export const quickLists = once<JobLists>(() => jobLists(quickStore()));
/** Heard by all of this process who wait. */
export const changes = once<Changes>(() =>
  watchChanges({
    open: (channel) =>
      connect(redisChannel({ url: config('REDIS_URL'), prefix: config('REDIS_KEY_PREFIX'), ...channel })),
    isEnding,
    onEnding,
  }),
);
export const quickFiles = once<Files>(() =>
  s3Files({
    bucket: config('EXPORTS_BUCKET'),
    publicEndpoint: config('S3_PUBLIC_ENDPOINT'),
    timeout: 2_000,
    within: 700,
  }),
);
/** Each silence is bounded, not the whole: a reader may be slow. */
export const downloadFiles = once<Files>(() => s3Files({ bucket: config('EXPORTS_BUCKET'), timeout: 60_000 }));
export const exportQueue = once<Queue>(() => sqsQueue({ url: config('EXPORTS_QUEUE_URL'), timeout: 900 }));
const quickDatabase = once<Database>(() =>
  connect(postgres({ url: config('DATABASE_URL'), connectTimeout: 400, queryTimeout: 800, connections: 1 })),
);

const keys = once<KeyRing>(() => {
  const file = config('KEYS_FILE');
  return keyRing(file === '' ? tableKeys(quickDatabase) : fileKeys(file), clock);
});
export const sessions = once<Sessions>(() => openSessions(quickStore()));
export const audit = once<Audit>(() => makeAudit(database));
export const guard = once<Guard>(() =>
  makeGuard(
    {
      ...passage,
      isRequired: isKeyRequired,
      basePath: () => config('BASE_PATH'),
      machineToken: () => config('MACHINE_TOKEN'),
      rate: (counted) =>
        counted === 'pictures'
          ? { perSecond: config('PICTURES_PER_SECOND'), burst: config('PICTURES_BURST') }
          : { perSecond: config('RATE_PER_SECOND'), burst: config('RATE_BURST') },
    },
    { keys, store: quickStore, sessions },
  ),
);
export const mayListen = async (admission: Admission | undefined): Promise<boolean> =>
  admission !== undefined && guard().stillAdmits(admission);
export const access: Access = {
  corsOrigin,
  admit: (request) => guard().admit(request),
  once: (request, act) => doOnce(quickStore(), request, act),
};
/** Lets everybody in, those without a key as strangers, who may learn less. */
export const welcomingAccess: Access = { corsOrigin, admit: (request) => guard().welcome(request) };
/** Of what everybody may ask. */
export const openAccess: Access = { corsOrigin, admit: (request) => passAnyone(request, passage) };

/** Of the sweeper. */
export const sweepPorts = () => ({
  ...{ jobs: backgroundJobs(), files: files(), limits: limits(), clock },
  ...{ outbox: webhookOutbox(), queue: webhookQueue() },
});

// No person waits here: longer bounds cost nothing, a lost attempt does.
export const backgroundStore = once(() =>
  connect(redis({ url: config('REDIS_URL'), prefix: config('REDIS_KEY_PREFIX'), timeout: 2_000 })),
);
export const backgroundJobs = once<Jobs>(() => jobs(backgroundStore(), limits()));
export const backgroundLists = once<JobLists>(() => jobLists(backgroundStore()));
export const files = once<Files>(() => s3Files({ bucket: config('EXPORTS_BUCKET'), timeout: 10_000 }));
export const parkedQueue = once<Queue>(() =>
  sqsQueue({ url: config('EXPORTS_PARKED_QUEUE_URL'), timeout: 3_000, attempts: 3 }),
);
export const database = once<Database>(() => connect(postgres({ url: config('DATABASE_URL') })));
const webhookQueue = once<Queue>(() => sqsQueue({ url: config('WEBHOOKS_QUEUE_URL'), timeout: 3_000, attempts: 3 }));
const webhookOutbox = once<Outbox>(() => outbox(backgroundStore()));
export const announceEnd = (jobId: string): Promise<boolean> => askToSend(webhookQueue(), jobId);
const webhooks = once<WebhookStore>(() => {
  const file = config('KEYS_FILE');
  return file === '' ? tableWebhooks(database) : fileWebhooks(file, clock);
});
export const webhookPorts = once<Omit<SendPorts, 'show'>>(() => ({
  outbox: webhookOutbox(),
  webhooks: webhooks(),
  poster: poster({ isAnyAllowed: config('WEBHOOK_ADDRESSES') === 'any' }),
  queue: webhookQueue(),
  noteEnd: ({ key, owner }) => audit()({ key, owner, scopes: [], seesAll: false }, 'webhook ended', key),
  clock,
}));
/** Waits as long as the bound of a POST lets it, and goes on behind it. */
export const names = once<NameChecker>(() => makeNameChecker(database, clock));
/** Longer than a person's request has, and shorter than a function: a part has 4 MiB. */
export const partFiles = once<Files>(() =>
  s3Files({ bucket: config('EXPORTS_BUCKET'), timeout: 10_000, within: 18_000 }),
);
export const roomSettings = (): RoomSettings => ({
  imageRoot: config('IMAGE_ROOT'),
  enginesFolder: config('ENGINES_FOLDER'),
});
const imageSettings = () => ({
  root: config('IMAGE_ROOT'),
  others: config('IMAGE_ROOTS'),
  registered: () => database().read(registeredRoots),
  archiveUrl: config('IMAGE_ARCHIVE_URL'),
  archiveToken: config('IMAGE_ARCHIVE_TOKEN'),
});
export const images = once(() => connect(imageFiles(imageSettings())));
/** For people who wait: what hangs is given up sooner. */
export const pictures = once<PicturePorts>(() => {
  const bounds = { timeout: 5_000, readWithin: 5_000, cutWithin: 10_000 };
  const { cutApart } = connect(imageFiles({ ...imageSettings(), ...bounds }));
  return { cut: cutApart, find: makeFinder(pictureDatabase()) };
});

/**
 * For people who look at a page: a large database may take some seconds, and who comes then waits
 * for a connection.
 */
const viewPool = (connections: number): Database =>
  connect(postgres({ url: config('DATABASE_URL'), connectTimeout: 5_000, queryTimeout: 10_000, connections }));
export const viewDatabase = once<Database>(() => viewPool(3));
const pictureDatabase = once<Database>(() => viewPool(1));
export const seasonPorts = (): SeasonPorts => ({
  database: viewDatabase(),
  timeZone: config('TIME_ZONE'),
  locator: makeLocator(config('COORDINATES')),
});

/** The state of everything that this service leans on. */
export const pings = (): Record<string, () => Promise<void>> => ({
  postgres: () => quickDatabase().ping(),
  redis: () => quickStore().ping(),
  sqs: () => exportQueue().ping(),
  s3: () => quickFiles().ping(),
});

const quickQueue = (url: string): Queue => sqsQueue({ url, timeout: 600 });
const quickParked = once<Queue>(() => quickQueue(config('EXPORTS_PARKED_QUEUE_URL')));
/** Jobs that failed for good; undefined when the queue does not say. */
export const countParked = (): Promise<number | undefined> =>
  quickParked()
    .count()
    .then(
      ({ waiting, received }) => waiting + received,
      () => undefined,
    );
export const figurePorts = once(() => ({
  store: quickStore(),
  queues: {
    exports: exportQueue(),
    dead: quickQueue(config('EXPORTS_DEAD_QUEUE_URL')),
    parked: quickParked(),
  },
}));

/** Whether requests should be sent here. */
export const readiness = once(() =>
  watchReadiness(
    () => ({
      postgres: () =>
        config('EMBEDDED_DATABASE') === ''
          ? quickDatabase().ping()
          : readOrReach(
              () => quickDatabase().ping(),
              () => quickDatabase().reach(),
            ),
      redis: () => quickStore().ping(),
      sqs: () => exportQueue().check(),
      s3: () => quickFiles().put('health', Buffer.from(clock().toISOString()), { contentType: 'text/plain' }),
      ...(config('ENGINES_FOLDER') === '' ? {} : { disk: () => checkRoom(() => freeBytes(config('ENGINES_FOLDER'))) }),
    }),
    isEnding,
  ),
);
