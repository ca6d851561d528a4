// The pages in a browser: every number is the analysis', names are text, nothing is asked of the
// network, keyboard and narrow screens work.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright-core';
import type { PlotReport } from '../../lib/reid/analysis/reports.ts';
import { reidMatching, reidPlot } from '../../lib/reid/index.ts';
import { ALL_PAGES, openBrowser, type Page } from '../support/browser.ts';
import { cutWords, type Drawn, drawnIn, findings, openReport } from './opened-page.ts';
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

const NARROW = 390;
let world: ReidWorld;
let browser: Browser;
let plot: PlotReport & { report: string | null };
/** The page that the tests share, on a narrow screen: drawing it takes longer than most of them. */
let page: Page;
/** What it did that a page must not do. */
let seen: string[];
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
  ({ page, seen } = await openReport(browser, join(world.folder, plot.report!), NARROW));
}, 180_000);
afterAll(async () => {
  await browser?.close();
  await world?.close();
});

/** Opens the table behind a chart, as a person does. */
async function unfold(id: string): Promise<void> {
  const figure = page.locator(`figure[aria-labelledby="title-${id}"]`);
  if ((await figure.locator('details[open]').count()) === 0) await figure.locator('summary').click();
}

test("Plotly's script in the product is the package's", () => {
  const script = new URL('../../scripts/plotly.ts', import.meta.url);
  expect(execFileSync(process.execPath, [fileURLToPath(script), '--check'], { encoding: 'utf8' })).toBe('');
});

test('every plotted number is the analysis', async () => {
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
});

test('hostile names are shown as text, in charts and tables, and nothing runs', async () => {
  // Blanks around a name are no part of it.
  const names = HOSTILE.map((name) => name.trim());
  const animals = plot.animals.map(({ animal }) => animal);
  expect(animals).toEqual(expect.arrayContaining([...names, `${HOSTILE[0]} 2`]));
  const shown = await page.locator('#plot-animals .ytick text').evaluateAll((list) =>
    list.map((text) => {
      const lines = [...text.querySelectorAll('tspan.line')];
      return lines.length === 0 ? text.textContent : lines.map((line) => line.textContent).join(' ');
    }),
  );
  const plain = shown.map((text) => (text ?? '').replace(/ \(\d+\)$/, ''));
  const seenOnAxis = names.map((name) => ([...name].length > 28 ? `${[...name].slice(0, 27).join('')}...` : name));
  const drawn = plot.animals.filter(({ enrolled, missed }) => enrolled && missed.some((n) => n > 0)).slice(0, 20);
  const normal = (text: string): string => text.replace(/[\s\u200b\u200e]+/g, ' ').trim();
  for (const [i, name] of names.entries()) {
    if (drawn.some(({ animal }) => animal === name)) expect(plain.map(normal)).toContain(normal(seenOnAxis[i]!));
  }
  await unfold('animals');
  const cells = await page.locator('figure[aria-labelledby="title-animals"] tbody td:first-child').allTextContents();
  expect(cells).toEqual(expect.arrayContaining(names));
  expect(await page.locator('img, figure a[href], script[src], iframe').count()).toBe(0);
  expect(await page.locator('b', { hasText: 'bold' }).count()).toBe(0);
  expect(seen).toEqual([]);
});

test('it reads well without a mouse and on a narrow screen, and axe finds nothing serious', async () => {
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(NARROW);
  for (const id of ['animals', 'replay']) await unfold(id);
  expect(await findings(page)).toEqual([]);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(NARROW);
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
});

test('no word of a chart is cut on a narrow screen', async () => {
  expect(await cutWords(page)).toEqual([]);
  const matching = await reidMatching(world.ports, { output: 'matching.html', max_fpir: 0.3, min_animals: 5 });
  const opened = await openReport(browser, join(world.folder, matching.report!), 360);
  expect(await opened.page.locator('.plot').count()).toBe(2);
  expect(await cutWords(opened.page)).toEqual([]);
  expect(opened.seen).toEqual([]);
  await opened.page.close();
});

test('the policy of a page lets no other script run', async () => {
  await page.evaluate(() => {
    const script = document.createElement('script');
    script.textContent = 'globalThis.foreign = true';
    document.body.append(script);
  });
  expect(await page.evaluate(() => 'foreign' in globalThis)).toBe(false);
});

if (ALL_PAGES)
  test('on a wide screen the same is drawn', async () => {
    const wide = await openReport(browser, join(world.folder, plot.report!));
    expect(await drawnIn(wide.page)).toEqual(await drawnIn(page));
    expect(wide.seen).toEqual([]);
    await wide.page.close();
  });
