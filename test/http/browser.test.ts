// What a browser may ask for: the pages of this service, links to downloads, and one invited
// origin.
import { isServed, refuseForeignPage } from '../../lib/access/browser.ts';

const settings = { ownHost: '', publicUrl: 'https://deer.example', corsOrigin: 'https://map.example' };
const own = { host: '127.0.0.1:8001' };
const json = { 'content-type': 'application/json' };
const navigation = { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' };

test.each<[string, string, Record<string, string>, boolean, string | undefined]>([
  ['a program', 'POST', own, false, undefined],
  ['curl -d', 'POST', { ...own, 'content-type': 'application/x-www-form-urlencoded' }, false, undefined],
  ['a program without Host', 'GET', {}, false, undefined],
  [
    'a page of ours',
    'POST',
    { ...own, ...json, origin: 'http://127.0.0.1:8001', 'sec-fetch-site': 'same-origin' },
    false,
    undefined,
  ],
  ['a person who types the address', 'GET', { ...own, ...navigation, 'sec-fetch-site': 'none' }, false, undefined],
  ['the public address', 'POST', { host: 'deer.example', ...json, origin: 'https://deer.example' }, false, undefined],
  ['the public address, by a proxy', 'POST', { ...own, ...json, origin: 'https://deer.example' }, false, undefined],
  [
    'the invited origin',
    'POST',
    { ...own, ...json, origin: 'https://map.example', 'sec-fetch-site': 'cross-site' },
    false,
    undefined,
  ],
  ['a link to a download', 'GET', { ...own, ...navigation, 'sec-fetch-site': 'cross-site' }, true, undefined],
  ['a link to something else', 'GET', { ...own, ...navigation, 'sec-fetch-site': 'cross-site' }, false, 'forbidden'],
  ['a form to a page', 'POST', { ...own, ...navigation, 'sec-fetch-site': 'cross-site' }, true, 'forbidden'],
  [
    'a download in a frame',
    'GET',
    { ...own, 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe', 'sec-fetch-site': 'cross-site' },
    true,
    'forbidden',
  ],
  [
    'a script of another page',
    'GET',
    { ...own, 'sec-fetch-site': 'cross-site', 'sec-fetch-dest': 'script' },
    true,
    'forbidden',
  ],
  ['another port of this machine', 'GET', { ...own, 'sec-fetch-site': 'same-site' }, false, 'forbidden'],
  ['another port, by an old browser', 'POST', { ...own, ...json, origin: 'http://127.0.0.1:8566' }, false, 'forbidden'],
  ['another page, by an old browser', 'POST', { ...own, origin: 'http://evil.example' }, false, 'forbidden'],
  ['a sandboxed page', 'POST', { ...own, origin: 'null' }, false, 'forbidden'],
  ['an origin that is none', 'POST', { ...own, origin: '' }, false, 'forbidden'],
  [
    'a form of a page of ours',
    'POST',
    { ...own, origin: 'http://127.0.0.1:8001', 'content-type': 'text/plain' },
    false,
    'unsupported-type',
  ],
  ['an origin that is no address', 'POST', { ...own, ...json, origin: 'application/json' }, false, 'forbidden'],
  ['a rebound name', 'GET', { host: 'evil.example:8001' }, true, 'misdirected'],
  ['a rebound name that looks like ours', 'GET', { host: 'localhost.evil.example' }, false, 'misdirected'],
])('%s', (_name, method, headers, navigable, kind) => {
  expect(refuseForeignPage({ method, headers, navigable }, settings)?.kind).toBe(kind);
  // Without a public address nobody is let in who would not be with one.
  const local = refuseForeignPage({ method, headers, navigable }, { publicUrl: '', corsOrigin: '', ownHost: '' })?.kind;
  if (kind !== undefined) expect(local).toBe(kind);
});

test.each([
  ['localhost', true],
  ['LOCALHOST:8001', true],
  ['127.0.0.1:1', true],
  ['[::1]:8001', true],
  ['deer.example', true],
  ['0x7f000001', true],
  ['127.0.0.1.evil.example', false],
  ['user@localhost', false],
  ['localhost/x', false],
  ['localhost:99999', false],
  ['', false],
  ['192.168.1.7', false],
])('Host: %s', (host, isOurs) => {
  expect(isServed(host, settings.publicUrl)).toBe(isOurs);
});
