// Which services are external (their standard variable is set) and what the whole environment looks
// like then.
import { errorMessage, Fault } from '../../lib/errors.ts';
import { ACCOUNT, BUCKET, QUEUES, REGION } from './resources.ts';
import type { Secrets } from './secrets.ts';
import type { EngineName } from './supervisor.ts';

export type Environment = Record<string, string>;

/** Ports that a person's psql or redis-cli finds again; any free one when taken. */
export const PREFERRED_PORTS: Record<EngineName, number> = { postgres: 8432, redis: 8379, aws: 8566, images: 8480 };

const QUEUE_VARIABLES = {
  EXPORTS_QUEUE_URL: QUEUES.exports,
  EXPORTS_DEAD_QUEUE_URL: QUEUES.dead,
  EXPORTS_PARKED_QUEUE_URL: QUEUES.parked,
  WEBHOOKS_QUEUE_URL: QUEUES.webhooks,
} as const;

/** Variables that choose an external service, by what they choose. */
export const SERVICE_VARIABLES = {
  postgres: ['DATABASE_URL'],
  redis: ['REDIS_URL'],
  sqs: ['AWS_ENDPOINT_URL_SQS', 'AWS_ENDPOINT_URL', 'EXPORTS_QUEUE_URL'],
  s3: ['AWS_ENDPOINT_URL_S3', 'AWS_ENDPOINT_URL'],
  images: ['IMAGE_ARCHIVE_URL'],
} as const;

/** An empty variable is one that is not set: serverless.yml passes defaults on as ''. */
export const isExternal = (env: NodeJS.ProcessEnv, need: keyof typeof SERVICE_VARIABLES): boolean =>
  SERVICE_VARIABLES[need].some((name) => Boolean(env[name]));

/** The engines that an environment leaves to this program. */
export function enginesFor(env: NodeJS.ProcessEnv): EngineName[] {
  const names: EngineName[] = [];
  if (!isExternal(env, 'postgres')) names.push('postgres');
  if (!isExternal(env, 'redis')) names.push('redis');
  if (!isExternal(env, 'sqs') || !isExternal(env, 's3')) names.push('aws');
  if (!isExternal(env, 'images')) names.push('images');
  return names;
}

const given = (env: NodeJS.ProcessEnv, ...names: string[]): Environment =>
  Object.fromEntries(names.flatMap((name) => (env[name] ? [[name, env[name]]] : [])));

/**
 * What an environment itself says; it wins over every embedded address, also over those of a stack
 * that was joined.
 */
