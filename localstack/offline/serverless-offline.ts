// All that is used of serverless-offline beyond its options. It holds for version 14.8: its
// internals are not documented, so test/service fails first when they change.
import { setTimeout as pause } from 'node:timers/promises';
import { actAsGateway, type Gateway } from './gateway.ts';

interface ServerlessOffline {
  start(): Promise<void>;
  end(skipExit: boolean): Promise<void>;
  internals(): { getApiGatewayServer(): Gateway & { stop(options: { timeout: number }): Promise<void> } };
}

/** How long answers that are being sent may take once the service ends, in ms. */
const HTTP_STOP_MS = 5_000;
/**
 * Its workers are ended after that, in ms; one whose thread waits for a drive that hangs never is.
 */
const WORKERS_MS = 2_000;

const quietly = async (work: () => Promise<unknown> | undefined): Promise<void> => {
  await Promise.resolve()
    .then(work)
    .catch(() => undefined);
};

export class Emulator {
  private readonly plugin: ServerlessOffline | undefined;

  /** @param plugins Serverless's own list, complete once all plugins are made */
  constructor(plugins: readonly object[]) {
    this.plugin = plugins.find((plugin) => plugin.constructor.name === 'ServerlessOffline') as
      | ServerlessOffline
      | undefined;
  }

  /** Makes its HTTP server act as API Gateway; the server is there after start(). */
  actAsGateway(): void {
    const server = this.plugin?.internals().getApiGatewayServer();
    if (server !== undefined) actAsGateway(server);
  }

  /**
   * The same as soon as the server is there: `serverless offline` starts, waits and ends inside one
   * hook, and only `serverless offline start` has a hook in between.
   */
  actAsGatewayOnceStarted(): void {
    const { plugin } = this;
    if (plugin === undefined) return;
    const start = plugin.start.bind(plugin);
    plugin.start = async () => {
      await start();
      this.actAsGateway();
    };
  }

  stopHttp(): Promise<void> {
    return quietly(() => this.plugin?.internals().getApiGatewayServer().stop({ timeout: HTTP_STOP_MS }));
  }

  /** Without its own process.exit. */
  end(): Promise<void> {
    return quietly(() => Promise.race([this.plugin?.end(true), pause(WORKERS_MS, undefined, { ref: false })]));
  }
}
