// The services that tests use: a database, key prefix, queues and bucket made for them, wherever
// the environment points; embedded engines where it points nowhere.
import { randomBytes } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { postgres } from '../../lib/adapters/postgres.ts';
import { migrate } from '../../lib/deer/schema.ts';
import { loadHerd } from '../../localstack/herd/load.ts';
import { copyThroughStdin } from '../../localstack/stack/bulk.ts';
import { stampFolder } from '../../localstack/stack/folder.ts';
import { openStack, type Stack } from '../../localstack/stack/index.ts';
import { withStandIn } from './database.ts';
import { objectsFolder, partsFolder } from './left-over.ts';
import { openTenant } from './tenant.ts';

/** Detections of the herd in the database: enough for every kind of row, loaded in a second. */
export const HERD = { seed: 7, detections: 2_000 };

export interface Services {
  environment: Record<string, string>;
  /** The embedded engines of these services, for tests that stop them. */
  engines: Stack['engines'];
  /** Data directory of the embedded database; undefined when another one is used. */
  cluster: string | undefined;
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

/** What every program needs that a test starts, and nothing that chooses services. */
export function bareEnvironment(): NodeJS.ProcessEnv {
  const { PATH, HOME, TMPDIR, HOOFPRINT_ENGINES } = outsideEnvironment();
  return { PATH, HOME, TMPDIR, HOOFPRINT_ENGINES, NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE };
}

/**
 * The stack sees only what chooses services: a developer's other variables do not reach the tests.
 */
function chosenServices(outside: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const chosen = Object.fromEntries(Object.entries(outside).filter(([name]) => CHOOSING.test(name)));
  if (chosen.AWS_ENDPOINT_URL_SQS) {
    // Our queues do not exist yet, so their names cannot be asked for.
    for (const name of [
      'EXPORTS_QUEUE_URL',
      'EXPORTS_DEAD_QUEUE_URL',
      'EXPORTS_PARKED_QUEUE_URL',
      'WEBHOOKS_QUEUE_URL',
    ])
      chosen[name] = 'http://127.0.0.1:1/unused';
  }
  return chosen;
}

/** A new database on an external server, and its removal. */
async function ownDatabaseOn(server: string): Promise<{ url: string; drop(): Promise<void> }> {
  const name = `hoofprint_test_${randomBytes(4).toString('hex')}`;
  // A connection for each statement: a test may end the server in between.
  const administer = async (sql: string): Promise<void> => {
    const admin = new pg.Client({ connectionString: server });
    await admin.connect();
    await admin.query(sql);
    await admin.end();
  };
  await administer(`CREATE DATABASE ${name}`);
  return {
    url: Object.assign(new URL(server), { pathname: `/${name}` }).href,
    drop: () => administer(`DROP DATABASE ${name} WITH (FORCE)`),
  };
}

async function fill(stack: Stack, url: string, herd: typeof HERD): Promise<void> {
  const database = postgres({ url, queryTimeout: 60_000 });
  await migrate(stack.embeddedDatabase ? database : await withStandIn(database));
  const copy = stack.embeddedDatabase ? stack.copy : copyThroughStdin(database);
  await loadHerd({ ...herd, copy, rows: (sql, params) => database.write((queries) => queries.rows(sql, params)) });
  // What is copied from its folder is whole.
  if (stack.embeddedDatabase) await database.write(({ rows }) => rows('CHECKPOINT'));
  await database.close();
}

/**
 * Opens everything and loads a herd, by default a small one; close() removes what was made and
 * flushes nothing else. An embedded database with the small herd is copied from the suite's, once
 * there is one.
 */
export async function openServices(outside: NodeJS.ProcessEnv = outsideEnvironment(), herd = HERD): Promise<Services> {
  const folder = mkdtempSync(join(tmpdir(), 'hoofprint-test-'));
  const undo: (() => Promise<unknown>)[] = [async () => rmSync(folder, { recursive: true, force: true })];
  const cluster = join(folder, 'postgres/cluster');
  const filled = process.env.HOOFPRINT_TEST_CLUSTER;
  const copied = herd === HERD && filled !== undefined && !outside.DATABASE_URL;
  if (copied) {
    stampFolder(folder);
    mkdirSync(join(folder, 'postgres'));
    cpSync(filled, cluster, { recursive: true });
  }
  const stack = await openStack({
    role: 'service',
    dataDir: folder,
    freePorts: true,
    herd: false,
    env: chosenServices(outside),
    say: () => undefined,
  });
  undo.push(() => stack.close());
  const environment = { ...stack.environment };
  if (!stack.embeddedDatabase) {
    const { url, drop } = await ownDatabaseOn(environment.DATABASE_URL!);
    undo.push(drop);
    environment.DATABASE_URL = url;
  }
  if (!copied) await fill(stack, environment.DATABASE_URL!, herd);
  const tenant = await openTenant(environment, { emptyBucket: !stack.engines().some(({ name }) => name === 'aws') });
  undo.push(() => tenant.close());
  return {
    environment: tenant.environment,
    engines: stack.engines,
    cluster: stack.embeddedDatabase ? cluster : undefined,
    parts: partsFolder(join(folder, 'aws')),
    objects: objectsFolder(join(folder, 'aws')),
    async close() {
      for (const step of undo.reverse()) await step();
    },
  };
}
