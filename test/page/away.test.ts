// A service that is away: every screen says what is the matter, and none is blank.
import { readdirSync, readFileSync } from 'node:fs';
import type { Browser } from 'playwright-core';
import { openBrowser } from '../support/browser.ts';
import { type OwnHost, openOwnHost } from '../support/own-host.ts';
import { openScreen, untilLoaded } from './opened.ts';

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

/** SQS and S3 are one engine here. */
const ENGINES = ['postgres', 'redis', 'aws'];
const SCREENS = ['/', '/exports', '/exports/new', '/deer', '/reid', '/import', '/settings'];

function findEngine(name: string): number {
  const children = (pid: number): number[] =>
    readdirSync(`/proc/${pid}/task`).flatMap((task) =>
      readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
    );
  const all = (pid: number): number[] => children(pid).flatMap((child) => [child, ...all(child)]);
  const found = all(host.service.pid).find((pid) =>
    readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(`engines/${name}.ts`),
  );
  if (found === undefined) throw new Error(`there is no engine ${name}`);
  return found;
}

/** Where screenshots go, for looking at them. */
const PICTURES = process.env.HOOFPRINT_PICTURES;

test.each(ENGINES)(
  'while %s does not answer',
  async (name) => {
    const engine = findEngine(name);
    process.kill(engine, 'SIGSTOP');
    try {
      for (const width of [320, 1280])
        for (const screen of SCREENS) {
          const { page, seen } = await openScreen(browser, screen, { url: host.service.url, width });
          await untilLoaded(page);
          const text = ((await page.locator('main').textContent()) ?? '').trim();
          const said = await page.locator('main h1').first().textContent();
          expect([name, screen, text.length > (said?.length ?? 0) + 20]).toEqual([name, screen, true]);
          expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0);
          // The browser writes a line for each refusal; nothing else is wrong.
          expect(seen.filter((line) => !/status of (500|503|504)/.test(line))).toEqual([]);
          if (PICTURES !== undefined)
            await page.screenshot({
              path: `${PICTURES}/${name}${screen.replaceAll('/', '-')}-${width}.png`,
              fullPage: true,
            });
          await page.context().close();
        }
    } finally {
      process.kill(engine, 'SIGCONT');
    }
  },
  400_000,
);
