// Pages of Re-ID in a browser: opened, watched, and what is in them.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import type { Browser } from 'playwright-core';
import { type Page, watch } from '../support/browser.ts';

/** Opens a page, waits until its charts are drawn, and watches it from the start. */
export async function openReport(
  browser: Browser,
  path: string,
  width = 1280,
): Promise<{ page: Page; seen: string[] }> {
  const page = await browser.newPage({ viewport: { width, height: 900 } });
  const seen = watch(page);
  await page.goto(pathToFileURL(path).href);
  await page.waitForFunction(() =>
    [...document.querySelectorAll('.plot')].every((one) => one.getAttribute('data-drawn') === 'true'),
  );
  return { page, seen };
}

export interface Drawn {
  id: string;
  name: string;
  meta: string | null;
  horizontal: boolean;
  x: (number | null)[];
  y: (number | null)[];
}

export const drawnIn = (page: Page): Promise<Drawn[]> =>
  page.evaluate(() =>
    [...document.querySelectorAll('.plot')].flatMap((plot) =>
      (plot as unknown as { data: Record<string, unknown>[] }).data.map((trace) => ({
        id: plot.id.slice(5),
        name: String(trace.name).replaceAll('<br>', ' '),
        meta: (trace.meta as string | undefined) ?? null,
        horizontal: trace.orientation === 'h',
        x: [...(trace.x as number[])],
        y: [...(trace.y as number[])],
      })),
    ),
  );

/** Words of charts that reach out of their chart, where they are cut. */
export const cutWords = (page: Page): Promise<string[]> =>
  page.evaluate(() =>
    [...document.querySelectorAll('.plot')].flatMap((plot) => {
      const around = plot.getBoundingClientRect();
      return [...plot.querySelectorAll('svg text')].flatMap((text) => {
        const { left, right, width } = text.getBoundingClientRect();
        const isCut = width > 0 && (left < around.left - 1 || right > around.right + 1);
        return isCut ? [`${plot.id}: ${text.textContent}`] : [];
      });
    }),
  );

/** Nothing but axe's own script is put into the page for this. */
export async function findings(page: Page): Promise<string[]> {
  await page.evaluate(readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8'));
  const { violations } = (await page.evaluate(`axe.run({ resultTypes: ['violations'] })`)) as {
    violations: { id: string; impact: string; nodes: { html: string }[] }[];
  };
  return violations
    .filter(({ impact }) => ['serious', 'critical'].includes(impact))
    .map(({ id, nodes }) => `${id}: ${nodes[0]!.html.slice(0, 200)}`);
}
