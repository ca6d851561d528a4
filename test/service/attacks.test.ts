// The attacks of a web page on the ports of a running service, from a real page of another origin:
// the API; in `npm run test:pages` the invoke port, Redis and PostgreSQL as well. S3, SQS and
// frames: test/doors/browser.test.ts.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Redis } from 'ioredis';
import { followExport } from '../../scripts/demo/client.ts';
import { ALL_PAGES, openBrowser, type Page } from '../support/browser.ts';
import { SMALL_REPORT } from '../support/small-report.ts';
import { until } from '../support/wait.ts';

const api = process.env.HOOFPRINT_TEST_SERVICE!;
const invocations = process.env.HOOFPRINT_TEST_INVOCATIONS!;
const INVOKE = '/2015-03-31/functions/hoofprint-dev-createPdfExport/invocations';

let browser: Awaited<ReturnType<typeof openBrowser>>;
let website: Server;
let site: string;
let page: Page;
let redis: Redis;
/** What was answered to the page: status, method, and the port. */
let answers: [status: number, method: string, port: string][];

beforeAll(async () => {
  website = createServer((_request, response) =>
    response.setHeader('content-type', 'text/html').end('<title>evil</title><iframe name="frame"></iframe>'),
  );
  await new Promise<void>((resolve) => website.listen(0, '127.0.0.1', resolve));
  site = `http://127.0.0.1:${(website.address() as AddressInfo).port}`;
  redis = new Redis(process.env.REDIS_URL!);
  browser = await openBrowser();
}, 60_000);
beforeEach(async () => {
  page = await browser.newPage();
  answers = [];
  await page.goto(site);
  page.on('response', (response) => {
    const { origin, port } = new URL(response.url());
    if (origin !== site) answers.push([response.status(), response.request().method(), port]);
  });
});
afterEach(() => page.close());
afterAll(async () => {
  await browser?.close();
  website?.close();
  website?.closeAllConnections();
  redis?.disconnect();
});

const jobs = async (): Promise<number> => (await redis.keys(`${process.env.REDIS_KEY_PREFIX}export_job:*`)).length;

/** Runs in the page: asks by every way that needs no permission, and by some that do. */
const ASK = `async ([base, paths, body]) => {
  const ask = (path, init) => fetch(base + path, init).then((answer) => answer.text(), () => '');
  const seen = [];
  for (const path of paths) {
    seen.push(await ask(path));
    seen.push(await ask(path, { mode: 'no-cors', credentials: 'include' }));
    seen.push(await ask(path, { method: 'POST', mode: 'no-cors', body }));
    seen.push(await ask(path, { method: 'POST', mode: 'no-cors', body: new URLSearchParams({ a: body }) }));
    seen.push(await ask(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body }));
    seen.push(await ask(path, { method: 'DELETE' }));
  }
  return seen.filter((text) => text !== '');
}`;
/** Runs in the page: a form whose one field is a JSON body. */
const FORM = `([action, body]) => {
  const form = Object.assign(document.createElement('form'), { method: 'post', action, enctype: 'text/plain', target: 'frame' });
  form.append(Object.assign(document.createElement('input'), { name: body.slice(0, -1) + ',"x":"', value: '"}' }));
  document.body.append(form);
  form.submit();
}`;
const inPage = (script: string, argument: unknown): Promise<unknown> =>
  page.evaluate(`(${script})(${JSON.stringify(argument)})`);
const allRefused = (): void => {
  expect(answers.filter(([status]) => status < 400)).toEqual([]);
};

test('the API: a page reads, asks for and cancels nothing, by fetch or by form', async () => {
  const { status } = await followExport(api, 'pdf', SMALL_REPORT, () => undefined);
  const before = await jobs();
  const paths = [
    '/api/exports/pdf',
    '/api/session',
    `/api/exports/pdf/${status.job_id}`,
    `/api/exports/${status.job_id}`,
    status.download_url!,
  ];
  expect(await inPage(ASK, [api, paths, JSON.stringify(SMALL_REPORT)])).toEqual([]);
  await inPage(FORM, [`${api}/api/exports/pdf`, JSON.stringify(SMALL_REPORT)]);
  await until('the form to be answered', () =>
    answers.filter(([, method]) => method === 'POST').length > 2 * paths.length ? true : undefined,
  );
  allRefused();
  expect(answers.filter(([code]) => code === 403).length).toBeGreaterThan(3 * paths.length);
  expect(await jobs()).toBe(before);
  expect((await (await fetch(`${api}${paths[2]}`)).json()).status).toBe('completed');
});

/** Only in `npm run test:pages`; what the services refuse is tried without a browser as well. */
function furtherAttacks(): void {
  test('the API: a link to a download may be followed, one to anything else shows no more than a refusal', async () => {
    const { status } = await followExport(api, 'pdf', SMALL_REPORT, () => undefined);
    const follow = (href: string): Promise<unknown> =>
      page.evaluate(`Object.assign(document.createElement('a'), { href: ${JSON.stringify(href)} }).click()`);
    const [download] = await Promise.all([page.waitForEvent('download'), follow(`${api}${status.download_url}`)]);
    expect(download.suggestedFilename()).toBe(status.filename);
    answers = [];
    await follow(`${api}/api/exports/pdf/${status.job_id}`);
    await until('the refusal', () => (answers.length > 0 ? true : undefined));
    expect(answers[0]?.[0]).toBe(403);
  });

  test.each(['api', 'invocations'])('%s: a name of the web that leads to this machine opens nothing', async (name) => {
    const url = new URL(name === 'api' ? `${api}/health` : `${invocations}${INVOKE}`);
    url.hostname = 'evil.localhost';
    const answer = await page.goto(url.href);
    expect(answer?.status()).toBe(421);
  });

  test('the invoke port: a page invokes nothing', async () => {
    const before = await jobs();
    const event = { version: '2.0', body: JSON.stringify(SMALL_REPORT), requestContext: { http: { method: 'POST' } } };
    expect(await inPage(ASK, [invocations, [INVOKE], JSON.stringify(event)])).toEqual([]);
    allRefused();
    expect(answers.length).toBeGreaterThan(2);
    expect(await jobs()).toBe(before);
  });

  test.each([
    ['Redis', () => process.env.REDIS_URL!],
    ['PostgreSQL', () => process.env.DATABASE_URL!],
  ])('%s: what a page sends is no command', async (_, url) => {
    const base = `http://127.0.0.1:${new URL(url()).port}`;
    const commands = 'SET evil 1\r\nFLUSHALL\r\n';
    const before = await redis.dbsize();
    expect(await inPage(ASK, [base, ['/'], commands])).toEqual([]);
    expect(answers).toEqual([]);
    expect(await redis.get('evil')).toBeNull();
    expect(await redis.dbsize()).toBeGreaterThanOrEqual(before);
  });
}
if (ALL_PAGES) furtherAttacks();
