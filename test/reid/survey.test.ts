// The survey from the database to its page: what is refused and why, what a roster gives, its JSON,
// the page, and a terminal's lines.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Context } from 'aws-lambda';
import { importReviews } from '../../lib/data/reviews/import.ts';
import { invoke } from '../../lib/lambda/invoke.ts';
import { reidSurvey } from '../../lib/reid/index.ts';
import { type SurveyInput, surveyContract } from '../../lib/reid/input.ts';
import { escapeHtml } from '../../lib/reid/pages/shell.ts';
import { settlePeriod } from '../../lib/survey/survey.ts';
import type { Herd } from '../../localstack/herd/index.ts';
import { formatSurvey, isSurvey } from '../../scripts/reid/survey.ts';
import { type ReidWorld, reidWorld } from './reid-ports.ts';
import { nameEveryEvent, type SimulatedRoster } from './roster.ts';

let world: ReidWorld;
beforeAll(async () => {
  world = await reidWorld({ detections: 6_000 });
}, 180_000);
afterAll(() => world?.close());

/** Fields of the JSON that the tests read. */
interface Said {
  head_counts: {
    class: string;
    refusal: { kind: string; sentence: string; decisions?: number } | null;
    window: { since: string; until: string; days: number };
    reviewed: { events: number; unknown: number; identified: number };
    naive: { identities: number };
    corrected: {
      rate: { rate: number; k: number; looked_twice: boolean };
      ghosts: number;
      seen: { estimate: number; lower: number; upper: number };
      chao: { estimate: number; lower: number; upper: number };
    };
    singles: object[];
  }[];
  composition: { groups: { events: Record<string, number>; fawns: object | null }[] };
  movement: { rut: { peak: { week: string } | null } };
  buck_ratio_index: { refused?: string; total?: object };
  trap_nights: number;
}

const ask = async (input: SurveyInput) => {
  const report = await reidSurvey(world.ports, input);
  return { report, said: report as unknown as Said };
};

const WINDOW = { since: '2023-10-01', until: '2023-11-29' };

test('through its handler: without a roster a head count is refused with its reason and the decisions that mend it; ratios and the rut are given', async () => {
  const handler = invoke('reidSurvey', surveyContract, (input) => reidSurvey(world.ports, input));
  const report = await handler({ output: 'a/survey.html' }, {} as Context);
  const said = report as unknown as Said;
  expect(report.period).toEqual({ since: '2023-09-01', until: '2024-08-31', asked: false });
  const [bucks, does] = said.head_counts;
  expect([bucks!.class, does!.class, bucks!.window.days]).toEqual(['buck', 'doe', 14]);
  const { events, unknown, identified } = bucks!.reviewed;
  expect(identified).toBe(0);
  expect(events).toBeGreaterThan(10);
  expect(bucks!.refusal).toMatchObject({ kind: 'no roster', decisions: events + unknown });
  expect(bucks!.refusal!.sentence).toContain(`about ${events + unknown} decisions`);
  expect(report.refused.slice(0, 2)).toMatchObject([
    { about: 'head count of bucks', reason: bucks!.refusal!.sentence, decisions: events + unknown },
    { about: 'head count of does', command: 'npm run import -- --reviews roster.json' },
  ]);
  expect(said.composition.groups[0]!.fawns).not.toBeNull();
  expect(said.movement.rut.peak?.week).toMatch(/^2023-W4\d$/);
  expect(said.buck_ratio_index.refused).toBe(bucks!.refusal!.sentence);
  expect(said.trap_nights).toBeGreaterThan(2_000);
  expect(report.numbers.map(({ name, basis }) => `${name} ${basis}`)).toEqual([
    'fawns_per_100_does places',
    'bucks_per_100_does places',
  ]);

  expect(report.sentences).toHaveLength(3);
  const html = readFileSync(join(world.folder, report.report!), 'utf8');
  expect(html).toMatch(/^<!doctype html>[\s\S]*<\/html>\n$/);
  for (const sentence of report.sentences) expect(html).toContain(escapeHtml(sentence));
  for (const id of ['composition', 'activity', 'weeks']) expect(html).toContain(`id="plot-${id}"`);
  expect(html).not.toContain('id="plot-accumulation-buck"');
  expect((await (await fetch(report.report_link!)).text()) === html).toBe(true);

  if (!isSurvey(report)) throw new Error('not recognized at a terminal');
  const lines = formatSurvey(report).split('\n');
  expect(lines.slice(0, 3)).toEqual(report.sentences);
  expect(lines).toContain('    npm run import -- --reviews roster.json');
  expect(lines.at(-1)).toBe('page     a/survey.html');
}, 60_000);

test('nothing is pooled that was not asked for, and the same input gives the same bytes', async () => {
  const first = await ask({ since: '2023-10-01', until: '2023-12-31', output: 'one.html' });
  await ask({ since: '2023-10-01', until: '2023-12-31', output: 'two.html' });
  expect(first.report.period).toEqual({ since: '2023-10-01', until: '2023-12-31', asked: true });
  const read = (file: string): string => readFileSync(join(world.folder, file), 'utf8');
  expect(read('one.html') === read('two.html')).toBe(true);
  const year = await ask({});
  const events = ({ composition }: Said): number => composition.groups[0]!.events.doe!;
  expect(events(first.said)).toBeLessThan(events(year.said));
}, 60_000);

