// Whether the services that an environment names answer, each within a bounded time.
import { postgres } from '../../lib/adapters/postgres.ts';
import { redis } from '../../lib/adapters/redis.ts';
import { errorMessage } from '../../lib/errors.ts';

export type Service = 'postgres' | 'redis' | 'sqs' | 's3';

export interface Health {
  /** The services that do not answer, with the reason; empty when all is well. */
  check(): Promise<Partial<Record<Service, string>>>;
  close(): Promise<void>;
}

const ANSWER_MS = 2_000;

const within = <T>(work: Promise<T>): Promise<T> => {
  let timer: NodeJS.Timeout;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${ANSWER_MS} ms`)), ANSWER_MS);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
};

async function answersHttp(url: string): Promise<void> {
  // Any answer is one: health paths differ between servers, and a refusal still comes from a living
  // server.
  const response = await fetch(url, { signal: AbortSignal.timeout(ANSWER_MS) });
  await response.body?.cancel();
  if (response.status >= 500) throw new Error(`answers ${response.status}`);
}

/**
 * Connections are made at the first check and kept until close(). What is not named (also SQS and
 * S3 of real AWS, which have no endpoint) is taken to be there.
 */
export function openHealth(environment: Readonly<Record<string, string>>): Health {
  // A service that nobody named is not asked: the clients would try the addresses that are usual
  // for it.
  const named = <Client>(url: string | undefined, make: (url: string) => Client): Client | undefined =>
    url ? make(url) : undefined;
  const database = named(environment.DATABASE_URL, (url) =>
    postgres({ url, connections: 1, connectTimeout: ANSWER_MS, queryTimeout: ANSWER_MS }),
  );
  const store = named(environment.REDIS_URL, (url) => redis({ url, timeout: ANSWER_MS }));
  const endpoint = async (url: string | undefined): Promise<void> => (url ? answersHttp(url) : undefined);
  const checks: Record<Service, () => Promise<unknown>> = {
    postgres: async () => database?.ping(),
    redis: async () => store?.ping(),
    sqs: () => endpoint(environment.AWS_ENDPOINT_URL_SQS),
    s3: () => endpoint(environment.AWS_ENDPOINT_URL_S3),
  };
  return {
    async check() {
      const entries = await Promise.all(
        Object.entries(checks).map(async ([name, ask]) =>
          within(ask()).then(
            () => [],
            (error: unknown) => [[name, errorMessage(error)]],
          ),
        ),
      );
      return Object.fromEntries(entries.flat()) as Partial<Record<Service, string>>;
    },
    async close() {
      await store?.close();
      await database?.close();
    },
  };
}
