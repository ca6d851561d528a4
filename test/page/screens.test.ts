// Every screen: nothing that axe objects to, nothing from elsewhere, nothing too wide.
import type { Browser } from 'playwright-core';
import { openBrowser } from '../support/browser.ts';
import { findViolations, openScreen, SERVICE } from './opened.ts';

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

test('while it cannot be said who uses the page, it says so, and goes on', async () => {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.route('**/api/session', (route) =>
    route.fulfill({ status: 503, contentType: 'application/problem+json', body: '{"detail":"No database"}' }),
  );
  await page.goto(SERVICE);
  await page.getByText('cannot be shown now: No database').waitFor();
  expect(await findViolations(page)).toEqual([]);
  await page.unroute('**/api/session');
  await page.getByRole('heading', { name: 'Overview' }).waitFor();
  await context.close();
}, 60_000);

test('one deer: each table and picture has a name that no other has', async () => {
  const { page } = await openScreen(browser, '/deer');
  await page.locator('.faces a').first().click();
  await page.getByText('The best picture', { exact: true }).waitFor();
  const names = await page.locator('summary').allTextContents();
  expect(names).toEqual(['Show as a table: Time of day', 'Show as a table: Cameras']);
  expect(await page.title()).toBe('One deer - Hoofprint');
  await page.context().close();
}, 60_000);
