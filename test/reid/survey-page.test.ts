// The page of a survey in a browser: names are text, head counts are drawn, and it fits a phone.
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { importReviews } from '../../lib/data/reviews/import.ts';
import { reidSurvey } from '../../lib/reid/index.ts';
import { openBrowser } from '../support/browser.ts';
import { drawnIn, findings, openReport } from './opened-page.ts';
import { type ReidWorld, reidWorld } from './reid-ports.ts';
import { nameEveryEvent } from './roster.ts';

const WINDOW = { since: '2023-10-01', until: '2023-11-29' };
const HOSTILE = '</script><img src=x onerror=alert(1)>';

let world: ReidWorld;
let browser: Browser;
beforeAll(async () => {
  [world, browser] = await Promise.all([reidWorld({ detections: 6_000 }), openBrowser()]);
  const { file } = nameEveryEvent(world.herd!, { ...WINDOW, missRate: 0.05, repeats: 400, seed: 3 });
  // An animal that was seen once is listed by its name.
  const once = /"identity":"(buck U\d+ again \d+)"/.exec(file)![1]!;
  await importReviews(world.ports.database, file.replaceAll(JSON.stringify(once), JSON.stringify(HOSTILE)));
}, 180_000);
afterAll(async () => {
  await browser?.close();
  await world?.close();
});

test('counts, curves and ratios are drawn; hostile names are text; it fits a phone; axe finds nothing serious', async () => {
  const report = await reidSurvey(world.ports, { window: WINDOW, output: 'survey.html' });
  const { page, seen } = await openReport(browser, join(world.folder, report.report!), 320);
  const ids = new Set((await drawnIn(page)).map(({ id }) => id));
  expect([...ids].sort()).toEqual(['accumulation-buck', 'accumulation-doe', 'activity', 'composition', 'weeks']);
  const traces = (await drawnIn(page)).filter(({ id }) => id === 'accumulation-buck');
  expect(traces.map(({ name }) => name)).toEqual(['bucks seen', 'names as given', 'seen in all, 95% interval']);
  const counted = (report.head_counts as { corrected: { seen: { estimate: number } } }[])[0]!;
  expect(traces[2]!.y).toEqual([counted.corrected.seen.estimate]);
  expect(traces[0]!.y.at(-1)).toBeCloseTo(counted.corrected.seen.estimate, 6);
  expect(await page.locator('.verdict strong').textContent()).toBe(report.sentences[0]);
  expect(await page.locator('img').count()).toBe(0);
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(320);
  expect(await findings(page)).toEqual([]);
  expect(seen).toEqual([]);
  await page.close();
}, 120_000);
