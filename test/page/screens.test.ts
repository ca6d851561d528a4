// Every screen: nothing that axe objects to, nothing from elsewhere, nothing too wide.
import type { Browser } from 'playwright-core';
import { openBrowser } from '../support/browser.ts';
import { findViolations, openScreen } from './opened.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await openBrowser();
}, 120_000);
afterAll(() => browser?.close());

const SCREENS = ['/', '/exports', '/exports/new', '/deer', '/reid', '/survey', '/import', '/settings', '/sign-in'];

describe.each([
  [1280, 'light'],
  [1280, 'dark'],
  [320, 'light'],
  [320, 'dark'],
] as const)('%i pixels wide, %s', (width, scheme) => {
  test.each(SCREENS)(
    '%s',
    async (screen) => {
      const { page, seen } = await openScreen(browser, screen, { width, scheme });
      await page.waitForLoadState('networkidle').catch(() => undefined);
      await page.waitForTimeout(500);
      expect(await findViolations(page)).toEqual([]);
      expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0);
      expect(seen).toEqual([]);
      await page.context().close();
    },
    60_000,
  );
});

test('by keyboard alone: an archive is asked for, and cancelled', async () => {
  const { page, seen } = await openScreen(browser, '/exports/new');
  const reach = async (name: string): Promise<void> => {
    for (let steps = 0; steps < 120; steps++) {
      await page.keyboard.press('Tab');
      const focused = (await page.evaluate(
        `(document.activeElement.labels?.[0] ?? document.activeElement).textContent`,
      )) as string;
      if (focused.startsWith(name)) return;
    }
    throw new Error(`${name} was not reached`);
  };
  await reach('Report');
  await page.keyboard.press('ArrowDown');
  await reach('First day');
  await page.keyboard.type('09012023');
  await reach('Last day');
  await page.keyboard.type('01312024');
  await reach('Make it');
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/exports$/);
  const job = page.locator('.job').first();
  await job.waitFor();
  expect(await job.textContent()).toContain('Archive');
  const id = await job.getAttribute('data-job');
  await reach('Cancel');
  await page.keyboard.press('Enter');
  await page.locator(`[data-job="${id}"]`).waitFor({ state: 'detached' });
  expect(seen).toEqual([]);
  await page.context().close();
}, 120_000);
