// A service that a file starts for itself on the engines that all files share: its own key prefix,
// queues, bucket, folder and ports.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Service, startService } from '../../localstack/host/service.ts';
import { freePorts } from '../../localstack/stack/ports.ts';
import { createKey } from '../../scripts/keys/acts.ts';
import { inFile } from '../../scripts/keys/holder.ts';
import { openTenant } from './tenant.ts';

export interface TenantService {
  service: Service;
  folder: string;
  logFile: string;
  /** Bucket, queues and prefix. */
  tenant: Record<string, string>;
  /** Keys of the owners, in their order. */
  keys: string[];
  /** Address of the invocations of functions. */
  invocations: string;
  /** Kills what it started, and removes what it wrote. */
  close(): Promise<void>;
}

interface Wanted {
  env?: Record<string, string>;
  command?: Parameters<typeof startService>[0]['command'];
  /** Who may call; absent: it asks for no key. */
  owners?: readonly (readonly [owner: string, scopes: string])[];
}

export async function openTenantService({ env = {}, command, owners }: Wanted = {}): Promise<TenantService> {
  const folder = mkdtempSync(join(tmpdir(), 'hoofprint-tenant-'));
  const tenant = await openTenant(process.env as Record<string, string>);
  const leave = async (): Promise<void> => {
    await tenant.close();
    rmSync(folder, { recursive: true, force: true });
  };
  const KEYS_FILE = join(folder, 'keys.json');
  const keys: string[] = [];
  for (const [owner, scopes] of owners ?? []) keys.push((await createKey(inFile(KEYS_FILE), { owner, scopes }))[0]!);
  const [httpPort, lambdaPort] = await freePorts(2);
  const logFile = join(folder, 'service.log');
  const own = { HOOFPRINT_DATA: join(folder, 'data'), HOOFPRINT_PORTS: 'free', ...(owners && { KEYS_FILE }), ...env };
  const service = await startService({
    ...{ httpPort: httpPort!, lambdaPort: lambdaPort!, logFile, command },
    env: { ...process.env, ...tenant.environment, ...own },
  }).catch(async (error: unknown) => {
    await leave();
    throw error;
  });
  return {
    ...{ service, folder, logFile, keys, tenant: tenant.environment, invocations: `http://127.0.0.1:${lambdaPort}` },
    close: async () => {
      await service.kill();
      await leave();
    },
  };
}
