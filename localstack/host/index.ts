// The host: serves the functions of serverless.yml on this machine, with the local stack or with
// external services. `npm start` runs it.
import { isIPv6 } from 'node:net';
import { noteKeys } from '../../lib/access/required.ts';
import { config } from '../../lib/config.ts';
import { beginEnding } from '../../lib/ending.ts';
import { errorMessage, Fault, isFault } from '../../lib/errors.ts';
import { gatherLines, log } from '../../lib/log.ts';
import { forTerminal } from '../../lib/plain-text.ts';
import { PROJECT } from '../stack/folder.ts';
import { openStack, type Stack } from '../stack/index.ts';
import { hostFunctions, queueFunctions } from './declared/functions.ts';
import { readServiceFile } from './declared/service-file.ts';
import { startExitGuard } from './exit-guard.ts';
import type { HttpServer } from './http/server.ts';
import type { InvokePort } from './invoke-port.ts';
import type { EventSource } from './queues/event-source.ts';
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
/** How often keys are looked for while none is needed, in ms. */
const KEYS_MS = 5_000;

type Serving = typeof import('./serving.ts');

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

/** From the moment that somebody has made a key, requests need one. @returns ends the watch */
function watchForKeys(look: () => Promise<boolean>): () => void {
  const timer = setInterval(async () => {
    // A database that is away is looked at again.
    if (!(await look().catch(() => false))) return;
    clearInterval(timer);
    noteKeys();
    say('hoofprint: there is a key now: requests need one from here on');
  }, KEYS_MS);
  timer.unref();
  return () => clearInterval(timer);
}

/** The host of this process: started once, ended by a signal or a fault. */
class Host {
  private readonly service = readServiceFile(PROJECT, process.env);
  private readonly functions = hostFunctions(this.service);
  private readonly guard = startExitGuard();
  private readonly parts: HostParts = {};
  private readonly host = process.env.HOOFPRINT_HOST || LOOPBACK;
  private isOpen = true;
  private ending = false;

  /** @throws Fault that says what to do; what was started until then is ended by end() */
  async start(): Promise<void> {
    const [httpPort = '', lambdaPort = ''] = [
      process.env.HOOFPRINT_HTTP_PORT || '8001',
      process.env.HOOFPRINT_LAMBDA_PORT || '8002',
    ];
    const release = await holdServicePorts([
      { variable: 'HOOFPRINT_HTTP_PORT', port: httpPort, host: this.host },
      { variable: 'HOOFPRINT_LAMBDA_PORT', port: lambdaPort, host: LOOPBACK },
    ]);
    this.takeSignals();
    let loading: Promise<[Serving, FunctionRunner]> | undefined;
    const load = (): Promise<[Serving, FunctionRunner]> => {
      loading ??= this.load();
      loading.catch(() => undefined);
      return loading;
    };
    const address = `http://${isIPv6(this.host) ? `[${this.host}]` : this.host}:${httpPort}`;
    const stack = await this.openStack(address.replace(/\/\/(0\.0\.0\.0|\[::\])/, `//${LOOPBACK}`), load);
    const [serving, runner] = await load();
    this.parts.runner = runner;
    this.parts.http = serving.openHttp({
      functions: this.functions,
      basePath: config('BASE_PATH'),
      invoke: (target, event, asked) => runner.answer(target, event, asked),
    });
    // A service owns its folder.
    this.parts.invokePort = serving.openInvokePort(this.functions, stack.secrets!, (target, event, requestId) =>
      runner.run(target, event, requestId),
    );
    await release();
    await this.parts.http.listen(this.host, Number(httpPort));
    await this.parts.invokePort.listen(Number(lambdaPort));
    this.parts.stopSchedules = serving.startSchedules(this.functions, (target, event) => runner.run(target, event));
    this.parts.source = this.startEventSource(serving, stack, runner);
    const engines = stack.engines().map(({ name, port }) => `${name} ${LOOPBACK}:${port}`);
    say(`hoofprint: the local stack is up: ${engines.join(', ')}`);
    say(`hoofprint: the API is at ${address}${this.isOpen ? OPEN : '; requests need a key'}`);
    // Where memory is scarce only what is used is loaded.
    if (process.env.HOOFPRINT_ENGINES !== 'light') setTimeout(() => this.prepare(runner), PREPARE_MS).unref();
  }

  private async load(): Promise<[Serving, FunctionRunner]> {
    const serving = await import('./serving.ts');
    return [serving, await serving.FunctionRunner.load(this.functions)];
  }

  private prepare(runner: FunctionRunner): void {
    if (this.ending) return;
    const heavy = this.functions.filter((target) => target.heavy);
    const queued = new Set(queueFunctions(this.service).map(({ functionName }) => functionName));
    const soon = heavy.filter(({ functionName }) => queued.has(functionName));
    void runner.prepare(heavy, soon, this.service.custom?.esbuild);
  }

  private async openStack(url: string, load: () => Promise<[Serving, unknown]>): Promise<Stack> {
    // Before the functions' environment covers it.
    const chosen = { ...process.env };
    const stack = await openStack({
      role: 'service',
      extra: { HOOFPRINT_URL: url },
      meanwhile: load,
      onFailure: (fault) => void this.end(fault),
      say,
    });
    this.parts.stack = stack;
    const declared = this.service.provider.environment as Record<string, string>;
    // Only here, on a person's own machine, may functions write files: below the current folder.
    Object.assign(process.env, declared, { OUTPUT_ROOT: process.cwd() }, stack.environment);
    const [{ decideExposure, findMissing, hasLiveKey }] = await load();
    const missing = await findMissing(chosen, stack.environment);
    if (missing.length > 0) throw new Fault('misconfigured', missing.join('; '));
    const databaseUrl = stack.environment.DATABASE_URL!;
    const { environment, isOpen } = await decideExposure(this.host, chosen, databaseUrl);
    Object.assign(process.env, environment);
    this.isOpen = isOpen;
    if (isOpen) this.parts.stopWatch = watchForKeys(() => hasLiveKey(chosen, databaseUrl));
    return stack;
  }

  private startEventSource(
    { startEventSource, findQueueUrl }: Serving,
    { environment, health }: Stack,
    runner: FunctionRunner,
  ): EventSource {
    const byName = new Map(this.functions.map((target) => [target.functionName, target]));
    return startEventSource({
      functions: queueFunctions(this.service),
      invoke: ({ functionName }, event) =>
        runner.run(byName.get(functionName)!, event).then(
          (result) => ({ text: JSON.stringify(result) ?? '' }),
          (error: unknown) => ({ error: `the function failed: ${errorMessage(error)}` }),
        ),
      queueUrl: (name) => findQueueUrl(environment, name),
      environment,
      health: () => health.check(),
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
export async function runHost(): Promise<void> {
  let host: Host | undefined;
  gatherLines();
  try {
    host = new Host();
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
