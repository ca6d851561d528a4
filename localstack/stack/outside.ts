// The services of a host that is one of several: all are elsewhere. Nothing is started here, and no
// data folder is needed.
import { statSync } from 'node:fs';
import { postgres } from '../../lib/adapters/postgres.ts';
import { malformed } from '../../lib/config.ts';
import { errorMessage, Fault } from '../../lib/errors.ts';
import { copyThroughStdin } from './bulk.ts';
import { type Environment, environmentFor, isExternal, SERVICE_VARIABLES } from './environment.ts';
import { openHealth } from './health.ts';
import { type Stack, untilHealthy } from './index.ts';
import { BUCKET, REGION } from './resources.ts';

/** What has to be named, by service: two hosts that start their own would not see each other. */
function findUnnamed(env: NodeJS.ProcessEnv): string[] {
  const services = (['postgres', 'redis', 'sqs', 's3'] as const).filter((service) => !isExternal(env, service));
  return services.map((service) => `${service} (set ${SERVICE_VARIABLES[service][0]})`);
}

/**
 * Where this host reads pictures from, in words.
 * @throws Fault `misconfigured` when no place is named, or the folder is not there
 */
function describePictures({ IMAGE_ROOT, IMAGE_ARCHIVE_URL }: NodeJS.ProcessEnv): string {
  if (IMAGE_ROOT) {
    const folder = statSync(IMAGE_ROOT, { throwIfNoEntry: false });
    if (folder?.isDirectory() !== true)
      throw new Fault('misconfigured', `IMAGE_ROOT is no folder of this machine: ${IMAGE_ROOT}. Mount the share there`);
  }
  const places = [
    ...(IMAGE_ROOT ? [`IMAGE_ROOT ${IMAGE_ROOT}`] : []),
    // Whatever else is in an address may be secret.
    ...(IMAGE_ARCHIVE_URL ? [`IMAGE_ARCHIVE_URL ${new URL(IMAGE_ARCHIVE_URL).origin}`] : []),
  ];
  if (places.length === 0)
    throw new Fault(
      'misconfigured',
      'all machines need the same pictures: set IMAGE_ROOT to a shared folder, or IMAGE_ARCHIVE_URL',
    );
  return places.join(', then ');
}

/**
 * @param role as it is typed, for the sentences
 * @throws Fault `misconfigured` naming every service that would have to be started here, and the
 *   variable to set; `unavailable` naming those that do not answer.
 */
export async function openOutside(role: string, env: NodeJS.ProcessEnv): Promise<{ stack: Stack; pictures: string }> {
  const wrong = malformed(env);
  if (wrong.length > 0) throw new Fault('misconfigured', wrong.join('; '));
  const unnamed = findUnnamed(env);
  if (unnamed.length > 0)
    throw new Fault(
      'misconfigured',
      `--role ${role} starts no services, and these are not named: ${unnamed.join(', ')}. docs/OPERATIONS.md, "Several machines"`,
    );
  const pictures = describePictures(env);
  const base = { AWS_REGION: REGION, EXPORTS_BUCKET: BUCKET };
  const found = await environmentFor(env, { environment: base });
  // What one machine makes another one gives out: where cameras were is coarse unless all are asked
  // for more.
  const environment: Environment = { ...found, COORDINATES: env.COORDINATES || 'rounded' };
  const health = openHealth(environment);
  try {
    await untilHealthy(health, env);
  } catch (error) {
    await health.close();
    throw error;
  }
  const database = postgres({ url: environment.DATABASE_URL ?? '', connections: 1, queryTimeout: 120_000 });
  const close = async (): Promise<void> => {
    await database.close().catch((error: unknown) => process.stderr.write(`hoofprint: ${errorMessage(error)}\n`));
    await health.close();
  };
  const none = { joined: true, embeddedDatabase: false, secrets: undefined, engines: () => [] };
  return { pictures, stack: { ...none, environment, copy: copyThroughStdin(database), health, close } };
}
