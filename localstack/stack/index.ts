// The door of the local stack: a process that needs its services opens it, and becomes their owner
// or joins the owner that runs.
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Database } from '../../lib/adapters/postgres.ts';
import { malformed } from '../../lib/config.ts';
import { errorMessage, Fault, isFault } from '../../lib/errors.ts';
import { forTerminal } from '../../lib/plain-text.ts';
import { type Copy, copyThroughFile, copyThroughStdin } from './bulk.ts';
import {
  acceptKeys,
  enginesFor,
  environmentFor,
  isExternal,
  PREFERRED_PORTS,
  SERVICE_VARIABLES,
} from './environment.ts';
import { checkFolder, dataFolder, probeFolder, remedy, stampFolder, wayOut } from './folder.ts';
import './given.ts';
import type { Health } from './health.ts';
import { closeToOthers } from './modes.ts';
import { claim, type OwnerRecord, type Role } from './owner.ts';
import { BUCKET } from './resources.ts';
import { type Secrets, takeSecrets } from './secrets.ts';
import { type Engine, type EngineName, keepEngine } from './supervisor.ts';

export interface StackOptions {
  /** Default: HOOFPRINT_DATA or .data/ of the project. */
  dataDir?: string;
  role: Role;
  /** Called when the engines start: they compute for a second. */
  meanwhile?: () => void;
  env?: NodeJS.ProcessEnv;
  /**
   * Load the demo herd into an EMPTY EMBEDDED database; default: for a service, unless
   * HOOFPRINT_DEMO=0.
   */
  herd?: boolean;
  /**
   * All that this command needs, of those that the environment leaves to this program; default:
   * every one.
   */
  engines?: readonly EngineName[];
  /** Any free ports instead of the preferred ones (tests); also by HOOFPRINT_PORTS=free. */
  freePorts?: boolean;
  /** More variables for processes that join, e.g. the service's address. */
  extra?: Record<string, string>;
  /** How long to wait for another owner, in ms; default ten minutes. */
  timeout?: number;
  /** Where sentences for the person at the terminal go; default stderr. */
  say?: (line: string) => void;
  /** An engine cannot be kept alive; default: says so and ends the process with 1. */
  onFailure?: (fault: Fault) => void;
}

export interface Stack {
  /**
   * Everything that handlers need: DATABASE_URL, REDIS_URL, AWS_*, EXPORTS_*, IMAGE_*,
   * S3_PUBLIC_ENDPOINT.
   */
  environment: Record<string, string>;
  /** The services belong to another process and stay when this one closes. */
  joined: boolean;
  /** The database is ours to migrate and to fill with invented data. */
  embeddedDatabase: boolean;
  /**
   * Bulk binary COPY, by the way that the database takes it; inside the caller's transaction when
   * its queries are given.
   */
  copy: Copy;
  health: Health;
  /** Of the folder; undefined where another process owns it. */
  secrets: Secrets | undefined;
  /** Process ids of the engines that this process keeps. */
  engines: () => readonly { name: EngineName; pid: number | undefined; port: number }[];
  close(): Promise<void>;
}

const WAIT_MS = 600_000;
const HEALTHY_MS = 20_000;
const CHECK_AGAIN_MS = 50;
const EXTERNAL_CHECKS = 4;

/** What asks the services and fills the database: not needed until the engines run. */
const loadClients = () =>
  Promise.all([
    import('p-retry'),
    import('../../lib/adapters/postgres.ts'),
    import('./health.ts'),
    import('./prepare-database.ts'),
  ]);

async function startEngines(
  folder: string,
  options: StackOptions,
  env: NodeJS.ProcessEnv,
  secrets: Secrets,
): Promise<Engine[]> {
  const free = options.freePorts ?? env.HOOFPRINT_PORTS === 'free';
  const onGivenUp =
    options.onFailure ??
    ((fault: Fault) => {
      console.error(forTerminal(`hoofprint: ${fault.message}`));
      process.exit(1);
    });
  const settings = { bucket: env.EXPORTS_BUCKET || BUCKET, root: imageRoot(folder, env) };
  const names = enginesFor(env).filter((name) => options.engines?.includes(name) ?? true);
  const starting = Promise.allSettled(
    names.map((name) =>
      keepEngine({
        name,
        folder: join(folder, name),
        port: free ? 0 : PREFERRED_PORTS[name],
        anyPort: true,
        settings,
        secrets,
        onGivenUp,
      }),
    ),
  );
  // Imports compute as well: the engines go first.
  void loadClients().catch(() => undefined);
  options.meanwhile?.();
  const started = await starting;
  const engines = started.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const at = started.findIndex((result) => result.status === 'rejected');
  const failed = started[at];
  if (failed?.status !== 'rejected') return engines;
  await Promise.all(engines.map((engine) => engine.stop()));
  const reason = errorMessage(failed.reason);
  // A full disk must not end in the advice to remove a database: an engine often cannot say that it
  // is full.
  const advice = remedy(folder, reason) ?? remedy(folder, probeFolder(folder));
  const wayOn = /cannot be opened/.test(reason)
    ? wayOut(join(folder, names[at] ?? ''))
    : '`npm run doctor` shows what is missing';
  throw new Fault('unavailable', `${reason}. ${advice === undefined ? wayOn : `Perhaps because ${advice}`}`, {
    cause: failed.reason,
  });
}

const imageRoot = (folder: string, env: NodeJS.ProcessEnv): string =>
  resolve(env.IMAGE_ROOT || join(folder, 'images', 'frames'));

