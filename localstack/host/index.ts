// The host: serves the functions of serverless.yml on this machine, with the local stack or with
// external services. `npm start` runs it.
import { isIPv6 } from 'node:net';
import { config } from '../../lib/config.ts';
import { beginEnding } from '../../lib/ending.ts';
import { errorMessage, Fault, isFault } from '../../lib/errors.ts';
import { gatherLines, log } from '../../lib/log.ts';
import { forTerminal } from '../../lib/plain-text.ts';
import { PROJECT } from '../stack/folder.ts';
import { openStack, type Stack } from '../stack/index.ts';
import { type HostFunction, pickTexts, type Service } from './declared/functions.ts';
import { readServiceFile } from './declared/service-file.ts';
import { startExitGuard } from './exit-guard.ts';
import type { HttpServer } from './http/server.ts';
import type { InvokePort } from './invoke-port.ts';
import { watchForKeys } from './key-watch.ts';
import type { EventSource } from './queues/event-source.ts';
import { choosePort, type Duties, findDuties, type HostRole, readChoice } from './role.ts';
import type { FunctionRunner } from './runner.ts';
import { holdServicePorts } from './service-ports.ts';
import { takeSignals } from './signals.ts';

/**
 * How long functions that run may go on after Ctrl-C, in ms; the rest is handed back to the queue.
 */
const STOP_MS = 12_000;
/** Answers that are being sent, from the signal on; and after all else has ended. */
const HTTP_STOP_MS = 5_000;
const LAST_ANSWERS_MS = 500;
/** After this long the process ends, whatever waits: functions, last calls and engines fit in. */
const END_MS = 18_000;
/** After a second Ctrl-C. */
const AT_ONCE_MS = 300;

const LOOPBACK = '127.0.0.1';
/** After this long of serving, what will be needed soon is loaded, in ms. */
const PREPARE_MS = 500;

type Serving = typeof import('./serving.ts');
/** With its functions. */
type Loaded = [Serving, FunctionRunner];

/** What is there is ended, whatever was started. */
interface HostParts {
  stack?: Stack;
  runner?: FunctionRunner;
  http?: HttpServer;
  invokePort?: InvokePort;
  stopSchedules?: () => void;
  stopWatch?: () => void;
  source?: EventSource;
}

const say = (line: string): void => {
  process.stderr.write(`${forTerminal(line)}\n`);
};

const OPEN = ', open to every user of this machine (docs/OPERATIONS.md says how to ask for keys)';

/** What was asked for, as it was typed. */
export interface HostOptions {
  role?: string;
  concurrency?: string;
  /** What is served; default: serverless.yml. */
  service?: Service;
  /** Of the event source. */
  visibility?: number;
}

/** The host of this process: started once, ended by a signal or a fault. */
class Host {
  private readonly role: HostRole;
  private readonly visibility: number | undefined;
  private readonly service: Service;
  private readonly duties: Duties;
  private readonly guard = startExitGuard();
  private readonly parts: HostParts = {};
  private readonly host = process.env.HOOFPRINT_HOST || LOOPBACK;
  private isOpen = true;
  private ending = false;

  constructor(options: HostOptions) {
    const choice = readChoice(options);
    this.role = choice.role;
    this.visibility = options.visibility;
    this.service = options.service ?? readServiceFile(PROJECT, process.env);
    this.duties = findDuties(this.service, choice);
  }

