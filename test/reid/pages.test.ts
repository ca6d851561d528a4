// The pages in a browser: every number is the analysis', names are text, nothing is asked of the
// network, keyboard and narrow screens work.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Browser } from 'playwright-core';
import { importReviews } from '../../lib/data/reviews/import.ts';
import type { PlotReport } from '../../lib/reid/analysis/reports.ts';
import { reidPlot, reidThresholds } from '../../lib/reid/index.ts';
import { openBrowser, type Page, watch } from '../support/browser.ts';
import { type ReidWorld, reidWorld } from './reid-ports.ts';

/**
 * Markup, Plotly's own tags and templates, quotes, line ends of JavaScript, letters of other
 * scripts.
 */
const HOSTILE = [
  `</script><script>alert(1)</script>`,
  `<img src=x onerror=alert(2)> <b>bold</b> %{x} $x^2$`,
  `"O'Deer" &amp; <a href="javascript:alert(3)">k</a>`,
  `\u041e\u043b\u0435\u043d\u044c \u9e7f \u2028\u2029`,
];

let world: ReidWorld;
let browser: Browser;
let plot: PlotReport & { report: string | null };
beforeAll(async () => {
  world = await reidWorld();
  const deer = await world.rows<{ id: string }>(
    'SELECT deer_id::text AS id FROM reid_reviews WHERE deer_id IS NOT NULL GROUP BY 1 ORDER BY count(*) DESC',
  );
  for (const [i, name] of HOSTILE.entries())
    await world.rows('UPDATE deer SET name = $2 WHERE id = $1', [deer[i]!.id, name]);
  await world.rows(`UPDATE reid_reviews SET identity = $1 WHERE identity = (SELECT min(identity) FROM reid_reviews)`, [
    `${HOSTILE[0]} 2`,
  ]);
  [browser, plot] = await Promise.all([openBrowser(), reidPlot(world.ports, { max_fpir: 0.3, min_animals: 5 })]);
}, 180_000);
afterAll(async () => {
  await browser?.close();
  await world?.close();
});

async function opened(report: string, width = 1280): Promise<{ page: Page; seen: string[] }> {
  const page = await browser.newPage({ viewport: { width, height: 900 } });
  const seen = watch(page);
  await page.goto(pathToFileURL(join(world.folder, report)).href);
  await page.waitForFunction(() =>
    [...document.querySelectorAll('.plot')].every((one) => one.getAttribute('data-drawn') === 'true'),
  );
  return { page, seen };
}

interface Drawn {
  id: string;
  name: string;
  meta: string | null;
  horizontal: boolean;
  x: (number | null)[];
  y: (number | null)[];
}

const drawnIn = (page: Page): Promise<Drawn[]> =>
  page.evaluate(() =>
    [...document.querySelectorAll('.plot')].flatMap((plot) =>
      (plot as unknown as { data: Record<string, unknown>[] }).data.map((trace) => ({
        id: plot.id.slice(5),
        name: String(trace.name),
        meta: (trace.meta as string | undefined) ?? null,
        horizontal: trace.orientation === 'h',
        x: [...(trace.x as number[])],
        y: [...(trace.y as number[])],
      })),
    ),
  );

