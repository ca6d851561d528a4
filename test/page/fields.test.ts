// Every rule of the service is said by the form at its field, in the same words, and nothing is
// sent: for each request of requests.jsonl that can be filled in.
import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import type { Browser, Page } from 'playwright-core';
import { CONTRACTS, type ExportKind } from '../../lib/exports/kinds/index.ts';
import { problemFinder } from '../../lib/lambda/validate.ts';
import { openBrowser } from '../support/browser.ts';
import { openScreen, SERVICE } from './opened.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await openBrowser();
}, 120_000);
afterAll(() => browser?.close());

interface Case {
  name: string;
  kind: ExportKind;
  body: Record<string, unknown>;
}
const cases = readFileSync('test/fixtures/requests.jsonl', 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Case)
  .filter(({ body }) => typeof body === 'object' && body !== null && !Object.values(body).includes(null));

/** As it would be typed; @returns what the form makes of it */
async function fillIn(page: Page, { kind, body }: Case): Promise<unknown> {
  const typed = Object.entries(body).map(([name, value]) => [name, typeof value === 'number' ? String(value) : value]);
  const draft = JSON.stringify({ ...Object.fromEntries(typed), kind });
  await page.evaluate(`sessionStorage.setItem('hoofprint-draft', ${JSON.stringify(draft)})`);
  await page.goto(`${SERVICE}/exports/new`);
  const line =
    (await page
      .locator('pre')
      .textContent({ timeout: 2_000 })
      .catch(() => null)) ?? '';
  return JSON.parse(/ -d '(.*)'$/s.exec(line)?.[1]?.replaceAll(String.raw`'\''`, "'") ?? 'null');
}

test('the form says what the service would', async () => {
  const { page, seen } = await openScreen(browser, '/settings');
  const { today } = (await (await fetch(`${SERVICE}/api/session`)).json()) as { today: string };
  let posts = 0;
  page.on('request', (request) => {
    if (request.method() === 'POST') posts += 1;
  });
  const [said, meant]: [unknown[], unknown[]] = [[], []];
  for (const each of cases) {
    const problems = problemFinder<unknown, string>(CONTRACTS[each.kind])(structuredClone(each.body), today);
    // A box is ticked or not.
    if (problems.some(({ detail }) => detail.endsWith('must be true or false'))) continue;
    if (problems.length === 0 || !isDeepStrictEqual(await fillIn(page, each), each.body)) continue;
    await page.getByRole('button', { name: 'Make it' }).click();
    await page.getByText(/needs? a change/).waitFor();
    said.push([each.name, (await page.locator('.wrong p').allTextContents()).sort()]);
    meant.push([each.name, problems.map(({ detail }) => detail).sort()]);
  }
  expect(said).toEqual(meant);
  expect(said.length).toBeGreaterThan(25);
  expect(posts).toBe(0);
  // The browser says of a date field that it cannot show what is no date.
  expect(seen.filter((line) => !/does not conform to the required format/.test(line))).toEqual([]);
  await page.context().close();
}, 240_000);
