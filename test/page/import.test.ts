// A package is uploaded by a person in a browser while a report is made: stopped at half, begun
// again, imported; its summary is shown, and nothing is left behind.
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

async function writeHerd(name: string, id: string): Promise<string> {
  const names = Array.from({ length: PICTURES }, (_, at) => `m${at}`);
  const files: Record<string, Buffer> = {};
  for (const [at, medium] of names.entries())
    files[`media/${medium}.jpg`] = Buffer.concat([await newPicture(90), noise((MEGABYTES * 1e6) / PICTURES, at)]);
  const bytes = await zipped(
    packageFiles({
      descriptor: { id, title: HOSTILE[0] },
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

const sent = (page: Page): Promise<number> =>
  page.evaluate(`Number(document.querySelector('main progress')?.getAttribute('value') ?? 0)`);

test('stopped at half and begun again, then imported while a report is made', async () => {
  const { page, seen } = await openScreen(browser, '/', { url: host.service.url });
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
  const api = async (path: string, init?: RequestInit) => {
    const began = performance.now();
    const answer = await fetch(`${host.service.url}${path}`, init);
    return { status: answer.status, ms: performance.now() - began, text: await answer.text() };
  };
  const report = { start_date: '2024-05-01', end_date: '2024-05-31', group_by: 'day' };
  await page.locator('input[type=file]').setInputFiles(path);
  const asked = await api('/api/exports/occupancy', {
    method: 'POST',
    body: JSON.stringify({ start_date: report.start_date, end_date: report.end_date }),
  });
  expect(asked.status).toBe(202);
  const slowest = { status: 0, season: 0 };
  const imported = page.getByText('Imported', { exact: true });
  await until(
    'the import',
    async () => {
      const [status, season] = await Promise.all([api(JSON.parse(asked.text).status_url), api('/api/season')]);
      expect([status.status, season.status]).toEqual([200, 200]);
      slowest.status = Math.max(slowest.status, status.ms);
      slowest.season = Math.max(slowest.season, season.ms);
      return (await imported.count()) > 0 ? true : undefined;
    },
    240_000,
  );
  console.log(
    `${MEGABYTES} MB: slowest status ${Math.round(slowest.status)} ms, season ${Math.round(slowest.season)} ms`,
  );
  expect(new Set(puts).size).toBeGreaterThan(stopped / 2);
  // Each part but those that were on their way when it was stopped was sent once.
  expect(puts.length - new Set(puts).size).toBeLessThanOrEqual(2);
  const card = page.locator('.job', { hasText: 'Imported' }).first();
  await card.getByText(HOSTILE[0]!, { exact: true }).first().waitFor();
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
