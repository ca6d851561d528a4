// A tiny TCP proxy in front of one service: passes, delays, cuts, refuses, pauses, forgets, and
// holds a request at a chosen byte pattern.
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

export interface Held {
  /** Lets the held bytes go on. */
  release(): void;
  /** Breaks the connection; the held bytes never arrive. */
  cut(): void;
}

export interface FaultyLine {
  readonly port: number;
  /** Everything flows again; what was paused arrives late. */
  pass(): void;
  /** As a process under SIGSTOP: connections are taken, nothing is answered, nothing is lost. */
  pause(): void;
  /** As a dead process: connections are reset, new ones refused. */
  refuse(): Promise<void>;
  /** Every chunk waits this long in each direction. */
  delay(ms: number): void;
  /** Resets the connections of this moment; new ones pass. */
  cut(): void;
  /**
   * As a router that forgot: the connections of this moment stay open, but nothing goes through
   * them ever again; new ones pass.
   */
  forget(): void;
  /** The next chunk of a client that matches waits until it is released. */
  hold(pattern: RegExp): Promise<Held>;
  /** Calls off a hold that has caught nothing yet. */
  unhold(): void;
  close(): Promise<void>;
}

interface Line {
  client: Socket;
  server: Socket;
  forgotten: boolean;
}

/**
 * Below the range from which the system takes ports for outgoing connections: one that was given up
 * for a while must be free again.
 */
const anyPort = (): number => 15_000 + Math.floor(Math.random() * 15_000);

async function listen(server: Server, port: number): Promise<void> {
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
}

export async function openProxy(target: { host: string; port: number }): Promise<FaultyLine> {
  const lines = new Set<Line>();
  /**
   * Also those whose line is over and whose other end never came: nobody else would ever close
   * them.
   */
  const sockets = new Set<Socket>();
  let waitMs = 0;
  let opened = Promise.resolve();
  let open = (): void => undefined;
  let trap: { pattern: RegExp; caught: (held: Held) => void } | undefined;

  async function gate(line: Line, chunk: Buffer, outward: boolean): Promise<void> {
    if (waitMs > 0) await pause(waitMs);
    if (outward && trap?.pattern.test(chunk.toString('latin1'))) {
      const { caught } = trap;
      trap = undefined;
      await new Promise<void>((resolve) =>
        caught({
          release: resolve,
          cut: () => {
            end(line);
            resolve();
          },
        }),
      );
    }
    await opened;
  }
  const end = (line: Line): void => {
    lines.delete(line);
    line.client.resetAndDestroy();
    line.server.resetAndDestroy();
  };
  function flow(line: Line, from: Socket, to: Socket, outward: boolean): void {
    let passing = Promise.resolve();
    from.on('data', (chunk: Buffer) => {
      from.pause();
      passing = gate(line, chunk, outward).then(async () => {
        if (!line.forgotten && !to.destroyed && !to.write(chunk))
          await Promise.race([once(to, 'drain'), once(to, 'close')]).catch(() => undefined);
        from.resume();
      });
    });
    from.on('error', () => undefined);
    // What a client had sent before it ended still arrives, as late as it may be.
    from.on('close', async () => {
      await passing;
      if (!line.forgotten) to.end();
      if (outward || !line.forgotten) lines.delete(line);
    });
  }

  const server = createServer({ noDelay: true }, (client) => {
    const line: Line = { client, server: connect({ ...target, noDelay: true }), forgotten: false };
    lines.add(line);
    for (const socket of [line.client, line.server]) {
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
    }
    flow(line, client, line.server, true);
    flow(line, line.server, client, false);
  });
  let port = 0;
  while (port === 0) {
    const wanted = anyPort();
    await listen(server, wanted).then(
      () => {
        port = wanted;
      },
      () => undefined,
    );
  }
  const unpause = (): void => {
    open();
    opened = Promise.resolve();
  };
  const cut = (): void => {
    for (const line of lines) end(line);
  };
  let relisten: Promise<void> | undefined;
  return {
    port,
    pass() {
      waitMs = 0;
      unpause();
      if (!server.listening) relisten ??= listen(server, port).finally(() => (relisten = undefined));
    },
    pause() {
      unpause();
      opened = new Promise((resolve) => {
        open = resolve;
      });
    },
    async refuse() {
      if (!server.listening) return;
      const closed = once(server, 'close');
      server.close();
      cut();
      unpause();
      await closed;
    },
    delay: (ms) => {
      waitMs = ms;
    },
    cut,
    forget() {
      for (const line of lines) {
        line.forgotten = true;
        line.server.destroy();
      }
    },
    hold: (pattern) =>
      new Promise((caught) => {
        trap = { pattern, caught };
      }),
    unhold() {
      trap = undefined;
    },
    async close() {
      await relisten?.catch(() => undefined);
      unpause();
      cut();
      for (const socket of sockets) socket.destroy();
      if (server.listening) await new Promise((resolve) => server.close(resolve));
    },
  };
}