test('a place that is asked for alone is counted alone; what is not there is refused by name', async () => {
  const [place] = await world.rows<{ name: string }>('SELECT name FROM locations ORDER BY name LIMIT 1');
  const { said, report } = await ask({ locations: [place!.name] });
  const [all] = (await ask({})).said.head_counts;
  expect(said.head_counts[0]!.reviewed.events).toBeLessThan(all!.reviewed.events);
  expect(report.locations).toEqual([place!.name]);
  await expect(ask({ locations: ['Nowhere'] })).rejects.toThrow(/Unknown location "Nowhere"; known: /);
  await expect(ask({ classes: ['unicorn'] })).rejects.toThrow(/Unknown classification "unicorn"; known: /);
  expect((await ask({ classes: ['doe'] })).said.head_counts.map((count) => count.class)).toEqual(['doe']);
}, 60_000);

describe('with a roster of 60 days, a second look and repeats', () => {
  let roster: SimulatedRoster;
  beforeAll(async () => {
    const herd: Herd = world.herd!;
    roster = nameEveryEvent(herd, { ...WINDOW, missRate: 0.05, repeats: 400, seed: 3 });
    await importReviews(world.ports.database, roster.file);
  }, 60_000);

  test('bucks are counted with the miss rate that was measured; the interval holds how many were there', async () => {
    const { report, said } = await ask({ window: WINDOW, output: 'named.html' });
    const [bucks] = said.head_counts;
    expect(bucks!.refusal).toBeNull();
    expect(bucks!.window).toMatchObject({ ...WINDOW, days: 60 });
    const { rate, seen, chao, ghosts } = bucks!.corrected;
    expect(rate.k).toBeGreaterThanOrEqual(25);
    expect([rate.looked_twice, ghosts >= 0]).toEqual([true, true]);
    expect(seen.lower).toBeLessThanOrEqual(roster.seen.buck!);
    expect(seen.upper).toBeGreaterThanOrEqual(roster.seen.buck!);
    expect(chao.upper).toBeGreaterThanOrEqual(seen.estimate);
    expect(report.numbers.slice(0, 2)).toMatchObject([
      { name: 'bucks_seen', ...seen, basis: 'corrected' },
      { name: 'bucks_in_all', estimate: chao.estimate },
    ]);
    expect(said.buck_ratio_index.total).toBeDefined();
    expect(report.refused.map(({ about }) => about)).not.toContain('head count of bucks');
    expect(report.sentences[0]).toMatch(
      /^Bucks: \d+ \(95% interval \d+ to \d+\) were photographed from 1 Oct 2023 to 29 Nov 2023, and (about|at least) \d+/,
    );
    const html = readFileSync(join(world.folder, report.report!), 'utf8');
    for (const id of ['accumulation-buck', 'accumulation-doe']) expect(html).toContain(`id="plot-${id}"`);
    expect(html).toContain('corrected: misses taken out');
  }, 60_000);

  test('another seed draws other limits, and no other estimate; occasions of three days are as asked', async () => {
    const found: Said['head_counts'][number]['corrected'][] = [];
    for (const more of [{ seed: 1 }, { seed: 2 }, { seed: 1, occasion_days: 3 as const }])
      found.push((await ask({ window: WINDOW, ...more })).said.head_counts[0]!.corrected);
    const [one, two, three] = found;
    expect(two!.chao.estimate).toBe(one!.chao.estimate);
    expect(two!.chao.lower).not.toBe(one!.chao.lower);
    expect(three!.chao.estimate).not.toBe(one!.chao.estimate);
  }, 60_000);
});

test('the period holds a window that is asked for alone: what is outside of a period is not read', async () => {
  const settle = (asked: SurveyInput) =>
    world.ports.database.read((queries) =>
      settlePeriod(queries, { ...asked, timeZone: world.ports.timeZone, asOf: world.ports.clock() }),
    );
  const [inside, earlier, later] = [
    WINDOW,
    { since: '2022-10-01', until: '2022-11-29' },
    { since: '2024-08-25', until: '2024-09-08' },
  ];
  const whole = { since: '2023-09-01', until: '2024-08-31' };
  expect(await settle({ window: inside })).toEqual(whole);
  expect(await settle({ window: earlier })).toEqual({ since: '2021-11-30', until: '2022-11-29' });
  expect(await settle({ window: later })).toEqual({ since: '2023-09-09', until: '2024-09-08' });
  expect(await settle({ window: later, since: '2024-08-01' })).toEqual({ since: '2024-08-01', until: '2024-09-08' });
  expect(await settle({ window: earlier, until: '2024-08-31' })).toEqual({ since: '2022-10-01', until: '2024-08-31' });
});

test('a survey of fawns alone says why it counts no heads', async () => {
  const { report } = await ask({ classes: ['fawn'] });
  expect(report.sentences[0]).toBe('No head count: it is of bucks and of does, and the classes leave out both.');
});

test('names of the platform that are not on every event are refused, with no decisions to make', async () => {
  const { report, said } = await ask({ identities: 'platform', window: WINDOW });
  expect(said.head_counts[0]!.refusal).toMatchObject({ kind: 'not every event' });
  expect(said.head_counts[0]!.refusal!.decisions).toBeUndefined();
  expect(report.refused[0]).toMatchObject({
    reason: expect.stringMatching(/The platform was declared to give every event a name, and it did not\.$/),
    advice: expect.stringContaining('let people name the animals in a roster'),
    decisions: null,
  });
});
