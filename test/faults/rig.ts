// The product as separate processes on real engines, every connection through a proxy: what the
// faults are injected into.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { freePorts } from '../../localstack/stack/ports.ts';
import { HERD, openServices, outsideEnvironment, type Services } from '../support/services.ts';
import { until } from '../support/wait.ts';
import { productBundle } from './bundle.ts';
import { type Ledger, openLedger } from './ledger.ts';
import { type NativeEngine, nativePostgres, nativeRedis } from './native.ts';
import { type FaultyLine, openProxy } from './proxy.ts';

export type EngineKind = 'embedded' | 'native';
export type ServiceName = 'redis' | 'postgres' | 'sqs' | 's3';

/** One line that the product logged. */
export interface LogLine {
  event: string;
  job_id?: string;
  receives?: number;
  reason?: string;
  status?: number;
}

export interface Part {
  readonly pid: number;
  readonly log: readonly LogLine[];
  readonly running: boolean;
  /** Sends a message and waits for its echo. */
  tell(message: string): Promise<void>;
  /** Sends the signal and waits for the end; resolves with the exit code. */
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null>;
}

export interface Rig {
  engine: EngineKind;
  proxies: Record<ServiceName, FaultyLine>;
  services: Services;
  native: { redis: NativeEngine; postgres: NativeEngine } | undefined;
  api: Part & { url: string };
  /** Absent until the first one is started. */
  consumer: Part | undefined;
  /**
   * The consumer that runs, awakened, or a new one: a process needs seconds of a core until it is
   * warm, so a test takes over the one of the test before.
   */
  aConsumer(): Promise<Part>;
  /** Nobody takes messages from here on; what runs is finished first. */
  rest(): Promise<void>;
  /**
   * A new one in the place of any other. Its messages stay hidden for 4 s after its death, not 20:
   * rounds are shorter, the way is the same.
   * @param more variables that are for the one test
   */
  startConsumer(more?: Record<string, string>): Promise<Part>;
  ledger: Ledger;
  /** Process id of the engine behind a service. */
  pidOf(service: ServiceName): number;
  /**
   * SIGSTOP for the engine of a service, with all its children; resolves when they are stopped. The
   * answer lets them go on.
   */
  halt(service: ServiceName): Promise<() => void>;
  /** Log lines of all consumers so far. */
  consumed(): LogLine[];
  /** Lets everything pass again and forgets holds. */
  calm(): void;
  close(): Promise<void>;
}

const DEFAULT_PORT: Record<string, number> = { 'postgres:': 5432, 'redis:': 6379, 'http:': 80 };

