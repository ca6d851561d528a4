// The Serverless plugin: brings the local stack up for `serverless offline` and `serverless invoke
// local`, and takes it down in order.
import { relative } from 'node:path';
import { errorMessage, Fault } from '../../lib/errors.ts';
import { log } from '../../lib/log.ts';
import { forTerminal } from '../../lib/plain-text.ts';
import { bundleFunctions, type EsbuildOptions } from '../bundles/bundle.ts';
import { pickTexts, queueFunctions, type Service } from '../host/declared/functions.ts';
import { type ExitGuard, startExitGuard } from '../host/exit-guard.ts';
import { type EventSource, startEventSource } from '../host/queues/event-source.ts';
import { holdServicePorts } from '../host/service-ports.ts';
import { takeSignals } from '../host/signals.ts';
import { findQueueUrl } from '../stack/environment.ts';
import { decideExposure, isClosed } from '../stack/exposure.ts';
import { openStack, type Stack } from '../stack/index.ts';
import { findMissing } from '../stack/preflight.ts';
import { guardInvocations } from './invocations.ts';
import { checkEndpoint, invokeAt } from './invoke.ts';
import { Emulator } from './serverless-offline.ts';

interface Serverless {
  service: Service & { custom?: { 'serverless-offline'?: Record<string, unknown>; esbuild?: EsbuildOptions } };
  serviceDir: string;
  config: { servicePath: string };
  processedInput?: { commands: string[] };
  pluginManager: { plugins: readonly object[] };
  classes: { Error: new (message: string) => Error };
}

/**
 * How long running functions may go on after Ctrl-C, in seconds; what is not done then is handed
 * back to the queue.
 */
const STOP_SECONDS = 12;
/**
 * After this long the process ends whatever waits. Functions, last calls to the queue, workers and
 * engines fit in.
 */
const END_MS = 18_000;
/** After a second Ctrl-C. */
const AT_ONCE_MS = 300;
/** Serverless prints its error in this time, in ms. */
const PRINT_MS = 300;

const say = (line: string): void => {
  process.stderr.write(`${forTerminal(line)}\n`);
};

export default class LocalStackPlugin {
  readonly hooks: Record<string, () => Promise<void>>;
  private readonly serverless: Serverless;
  private readonly cliOptions: Record<string, unknown>;
  private stack: Stack | undefined;
  private source: EventSource | undefined;
  private ending = false;
  private exitGuard: ExitGuard | undefined;
  private bundles: Promise<string> | undefined;

  constructor(serverless: Serverless, cliOptions: Record<string, unknown>) {
    this.serverless = serverless;
    this.cliOptions = cliOptions;
    const serve = (): Promise<void> => this.refusing(() => this.serve());
    this.hooks = {
      initialize: async () => this.forgetReferences(),
      'before:offline:start': serve,
      'before:offline:start:init': serve,
      'after:offline:start:init': async () => this.emulator().actAsGateway(),
      'before:invoke:local:invoke': () => this.refusing(() => this.invokeLocal()),
      finalize: () => this.finish(),
      error: () => this.fail(),
    };
  }

  /**
   * Variables that refer to resources of AWS: what runs here has its own, and Serverless would ask
   * AWS for them.
   */
  private forgetReferences(): void {
    const { processedInput, service } = this.serverless;
    const runsHere = processedInput?.commands.some((word) => word === 'offline' || word === 'invoke');
    if (runsHere === true) service.provider.environment = pickTexts(service.provider.environment);
  }

  private emulator(): Emulator {
    return new Emulator(this.serverless.pluginManager.plugins);
  }

  private async invokeLocal(): Promise<void> {
    await this.open({ role: 'brief', herd: true });
    const folder = await this.bundle();
    this.serverless.config.servicePath = folder;
    // Serverless looks for the function there.
    process.chdir(folder);
  }

  /** The folder of the bundles; bundling begins at the first call. */
  private bundle(): Promise<string> {
    const { service } = this.serverless;
    const asked = this.cliOptions.function;
    const functions = Object.entries(service.functions ?? {}).filter(([name]) => asked === undefined || name === asked);
    this.bundles ??= bundleFunctions(
      functions.flatMap(([, { handler }]) => (handler === undefined ? [] : [handler])),
      service.custom?.esbuild,
    );
    return this.bundles;
  }

  /** A sentence for the person instead of a stack trace. */
  private async refusing(work: () => Promise<void>): Promise<void> {
    await work().catch((error: unknown) => {
      throw error instanceof Fault ? new this.serverless.classes.Error(errorMessage(error)) : error;
    });
  }

  private async open(options: {
    role: 'service' | 'brief';
    herd?: boolean;
    extra?: Record<string, string>;
    onFailure?: (fault: Fault) => void;
  }): Promise<Stack> {
    // Before the functions' environment covers it.
    const chosen = { ...process.env };
    // While the engines start; a failure is heard where the bundles are needed.
    this.bundle().catch(() => undefined);
    const stack = await openStack({ ...options, say });
    this.stack = stack;
    const { provider } = this.serverless.service;
    // Worker threads see only what the provider declares; process.env is for handlers that run in
    // this process. Only here, on a person's own machine, may functions write files: below the
    // current folder.
    const exposure = options.role === 'service' ? await this.decideExposure(chosen, stack) : {};
    const environment = { OUTPUT_ROOT: process.cwd(), ...stack.environment, ...exposure };
    provider.environment = { ...provider.environment, ...environment };
    Object.assign(process.env, environment);
    const missing = await findMissing(chosen, environment);
    if (missing.length > 0) throw new Fault('misconfigured', missing.join('; '));
    return stack;
  }

