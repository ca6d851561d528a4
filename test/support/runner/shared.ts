// What the test files of a run share, in jest's main process: opened by the first file that needs
// it, closed at the end of the run.
import { mkdtempSync, rmSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startService } from '../../../localstack/host/service.ts';
import { freePorts } from '../../../localstack/stack/ports.ts';
import { REGION } from '../../../localstack/stack/resources.ts';
import { openDatabasePool } from '../databases/pool.ts';
import { openImageArchive } from '../image-archive.ts';
import { openServices } from '../services.ts';
import { openTenant } from '../tenant.ts';
import { findNeed, type Need } from './needs.ts';

type Environment = Record<string, string>;

/** For files that need no services; AWS clients want some region and key even of an emulator. */
const QUIET: Environment = {
  LOG_LEVEL: 'silent',
  TIME_ZONE: 'UTC',
  AWS_REGION: REGION,
  AWS_ACCESS_KEY_ID: 'local',
  AWS_SECRET_ACCESS_KEY: 'local',
};

export interface Shared {
  /** More variables for the process of this test file. */
  environmentFor(path: string): Promise<Environment>;
  close(): Promise<void>;
}

export async function openShared(): Promise<Shared> {
  const outside = { ...process.env };
  const folder = mkdtempSync(join(tmpdir(), 'hoofprint-run-'));
  const undo: (() => Promise<unknown>)[] = [async () => rmSync(folder, { recursive: true, force: true })];
  const pool = await openDatabasePool();
  undo.push(() => pool.close());
  const common: Environment = {
    HOOFPRINT_TEST_OUTSIDE: JSON.stringify(outside),
    HOOFPRINT_TEST_DATABASES: pool.address,
    ...(outside.DATABASE_URL ? { HOOFPRINT_TEST_DATABASE_URL: outside.DATABASE_URL } : {}),
    ...QUIET,
  };

  const openSuite = async (): Promise<Environment> => {
    const services = await openServices(outside);
    undo.push(() => services.close());
    if (services.cluster === undefined) return services.environment;
    // Idle since its checkpoint: stacks of other test files begin with it.
    const copy = join(folder, 'cluster');
    await cp(services.cluster, copy, { recursive: true });
    return { ...services.environment, HOOFPRINT_TEST_CLUSTER: copy };
  };
  const startShared = async (): Promise<Environment> => {
    const services = await suite();
    const tenant = await openTenant(services);
    undo.push(() => tenant.close());
    const [httpPort, lambdaPort] = await freePorts(2);
    const logFile = join(folder, 'service.log');
    const data = { HOOFPRINT_DATA: join(folder, 'data'), HOOFPRINT_PORTS: 'free' };
    // Drawing frames of the herd costs more than what is tried with them.
    const archive = await openImageArchive();
    undo.push(async () => archive.close());
    archive.release();
    const pictures = { IMAGE_ARCHIVE_URL: archive.url, IMAGE_ARCHIVE_TOKEN: '' };
    const env = { ...outside, ...tenant.environment, ...pictures, ...data, LOG_LEVEL: 'info' };
    const service = await startService({ httpPort: httpPort!, lambdaPort: lambdaPort!, env, logFile });
    undo.push(async () => {
      const code = await service.stop();
      if (code !== 0) throw new Error(`the service that the test files share ended with ${code}`);
    });
    return {
      ...tenant.environment,
      HOOFPRINT_TEST_SERVICE: service.url,
      HOOFPRINT_TEST_SERVICE_PID: String(service.pid),
      HOOFPRINT_TEST_INVOCATIONS: `http://127.0.0.1:${lambdaPort}`,
      HOOFPRINT_TEST_SERVICE_LOG: logFile,
      HOOFPRINT_TEST_SERVICE_FOLDER: data.HOOFPRINT_DATA,
    };
  };
  let opened: Promise<Environment> | undefined;
  const suite = (): Promise<Environment> => {
    opened ??= openSuite();
    return opened;
  };
  let started: Promise<Environment> | undefined;
  const service = (): Promise<Environment> => {
    started ??= startShared();
    return started;
  };

  const provide: Record<Need, () => Promise<Environment>> = {
    nothing: async () => ({}),
    services: suite,
    service,
  };
  return {
    environmentFor: async (path) => ({ ...common, ...(await provide[findNeed(path)]()) }),
    async close() {
      await Promise.allSettled([opened, started]);
      const failed: unknown[] = [];
      for (const step of undo.reverse()) await step().catch((error: unknown) => failed.push(error));
      if (failed.length > 0) throw failed[0];
    },
  };
}
