// A host that asks for keys, in the soak an emulator as well, and a client of both. The host
// listens on 127.0.0.2.
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Service, startService } from '../../localstack/host/service.ts';
import { PROJECT } from '../../localstack/stack/folder.ts';
import { freePorts } from '../../localstack/stack/ports.ts';
import { createKey } from '../../scripts/keys/acts.ts';
import { inFile } from '../../scripts/keys/holder.ts';
import { plain } from '../start/person.ts';
import { EMULATOR_COMMAND } from '../support/emulator.ts';
import { SMALL_REPORT } from '../support/small-report.ts';
import { openTenant, type Tenant } from '../support/tenant.ts';

export const folder = mkdtempSync(join(tmpdir(), 'hoofprint-access-'));
export const KEYS_FILE = join(folder, 'keys.json');
export const SOAK = process.env.HOOFPRINT_SOAK === '1';

export async function npmRunKeys(...args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, ['scripts/keys.ts', ...args], {
    cwd: PROJECT,
    env: { ...plain(), KEYS_FILE, WEBHOOK_ADDRESSES: 'any' },
  });
  return stdout.split('\n')[0]!;
}
export const create = async (owner: string, scopes: string, days?: string): Promise<string> =>
  (await createKey(inFile(KEYS_FILE), { owner, scopes, days }))[0]!;

export let tenant: Tenant;
export let host: Service;
/** In the soak; `npm test` asks one in emulator.test.ts for a key. */
export let emulator: Service | undefined;
export const keys: Record<string, string> = {};
export const logOf = (name: string): string => readFileSync(join(folder, `${name}.log`), 'utf8');

export async function startOne(
  name: string,
  more: NodeJS.ProcessEnv,
  command?: readonly [string, ...string[]],
): Promise<Service> {
  const [httpPort, lambdaPort] = await freePorts(2);
  const data = { HOOFPRINT_DATA: join(folder, name), HOOFPRINT_PORTS: 'free', LOG_LEVEL: 'info' };
  const env = { ...process.env, ...tenant.environment, ...data, AUTH: '', MACHINE_TOKEN: '', KEYS_FILE, ...more };
  return startService({
    httpPort: httpPort!,
    lambdaPort: lambdaPort!,
    env,
    logFile: join(folder, `${name}.log`),
    command,
  });
}

/** For all tests of the file. */
export function useServices(more: NodeJS.ProcessEnv = {}): void {
  beforeAll(async () => {
    tenant = await openTenant(process.env as Record<string, string>);
    keys.office = await npmRunKeys('create', '--owner', 'Ranch office', '--scopes', 'read,exports');
    keys.reader = await create('Reader', 'read');
    keys.chief = await create('Chief', 'exports:all');
    keys.busy = await create('Busy', 'read');
    keys.old = await create('Old', 'read,exports', '1');
    const file = JSON.parse(readFileSync(KEYS_FILE, 'utf8')) as { keys: { owner: string; expires_at: string }[] };
    file.keys.find(({ owner }) => owner === 'Old')!.expires_at = '2024-01-01T00:00:00.000Z';
    writeFileSync(KEYS_FILE, JSON.stringify(file));
    const settings = { TRUSTED_PROXIES: '127.0.0.9', RATE_BURST: '60', ...more };
    [host, emulator] = await Promise.all([
      startOne('host', { ...settings, HOOFPRINT_HOST: '127.0.0.2', BASE_PATH: '/herd/' }),
      SOAK ? startOne('emulator', settings, EMULATOR_COMMAND) : undefined,
    ]);
  }, 180_000);
  afterAll(async () => {
    await Promise.all([host?.kill(), emulator?.kill()]);
    await tenant?.close();
    rmSync(folder, { recursive: true, force: true });
  }, 60_000);
}

export interface Asked {
  method?: string;
  path: string;
  headers?: Record<string, string>;
  body?: string;
  /** Address that the client has. */
  from?: string;
}
export interface Answered {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  text: string;
}

export function ask(service: Service, { method = 'GET', path, headers = {}, body, from }: Asked): Promise<Answered> {
  const { hostname, port } = new URL(service.url);
  return new Promise((resolve, reject) => {
    const asked = request(
      { hostname, port, method, path, headers, agent: false, localAddress: from, setDefaultHeaders: true },
      (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (part: string) => {
          text += part;
        });
        response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }));
      },
    );
    asked.on('error', reject);
    asked.end(body);
  });
}
export const bearer = (key: string | undefined): Record<string, string> => ({ authorization: `Bearer ${key}` });
export const POST = { method: 'POST', path: '/api/exports/pdf', body: JSON.stringify(SMALL_REPORT) };
export const JOB = '/api/exports/pdf/0f8f5f0e-5a3b-4c8e-9d51-6b1f0a2c7d11';
