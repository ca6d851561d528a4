// The door of PGlite, which takes anybody for its superuser: a connection is handed to it after the
// password only. https://www.postgresql.org/docs/18/protocol-flow.html
import { createServer, type Server, type Socket } from 'node:net';
import type { PGlite } from '@electric-sql/pglite';
import { PGLiteSocketServer } from '@electric-sql/pglite-socket';
import { isSame } from '../../../lib/access/secret.ts';

export interface Door {
  listen(port: number, host: string): Promise<number>;
  close(): Promise<void>;
}

const CONNECTIONS = 50;
/** Of those who have not given the password yet: how many, and how long they may take, in ms. */
const STRANGERS = 20;
const PASSWORD_MS = 5_000;

const PROTOCOL_3_0 = 196_608;
const CANCEL = 80_877_102;
/** Requests for TLS and for GSSAPI encryption, which are answered N: not here. */
const ENCRYPTIONS = new Set([80_877_103, 80_877_104]);
/** PostgreSQL's own bound of a startup packet, in bytes. */
const MOST_BYTES = 10_000;
const PASSWORD = 'p'.charCodeAt(0);

/** Inside pglite-socket 0.2.17: what its own listener does with a connection. Ours replaces it. */
interface Inside {
  active: boolean;
  handlers: ReadonlySet<unknown>;
  handleConnection(socket: Socket): Promise<void>;
  stop(): Promise<void>;
}

function message(type: string, body: Buffer): Buffer {
  const head = Buffer.alloc(5, type);
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}

const ASK_PASSWORD = message('R', Buffer.from([0, 0, 0, 3]));

/** @param more fields of an error, by their letters */
function refusal(code: string, text: string, more: Readonly<Record<string, string>> = {}): Buffer {
  const fields = Object.entries({ S: 'FATAL', V: 'FATAL', C: code, M: text, ...more });
  return message('E', Buffer.from(`${fields.map(([letter, value]) => `${letter}${value}\0`).join('')}\0`));
}

/** The user that a startup packet names; its parameters are pairs of strings that end with 0. */
function findUser(startup: Buffer): string {
  const texts = startup.subarray(8).toString('utf8').split('\0');
  return texts.find((_, at) => at % 2 === 1 && texts[at - 1] === 'user') ?? '';
}

/** One connection until its password is known. */
class Stranger {
  private readonly socket: Socket;
  private readonly password: string;
  private readonly admit: (socket: Socket, replay: Buffer) => void;
  private bytes: Buffer = Buffer.alloc(0);
  private startup: Buffer | undefined;

  constructor(socket: Socket, password: string, admit: Stranger['admit']) {
    this.socket = socket;
    this.password = password;
    this.admit = admit;
  }

  readonly take = (chunk: Buffer): void => {
    this.bytes = Buffer.concat([this.bytes, chunk]);
    while (this.startup === undefined ? this.takeStartup() : this.takePassword());
  };

  private cut(length: number): Buffer {
    const taken = this.bytes.subarray(0, length);
    this.bytes = this.bytes.subarray(length);
    return taken;
  }

  private say(answer: Buffer): true {
    this.socket.write(answer);
    return true;
  }

  private refuse(code: string, text: string, more?: Record<string, string>): false {
    this.socket.off('data', this.take).end(refusal(code, text, more));
    return false;
  }

  /** True when there may be more to take. */
  private takeStartup(): boolean {
    if (this.bytes.length < 8) return false;
    const [length, code] = [this.bytes.readInt32BE(0), this.bytes.readInt32BE(4)];
    if (length < 8 || length > MOST_BYTES) return this.refuse('08P01', 'invalid length of startup packet');
    if (this.bytes.length < length) return false;
    const packet = this.cut(length);
    if (ENCRYPTIONS.has(code)) return this.say(Buffer.from('N'));
    if (code === CANCEL) {
      // Nothing can be canceled here; the client waits for the end of the connection.
      this.socket.off('data', this.take).end();
      return false;
    }
    if (code !== PROTOCOL_3_0) return this.refuse('0A000', 'unsupported frontend protocol: this server takes 3.0');
    this.startup = packet;
    return this.say(ASK_PASSWORD);
  }

  private takePassword(): boolean {
    if (this.bytes.length < 5) return false;
    const length = this.bytes.readInt32BE(1) + 1;
    if (this.bytes[0] !== PASSWORD || length < 6 || length > MOST_BYTES)
      return this.refuse('08P01', 'expected a password response');
    if (this.bytes.length < length) return false;
    const given = this.cut(length).subarray(5, -1).toString('utf8');
    if (!isSame(given, this.password))
      return this.refuse('28P01', `password authentication failed for user "${findUser(this.startup!)}"`, {
        H: 'To see the address with its password, type in the folder of Hoofprint: npm run doctor -- --connect',
      });
    this.socket.off('data', this.take);
    this.admit(this.socket, Buffer.concat([this.startup!, this.bytes]));
    return false;
  }
}

export function openDoor(engine: PGlite, password: string): Door {
  const inside = new PGLiteSocketServer({ db: engine, maxConnections: CONNECTIONS }) as unknown as Inside;
  inside.active = true;
  const strangers = new Set<Socket>();

  const admit = (socket: Socket, replay: Buffer): void => {
    strangers.delete(socket);
    if (inside.handlers.size >= CONNECTIONS) {
      socket.end(refusal('53300', 'sorry, too many clients already'));
      return;
    }
    socket.pause();
    socket.unshift(replay);
    void inside.handleConnection(socket);
    socket.resume();
  };
  const server: Server = createServer({ noDelay: true }, (socket) => {
    if (strangers.size >= STRANGERS) {
      socket.destroy();
      return;
    }
    strangers.add(socket);
    // From the connection on, whatever is sent meanwhile.
    const late = setTimeout(() => socket.destroy(), PASSWORD_MS);
    socket.on('error', () => undefined);
    socket.on('close', () => {
      clearTimeout(late);
      strangers.delete(socket);
    });
    const stranger = new Stranger(socket, password, (known, replay) => {
      clearTimeout(late);
      admit(known, replay);
    });
    socket.on('data', stranger.take);
  });
  return {
    listen: (port, host) =>
      new Promise((resolve, reject) => {
        server.once('error', reject);
        server.listen(port, host, () => {
          server.off('error', reject);
          resolve((server.address() as { port: number }).port);
        });
      }),
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of strangers) socket.destroy();
      await inside.stop();
      await closed;
    },
  };
}
