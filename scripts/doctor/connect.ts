// The addresses of the running stack, for psql, redis-cli and aws: without their secrets, or with
// them.
import { dataFolder } from '../../localstack/stack/folder.ts';
import { livingOwner } from '../../localstack/stack/owner.ts';

type Environment = Readonly<Record<string, string>>;

const ADDRESSES = [
  'DATABASE_URL',
  'REDIS_URL',
  'AWS_ENDPOINT_URL_SQS',
  'AWS_ENDPOINT_URL_S3',
  'EXPORTS_QUEUE_URL',
  'IMAGE_ARCHIVE_URL',
];
/** What the tools need besides. */
const MORE = ['AWS_REGION', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'EXPORTS_BUCKET', 'IMAGE_ARCHIVE_TOKEN'];

const pick = (environment: Environment, names: readonly string[]): string[] =>
  names.flatMap((name) => (environment[name] ? [`${name}=${environment[name]}`] : []));

/** Addresses that may be shown to anybody. */
export function publicAddresses(environment: Environment): string[] {
  return pick(environment, ADDRESSES).map((line) => {
    const [name = '', ...value] = line.split('=');
    const url = new URL(value.join('='));
    url.password = '';
    return `${name}=${url.href}`;
  });
}

/**
 * The lines of `npm run doctor -- --connect`, or why there are none: what is printed into a file or
 * a pipe stays there.
 */
export async function connectLines(
  env: NodeJS.ProcessEnv,
  isTerminal: boolean,
): Promise<{ lines: string[] } | { refused: string }> {
  if (!isTerminal)
    return {
      refused: 'addresses with their secrets are printed to a terminal only, never to a file or a pipe',
    };
  const owner = await livingOwner(dataFolder(env));
  if (owner?.state !== 'ready')
    return { refused: `no local stack is running in ${dataFolder(env)}. Type: npm start, then this again` };
  return { lines: pick(owner.environment, [...ADDRESSES, ...MORE]) };
}
