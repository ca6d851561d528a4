// The page served by the emulator, and by a host below a base path that asks for keys: the same
// screens, and the upload of a package until its summary is there.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { createKey } from '../../scripts/keys/acts.ts';
import { inFile } from '../../scripts/keys/holder.ts';
import { noise } from '../data/noise.ts';
import { medium, newFolder, observation, packageFiles, removeFolders } from '../data/package.ts';
import { newPicture } from '../data/pictures.ts';
import { zipped } from '../data/zips.ts';
import { openBrowser } from '../support/browser.ts';
import { EMULATOR_COMMAND } from '../support/emulator.ts';
import { type OwnHost, openOwnHost } from '../support/own-host.ts';
import { until } from '../support/wait.ts';
import { findViolations, openScreen, untilLoaded } from './opened.ts';

const SCREENS = ['', 'exports', 'exports/new', 'deer', 'reid', 'import', 'settings'];
const folder = newFolder();
const keysFile = join(folder, 'keys.json');
const key = (await createKey(inFile(keysFile), { owner: 'Office', scopes: 'exports,reid,import' }))[0]!;

let browser: Browser;
beforeAll(async () => {
  browser = await openBrowser();
}, 120_000);
afterAll(async () => {
  await browser?.close();
  removeFolders();
});

async function writeHerd(): Promise<string> {
  const picture = Buffer.concat([await newPicture(90), noise(6_000_000, 1)]);
  const files = packageFiles({
    media: [medium('m1', { filePath: 'media/m1.jpg' })],
    observations: [observation('o1', { mediaID: 'm1' })],
    files: { 'media/m1.jpg': picture },
  });
  const path = join(folder, 'herd.zip');
  writeFileSync(path, await zipped(files));
  return path;
}

async function signIn(page: Page): Promise<void> {
  await page.getByLabel('Key').fill(key);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.locator('form.sign-in').waitFor({ state: 'detached' });
}

describe.each([
  ['the emulator', '/', {}, EMULATOR_COMMAND],
  ['a host below /herd/', '/herd/', { BASE_PATH: '/herd/', KEYS_FILE: keysFile }, undefined],
] as const)('%s', (_name, base, more, command) => {
  let host: OwnHost;
  beforeAll(async () => {
    host = await openOwnHost(more, command);
  }, 240_000);
  afterAll(() => host?.close(), 60_000);

  test('every screen is shown', async () => {
    const { page, seen } = await openScreen(browser, base, { url: host.service.url });
    // Before somebody has signed in there are refusals, of which the browser writes.
    if (base !== '/') await signIn(page);
    seen.length = 0;
    for (const width of [320, 1280])
      for (const screen of SCREENS) {
        await page.setViewportSize({ width, height: 900 });
        await page.goto(`${host.service.url}${base}${screen}`);
        await page.locator('main h1').first().waitFor();
        await untilLoaded(page);
        expect([screen, await findViolations(page)]).toEqual([screen, []]);
        expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0);
        expect([screen, seen]).toEqual([screen, []]);
      }
    await page.goto(`${host.service.url}${base}import`);
    await page.locator('input[type=file]').setInputFiles(await writeHerd());
    const card = page.locator('.job', { hasText: 'Imported' });
    await card.locator('tr', { hasText: 'Images' }).waitFor({ timeout: 90_000 });
    expect(await card.locator('tr', { hasText: 'Images' }).locator('td').first().textContent()).toBe('1');
    await card.getByRole('button', { name: 'Remove' }).click();
    await card.waitFor({ state: 'detached' });
    await until('the last file to go', () => host.inBucket('').length === 0 || undefined);
    expect(seen).toEqual([]);
    await page.context().close();
  }, 300_000);
});