  private async decideExposure(chosen: NodeJS.ProcessEnv, { environment }: Stack): Promise<Record<string, string>> {
    const host = this.offlineOption('host', '127.0.0.1');
    return (await decideExposure(host, chosen, environment.DATABASE_URL!)).environment;
  }

  private offlineOption(name: string, fallback: string): string {
    const custom = this.serverless.service.custom?.['serverless-offline'];
    return String(this.cliOptions[name] ?? custom?.[name] ?? fallback);
  }

  private async serve(): Promise<void> {
    const host = this.offlineOption('host', '127.0.0.1');
    const [httpPort, lambdaPort] = [this.offlineOption('httpPort', '3000'), this.offlineOption('lambdaPort', '3002')];
    // Its invoke port listens on the same address.
    if (!isClosed(host))
      throw new Fault(
        'misconfigured',
        `serverless offline listens on this machine only. Type: npm start -- --host ${host}`,
      );
    const release = await holdServicePorts([
      { option: 'httpPort', variable: 'HOOFPRINT_HTTP_PORT', port: httpPort, host },
      { option: 'lambdaPort', variable: 'HOOFPRINT_LAMBDA_PORT', port: lambdaPort, host },
    ]);
    const extra = { HOOFPRINT_URL: `http://${host}:${httpPort}` };
    const stack = await this.open({ role: 'service', extra, onFailure: (fault) => void this.end(fault) });
    const { service, serviceDir } = this.serverless;
    const location = relative(serviceDir, await this.bundle());
    service.custom = {
      ...service.custom,
      'serverless-offline': { ...service.custom?.['serverless-offline'], location },
    };
    await release();
    guardInvocations(Number(lambdaPort));
    takeSignals(
      (signal) => {
        // Ending already, without its services.
        if (this.ending) this.guard().exit(130, AT_ONCE_MS);
        say(`hoofprint: ${signal}: finishing running work (press again to stop now) ...`);
        void this.end();
      },
      () => this.guard().exit(130, AT_ONCE_MS),
    );
    this.emulator().actAsGatewayOnceStarted();
    this.source = this.startEventSource(stack, `http://${host}:${lambdaPort}`);
    const engines = stack.engines().map(({ name, port }) => `${name} 127.0.0.1:${port}`);
    say(`hoofprint: the local stack is up: ${engines.join(', ')}`);
  }

  private startEventSource({ environment, health }: Stack, invokeUrl: string): EventSource {
    return startEventSource({
      functions: queueFunctions(this.serverless.service),
      invoke: invokeAt(invokeUrl),
      queueUrl: (name) => findQueueUrl(environment, name),
      environment,
      health: async () => Object.assign({}, ...(await Promise.all([health.check(), checkEndpoint(invokeUrl)]))),
    });
  }

  /**
   * Ends the service in order: no new work, running work done or handed back, HTTP closed, engines
   * stopped.
   */
  private async end(fault?: Fault): Promise<void> {
    if (this.ending) return;
    this.ending = true;
    this.guard().endWithin(END_MS);
    if (fault !== undefined) say(`hoofprint: ${fault.message}`);
    // Ctrl-C reaches esbuild as well; an error about its end must not cut ours short.
    for (const event of ['uncaughtException', 'unhandledRejection']) {
      process.removeAllListeners(event);
      process.on(event, (error: unknown) => log.debug('while ending', { reason: errorMessage(error) }));
    }
    const emulator = this.emulator();
    await Promise.all([
      // Without its services nothing can be finished or handed back.
      this.source?.stop(fault === undefined ? STOP_SECONDS * 1_000 : 0),
      emulator.stopHttp(),
    ]);
    await emulator.end();
    await this.stack?.close();
    this.guard().exit(fault === undefined ? 0 : 1);
  }

  /**
   * After `invoke local`: the answer is printed; a handler that left something open must not keep
   * the process alive.
   */
  private async finish(): Promise<void> {
    if (this.stack === undefined) return;
    process.emit('hoofprint:end' as 'disconnect');
    await this.stack.close();
    await new Promise<void>((resolve) => process.stdout.write('', () => resolve()));
    this.guard().exit(Number(process.exitCode ?? 0));
  }

  /**
   * After a handler or a command that threw: Serverless prints the error when this hook is done,
   * then the process must end.
   */
  private async fail(): Promise<void> {
    if (this.stack === undefined || this.ending) return;
    process.emit('hoofprint:end' as 'disconnect');
    await this.stack.close();
    setTimeout(() => this.guard().exit(1), PRINT_MS);
  }

  private guard(): ExitGuard {
    this.exitGuard ??= startExitGuard();
    return this.exitGuard;
  }
}