  /** @throws Fault that says what to do; what was started until then is ended by end() */
  async start(): Promise<void> {
    const { role } = this;
    const isAlone = role === 'all';
    const httpPort = choosePort(role, process.env);
    const lambdaPort = process.env.HOOFPRINT_LAMBDA_PORT || '8002';
    const release = await holdServicePorts([
      { variable: 'HOOFPRINT_HTTP_PORT', port: httpPort, host: this.host },
      ...(isAlone ? [{ variable: 'HOOFPRINT_LAMBDA_PORT', port: lambdaPort, host: LOOPBACK }] : []),
    ]);
    this.takeSignals();
    let loading: Promise<Loaded> | undefined;
    const load = (): Promise<Loaded> => {
      loading ??= this.load();
      loading.catch(() => undefined);
      return loading;
    };
    const address = `http://${isIPv6(this.host) ? `[${this.host}]` : this.host}:${httpPort}`;
    const stack = isAlone
      ? await this.openStack(address.replace(/\/\/(0\.0\.0\.0|\[::\])/, `//${LOOPBACK}`), load)
      : await this.joinOthers(load);
    const [serving, runner] = await load();
    this.parts.runner = runner;
    await release();
    await this.serve(serving, runner, stack, { httpPort: Number(httpPort), lambdaPort: Number(lambdaPort) });
    if (role !== 'api') this.work(serving, stack, runner);
    if (isAlone) {
      const engines = stack.engines().map(({ name, port }) => `${name} ${LOOPBACK}:${port}`);
      say(`hoofprint: the local stack is up: ${engines.join(', ')}`);
    }
    const what = role === 'worker' ? 'this worker takes jobs; its probes and metrics are' : 'the API is';
    say(`hoofprint: ${what} at ${address}${this.isOpen ? OPEN : '; requests need a key'}`);
    // Where memory is scarce only what is used is loaded.
    if (process.env.HOOFPRINT_ENGINES !== 'light') setTimeout(() => this.prepare(runner), PREPARE_MS).unref();
  }

  private async load(): Promise<Loaded> {
    const serving = await import('./serving.ts');
    return [serving, await serving.FunctionRunner.load(this.duties.functions)];
  }

  /** Answers HTTP; and invocations, where there are secrets: the data folder is of this process. */
  private async serve(
    { openHttp, openInvokePort }: Serving,
    runner: FunctionRunner,
    { secrets }: Stack,
    { httpPort, lambdaPort }: { httpPort: number; lambdaPort: number },
  ): Promise<void> {
    const { functions } = this.duties;
    this.parts.http = openHttp({
      functions,
      basePath: config('BASE_PATH'),
      invoke: (target, event, asked) => runner.answer(target, event, asked),
    });
    await this.parts.http.listen(this.host, httpPort);
    if (secrets === undefined) return;
    this.parts.invokePort = openInvokePort(functions, secrets, (target, event, requestId) =>
      runner.run(target, event, requestId),
    );
    await this.parts.invokePort.listen(lambdaPort);
  }

  /** Takes jobs, and keeps schedules. */
  private work(serving: Serving, stack: Stack, runner: FunctionRunner): void {
    const { startSchedules, makePeriods, backgroundStore } = serving;
    const invoke = (target: HostFunction, event: unknown): Promise<unknown> => runner.run(target, event);
    this.parts.stopSchedules = startSchedules(this.duties.functions, invoke, makePeriods(backgroundStore));
    this.parts.source = this.startEventSource(serving, stack, runner);
  }

  private prepare(runner: FunctionRunner): void {
    if (this.ending) return;
    const heavy = this.duties.functions.filter((target) => target.heavy);
    const queued = new Set(this.duties.queues.map(({ functionName }) => functionName));
    const soon = heavy.filter(({ functionName }) => queued.has(functionName));
    if (heavy.length > 0) void runner.prepare(heavy, soon, this.service.custom?.esbuild);
  }

  private async openStack(url: string, load: () => Promise<Loaded>): Promise<Stack> {
    // Before the functions' environment covers it.
    const chosen = { ...process.env };
    const stack = await openStack({
      role: 'service',
      extra: { HOOFPRINT_URL: url },
      meanwhile: load,
      onFailure: (fault) => void this.end(fault),
      say,
    });
    // Only here, on a person's own machine, may functions write files: below the current folder.
    await this.settle(stack, chosen, { OUTPUT_ROOT: process.cwd() }, load);
    return stack;
  }

  /** The services of a host that is one of several. */
  private async joinOthers(load: () => Promise<Loaded>): Promise<Stack> {
    const { role } = this;
    const chosen = { ...process.env };
    const { openOutside } = await import('../stack/outside.ts');
    void load();
    const { stack, pictures } = await openOutside(role, chosen);
    await this.settle(stack, chosen, {}, load);
    const jobs = this.duties.queues.map(({ queue, concurrency }) => `${queue} (${concurrency} at a time)`);
    if (role === 'worker') say(`hoofprint: takes messages of ${jobs.join(', ')}; pictures from ${pictures}`);
    return stack;
  }

