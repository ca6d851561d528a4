// The page of a trial in a browser: a person reviews, and what is saved becomes evidence.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { importReviews } from '../../lib/data/reviews/import.ts';
import { reidThresholds } from '../../lib/reid/index.ts';
import { openBrowser } from '../support/browser.ts';
import { findings, openReport } from './opened-page.ts';
import { type ReidWorld, reidWorld } from './reid-ports.ts';

let world: ReidWorld;
let browser: Browser;
beforeAll(async () => {
  [world, browser] = await Promise.all([reidWorld(), openBrowser()]);
}, 180_000);
afterAll(async () => {
  await browser?.close();
  await world?.close();
});

test('a trial is reviewed by keyboard and mouse; the file that is saved becomes evidence of the next run', async () => {
  const { ports, pictures, folder } = world;
  const trial = { threshold: 0.45, sample: 12, seed: 7 };
  const before = await reidThresholds(ports, { output: 'trial.html', trial }, pictures);
  const { page, seen } = await openReport(browser, join(folder, before.review!));
  expect(await page.locator('article').count()).toBe(12);
  expect(await page.locator('article img').count()).toBeGreaterThan(12);
  await page.waitForFunction(() => [...document.images].every(({ complete }) => complete));
  expect(
    await page.evaluate(() => [...document.images].every(({ complete, naturalWidth }) => complete && naturalWidth > 0)),
  ).toBe(true);
  await page.keyboard.press('s');
  await page.keyboard.press('d');
  await page.keyboard.press('u');
  await page.locator('label', { has: page.locator('input[name="verdict-4"][value="same"]') }).click();
  await page.locator('input[name="identity-5"]').fill('Stranger </script> 1');
  await page.locator('#reviewer').fill('R. Viewer');
  expect(await page.locator('#progress').textContent()).toBe('5 of 12 marked');
  expect(await findings(page)).toEqual([]);
  const [download] = await Promise.all([page.waitForEvent('download'), page.locator('#save').click()]);
  expect(download.suggestedFilename()).toBe('reviews.json');
  await download.saveAs(join(folder, 'reviews.json'));
  const text = readFileSync(join(folder, 'reviews.json'), 'utf8');
  const rows = before.trial!.rows;
  const { reviews } = JSON.parse(text) as {
    reviews: { event: string; verdict: string; inclusion_probability: number }[];
  };
  expect(reviews.map(({ event, verdict }) => [event, verdict])).toEqual(
    [
      ['same', 0],
      ['different', 1],
      ['unsure', 2],
      ['same', 4],
      ['none', 5],
    ].map(([verdict, i]) => [rows[i as number]!.event, verdict]),
  );
  expect(reviews[0]!.inclusion_probability).toBe(rows[0]!.inclusion_probability);
  const loaded = await importReviews(ports.database, text);
  expect(loaded.verdicts).toEqual({ same: 2, different: 1, unsure: 1, none: 1 });
  const after = await reidThresholds(ports, {}, pictures);
  expect(after.evidence!.reviewedEvents).toBe(before.evidence!.reviewedEvents + 5);
  expect(after.evidence!.mated_searches).toBe(before.evidence!.mated_searches + 2);
  expect(after.evidence!.non_mated_animals).toBe(before.evidence!.non_mated_animals + 1);
  // The same verdicts as those of a roster: they name animals, and are no sample.
  expect(await page.locator('#purpose').inputValue()).toBe('evidence');
  await page.locator('#purpose').selectOption('roster');
  await page.reload();
  const [roster] = await Promise.all([page.waitForEvent('download'), page.locator('#save').click()]);
  await roster.saveAs(join(folder, 'roster.json'));
  const named = readFileSync(join(folder, 'roster.json'), 'utf8');
  const verdicts = (JSON.parse(named) as { reviews: Record<string, unknown>[] }).reviews;
  expect(verdicts.map(({ purpose, draw_id, inclusion_probability: chance }) => [purpose, draw_id, chance])).toEqual(
    verdicts.map(() => ['roster', null, null]),
  );
  expect(verdicts.at(-1)).toMatchObject({ verdict: 'none', identity: 'Stranger </script> 1' });
  expect((await importReviews(ports.database, named)).stored.made).toBeGreaterThan(0);
  expect((await reidThresholds(ports, {}, pictures)).evidence!.reviewedEvents).toBe(after.evidence!.reviewedEvents);
  expect(seen).toEqual([]);
  await page.close();
});
