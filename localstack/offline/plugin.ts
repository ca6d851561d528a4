// The Serverless plugin: brings the local stack up for `serverless offline` and `serverless invoke
// local`, and takes it down in order.
import { setTimeout as pause } from 'node:timers/promises';
import { errorMessage, Fault } from '../../lib/errors.ts';
import { log } from '../../lib/log.ts';
import { openStack, type Stack } from '../stack/index.ts';
import { anotherPort, holdPort, portOf } from '../stack/ports.ts';
import { lacking } from '../stack/preflight.ts';
import { QUEUES } from '../stack/resources.ts';
import { bundleTogether, type EsbuildPlugin } from './bundle.ts';
import { type EventSource, startEventSource } from './event-source.ts';
import { type Leaving, leaving } from './exit-guard.ts';
import { queueFunctions, type Service } from './functions.ts';
import { actAsGateway, type Gateway } from './gateway.ts';
import { guardInvocations } from './invocations.ts';

interface Serverless {
  service: Service & { custom?: { 'serverless-offline'?: Record<string, unknown> } };
  processedInput?: { commands: string[] };
  pluginManager: { plugins: readonly object[] };
  classes: { Error: new (message: string) => Error };
}

/**
 * What of serverless-offline 14 is used to reach its HTTP server, and to end it without its own
 * process.exit.
 */
interface Offline {
  start(): Promise<void>;
  end(skipExit: boolean): Promise<void>;
  internals(): { getApiGatewayServer(): Gateway & { stop(options: { timeout: number }): Promise<void> } };
}

/**
 * How long running functions may go on after Ctrl-C, in seconds; what is not done then is handed
 * back to the queue.
 */
const STOP_SECONDS = 12;
const HTTP_STOP_MS = 5_000;
/** Their workers are ended after that; one whose thread waits for a drive that hangs never is. */
const WORKERS_MS = 2_000;
/**
 * After this long the process ends whatever waits, and after a second Ctrl-C at once. Functions,
 * last words to the queue, workers and engines fit in.
 */
const END_MS = 18_000;
const AT_ONCE_MS = 300;
const ONE_PRESS_MS = 1_000;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

const say = (line: string): void => {
  process.stderr.write(`${line}\n`);
};

export default class LocalStackPlugin {
  readonly hooks: Record<string, () => Promise<void>>;
  private readonly serverless: Serverless;
  private readonly cliOptions: Record<string, unknown>;
  private stack: Stack | undefined;
  private source: EventSource | undefined;
  private ending = false;
  private way: Leaving | undefined;
  private beginBundles = (): void => undefined;

  constructor(serverless: Serverless, cliOptions: Record<string, unknown>) {
    this.serverless = serverless;
    this.cliOptions = cliOptions;
    const serve = (): Promise<void> => this.refusing(() => this.serve());
    this.hooks = {
      initialize: () => this.bundleQuickly(),
      'before:offline:start': serve,
      'before:offline:start:init': serve,
      'after:offline:start:init': async () => this.gate(),
      'before:invoke:local:invoke': () => this.refusing(() => this.invokeLocal()),
      finalize: () => this.finish(),
      error: () => this.fail(),
    };
  }

  private async invokeLocal(): Promise<void> {
    await this.open({ role: 'brief', herd: true });
  }

