// A package is uploaded by a person in a browser while a report is made and downloaded: stopped at
// half, begun again, imported; its summary is shown, and nothing is left behind.
import { createHash } from 'node:crypto';
import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { PART_BYTES } from '../../lib/exports/import/uploads.ts';
import { noise } from '../data/noise.ts';
import { medium, observation, packageFiles } from '../data/package.ts';
import { newPicture } from '../data/pictures.ts';
import { zipped } from '../data/zips.ts';
import { openBrowser } from '../support/browser.ts';
import { type OwnHost, openOwnHost } from '../support/own-host.ts';
import { until } from '../support/wait.ts';
import { findViolations, openScreen } from './opened.ts';

/** Of the package; 300 in the soak. */
const MEGABYTES = process.env.HOOFPRINT_SOAK === '1' ? 300 : 24;
const PICTURES = 40;
const HOSTILE = [
  '<img src=x onerror=alert(1)>',
  '</script><script>alert(1)</script>',
  '\u202egnp.kcub\u2066',
  'W'.repeat(200),
];

let host: OwnHost;
let browser: Browser;
beforeAll(async () => {
  host = await openOwnHost();
  browser = await openBrowser();
}, 240_000);
afterAll(async () => {
  await browser?.close();
  await host?.close();
}, 60_000);

async function writeHerd(name: string, id: string, pictures = PICTURES, megabytes = MEGABYTES): Promise<string> {
  const names = Array.from({ length: pictures }, (_, at) => `m${at}`);
  const files: Record<string, Buffer> = {};
  for (const [at, medium] of names.entries())
    files[`media/${medium}.jpg`] = Buffer.concat([await newPicture(90), noise((megabytes * 1e6) / pictures, at)]);
  const bytes = await zipped(
    packageFiles({
      descriptor: { id, title: `${HOSTILE[0]} ${id}` },
      deployments: HOSTILE.map((locationName, at) => ({
        ...{ deploymentID: `dep${at + 1}`, locationID: `loc${at}`, locationName, cameraID: HOSTILE[at]! },
        ...{ latitude: 43.5 + at / 100, longitude: -90.7 },
        ...{ deploymentStart: '2024-05-01T08:00:00-05:00', deploymentEnd: '2024-06-01T08:00:00-05:00' },
      })),
      media: names.map((medium_, at) =>
        medium(medium_, { filePath: `media/${medium_}.jpg`, deploymentID: `dep${(at % HOSTILE.length) + 1}` }),
      ),
      observations: names.map((medium_, at) =>
        observation(`o-${medium_}`, {
          ...{ mediaID: medium_, deploymentID: `dep${(at % HOSTILE.length) + 1}` },
          ...{ individualID: HOSTILE[at % HOSTILE.length]!, sex: 'male', lifeStage: 'adult' },
          ...{ bboxX: 0.1, bboxY: 0.1, bboxWidth: 0.5, bboxHeight: 0.5 },
        }),
      ),
      files,
    }),
  );
  const path = join(host.folder, name);
  writeFileSync(path, bytes);
  return path;
}

const SCREENS = ['/', '/import', '/exports', '/exports/new', '/deer', '/reid', '/settings'];

test('an empty database: every screen says what to do, on a phone and on a desk', async () => {
  for (const width of [320, 1280]) {
    for (const screen of SCREENS) {
      const { page, seen } = await openScreen(browser, screen, { url: host.service.url, width });
      await page.waitForLoadState('networkidle').catch(() => undefined);
      const text = ((await page.locator('main').textContent()) ?? '').trim();
      expect([screen, width, text.length > 30, /Loading/.test(text)]).toEqual([screen, width, true, false]);
      if (screen === '/') {
        expect(text).toContain('The database is empty. Bring in a Camtrap DP package');
        expect(await page.getByLabel('Choose a package').count()).toBeGreaterThan(0);
      }
      expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0);
      if (['/', '/import'].includes(screen)) expect(await findViolations(page)).toEqual([]);
      expect(seen).toEqual([]);
      await page.context().close();
    }
  }
}, 180_000);

test('the first package of all: chosen on the overview, which then shows the season', async () => {
  const { page, seen } = await openScreen(browser, '/', { url: host.service.url });
  await page.locator('input[type=file]').setInputFiles(await writeHerd('first.zip', 'first', 1, 0));
  await page.getByText('Imported', { exact: true }).first().waitFor({ timeout: 60_000 });
  await page.getByRole('button', { name: 'Show the season' }).click();
  await page.locator('.numbers div', { hasText: 'detections' }).getByText('1', { exact: true }).waitFor();
  expect(seen).toEqual([]);
  await page.context().close();
}, 120_000);

const sent = (page: Page): Promise<number> =>
  page.evaluate(`Number(document.querySelector('main progress')?.getAttribute('value') ?? 0)`);

