// The page as functions answer it: its document, its assets, and that they are fresh.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { KINDS } from '../../lib/exports/kinds/index.ts';
import type { KindFacts } from '../../lib/exports/shared/kind.ts';
import { names } from '../../lib/page/assets.generated.ts';
import { assetAnswer, pageAnswer } from '../../lib/page/page.ts';

test('the assets are made from lib/page/app: npm run build:page', () => {
  expect(() => execFileSync(process.execPath, ['scripts/build-page.ts', '--check'], { stdio: 'pipe' })).not.toThrow();
}, 60_000);

test('the document names its assets below the base path, and allows nothing else', () => {
  const { status, headers, body } = pageAnswer('/herd/', {});
  expect(status).toBe(200);
  for (const name of Object.values(names)) expect(body).toContain(`"/herd/assets/${name}"`);
  expect(body).toContain('<meta name="hoofprint-base" content="/herd/">');
  expect(String(body)).not.toMatch(/<script>|<style|style=|\son\w+=/);
  expect(headers['content-security-policy']).toMatch(/default-src 'none'.*require-trusted-types-for 'script'/);
  expect(pageAnswer('/', { 'if-none-match': headers.etag }).status).toBe(200);
  expect(pageAnswer('/herd/', { 'if-none-match': headers.etag })).toMatchObject({ status: 304 });
});

test('an asset is sent as the client can unpack it, and kept for good', () => {
  const plain = assetAnswer(names.js, {});
  const br = assetAnswer(names.js, { 'accept-encoding': 'gzip, deflate, br' });
  const gzip = assetAnswer(names.js, { 'accept-encoding': 'gzip' });
  expect([plain, br, gzip].map(({ headers }) => headers['content-encoding'])).toEqual([undefined, 'br', 'gzip']);
  expect(brotliDecompressSync(br.body as Buffer).equals(plain.body as Buffer)).toBe(true);
  expect(gunzipSync(gzip.body as Buffer).equals(plain.body as Buffer)).toBe(true);
  expect(plain.headers['cache-control']).toMatch(/immutable/);
  expect(assetAnswer(names.js, { 'if-none-match': plain.headers.etag })).toMatchObject({ status: 304 });
});

test.each(['toString', '__proto__', '../page.ts', '', undefined])('%p is no asset', (name) => {
  expect(() => assetAnswer(name, {})).toThrow('Not an asset of this version');
});

test('the script of the first view is less than 60 kB', () => {
  expect((assetAnswer(names.js, { 'accept-encoding': 'gzip' }).body as Buffer).length).toBeLessThan(60_000);
});

test('every kind of export has a form', () => {
  const kinds = readFileSync('lib/page/app/kinds/index.ts', 'utf8');
  const asked = (KINDS as readonly (KindFacts & { kind: string })[]).filter(({ asks }) => asks === undefined);
  for (const { kind } of asked) expect(kinds).toMatch(new RegExp(`KINDS = {.*\\b${kind}\\b.*}`));
});
