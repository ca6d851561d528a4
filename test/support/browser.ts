// A browser for looking at pages: one that comes inside an npm package; HOOFPRINT_TEST_BROWSER
// names another.
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import chromium, { inflate } from '@sparticuz/chromium';
import { type Browser, type Page, chromium as playwright } from 'playwright-core';

export type { Page } from 'playwright-core';

/** `npm run test:pages`: all of the browser tests; without it one attack and one page are tried. */
export const ALL_PAGES = process.env.HOOFPRINT_PAGES === '1';

/** The packed browser is for Linux on x64 and brings the libraries that a bare system lacks. */
export async function openBrowser(): Promise<Browser> {
  const own = process.env.HOOFPRINT_TEST_BROWSER;
  if (own !== undefined) return playwright.launch({ executablePath: own, args: ['--no-sandbox'] });
  if (process.platform !== 'linux') return playwright.launch({ channel: 'chrome' });
  const executablePath = await chromium.executablePath();
  await inflate(join(import.meta.dirname, '../../node_modules/@sparticuz/chromium/bin/al2023.tar.br'));
  const libraries = [process.env.LD_LIBRARY_PATH, join(tmpdir(), 'al2023/lib'), join(tmpdir(), 'lib')];
  // Not the package's own arguments: they switch web security off and keep everything in one
  // process, which ends with its first page.
  const args = ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--headless=shell'];
  const env = { ...(process.env as Record<string, string>), LD_LIBRARY_PATH: libraries.filter(Boolean).join(':') };
  return playwright.launch({ executablePath, args, headless: true, env });
}

/** Everything that a page must not do while it is open. */
export function watch(page: Page): string[] {
  const seen: string[] = [];
  page.on(
    'console',
    (message) => void (['error', 'warning'].includes(message.type()) && seen.push(`console: ${message.text()}`)),
  );
  page.on('pageerror', (error) => void seen.push(`error: ${error.message}`));
  page.on(
    'request',
    (request) => void (/^(file|data|blob):/.test(request.url()) || seen.push(`request: ${request.url()}`)),
  );
  page.on('dialog', (dialog) => {
    seen.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  return seen;
}
