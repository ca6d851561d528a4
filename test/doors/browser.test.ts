// The attacks of a web page on the ports of the engines, from a real page of another origin. @alone
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { REGION } from '../../localstack/stack/resources.ts';
import { makeSecrets } from '../../localstack/stack/secrets.ts';
import type { Engine } from '../../localstack/stack/supervisor.ts';
import { openBrowser, type Page } from '../support/browser.ts';
import { startEngine } from '../support/engine.ts';
import { endAll, eventually } from '../support/owners.ts';

const secrets = makeSecrets();
const PAGE = '<title>evil</title><iframe name="frame"></iframe>';
let browser: Awaited<ReturnType<typeof openBrowser>>;
let engines: Engine[];
let website: Server;
let site: string;
let files: string;
let frames: string;
let s3: S3Client;
let page: Page;
/** What the engines answered to the page: status and what was asked. */
let answers: [number, string][];

beforeAll(async () => {
  engines = await Promise.all([startEngine('aws', secrets), startEngine('images', secrets)]);
  [files, frames] = engines.map(({ port }) => `http://127.0.0.1:${port}`) as [string, string];
  s3 = new S3Client({ endpoint: files, region: REGION, credentials: secrets, forcePathStyle: true });
  await s3.send(new PutObjectCommand({ Bucket: 'files', Key: 'report', Body: 'report', ContentType: 'text/html' }));
  website = createServer((_request, response) => response.setHeader('content-type', 'text/html').end(PAGE));
  await new Promise<void>((resolve) => website.listen(0, '127.0.0.1', resolve));
  site = `http://127.0.0.1:${(website.address() as { port: number }).port}`;
  browser = await openBrowser();
}, 120_000);
beforeEach(async () => {
  page = await browser.newPage();
  answers = [];
  await page.goto(site);
  page.on('response', (response) => {
    if (!response.url().startsWith(site)) answers.push([response.status(), response.request().method()]);
  });
});
afterEach(() => page.close());
afterAll(async () => {
  await browser?.close();
  website?.close();
  website?.closeAllConnections();
  s3?.destroy();
  await Promise.all((engines ?? []).map((engine) => engine.stop()));
  await endAll();
});

const click = (href: string): Promise<unknown> =>
  page.evaluate(`Object.assign(document.createElement('a'), { href: ${JSON.stringify(href)} }).click()`);
const sign = (expiresIn = 60): Promise<string> =>
  getSignedUrl(s3, new GetObjectCommand({ Bucket: 'files', Key: 'report' }), { expiresIn });
const stored = async (): Promise<(string | undefined)[]> =>
  ((await s3.send(new ListObjectsV2Command({ Bucket: 'files' }))).Contents ?? []).map(({ Key }) => Key);

/** Runs in the page: what it can read of each answer. */
const ATTACKS = `async ([base, link]) => {
  const form = new FormData();
  form.set('key', 'evil.html');
  form.set('file', new Blob(['<script>alert(1)</script>'], { type: 'text/html' }));
  const ask = (url, init) => fetch(url, init).then((answer) => answer.text(), () => '');
  return Promise.all([
    ask(base + '/files/report'),
    ask(base + '/files', { mode: 'no-cors' }),
    ask(link),
    ask(link, { mode: 'no-cors' }),
    ask(base + '/files', { method: 'POST', mode: 'no-cors', body: form }),
    ask(base + '/', { method: 'POST', mode: 'no-cors', body: 'Action=ListTopics' }),
    ask(base + '/files/evil', { method: 'PUT', body: 'x' }),
  ]);
}`;
/** Runs in the page: what needs no permission of the other side. */
const FORM = `(base) => {
  document.body.innerHTML += '<form method="post" enctype="multipart/form-data" target="frame" action="' + base +
    '/files"><input name="key" value="evil.html"><input name="file" value="x"></form>';
  document.forms[0].submit();
}`;

test.each(['127.0.0.1', 'localhost'])(
  'S3 at %s: a page reads and writes nothing, by fetch or by form',
  async (name) => {
    const base = `http://${name}:${engines[0]!.port}`;
    const link = await sign();
    const read = (await page.evaluate(`(${ATTACKS})(${JSON.stringify([base, link])})`)) as string[];
    expect(read.filter((text) => text !== '')).toEqual([]);
    await page.evaluate(`(${FORM})(${JSON.stringify(base)})`);
    await eventually('the form is answered', () => answers.filter(([, method]) => method === 'POST').length === 3);
    // Only the link, asked for without permission to read the answer, finds what it names.
    const found = answers.filter(([status]) => status < 400);
    expect(found.filter(([status, method]) => status !== 200 || method !== 'GET')).toEqual([]);
    expect(found.length).toBeLessThanOrEqual(1);
    expect(await stored()).toEqual(['report']);
  },
);

test('a name of the web that leads to this machine opens nothing', async () => {
  const url = new URL(await sign());
  url.hostname = 'files.localhost';
  const answer = await page.goto(url.href);
  expect(answer?.status()).toBe(421);
});

test('a link on a page is a download; one that is not signed, or has ended, shows the reason and no file', async () => {
  const [download] = await Promise.all([page.waitForEvent('download'), sign().then(click)]);
  expect(readFileSync(await download.path(), 'utf8')).toBe('report');
  const [refused] = await Promise.all([
    page.waitForResponse((answer) => answer.url() !== site),
    click(`${files}/files/report`),
  ]);
  expect(refused.status()).toBe(403);
});

test('frames: a page neither reads nor opens one', async () => {
  const frame = JSON.stringify(`${frames}/demo/a.jpg`);
  expect(await page.evaluate(`fetch(${frame}).then((answer) => answer.text(), () => '')`)).toBe('');
  const [refused] = await Promise.all([
    page.waitForResponse((answer) => answer.url() !== site),
    click(`${frames}/demo/b.jpg`),
  ]);
  expect(refused.status()).toBe(403);
});