async function startPart(file: string, args: string[], env: Record<string, string>, log: LogLine[]): Promise<Part> {
  const folder = await productBundle();
  const child: ChildProcess = fork(join(folder, `${file}.js`), args, {
    cwd: fileURLToPath(new URL('../../', import.meta.url)),
    execArgv: ['--disable-warning=ExperimentalWarning'],
    env: { ...env, NODE_COMPILE_CACHE: join(folder, 'compiled') },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  const said: string[] = [];
  createInterface({ input: child.stderr! }).on('line', (line) => {
    if (!line.startsWith('{')) said.push(line);
    else log.push(JSON.parse(line) as LogLine);
  });
  let code: number | null | undefined;
  const ended = new Promise<void>((resolve) =>
    child.once('exit', (status, signal) => {
      code = status;
      if (signal === null && status !== 0)
        process.stderr.write(`${file} ended with ${status}: ${said.slice(-20).join('\n')}\n`);
      resolve();
    }),
  );
  await Promise.race([once(child, 'message'), ended]);
  if (code !== undefined) throw new Error(`${file} ended with ${code}: ${said.slice(-20).join(' | ')}`);
  return {
    pid: child.pid!,
    log,
    get running() {
      return code === undefined;
    },
    async tell(message) {
      child.send(message);
      await Promise.race([once(child, 'message'), ended]);
    },
    async end(signal) {
      child.kill(signal);
      await ended;
      return code ?? null;
    },
  };
}

/** Opens engines, proxies and the API; consumers are started by the test. */
export async function openRig(engine: EngineKind, more: Record<string, string> = {}, herd = HERD): Promise<Rig> {
  const undo: (() => Promise<unknown> | undefined)[] = [];
  const close = async (): Promise<void> => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  try {
    const outside = outsideEnvironment();
    let native: Rig['native'];
    if (engine === 'native') {
      const redis = await nativeRedis();
      undo.push(() => redis.close());
      const postgres = await nativePostgres();
      undo.push(() => postgres.close());
      native = { redis, postgres };
    }
    const chosen = native ? { REDIS_URL: native.redis.url, DATABASE_URL: native.postgres.url } : {};
    const services = await openServices({ ...outside, ...chosen }, herd);
    undo.push(() => services.close());
    // Ledger and tests look at the services themselves, past the proxies.
    Object.assign(process.env, services.environment);
    const environment: Record<string, string> = {
      PATH: process.env.PATH!,
      ...services.environment,
      LOG_LEVEL: 'info',
      ...more,
    };
    const through = async (variables: readonly string[]): Promise<FaultyLine> => {
      const at = new URL(environment[variables[0]!]!);
      const proxy = await openProxy({ host: at.hostname, port: Number(at.port) || DEFAULT_PORT[at.protocol]! });
      undo.push(() => proxy.close());
      for (const variable of variables) {
        const url = new URL(environment[variable]!);
        url.host = `127.0.0.1:${proxy.port}`;
        environment[variable] = variable.startsWith('AWS_') ? url.origin : url.href;
      }
      return proxy;
    };
    const proxies = {
      redis: await through(['REDIS_URL']),
      postgres: await through(['DATABASE_URL']),
      sqs: await through([
        'AWS_ENDPOINT_URL_SQS',
        'EXPORTS_QUEUE_URL',
        'EXPORTS_DEAD_QUEUE_URL',
        'EXPORTS_PARKED_QUEUE_URL',
        'WEBHOOKS_QUEUE_URL',
      ]),
      s3: await through(['AWS_ENDPOINT_URL_S3']),
    };
    const [port] = await freePorts(1);
    const api = await startPart('api', [String(port)], environment, []);
    undo.push(() => api.end('SIGKILL'));
    const url = `http://127.0.0.1:${port}`;
    const lines: LogLine[] = [];
    let isSpecial = false;
    const ledger = openLedger(url);
    undo.push(() => ledger.close());
    const rig: Rig = {
      engine,
      proxies,
      services,
      native,
      api: Object.defineProperty(api, 'url', { value: url }) as Rig['api'],
      consumer: undefined,
      async aConsumer() {
        if (!rig.consumer?.running || isSpecial) return rig.startConsumer();
        await rig.consumer.tell('work');
        return rig.consumer;
      },
      async rest() {
        if (rig.consumer?.running) await rig.consumer.tell('rest');
      },
      async startConsumer(special = {}) {
        if (rig.consumer?.running) await rig.consumer.end('SIGKILL');
        isSpecial = Object.keys(special).length > 0;
        rig.consumer = await startPart(
          'consumer',
          [],
          { ...environment, MALLOC_ARENA_MAX: '2', FAULT_VISIBILITY_S: '4', ...special },
          lines,
        );
        const part = rig.consumer;
        undo.push(() => (part.running ? part.end('SIGKILL') : undefined));
        return part;
      },
      ledger,
      pidOf: (service) =>
        (service === 'redis' || service === 'postgres') && native
          ? native[service].pid()
          : services.engines().find(({ name }) => name === (service === 'sqs' || service === 's3' ? 'aws' : service))!
              .pid!,
      async halt(service) {
        // One that was killed just now is not back yet.
        await until('health', async () => ((await ledger.ask('GET', '/health')).status === 200 ? true : undefined));
        const pid = rig.pidOf(service);
        const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
        const pids = [pid, ...children.split(' ').filter(Boolean).map(Number)];
        for (const child of pids) process.kill(child, 'SIGSTOP');
        const isStopped = (child: number): boolean => /\) T /.test(readFileSync(`/proc/${child}/stat`, 'utf8'));
        await until(`${service} to stop`, () => (pids.every(isStopped) ? true : undefined));
        return () => {
          for (const child of pids) process.kill(child, 'SIGCONT');
        };
      },
      consumed: () => lines,
      calm() {
        for (const proxy of Object.values(proxies)) {
          proxy.unhold();
          proxy.pass();
        }
      },
      close,
    };
    // Connections are made and code is loaded on first use: what is measured afterwards is the
    // fault, not the start.
    await until('health', async () => ((await ledger.ask('GET', '/health')).status === 200 ? true : undefined));
    return rig;
  } catch (error) {
    await close();
    throw error;
  }
}
