// A year's archive: asked for, watched, cancelled, asked for again, downloaded, and made once more;
// by mouse, and by keyboard alone. A reload and a second tab in between.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Browser, Locator, Page } from 'playwright-core';
import { openBrowser } from '../support/browser.ts';
import { until } from '../support/wait.ts';
import { openScreen } from './opened.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await openBrowser();
}, 120_000);
afterAll(() => browser?.close());

/** How somebody gets to a part of the page, and uses it. */
interface Hand {
  fill(page: Page, label: string, day: string): Promise<void>;
  choose(page: Page, label: string): Promise<void>;
  press(page: Page, part: Locator): Promise<void>;
}

const mouse: Hand = {
  fill: (page, label, day) => page.getByLabel(label).fill(day),
  choose: (page, label) => page.getByRole('radio', { name: label }).click(),
  press: (_page, part) => part.click(),
};

const MOST_STEPS = 200;
async function reach(page: Page, part: Locator): Promise<void> {
  for (let steps = 0; steps < MOST_STEPS; steps++) {
    if ((await part.and(page.locator(':focus')).count()) > 0) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`${String(part)} was not reached`);
}
const keyboard: Hand = {
  async fill(page, label, day) {
    await reach(page, page.getByLabel(label));
    const [year, month, date] = day.split('-');
    await page.keyboard.type(`${month}${date}${year}`);
  },
  async choose(page, label) {
    await reach(page, page.getByRole('radio', { name: 'Report' }));
    for (let steps = 0; steps < 3; steps++) {
      if (await page.getByRole('radio', { name: label }).isChecked()) return;
      await page.keyboard.press('ArrowDown');
    }
  },
  async press(page, part) {
    await reach(page, part);
    await page.keyboard.press('Enter');
  },
};

/** The values that a bar shows, until there are so many or the job has ended. */
async function watchBar(job: Locator, most: number): Promise<number[]> {
  const values: number[] = [];
  await until(
    'the bar',
    async () => {
      const value = await job
        .locator('progress')
        .getAttribute('value', { timeout: 200 })
        .catch(() => null);
      if (value !== null && Number(value) !== values.at(-1)) values.push(Number(value));
      return values.length >= most || (await job.getByText('Ready').count()) > 0 ? true : undefined;
    },
    180_000,
  );
  return values;
}

test.each([
  ['by mouse', mouse],
  ['by keyboard alone', keyboard],
])(
  '%s',
  async (_name, hand) => {
    const { page, seen } = await openScreen(browser, '/exports/new');
    const ask = async (): Promise<Locator> => {
      await hand.press(page, page.getByRole('button', { name: 'Make it' }));
      await page.waitForURL(/\/exports$/);
      const id = await page.locator('.job.processing').first().getAttribute('data-job');
      return page.locator(`[data-job="${id}"]`);
    };
    await hand.choose(page, 'Archive');
    await hand.fill(page, 'First day', '2023-09-01');
    await hand.fill(page, 'Last day', '2024-08-30');
    const first = await ask();
    expect(await first.textContent()).toContain('Archive');
    await watchBar(first, 2);
    await page.reload();
    const second = await page.context().newPage();
    await second.goto(page.url());
    const twin = second.locator(`[data-job="${await first.getAttribute('data-job')}"]`);
    await twin.waitFor();
    await page.bringToFront();
    await hand.press(page, first.getByRole('button', { name: 'Cancel' }));
    await Promise.all([first, twin].map((each) => each.waitFor({ state: 'detached' })));

    // The form remembers what was asked for.
    await hand.press(page, page.getByRole('link', { name: 'New export' }));
    await page.waitForURL(/\/exports\/new$/);
    const job = await ask();
    const values = await watchBar(job, Number.POSITIVE_INFINITY);
    expect(values.length).toBeGreaterThanOrEqual(3);
    expect(values).toEqual([...values].sort((a, b) => a - b));
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      hand.press(page, job.getByRole('link', { name: 'Download' })),
    ]);
    const bytes = readFileSync(await download.path());
    await hand.press(page, job.locator('summary'));
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(await job.locator('code').textContent());
    expect(bytes.subarray(0, 2).toString()).toBe('PK');
    await hand.press(page, job.getByRole('button', { name: 'Make it again' }));
    const again = page.locator('.job.processing').first();
    await again.waitFor();
    await hand.press(page, again.getByRole('button', { name: 'Cancel' }));
    await again.waitFor({ state: 'detached' });
    await hand.press(page, job.getByRole('button', { name: 'Remove' }));
    await job.waitFor({ state: 'detached' });
    expect(seen).toEqual([]);
    await page.context().close();
  },
  400_000,
);