  /** Gives functions their environment, and decides whether requests need a key. */
  private async settle(
    stack: Stack,
    chosen: NodeJS.ProcessEnv,
    more: NodeJS.ProcessEnv,
    load: () => Promise<Loaded>,
  ): Promise<void> {
    this.parts.stack = stack;
    // What refers to a resource of AWS has its value from the services here.
    Object.assign(process.env, pickTexts(this.service.provider.environment), more, stack.environment);
    const [{ decideExposure, findMissing, hasLiveKey }] = await load();
    const missing = await findMissing(chosen, stack.environment);
    if (missing.length > 0) throw new Fault('misconfigured', missing.join('; '));
    const databaseUrl = stack.environment.DATABASE_URL!;
    const { environment, isOpen } = await decideExposure(this.host, chosen, databaseUrl);
    Object.assign(process.env, environment);
    this.isOpen = isOpen;
    if (isOpen) this.parts.stopWatch = watchForKeys(() => hasLiveKey(chosen, databaseUrl), say);
  }

  private startEventSource(
    { startEventSource, findQueueUrl }: Serving,
    { environment, health }: Stack,
    runner: FunctionRunner,
  ): EventSource {
    const byName = new Map(this.duties.functions.map((target) => [target.functionName, target]));
    return startEventSource({
      functions: this.duties.queues,
      invoke: ({ functionName }, event) =>
        runner.run(byName.get(functionName)!, event).then(
          (result) => ({ text: JSON.stringify(result) ?? '' }),
          (error: unknown) => ({ error: `the function failed: ${errorMessage(error)}` }),
        ),
      queueUrl: (name) => findQueueUrl(environment, name),
      environment,
      health: () => health.check(),
      ...(this.visibility === undefined ? {} : { visibility: this.visibility }),
    });
  }

  private takeSignals(): void {
    takeSignals(
      (signal) => {
        // Ending already, without its services.
        if (this.ending) this.guard.exit(130, AT_ONCE_MS);
        say(`hoofprint: ${signal}: finishing what runs (once more to stop at once) ...`);
        void this.end();
      },
      () => this.guard.exit(130, AT_ONCE_MS),
    );
  }

  /**
   * In order: no new work, work that runs done or handed back, HTTP closed, processes of functions
   * ended, engines stopped.
   */
  async end(fault?: Fault): Promise<void> {
    if (this.ending) return;
    this.ending = true;
    beginEnding();
    this.guard.endWithin(END_MS);
    if (fault !== undefined) say(`hoofprint: ${fault.message}`);
    process.on('unhandledRejection', (error) => log.debug('while ending', { reason: errorMessage(error) }));
    const { source, http, invokePort, stopSchedules, stopWatch, runner, stack } = this.parts;
    stopSchedules?.();
    stopWatch?.();
    http?.refuse();
    const began = Date.now();
    // Without its services nothing can be finished or handed back.
    await Promise.all([source?.stop(fault === undefined ? STOP_MS : 0), invokePort?.stop()]);
    // Until here those who send requests were answered that none should be sent any more.
    await http?.stop(Math.max(LAST_ANSWERS_MS, HTTP_STOP_MS - (Date.now() - began)));
    await runner?.close();
    process.emit('hoofprint:end' as 'disconnect');
    await stack?.close();
    this.guard.exit(fault === undefined ? 0 : 1);
  }
}

/** Serves until a signal; the process ends then. */
export async function runHost(options: HostOptions = {}): Promise<void> {
  let host: Host | undefined;
  gatherLines();
  try {
    host = new Host(options);
    await host.start();
  } catch (error) {
    const fault = isFault(error) ? error : new Fault('corrupt', errorMessage(error), { cause: error });
    if (host === undefined) {
      say(`hoofprint: ${fault.message}`);
      process.exit(1);
    }
    if (!isFault(error)) log.error('the host did not start', { stack: (error as Error).stack });
    await host.end(fault);
  }
}
