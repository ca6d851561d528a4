// The page of the suite's service in a browser, watched for what it must not do.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Browser } from 'playwright-core';
import type { Page } from '../support/browser.ts';
import { until } from '../support/wait.ts';

/** The runner starts it for files that name it. */
export const SERVICE = process.env.HOOFPRINT_TEST_SERVICE ?? '';

export interface Opened {
  page: Page;
  /** Console errors, page errors, and requests to other origins. */
  seen: string[];
}

export async function openScreen(
  browser: Browser,
  screen: string,
  { width = 1280, scheme = 'light' as 'light' | 'dark', url = SERVICE } = {},
): Promise<Opened> {
  const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme: scheme });
  const page = await context.newPage();
  const seen: string[] = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type()))
      seen.push(`console: ${message.text()} ${message.location().url}`);
  });
  page.on('pageerror', (error) => seen.push(`error: ${error.message}`));
  page.on('request', (request) => {
    if (new URL(request.url()).origin !== new URL(url).origin) seen.push(`request: ${request.url()}`);
  });
  await page.goto(`${url}${screen}`);
  await page.locator('h1').first().waitFor();
  return { page, seen };
}

/** Until nothing on the screen is being loaded: what does not come is given up after seconds. */
export const untilLoaded = (page: Page): Promise<true> =>
  until(
    'the end of loading',
    async () => ((await page.locator('main [role=status]').count()) === 0 ? true : undefined),
    30_000,
  );

/** All violations of WCAG 2.2 AA that axe finds. */
export async function findViolations(page: Page): Promise<string[]> {
  await page.evaluate(readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8'));
  const { violations } = (await page.evaluate(
    `axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'], resultTypes: ['violations'] })`,
  )) as { violations: { id: string; nodes: { html: string }[] }[] };
  return violations.map(({ id, nodes }) => `${id}: ${nodes[0]!.html.slice(0, 200)}`);
}
