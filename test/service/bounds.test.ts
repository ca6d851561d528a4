// What a client may send before it is refused, and that refusing it costs no memory.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { createConnection, type Socket } from 'node:net';
import { join } from 'node:path';
import { until } from '../support/wait.ts';

let child: ChildProcess;
let port: number;

beforeAll(async () => {
  child = fork(join(import.meta.dirname, 'bounds-process.ts'), {
    execArgv: ['--disable-warning=ExperimentalWarning'],
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  [{ port }] = (await once(child, 'message')) as [{ port: number }];
}, 30_000);
afterAll(async () => {
  child?.disconnect();
  if (child?.exitCode === null) await once(child, 'exit');
});

async function rss(): Promise<number> {
  child.send('rss');
  const [{ rss }] = (await once(child, 'message')) as [{ rss: number }];
  return rss;
}

/** A connection, and what it has heard until now. */
interface Line {
  socket: Socket;
  heard: () => string;
  isOpen: () => boolean;
}

async function connect(): Promise<Line> {
  const socket = createConnection({ host: '127.0.0.1', port });
  let heard = '';
  let isOpen = true;
  socket.on('data', (chunk) => {
    heard += chunk.toString('latin1');
  });
  socket.on('error', () => undefined);
  socket.on('close', () => {
    isOpen = false;
  });
  await once(socket, 'connect');
  return { socket, heard: () => heard, isOpen: () => isOpen };
}

const post = (...headers: string[]): string =>
  ['POST /length HTTP/1.1', 'Host: localhost', ...headers, '', ''].join('\r\n');
const firstLine = async ({ heard }: Line): Promise<string> => {
  await until('an answer', () => (heard().includes('\r\n\r\n') ? true : undefined));
  return heard().split('\r\n')[0]!;
};

test('10 MB of chunks of one byte: refused at 512 KiB, memory flat', async () => {
  const before = await rss();
  const line = await connect();
  line.socket.write(post('Transfer-Encoding: chunked'));
  const part = '1\r\nx\r\n'.repeat(20_000);
  for (let sent = 0; sent < 10e6 && line.isOpen() && line.heard() === ''; sent += 20_000)
    if (!line.socket.write(part)) await Promise.race([once(line.socket, 'drain'), once(line.socket, 'close')]);
  expect(await firstLine(line)).toBe('HTTP/1.1 413 Payload Too Large');
  line.socket.destroy();
  expect((await rss()) - before).toBeLessThan(60e6);
}, 30_000);

test('just as much as is allowed is taken, in chunks of one byte as well', async () => {
  const line = await connect();
  line.socket.write(
    `${post('Transfer-Encoding: chunked', 'Content-Type: text/plain')}${'1\r\nx\r\n'.repeat(512 * 1024)}0\r\n\r\n`,
  );
  expect(await firstLine(line)).toBe('HTTP/1.1 200 OK');
  await until('the length', () => (/\r\n\r\n524288$/.test(line.heard()) ? true : undefined));
  line.socket.destroy();
}, 30_000);

test('a body of 10 GB is refused before it is sent, with and without Expect', async () => {
  const before = await rss();
  for (const expectation of [[], ['Expect: 100-continue']]) {
    const line = await connect();
    line.socket.write(post('Content-Length: 10000000000', ...expectation));
    expect(await firstLine(line)).toBe('HTTP/1.1 413 Payload Too Large');
    line.socket.destroy();
  }
  expect((await rss()) - before).toBeLessThan(20e6);
});

test('40 slow connections hold nobody up, and are ended', async () => {
  const before = await rss();
  const slow = await Promise.all(Array.from({ length: 40 }, connect));
  for (const [at, { socket }] of slow.entries())
    socket.write(at % 2 === 0 ? 'POST /length HTTP/1.1\r\nHost: localhost\r\nX-Slow:' : post('Content-Length: 1000'));
  expect((await fetch(`http://127.0.0.1:${port}/length`)).status).toBe(200);
  expect(slow.every(({ isOpen }) => isOpen())).toBe(true);
  await until('all of them to be ended', () => (slow.every(({ isOpen }) => !isOpen()) ? true : undefined), 45_000);
  // All of them read why.
  expect(slow.filter(({ heard }) => heard().startsWith('HTTP/1.1 408 ')).length).toBe(40);
  expect((await rss()) - before).toBeLessThan(40e6);
}, 60_000);

test('two Host headers, a line that is no HTTP, 100 kB of headers', async () => {
  for (const [text, status] of [
    ['GET /length HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n', '400 Bad Request'],
    ['hello\r\n\r\n', '400 Bad Request'],
    [`GET /length HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(100_000)}\r\n\r\n`, '431 Request Header Fields Too Large'],
    ['GET /length HTTP/1.1\r\n\r\n', '400 Bad Request'],
    ['POST /length HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n', '400 Bad Request'],
  ]) {
    const line = await connect();
    line.socket.write(text!);
    expect([text!.slice(0, 30), await firstLine(line)]).toEqual([text!.slice(0, 30), `HTTP/1.1 ${status}`]);
    line.socket.destroy();
  }
});