/** Nothing but axe's own script is put into the page for this. */
async function findings(page: Page): Promise<string[]> {
  await page.evaluate(readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8'));
  const { violations } = (await page.evaluate(`axe.run({ resultTypes: ['violations'] })`)) as {
    violations: { id: string; impact: string; nodes: { html: string }[] }[];
  };
  return violations
    .filter(({ impact }) => ['serious', 'critical'].includes(impact))
    .map(({ id, nodes }) => `${id}: ${nodes[0]!.html.slice(0, 200)}`);
}

test("Plotly's script in the product is the package's", () => {
  const script = new URL('../../scripts/plotly.ts', import.meta.url);
  expect(execFileSync(process.execPath, [fileURLToPath(script), '--check'], { encoding: 'utf8' })).toBe('');
});

test('every plotted number is the analysis', async () => {
  const { page, seen } = await opened(plot.report!);
  const traces = await drawnIn(page);
  const of = (id: string): Drawn[] => traces.filter((trace) => trace.id === id);
  const ids = [
    'assignment',
    'errors',
    'mated',
    'events',
    'cumulative',
    'det',
    'strata-mated',
    'strata-non-mated',
    'animals',
    'strangers',
    'pairs',
    'replay',
  ];
  expect([...new Set(traces.map(({ id }) => id))].sort()).toEqual(ids.sort());
  expect(plot.recommendation.threshold).not.toBeNull();

  // Curves over the grid.
  for (const id of ['assignment', 'errors', 'cumulative']) {
    expect(of(id).length).toBeGreaterThan(1);
    for (const { meta, x, y } of of(id)) {
      expect(x).toEqual(plot.grid.map(({ threshold }) => threshold));
      expect(y).toEqual(plot.grid.map((row) => row[meta as 'fnir']));
    }
  }
  const onLog = plot.grid.filter(({ fpir, fnir }) => fpir! > 0 && fnir! > 0);
  const det = of('det').find(({ name }) => name === 'measured FPIR')!;
  expect([det.x, det.y]).toEqual([onLog.map(({ fpir }) => fpir), onLog.map(({ fnir }) => fnir)]);

  // Histograms: bars are drawn at the middle of their bins.
  const middles = ({ from, counts }: { from: number; counts: number[] }) =>
    counts.map((_, i) => expect.closeTo(from + 0.01 * (i + 0.5), 9));
  const histograms: [Drawn, { from: number; counts: number[] }][] = [
    [of('mated')[0]!, plot.mated!],
    [of('mated')[1]!, plot.non_mated!],
    [of('events')[0]!, plot.events_best!],
  ];
  for (const [trace, histogram] of histograms) {
    expect(trace.y).toEqual(histogram.counts);
    expect(trace.x).toEqual(middles(histogram));
  }
  expect([of('events')[1]!.x, of('events')[1]!.y]).toEqual([plot.density!.x, plot.density!.y]);
  const kinds = ['burst', 'mated', 'non_mated', 'unlabelled'] as const;
  of('pairs').forEach((trace, i) => {
    const counts = plot.all_pairs![kinds[i]!];
    const first = counts.findIndex((n) => n > 0);
    expect(trace.y).toEqual(counts.slice(first, counts.findLastIndex((n) => n > 0) + 1));
    expect(trace.x[0]).toBeCloseTo(-1 + 0.01 * (first + 0.5), 9);
  });

  // Strata, animals and replay.
  for (const [id, kind] of [
    ['strata-mated', 'mated'],
    ['strata-non-mated', 'non-mated'],
  ] as const) {
    of(id).forEach(
      ({ x }, i) => void expect(x).toEqual(plot.strata.filter((one) => one.of === kind).map(({ rates }) => rates[i])),
    );
  }
  const missed = plot.animals.filter(({ enrolled, missed }) => enrolled && missed.some((n) => n > 0)).slice(0, 20);
  of('animals').forEach(({ x }, i) => void expect(x).toEqual(missed.map((animal) => animal.missed[i])));
  const byThreshold = plot.replay!.rows.toSorted((a, b) => a.threshold - b.threshold);
  for (const { meta, y } of of('replay')) expect(y).toEqual(byThreshold.map((row) => row[meta as 'splits']));

  // And beyond what is named here: no number that the JSON does not hold.
  const known = new Set<number>();
  JSON.stringify(plot, (_, value: unknown) => {
    if (typeof value === 'number') known.add(value);
    return value;
  });
  const positions = /mated$|^pairs$|^events$/;
  for (const { id, horizontal, x, y } of traces) {
    const values = horizontal ? x : positions.test(id) ? y : [...x, ...y];
    expect(values.filter((value) => value !== null && !known.has(value))).toEqual([]);
  }

  // The table behind each chart, and the analysis itself, are in the page.
  expect(await page.locator('figure details table tbody tr').count()).toBeGreaterThan(plot.grid.length);
  expect(await page.evaluate(() => JSON.parse(document.getElementById('analysis')!.textContent!).grid)).toEqual(
    plot.grid,
  );
  expect(seen).toEqual([]);
  await page.close();
});

test('hostile names are shown as text, in charts and tables, and nothing runs', async () => {
  const { page, seen } = await opened(plot.report!);
  // Blanks around a name are no part of it.
  const names = HOSTILE.map((name) => name.trim());
  const animals = plot.animals.map(({ animal }) => animal);
  expect(animals).toEqual(expect.arrayContaining([...names, `${HOSTILE[0]} 2`]));
  const shown = await page.locator('#plot-animals .ytick text').allTextContents();
  const plain = shown.map((text) => text.replace(/ \(\d+\)$/, ''));
  const seenOnAxis = names.map((name) => ([...name].length > 28 ? `${[...name].slice(0, 27).join('')}...` : name));
  const drawn = plot.animals.filter(({ enrolled, missed }) => enrolled && missed.some((n) => n > 0)).slice(0, 20);
  const normal = (text: string): string => text.replace(/[\s\u200b\u200e]+/g, ' ').trim();
  for (const [i, name] of names.entries()) {
    if (drawn.some(({ animal }) => animal === name)) expect(plain.map(normal)).toContain(normal(seenOnAxis[i]!));
  }
  await page.locator('figure[aria-labelledby="title-animals"] summary').click();
  const cells = await page.locator('figure[aria-labelledby="title-animals"] tbody td:first-child').allTextContents();
  expect(cells).toEqual(expect.arrayContaining(names));
  expect(await page.locator('img, figure a[href], script[src], iframe').count()).toBe(0);
  expect(await page.locator('b', { hasText: 'bold' }).count()).toBe(0);
  expect(seen).toEqual([]);
  await page.close();
});

test('it reads well without a mouse and on a narrow screen, and axe finds nothing serious', async () => {
  const { page } = await opened(plot.report!, 390);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
  for (const id of ['animals', 'replay']) await page.locator(`figure[aria-labelledby="title-${id}"] summary`).click();
  expect(await findings(page)).toEqual([]);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
  const chart = page.locator('#plot-assignment');
  await chart.focus();
  await page.keyboard.press('End');
  const last = plot.grid.at(-1)!;
  const words = (share: number | null): string => String(Math.round(share! * 1e4) / 1e4);
  await page.waitForFunction(() => document.getElementById('point-assignment')!.textContent !== '');
  expect(await page.locator('#point-assignment').textContent()).toBe(
    `detections assigned: ${last.threshold}, ${words(last.assignment_rate)}`,
  );
  await page.keyboard.press('Home');
  await page.keyboard.press('ArrowDown');
  const first = plot.grid[0]!;
  expect(await page.locator('#point-assignment').textContent()).toBe(
    `events assigned: ${first.threshold}, ${words(first.event_assignment_rate)}`,
  );
  await page.close();
});

test('the policy of a page lets no other script run', async () => {
  const { page } = await opened(plot.report!);
  await page.evaluate(() => {
    const script = document.createElement('script');
    script.textContent = 'globalThis.foreign = true';
    document.body.append(script);
  });
  expect(await page.evaluate(() => 'foreign' in globalThis)).toBe(false);
  await page.close();
});

test('a trial is reviewed by keyboard and mouse; the file that is saved becomes evidence of the next run', async () => {
  const { ports, pictures, folder } = world;
  const trial = { threshold: 0.45, sample: 12, seed: 7 };
  const before = await reidThresholds(ports, { output: 'trial.html', trial }, pictures);
  const { page, seen } = await opened(before.review!);
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
  expect(seen).toEqual([]);
  await page.close();
});