/** What others ask of the service meanwhile, and how long the slowest answer took. */
function openOffice() {
  const slowest: Record<string, number> = {};
  const ask = async (what: string, path: string, init?: RequestInit): Promise<Buffer> => {
    const began = performance.now();
    const answer = await fetch(`${host.service.url}${path}`, init);
    const bytes = Buffer.from(await answer.arrayBuffer());
    expect([what, answer.ok]).toEqual([what, true]);
    slowest[what] = Math.max(slowest[what] ?? 0, Math.round(performance.now() - began));
    return bytes;
  };
  const askStatus = async (path: string): Promise<Record<string, string>> =>
    JSON.parse((await ask('status', path)).toString());
  return {
    slowest,
    async makeReport(): Promise<Record<string, string>> {
      const report = { start_date: '2024-05-01', end_date: '2024-05-31', group_by: 'day' };
      const init = { method: 'POST', body: JSON.stringify(report) };
      const { status_url } = JSON.parse((await ask('report', '/api/exports/pdf', init)).toString());
      return until(
        'the report',
        async () => {
          const status = await askStatus(status_url);
          return status.status === 'processing' ? undefined : { ...status, status_url };
        },
        60_000,
      );
    },
    /** The state of a report, its file, and the season. */
    async look({ status_url, download_url, sha256 }: Record<string, string>): Promise<void> {
      const [status, file] = await Promise.all([
        askStatus(status_url!),
        ask('download', download_url!),
        ask('season', '/api/season'),
      ]);
      expect(status.status).toBe('completed');
      expect(createHash('sha256').update(file).digest('hex')).toBe(sha256);
    },
  };
}

test('stopped at half and begun again, then imported; a report is made and downloaded meanwhile', async () => {
  const { page, seen } = await openScreen(browser, '/import', { url: host.service.url });
  const path = await writeHerd(`${HOSTILE[0]!.replaceAll('/', '')}.zip`, 'by-hand');
  const puts: string[] = [];
  page.on('request', (request) => {
    if (request.method() === 'PUT') puts.push(new URL(request.url()).pathname);
  });
  // The second half waits: a fast machine would have sent it before it is stopped.
  const half = Math.ceil(statSync(path).size / PART_BYTES / 2);
  const stopping = Promise.withResolvers<void>();
  const isLater = ({ pathname }: URL): boolean => Number(/^\/api\/imports\/[^/]+\/(\d+)$/.exec(pathname)?.[1]) > half;
  await page.route(isLater, async (route) => {
    await stopping.promise;
    await route.continue().catch(() => undefined);
  });
  await page.locator('input[type=file]').setInputFiles(path);
  await until('half of it', async () => ((await sent(page)) >= 33 ? true : undefined), 60_000);
  const office = openOffice();
  const report = await office.makeReport();
  await office.look(report);
  expect(await sent(page)).toBeLessThan(100);
  await page.getByRole('button', { name: 'Cancel' }).click();
  stopping.resolve();
  await page.unroute(isLater);
  await page.getByRole('button', { name: 'Go on' }).waitFor();
  const stopped = puts.length;
  expect(host.inBucket('uploads').length).toBeGreaterThan(1);
  // After a reload the file has to be chosen again: what is there is not sent twice.
  await page.reload();
  await page.getByText('Choose the same file to go on').waitFor();
  expect(await findViolations(page)).toEqual([]);
  await page.locator('input[type=file]').setInputFiles(path);
  const card = page.locator('.job', { hasText: `${HOSTILE[0]} by-hand` });
  await until(
    'the import',
    async () => {
      await office.look(report);
      return (await card.getByText('Imported', { exact: true }).count()) > 0 ? true : undefined;
    },
    240_000,
  );
  console.log(`${MEGABYTES} MB: slowest answers in ms: ${JSON.stringify(office.slowest)}`);
  expect(new Set(puts).size).toBeGreaterThan(stopped / 2);
  // Each part but those that were on their way when it was stopped was sent once.
  expect(puts.length - new Set(puts).size).toBeLessThanOrEqual(2);
  expect(await card.locator('tr', { hasText: 'Images' }).locator('td').first().textContent()).toBe(String(PICTURES));
  await until('the parts to go', () => host.inBucket('uploads').length === 0 || undefined);
  expect(await page.evaluate(`localStorage.getItem('hoofprint-upload')`)).toBeNull();
  expect(seen.filter((line) => !/status of 404/.test(line))).toEqual([]);
  await page.context().close();
}, 400_000);

test('hostile names of deer, cameras and titles are shown as text on every screen', async () => {
  const { page, seen } = await openScreen(browser, '/deer', { url: host.service.url, width: 320 });
  const [image, script, , long] = HOSTILE as [string, string, string, string];
  for (const screen of ['/', '/deer', '/exports/new', '/exports']) {
    await page.goto(`${host.service.url}${screen}`);
    await page.waitForLoadState('networkidle').catch(() => undefined);
    const text = (await page.locator('main').textContent()) ?? '';
    if (screen !== '/exports')
      for (const name of [image, script, long]) expect([screen, text]).toEqual([screen, expect.stringContaining(name)]);
    expect(await page.locator('main img[src="x"], main script').count()).toBe(0);
    expect([screen, await page.evaluate('document.documentElement.scrollWidth - innerWidth')]).toEqual([screen, 0]);
  }
  await page.goto(`${host.service.url}/deer`);
  await page.getByRole('link', { name: script }).first().click();
  await page.locator('h1', { hasText: script }).waitFor();
  expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBe(0);
  expect(seen.filter((line) => !/api\/crops/.test(line))).toEqual([]);
  await page.context().close();
}, 120_000);