  /**
   * What only runs here is bundled the quick way; `serverless package` is left to
   * serverless-esbuild.
   */
  private async bundleQuickly(): Promise<void> {
    const bundler = this.serverless.pluginManager.plugins.find(
      (plugin) => plugin.constructor.name === 'EsbuildServerlessPlugin',
    );
    const local = /^(offline|invoke)\b/.test(this.serverless.processedInput?.commands.join(' ') ?? '');
    if (local && bundler !== undefined) this.beginBundles = bundleTogether(bundler as EsbuildPlugin);
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
  }): Promise<void> {
    // Asked before the functions' environment covers it.
    const chosen = { ...process.env };
    this.beginBundles();
    this.stack = await openStack({ ...options, say });
    const { provider } = this.serverless.service;
    // Worker threads see only what the provider declares; process.env is for handlers that run in
    // this process. Only here, on a person's own machine, may functions write files: below the
    // folder that the person stands in.
    const environment = { OUTPUT_ROOT: process.cwd(), ...this.stack.environment };
    provider.environment = { ...provider.environment, ...environment };
    Object.assign(process.env, environment);
    const lacks = await lacking(chosen, environment);
    if (lacks.length > 0) throw new Fault('misconfigured', lacks.join('; '));
  }

  private offline(): Offline | undefined {
    return this.serverless.pluginManager.plugins.find((plugin) => plugin.constructor.name === 'ServerlessOffline') as
      | Offline
      | undefined;
  }

  private gate(): void {
    const server = this.offline()?.internals().getApiGatewayServer();
    if (server !== undefined) actAsGateway(server);
  }

  private offlineOption(name: string, fallback: string): string {
    const custom = this.serverless.service.custom?.['serverless-offline'];
    return String(this.cliOptions[name] ?? custom?.[name] ?? fallback);
  }

  private async serve(): Promise<void> {
    const host = this.offlineOption('host', '127.0.0.1');
    const ports = [
      { option: 'httpPort', variable: 'HOOFPRINT_HTTP_PORT', port: this.offlineOption('httpPort', '3000') },
      { option: 'lambdaPort', variable: 'HOOFPRINT_LAMBDA_PORT', port: this.offlineOption('lambdaPort', '3002') },
    ];
    // Held until the engines have theirs: one of them would otherwise take a port that
    // serverless-offline finds taken when it begins.
    const held: (() => Promise<void>)[] = [];
    for (const { option, variable, port } of ports) {
      const number = portOf(port);
      if (number === undefined)
        throw new Fault(
          'invalid',
          `${variable} (or --${option}) must be a port number from 1 to 65535, not ${JSON.stringify(port)}`,
        );
      const release = await holdPort(number, host);
      if (release === undefined)
        throw new Fault(
          'conflict',
          ports[0]?.port === ports[1]?.port
            ? `port ${port} cannot be both HOOFPRINT_HTTP_PORT and HOOFPRINT_LAMBDA_PORT; another one: ${variable}=${anotherPort(number)} npm start`
            : `port ${port} is in use. \`npm run doctor\` tells by whom; another port: ${variable}=${anotherPort(number)} npm start (or --${option})`,
        );
      held.push(release);
    }
    const extra = { HOOFPRINT_URL: `http://${host}:${ports[0]?.port}` };
    await this.open({ role: 'service', extra, onFailure: (fault) => void this.end(fault) });
    for (const release of held) await release();
    guardInvocations(Number(ports[1]?.port));
    const stack = this.stack;
    if (stack === undefined) return;
    this.takeSignals();
    // `serverless offline` starts, waits and ends inside one hook; only `serverless offline start`
    // has one in between.
    const offline = this.offline();
    if (offline !== undefined) {
      const start = offline.start.bind(offline);
      offline.start = async () => {
        await start();
        this.gate();
      };
    }
    const urls: Record<string, string | undefined> = {
      [QUEUES.work]: stack.environment.EXPORTS_QUEUE_URL,
      [QUEUES.dead]: stack.environment.EXPORTS_DEAD_QUEUE_URL,
      [QUEUES.parked]: stack.environment.EXPORTS_PARKED_QUEUE_URL,
    };
    this.source = startEventSource({
      functions: queueFunctions(this.serverless.service),
      invokeUrl: `http://${host}:${ports[1]?.port}`,
      queueUrl: (name) => {
        const url = urls[name];
        if (url === undefined)
          throw new Fault('invalid', `serverless.yml names a queue that the local stack does not have: ${name}`);
        return url;
      },
      environment: stack.environment,
      health: () => stack.health.check(),
    });
    say(
      `hoofprint: the local stack is up: ${stack
        .engines()
        .map(({ name, port }) => `${name} 127.0.0.1:${port}`)
        .join(', ')}`,
    );
  }

  /**
   * serverless-offline ends its workers, and the process, at the first signal; so the signals are
   * ours alone from here on.
   */
  private takeSignals(): void {
    let first = 0;
    const mine = (signal: NodeJS.Signals): void => {
      if (this.ending) {
        // One Ctrl-C comes twice: from the terminal, and passed on by npm.
        if (Date.now() - first > ONE_PRESS_MS) this.leave().exit(130, AT_ONCE_MS);
        return;
      }
      first = Date.now();
      say(`hoofprint: ${signal}: finishing what runs (once more to stop at once) ...`);
      void this.end();
    };
    process.on('newListener', (event: string, listener: (...args: unknown[]) => void) => {
      if (!SIGNALS.some((signal) => signal === event) || listener === (mine as unknown)) return;
      process.nextTick(() => process.removeListener(event, listener));
    });
    for (const signal of SIGNALS) process.on(signal, mine);
  }

  /**
   * Ends the service in order: no new work, running work done or handed back, HTTP closed, engines
   * stopped.
   */
  private async end(fault?: Fault): Promise<void> {
    if (this.ending) return;
    this.ending = true;
    this.leave().within(END_MS);
    if (fault !== undefined) say(`hoofprint: ${fault.message}`);
    // Ctrl-C reaches the bundler as well; what it has to say about its end must not cut ours short.
    for (const event of ['uncaughtException', 'unhandledRejection']) {
      process.removeAllListeners(event);
      process.on(event, (error: unknown) => log.debug('while ending', { reason: errorMessage(error) }));
    }
    const offline = this.offline();
    const quietly = async (work: () => Promise<unknown> | undefined): Promise<void> => {
      await Promise.resolve()
        .then(work)
        .catch(() => undefined);
    };
    await Promise.all([
      // Without its services nothing can be finished or handed back.
      this.source?.stop(fault === undefined ? STOP_SECONDS * 1_000 : 0),
      quietly(() => offline?.internals().getApiGatewayServer().stop({ timeout: HTTP_STOP_MS })),
    ]);
    await quietly(() => Promise.race([offline?.end(true), pause(WORKERS_MS, undefined, { ref: false })]));
    await this.stack?.close();
    this.leave().exit(fault === undefined ? 0 : 1);
  }

  /**
   * After `invoke local`: the answer is printed; a handler that left something open must not keep
   * the process.
   */
  private async finish(): Promise<void> {
    if (this.stack === undefined) return;
    process.emit('hoofprint:end' as 'disconnect');
    await this.stack.close();
    await new Promise<void>((resolve) => process.stdout.write('', () => resolve()));
    this.leave().exit(Number(process.exitCode ?? 0));
  }

  /**
   * After a handler or a command that threw: Serverless prints the error when this hook is done,
   * then the process must end.
   */
  private async fail(): Promise<void> {
    if (this.stack === undefined || this.ending) return;
    process.emit('hoofprint:end' as 'disconnect');
    await this.stack.close();
    setTimeout(() => this.leave().exit(1), 300);
  }

  private leave(): Leaving {
    this.way ??= leaving();
    return this.way;
  }
}
