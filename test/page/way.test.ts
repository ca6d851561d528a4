// A person asks for a report in a browser, watches it being made, and downloads it.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Browser } from 'playwright-core';
import { openBrowser } from '../support/browser.ts';
import { until } from '../support/wait.ts';
import { openScreen } from './opened.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await openBrowser();
}, 120_000);
afterAll(() => browser?.close());

test('a report: wrong dates are refused at their fields, then it is made, shown in a second tab, and downloaded', async () => {
  const { page, seen } = await openScreen(browser, '/exports/new');
  await page.getByLabel('Title (optional)').fill('By a person <b>');
  await page.getByLabel('First day').fill('2023-11-01');
  await page.getByLabel('Last day').fill('2023-10-01');
  expect(await page.locator('.wrong p').allTextContents()).toEqual(['start_date must be before end_date']);
  await page.getByRole('button', { name: 'Make it' }).click();
  expect(page.url()).toMatch(/\/exports\/new$/);
  await page.reload();
  await page.getByLabel('Last day').fill('2023-11-30');
  expect(await page.getByLabel('Title (optional)').inputValue()).toBe('By a person <b>');
  expect(await page.locator('.wrong p').allTextContents()).toEqual([]);
  expect(await page.locator('pre').textContent()).toContain('"start_date":"2023-11-01","end_date":"2023-11-30"');
  // A hand that trembles asks for one report.
  await page.evaluate(`for (const _ of [1, 2, 3]) document.querySelector('button[type=submit]').click()`);
  await page.waitForURL(/\/exports$/);
  const job = page.locator('.job', { hasText: 'By a person <b>' });
  await job.first().waitFor();
  expect(await job.count()).toBe(1);
  const id = await job.getAttribute('data-job');
  const second = await page.context().newPage();
  await second.goto(page.url());
  const twin = second.locator(`[data-job="${id}"]`);
  const ready = { name: 'Download' } as const;
  const text = await until(
    'the end of the job',
    async () => {
      const shown = (await job.textContent()) ?? '';
      return shown.includes('Being made') ? undefined : shown;
    },
    60_000,
  );
  expect(text).toContain('Ready');
  await twin.getByRole('link', ready).waitFor();
  const [download] = await Promise.all([page.waitForEvent('download'), job.getByRole('link', ready).click()]);
  await job.locator('summary').click();
  const file = readFileSync(await download.path());
  expect(createHash('sha256').update(file).digest('hex')).toBe(await job.locator('code').textContent());
  expect(file.subarray(0, 5).toString()).toBe('%PDF-');
  expect(await job.textContent()).toContain('downloaded');
  await twin.getByRole('button', { name: 'Remove' }).click();
  await Promise.all([job, twin].map((each) => each.waitFor({ state: 'detached' })));
  expect(seen).toEqual([]);
  await page.context().close();
}, 120_000);
