// The door of PGlite: nobody is let in without the password, and waiting strangers are few and not
// for long.
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import pg from 'pg';
import { makeSecrets } from '../../localstack/stack/secrets.ts';
import type { Engine } from '../../localstack/stack/supervisor.ts';
import { startEngine } from '../support/engine.ts';
import { endAll } from '../support/owners.ts';

const secrets = makeSecrets();
const CANCEL = 80_877_102;
const TLS = 80_877_103;
let engine: Engine;
const sockets: Socket[] = [];

beforeAll(async () => {
  engine = await startEngine('postgres', secrets);
}, 120_000);
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
});
afterAll(async () => {
  await engine?.stop();
  await endAll();
});

const clientWith = (password: string, user = 'postgres'): pg.Client =>
  new pg.Client({ host: '127.0.0.1', port: engine.port, user, password, database: 'postgres' });

async function dial(...bytes: Buffer[]): Promise<{ socket: Socket; said: () => string; ended: Promise<unknown> }> {
  const socket = connect(engine.port, '127.0.0.1');
  sockets.push(socket);
  let said = '';
  socket.setEncoding('latin1').on('data', (text) => {
    said += text;
  });
  socket.on('error', () => undefined);
  const ended = once(socket, 'close').catch(() => undefined);
  await once(socket, 'connect');
  for (const part of bytes) socket.write(part);
  return { socket, said: () => said, ended };
}
const packet = (code: number, body = ''): Buffer => {
  const bytes = Buffer.alloc(8 + body.length, body, 'latin1');
  bytes.writeInt32BE(bytes.length, 0);
  bytes.writeInt32BE(code, 4);
  bytes.write(body, 8, 'latin1');
  return bytes;
};
const STARTUP = packet(196_608, 'user\0postgres\0database\0postgres\0\0');
const typed = (type: string, body: string): Buffer => {
  const bytes = Buffer.alloc(5, type);
  bytes.writeInt32BE(body.length + 5, 1);
  return Buffer.concat([bytes, Buffer.from(`${body}\0`)]);
};
async function heard(said: () => string, what: RegExp): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!what.test(said())) {
    if (Date.now() > deadline) throw new Error(`not heard: ${what} in ${JSON.stringify(said())}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

test('the password opens, for any user and with what was sent right behind it', async () => {
  for (const user of ['postgres', 'somebody']) {
    const client = clientWith(secrets.password, user);
    await client.connect();
    expect((await client.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
    await client.end();
  }
  const all = Buffer.concat([packet(TLS), STARTUP, typed('p', secrets.password), typed('Q', 'SELECT 42 AS answer')]);
  const { said } = await dial(...[...all].map((byte) => Buffer.from([byte])));
  await heard(said, /^N.*answer.*42/s);
});

test('another password, or none, is refused as PostgreSQL does, with what to type', async () => {
  for (const password of ['postgres', '', `${secrets.password}x`, secrets.password.slice(1)]) {
    const client = clientWith(password);
    await expect(client.connect()).rejects.toMatchObject({
      code: '28P01',
      severity: 'FATAL',
      message: 'password authentication failed for user "postgres"',
      hint: expect.stringContaining('npm run doctor -- --connect'),
    });
    await client.end().catch(() => undefined);
  }
});

test('a query in the place of the password, or of the startup packet, never reaches the database', async () => {
  const instead = await dial(STARTUP, typed('Q', 'SELECT 42'));
  await instead.ended;
  expect(instead.said()).toMatch(/C08P01/);
  const first = await dial(typed('Q', 'SELECT 42'));
  await first.ended;
  const other = await dial(packet(131_072, 'user\0postgres\0\0'));
  await other.ended;
  expect([first.said(), other.said(), instead.said()].join('')).not.toMatch(/42|SELECT/);
});

test('a request to cancel is taken without an answer, and encryption is declined', async () => {
  const cancel = await dial(packet(CANCEL, '\0\0\0\x01\0\0\0\x02'));
  await cancel.ended;
  expect(cancel.said()).toBe('');
  const tls = await dial(packet(TLS));
  await heard(tls.said, /^N$/);
});

test('who gives no password is sent away after 5 s, at most 20 wait, and those who are in do not notice', async () => {
  const inside = clientWith(secrets.password);
  await inside.connect();
  const began = Date.now();
  // Bytes now and then do not buy time.
  const waiting = await Promise.all(Array.from({ length: 20 }, () => dial(STARTUP)));
  await Promise.all(waiting.map(({ said }) => heard(said, /^R/)));
  const late = await dial(STARTUP);
  await late.ended;
  expect(late.said()).toBe('');
  expect((await inside.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
  const drip = setInterval(() => waiting[0]!.socket.write('p'), 500);
  await Promise.all(waiting.map(({ ended }) => ended));
  clearInterval(drip);
  expect(Date.now() - began).toBeGreaterThan(4_500);
  // Five seconds, on a busy machine.
  expect(Date.now() - began).toBeLessThan(25_000);
  const next = clientWith(secrets.password);
  await next.connect();
  await next.end();
  await inside.end();
}, 60_000);
