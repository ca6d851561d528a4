// Where webhooks may be sent: to addresses of the internet, looked at when the connection is made.
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isPublicAddress } from '../../lib/adapters/addresses.ts';
import { poster, type Resolve } from '../../lib/adapters/poster.ts';

test.each([
  ...['0.0.0.0', '10.1.2.3', '100.64.0.1', '100.127.255.255', '127.0.0.1', '127.9.9.9', '169.254.169.254'],
  ...['172.16.0.1', '172.31.255.255', '192.0.0.1', '192.0.2.1', '192.168.1.1', '198.18.0.1', '198.19.255.255'],
  ...['198.51.100.1', '203.0.113.9', '224.0.0.1', '240.0.0.1', '255.255.255.255'],
  ...['::', '::1', '::ffff:127.0.0.1', '::ffff:a00:1', '::ffff:169.254.169.254', '::127.0.0.1', '64:ff9b::10.0.0.1'],
  ...['64:ff9b:1::1', '100::1', 'fe80::1', 'fe80::1%eth0', 'fec0::1', 'fc00::1', 'fd12:3456::1', 'ff02::1'],
  ...['2001::1', '2001:db8::1', '2002:7f00:1::', '2002:808:808::1', '3fff::1', '5f00::1', '2606:4700::1%1'],
  ...['localhost', '', '1', '0x7f000001', '8.8.8'],
])('%s is not of the internet', (address) => {
  expect(isPublicAddress(address)).toBe(false);
});

test.each([
  ...['1.1.1.1', '8.8.8.8', '9.255.255.255', '11.0.0.0', '100.63.255.255', '100.128.0.0', '172.15.0.1', '172.32.0.1'],
  ...['192.0.1.1', '192.167.0.1', '192.169.0.1', '198.17.0.1', '198.20.0.1', '223.255.255.255'],
  ...['2606:4700:4700::1111', '2a00:1450::1', '2001:4860:4860::8888', '::ffff:8.8.8.8', '64:ff9b::8.8.8.8'],
  ...['2001:200::1', '3ffe::1'],
])('%s is of the internet', (address) => {
  expect(isPublicAddress(address)).toBe(true);
});

let servers: Server[] = [];
afterEach(async () => {
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  }
  servers = [];
});
async function listen(act: RequestListener): Promise<number> {
  const server = createServer(act);
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}
/** A resolver that leads every name to these addresses, and says how often it was asked. */
function leadTo(...addresses: string[]): Resolve & { asked: string[] } {
  const asked: string[] = [];
  const resolve: Resolve = (name, _options, found) => {
    asked.push(name);
    found(
      null,
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    );
  };
  return Object.assign(resolve, { asked });
}
const REFUSED = { kind: 'forbidden', message: expect.stringMatching(/private or of this machine/) };

test('private addresses are refused, in whatever way they are written, and nothing is connected to', async () => {
  let requests = 0;
  const port = await listen((_request, response) => {
    requests += 1;
    response.end();
  });
  const { post } = poster({ isAnyAllowed: false });
  for (const host of [
    '127.0.0.1',
    '127.1',
    '2130706433',
    '0x7f.0.0.1',
    '0',
    'localhost',
    '[::1]',
    '[::ffff:127.0.0.1]',
  ])
    await expect(post(`http://${host}:${port}/`, {}, '{}')).rejects.toMatchObject(REFUSED);
  expect(requests).toBe(0);
  expect(await poster({ isAnyAllowed: true }).post(`http://127.0.0.1:${port}/`, {}, '{}')).toBe(200);
});

test('what a name leads to is looked at by the connection itself: rebinding does not pass', async () => {
  let requests = 0;
  const port = await listen((_request, response) => {
    requests += 1;
    response.end();
  });
  const inside = leadTo('127.0.0.1', '::1');
  await expect(
    poster({ isAnyAllowed: false, resolve: inside }).post(`http://hook.example:${port}/`, {}, '{}'),
  ).rejects.toMatchObject(REFUSED);
  // Asked once: what was looked at is what is connected to.
  expect([requests, inside.asked]).toEqual([0, ['hook.example']]);
  // Of several only those of the internet are tried; nobody answers at this one.
  const both = poster({ isAnyAllowed: false, timeout: 300, resolve: leadTo('127.0.0.1', '2606:4700::dead') });
  await expect(both.post(`http://hook.example:${port}/`, {}, '{}')).rejects.toMatchObject({ kind: 'unavailable' });
  expect(requests).toBe(0);
  const allowed = poster({ isAnyAllowed: true, resolve: leadTo('127.0.0.1') });
  expect(await allowed.post(`http://hook.example:${port}/`, {}, '{}')).toBe(200);
});

test('a redirect is an answer, and is not followed', async () => {
  const paths: string[] = [];
  const port = await listen((request, response) => {
    paths.push(request.url!);
    response.writeHead(307, { location: `http://127.0.0.1:${port}/elsewhere` }).end();
  });
  expect(await poster({ isAnyAllowed: true }).post(`http://127.0.0.1:${port}/hook`, {}, '{}')).toBe(307);
  expect(paths).toEqual(['/hook']);
});

test('a receiver that is silent, slow, or talks without end holds nobody up', async () => {
  const silent = await listen(() => undefined);
  const { post } = poster({ isAnyAllowed: true, timeout: 200 });
  await expect(post(`http://127.0.0.1:${silent}/`, {}, '{}')).rejects.toMatchObject({
    kind: 'unavailable',
    message: expect.stringContaining('no answer within 200 ms'),
  });
  let sent = 0;
  const endless = await listen((_request, response) => {
    const more = (): void => {
      while (!response.destroyed && response.write(Buffer.alloc(16_384))) sent += 16_384;
    };
    response.on('drain', more);
    more();
  });
  expect(await poster({ isAnyAllowed: true }).post(`http://127.0.0.1:${endless}/`, {}, '{}')).toBe(200);
  expect(sent).toBeLessThan(8_000_000);
  const dripping = await listen((_request, response) => {
    const timer = setInterval(() => response.write('.'), 20);
    response.on('close', () => clearInterval(timer));
  });
  expect(await post(`http://127.0.0.1:${dripping}/`, {}, '{}')).toBe(200);
  await expect(post('http://127.0.0.1:1/', {}, '{}')).rejects.toMatchObject({
    message: 'the receiver does not answer (ECONNREFUSED)',
  });
});
