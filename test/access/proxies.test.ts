// For whom a proxy forwards: only one that is trusted may say so.
import { findClient, parseProxies } from '../../lib/proxies.ts';

const trusted = parseProxies('127.0.0.9, fd00::/8, 127.1.0.0/16', 'TRUSTED_PROXIES');

test.each([
  ['127.0.0.1', {}, { address: '127.0.0.1', isSecure: false, isForwarded: false }],
  ['::ffff:127.0.0.1', {}, { address: '127.0.0.1', isSecure: false, isForwarded: false }],
  ['127.0.0.9', {}, { address: '127.0.0.9', isSecure: false, isForwarded: false }],
  ['127.0.0.9', { 'x-forwarded-for': '127.0.0.7' }, { address: '127.0.0.7', isSecure: false, isForwarded: true }],
  [
    '::ffff:127.0.0.9',
    { 'x-forwarded-for': '127.0.0.7' },
    { address: '127.0.0.7', isSecure: false, isForwarded: true },
  ],
  // What a client claims comes first and is not believed.
  [
    '127.0.0.9',
    { 'x-forwarded-for': '127.0.0.1, 127.0.0.7, 127.1.2.3' },
    { address: '127.0.0.7', isSecure: false, isForwarded: true },
  ],
  ['fd00::1', { 'x-forwarded-proto': 'https' }, { address: 'fd00::1', isSecure: true, isForwarded: true }],
  ['127.0.0.9', { 'x-forwarded-proto': 'https, http' }, { address: '127.0.0.9', isSecure: false, isForwarded: true }],
])('%s %j', (source, headers, client) => {
  expect(findClient(source, headers, trusted)).toEqual(client);
});

test.each([
  // Some proxies write ports: another port is no other client.
  ['127.0.0.7:5000', '127.0.0.7'],
  ['[2001:db8::7]:5000', '2001:db8::7'],
  ['[2001:db8::7]', '2001:db8::7'],
  ['127.0.0.7, 127.1.2.3:5000', '127.0.0.7'],
  // What is no address tells nobody apart.
  ['unknown', '127.0.0.9'],
  ['127.0.0.7, _hidden', '127.0.0.9'],
])('forwarded for %s', (hops, address) => {
  expect(findClient('127.0.0.9', { 'x-forwarded-for': hops }, trusted).address).toBe(address);
});

test.each(['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-real-ip'])(
  '%s from anybody else is refused with what to set',
  (name) => {
    for (const list of [trusted, parseProxies('', 'TRUSTED_PROXIES')])
      expect(() => findClient('127.0.0.1', { [name]: '127.0.0.5' }, list)).toThrow(
        `Requests that a proxy forwards are not taken (${name}). Set TRUSTED_PROXIES to the address of the proxy`,
      );
  },
);

test('behind API Gateway its own source address counts', () => {
  const headers = { 'x-forwarded-for': '127.0.0.5', 'x-forwarded-proto': 'https' };
  expect(findClient('127.0.0.6', headers, parseProxies('gateway', ''))).toEqual({
    address: '127.0.0.6',
    isSecure: true,
    isForwarded: true,
  });
});

test.each(['proxy.example', '127.0.0.1/33', '127.0.0.1/a', '127.0.0.1/8/9', 'fd00::/129', '127.0.0.1;127.0.0.2'])(
  'no address: %s',
  (text) => {
    expect(() => parseProxies(text, 'TRUSTED_PROXIES')).toThrow('TRUSTED_PROXIES must list addresses or networks');
  },
);
