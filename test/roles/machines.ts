// Machines of one service, as processes: each with its own environment and address, and no data
// folder.
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT } from '../../localstack/stack/folder.ts';
import { freePorts } from '../../localstack/stack/ports.ts';
import { createKey } from '../../scripts/keys/acts.ts';
import { inFile } from '../../scripts/keys/holder.ts';
import { bareEnvironment } from '../support/services.ts';
import { until } from '../support/wait.ts';

export interface Machine {
  name: string;
  url: string;
  pid: number;
  /** All that it has said. */
  said: () => string;
  /** kill -9, as when the power goes. */
  kill(): Promise<void>;
  /** SIGTERM. @returns its exit code */
  stop(): Promise<number | null>;
}

const START = ['scripts/start.ts', '--role'];
const WORKER = 'test/roles/worker-process.ts';
/** What chooses the services; nothing else of this process reaches a machine. */
const ADDRESSES =
  /^(DATABASE_URL|REDIS_URL|REDIS_KEY_PREFIX|AWS_(REGION|ACCESS_KEY_ID|SECRET_ACCESS_KEY|ENDPOINT_URL_S3|ENDPOINT_URL_SQS)|EXPORTS_.*|WEBHOOKS_QUEUE_URL|TIME_ZONE)$/;

export interface Machines {
  readonly all: readonly Machine[];
  /** Header of every request: the key of the administrator. */
  authorization: string;
  api(more?: NodeJS.ProcessEnv): Promise<Machine>;
  worker(settings?: WorkerSettings): Promise<Machine>;
  /** Kills those that are left; whether any of them made a data folder. */
  end(): Promise<boolean>;
}

export interface WorkerSettings {
  concurrency?: number;
  /** Seconds; 0 = as the product has it. */
  visibility?: number;
  /** How long the renderer sleeps; undefined = the real renderers. */
  renderMs?: number | undefined;
  env?: NodeJS.ProcessEnv;
}

/** @param folder for what tests leave @param services addresses of the services that all share */
export async function gatherMachines(folder: string, services: NodeJS.ProcessEnv): Promise<Machines> {
  const all: Machine[] = [];
  const pictures = join(folder, 'share');
  mkdirSync(pictures, { recursive: true });
  const keysFile = join(folder, 'keys.json');
  const key = (await createKey(inFile(keysFile), { owner: 'Office', scopes: 'admin,exports' }))[0]!;
  const addresses = Object.fromEntries(Object.entries(services).filter(([name]) => ADDRESSES.test(name)));
  const data = join(folder, 'data');
  const begin = async (name: string, args: readonly string[], more: NodeJS.ProcessEnv): Promise<Machine> => {
    const [port] = await freePorts(1);
    // Each on an address of its own, as machines have.
    const host = `127.0.0.${2 + all.length}`;
    const child: ChildProcess = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', ...args], {
      cwd: PROJECT,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...bareEnvironment(),
        ...addresses,
        ...{ IMAGE_ROOT: pictures, KEYS_FILE: keysFile, HOOFPRINT_DATA: data, HOOFPRINT_ENGINES: 'light' },
        ...{ HOOFPRINT_HTTP_PORT: String(port), HOOFPRINT_HOST: host, LOG_LEVEL: 'info', RATE_PER_SECOND: '0' },
        MOST_WAITING_JOBS: '0',
        ...more,
      },
    });
    const said: Buffer[] = [];
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => said.push(chunk));
    const ended = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
    const machine: Machine = {
      name,
      url: `http://${host}:${port}`,
      pid: child.pid!,
      said: () => Buffer.concat(said).toString(),
      async kill() {
        child.kill('SIGKILL');
        await ended;
      },
      async stop() {
        child.kill('SIGTERM');
        return ended;
      },
    };
    all.push(machine);
    await until(
      `${name} to be ready`,
      async () => {
        if (child.exitCode !== null) throw new Error(`${name} ended: ${machine.said()}`);
        const answer = await fetch(`${machine.url}/readyz`).catch(() => undefined);
        await answer?.body?.cancel();
        return answer?.status === 200 ? true : undefined;
      },
      // A crowded machine starts four of them in half a minute.
      120_000,
    );
    return machine;
  };
  return {
    all,
    authorization: `Bearer ${key}`,
    api: (more = {}) => begin('api', [...START, 'api'], more),
    worker: ({ concurrency = 2, visibility = 0, renderMs, env = {} } = {}) =>
      begin(
        `worker ${all.length}`,
        [WORKER, String(concurrency), String(visibility), renderMs === undefined ? 'renders' : 'sleeps'],
        { ...(renderMs === undefined ? {} : { RENDER_MS: String(renderMs) }), ...env },
      ),
    async end() {
      await Promise.all(all.map((machine) => machine.kill()));
      return existsSync(data);
    },
  };
}

/** The figures of a machine that begin with a name, by the text between braces. */
export async function readMetric(machine: Machine, authorization: string, name: string): Promise<Map<string, number>> {
  const text = await (await fetch(`${machine.url}/metrics`, { headers: { authorization } })).text();
  return new Map(
    [...text.matchAll(/^(\w+)(?:\{([^}]*)\})? (\S+)$/gm)]
      .filter(([, found]) => found === name)
      .map(([, , labels = '', value]) => [labels, Number(value)]),
  );
}

/** Resident memory of a process, in MB. */
export const residentMb = (pid: number): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1_024;