function external(env: NodeJS.ProcessEnv): Environment {
  const general = env.AWS_ENDPOINT_URL;
  return {
    ...given(env, 'DATABASE_URL', 'REDIS_URL', 'EXPORTS_BUCKET', 'S3_PUBLIC_ENDPOINT', 'AWS_REGION'),
    ...given(env, 'IMAGE_ARCHIVE_URL', 'IMAGE_ARCHIVE_TOKEN', 'IMAGE_ROOT', 'IMAGE_ROOTS'),
    ...given(env, 'HUMAN_CLASSES', 'COORDINATES'),
    ...(general ? { AWS_ENDPOINT_URL_SQS: general, AWS_ENDPOINT_URL_S3: general } : {}),
    ...given(env, 'AWS_ENDPOINT_URL_SQS', 'AWS_ENDPOINT_URL_S3', ...Object.keys(QUEUE_VARIABLES)),
    // Real credentials never reach an emulator, unless an external SQS or S3 needs them next to it.
    ...(isExternal(env, 'sqs') || isExternal(env, 's3')
      ? given(env, 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN')
      : {}),
  };
}

/** The URL of a queue of ours. @throws Fault `invalid` for any other name */
export function findQueueUrl(environment: Environment, name: string): string {
  const variable = Object.entries(QUEUE_VARIABLES).find(([, queue]) => queue === name)?.[0];
  const url = variable === undefined ? undefined : environment[variable];
  if (url === undefined)
    throw new Fault('invalid', `serverless.yml names a queue that the local stack does not have: ${name}`);
  return url;
}

/**
 * The secrets that the engines are to know. Functions have one key pair: next to an external SQS or
 * S3 that is the person's, and the engine takes it, too.
 */
export function acceptKeys(env: NodeJS.ProcessEnv, secrets: Secrets): Secrets {
  const { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret } = external(env);
  return id && secret ? { ...secrets, accessKeyId: id, secretAccessKey: secret } : secrets;
}

/** What runs here: the addresses of the engines, and the secrets that open them. */
interface Running {
  ports: Partial<Record<EngineName, number>>;
  /** Of the data. */
  folder: string;
  imageRoot: string;
  secrets: Secrets;
}

function embedded({ ports, folder, imageRoot, secrets }: Running): Environment {
  const { accessKeyId, secretAccessKey, password, token } = secrets;
  const environment: Environment = {
    AWS_REGION: REGION,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    // Of a shell: with a profile the SDK would take other keys than these.
    AWS_PROFILE: '',
    AWS_SESSION_TOKEN: '',
    EXPORTS_BUCKET: BUCKET,
    IMAGE_ROOT: imageRoot,
    MACHINE_TOKEN: token,
  };
  if (Object.keys(ports).length > 0) environment.ENGINES_FOLDER = folder;
  if (ports.postgres !== undefined) {
    environment.DATABASE_URL = `postgres://postgres:${password}@127.0.0.1:${ports.postgres}/postgres`;
    environment.EMBEDDED_DATABASE = 'yes';
  }
  if (ports.redis !== undefined) environment.REDIS_URL = `redis://default:${password}@127.0.0.1:${ports.redis}`;
  if (ports.images !== undefined) {
    environment.IMAGE_ARCHIVE_URL = `http://127.0.0.1:${ports.images}`;
    environment.IMAGE_ARCHIVE_TOKEN = token;
  }
  if (ports.aws !== undefined) {
    const endpoint = `http://127.0.0.1:${ports.aws}`;
    Object.assign(environment, {
      AWS_ENDPOINT_URL_SQS: endpoint,
      AWS_ENDPOINT_URL_S3: endpoint,
      S3_PUBLIC_ENDPOINT: endpoint,
    });
    for (const [variable, queue] of Object.entries(QUEUE_VARIABLES))
      environment[variable] = `${endpoint}/${ACCOUNT}/${queue}`;
  }
  return environment;
}

/** Queue URLs of an external SQS, by name, unless they are given. */
async function findQueues(env: NodeJS.ProcessEnv, environment: Environment): Promise<Environment> {
  const found: Environment = {};
  if (!isExternal(env, 'sqs')) return found;
  // Loaded where it is used: engines that start wait for what is imported above.
  const { GetQueueUrlCommand, SQSClient } = await import('@aws-sdk/client-sqs');
  const sqs = new SQSClient({
    ...(environment.AWS_ENDPOINT_URL_SQS ? { endpoint: environment.AWS_ENDPOINT_URL_SQS } : {}),
    region: environment.AWS_REGION ?? REGION,
    ...(environment.AWS_ENDPOINT_URL_SQS
      ? {
          credentials: {
            accessKeyId: environment.AWS_ACCESS_KEY_ID ?? '',
            secretAccessKey: environment.AWS_SECRET_ACCESS_KEY ?? '',
          },
        }
      : {}),
    maxAttempts: 2,
  });
  try {
    for (const [variable, QueueName] of Object.entries(QUEUE_VARIABLES)) {
      if (env[variable]) continue;
      const answer = await sqs.send(new GetQueueUrlCommand({ QueueName })).catch((error: unknown) => {
        const missing = /NonExistentQueue|QueueDoesNotExist/.test((error as Error).name);
        const what = missing
          ? `has no queue ${QueueName}; make it or set ${variable}`
          : `cannot be asked for the queue ${QueueName}`;
        const asked = SERVICE_VARIABLES.sqs.find((name) => env[name]);
        throw new Fault('unavailable', `the external SQS (chosen by ${asked}) ${what}: ${errorMessage(error)}`, {
          cause: error,
        });
      });
      if (answer.QueueUrl !== undefined) found[variable] = answer.QueueUrl;
    }
    return found;
  } finally {
    sqs.destroy();
  }
}

/**
 * The environment that handlers need: external services as named, the rest as they run here
 * (`base`, of this process or of the stack joined).
 * @throws Fault `unavailable` when a queue of an external SQS cannot be found.
 */
export async function environmentFor(
  env: NodeJS.ProcessEnv,
  running: Running | { environment: Environment },
): Promise<Environment> {
  const base = 'environment' in running ? running.environment : embedded(running);
  // Only this machine calls, and reads what is made here, unless the service finds otherwise.
  const alone = { COORDINATES: 'exact', AUTH: 'off', TRUSTED_PROXIES: env.TRUSTED_PROXIES ?? '' };
  const environment: Environment = { ...alone, ...base, ...external(env) };
  // With its own SQS or S3 the embedded addresses of that service must not shine through.
  if (isExternal(env, 's3') && !env.S3_PUBLIC_ENDPOINT) delete environment.S3_PUBLIC_ENDPOINT;
  if (isExternal(env, 'sqs')) {
    for (const name of [...Object.keys(QUEUE_VARIABLES), 'AWS_ENDPOINT_URL_SQS']) {
      if (!external(env)[name]) delete environment[name];
    }
  }
  if (isExternal(env, 'postgres')) delete environment.EMBEDDED_DATABASE;
  // Nor may the token of our archive reach another one.
  if (isExternal(env, 'images') && !env.IMAGE_ARCHIVE_TOKEN) delete environment.IMAGE_ARCHIVE_TOKEN;
  // Keys of a shell's profile go with an external service.
  if (isExternal(env, 'sqs') || isExternal(env, 's3')) delete environment.AWS_PROFILE;
  return { ...environment, ...(await findQueues(env, environment)) };
}