/**
 * @throws Fault `unavailable` naming every service that does not answer, and the variable that
 * chose it.
 */
export async function untilHealthy(health: Health, env: NodeJS.ProcessEnv): Promise<void> {
  // Nothing here starts an external service: its absence is reported soon. Not at the first
  // silence, which can be this process's own, busy with loading.
  let isExternalDown = false;
  let checks = 0;
  const check = async (): Promise<void> => {
    const failing = Object.entries(await health.check()) as [keyof typeof SERVICE_VARIABLES, string][];
    if (failing.length === 0) return;
    checks += 1;
    isExternalDown = checks >= EXTERNAL_CHECKS && failing.some(([service]) => isExternal(env, service));
    const named = failing.map(([service, reason]) => {
      const chosenBy = SERVICE_VARIABLES[service].find((name) => env[name]);
      return `${service}${chosenBy ? ` (chosen by ${chosenBy})` : ''}: ${reason}`;
    });
    throw new Fault('unavailable', `services do not answer: ${named.join('; ')}. \`npm run doctor\` shows more`);
  };
  const [{ default: pRetry }] = await loadClients();
  await pRetry(check, {
    retries: Number.POSITIVE_INFINITY,
    maxRetryTime: HEALTHY_MS,
    factor: 1,
    minTimeout: CHECK_AGAIN_MS,
    shouldRetry: () => !isExternalDown,
  });
}

/**
 * Brings up what the environment leaves to this program, or joins a running service.
 * @throws Fault `misconfigured` naming malformed variables; `conflict` when another service owns
 *   the folder, or the folder is of other versions or cannot be used; `unavailable` when something
 *   does not start.
 */
export async function openStack(options: StackOptions): Promise<Stack> {
  const env = options.env ?? process.env;
  const wrong = malformed(env);
  if (wrong.length > 0) throw new Fault('misconfigured', wrong.join('; '));
  const folder = options.dataDir ?? dataFolder(env);
  try {
    return await open(options, env, folder);
  } catch (error) {
    const advice = isFault(error) && error.kind !== 'unavailable' ? undefined : remedy(folder, errorMessage(error));
    throw advice === undefined ? error : new Fault('conflict', advice, { cause: error });
  }
}

/** Services of a stack, however this process came to them. */
interface Services {
  environment: Record<string, string>;
  /** Those that this process keeps. */
  engines: readonly Engine[];
  secrets: Secrets | undefined;
  /** Data directory of the embedded PostgreSQL, if there is one. */
  cluster: string | undefined;
}

/** What is to be given back: last in, first out, so that nothing is taken away from its user. */
type Releases = (() => Promise<void>)[];

async function startServices(
  folder: string,
  options: StackOptions,
  env: NodeJS.ProcessEnv,
  releases: Releases,
): Promise<Services> {
  stampFolder(folder);
  closeToOthers(folder);
  const secrets = acceptKeys(env, takeSecrets(folder));
  const engines = await startEngines(folder, options, env, secrets);
  releases.push(async () => {
    await Promise.all(engines.map((engine) => engine.stop()));
  });
  const ports = Object.fromEntries(engines.map(({ name, port }) => [name, port]));
  const environment = await environmentFor(env, { ports, folder, imageRoot: imageRoot(folder, env), secrets });
  return {
    environment: { ...environment, ...options.extra },
    engines,
    secrets,
    cluster: ports.postgres === undefined ? undefined : join(folder, 'postgres', 'cluster'),
  };
}

async function joinServices(record: OwnerRecord, env: NodeJS.ProcessEnv): Promise<Services> {
  return {
    environment: await environmentFor(env, { environment: record.environment }),
    engines: [],
    secrets: undefined,
    cluster: isExternal(env, 'postgres') ? undefined : record.cluster,
  };
}

async function open(options: StackOptions, env: NodeJS.ProcessEnv, folder: string): Promise<Stack> {
  const say = options.say ?? ((line: string) => process.stderr.write(`${forTerminal(line)}\n`));
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  checkFolder(folder);
  const claimed = await claim({ folder, role: options.role, timeout: options.timeout ?? WAIT_MS, say });
  const ownership = claimed.kind === 'owner' ? claimed.ownership : undefined;

  const releases: Releases = [];
  const close = async (): Promise<void> => {
    for (const release of releases.splice(0).reverse())
      await release().catch((error: unknown) => say(`hoofprint: ${errorMessage(error)}`));
  };
  try {
    if (ownership !== undefined) releases.push(() => ownership.release());
    const { environment, engines, secrets, cluster } =
      claimed.kind === 'owner'
        ? await startServices(folder, options, env, releases)
        : await joinServices(claimed.record, env);

    const [, { postgres }, { openHealth }, { prepareDatabase }] = await loadClients();
    const health = openHealth(environment);
    releases.push(() => health.close());
    await untilHealthy(health, env);

    const database: Database = postgres({ url: environment.DATABASE_URL ?? '', connections: 2, queryTimeout: 120_000 });
    releases.push(() => database.close());
    const copy = cluster === undefined ? copyThroughStdin(database) : copyThroughFile(database, cluster);
    if (ownership !== undefined && cluster !== undefined) {
      const herd = (options.herd ?? options.role === 'service') && env.HOOFPRINT_DEMO !== '0';
      await prepareDatabase(database, copy, { herd, say });
    }
    ownership?.announce(environment, cluster);
    return {
      environment,
      joined: ownership === undefined,
      embeddedDatabase: cluster !== undefined,
      copy,
      health,
      secrets,
      engines: () => engines.map(({ name, pid, port }) => ({ name, pid, port })),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
