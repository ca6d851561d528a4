// The three functions from the database to the page: read-only, pages where they were asked for,
// refusals in words.
import { existsSync, linkSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { Context } from 'aws-lambda';
import { parse } from 'csv-parse/sync';
import { Fault } from '../../lib/errors.ts';
import { invoke } from '../../lib/lambda/invoke.ts';
import { reidMatching, reidPlot, reidScores, reidThresholds } from '../../lib/reid/index.ts';
import { thresholdsContract } from '../../lib/reid/input.ts';
import { escapeHtml } from '../../lib/reid/pages/shell.ts';
import { type ReidWorld, reidWorld } from './reid-ports.ts';

let world: ReidWorld;
beforeAll(async () => {
  world = await reidWorld({ detections: 900 });
}, 120_000);
afterAll(() => world?.close());

/** Rows and a checksum of every table. */
async function contents(): Promise<Record<string, string>> {
  const tables = await world.rows<{ name: string }>(
    `SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' ORDER BY 1`,
  );
  const found: Record<string, string> = {};
  for (const { name } of tables) {
    const [row] = await world.rows<{ n: number; sum: string }>(
      `SELECT count(*) AS n, coalesce(md5(string_agg(md5(t::text), '' ORDER BY md5(t::text))), '') AS sum FROM ${name} t`,
    );
    found[name] = `${row!.n} ${row!.sum}`;
  }
  return found;
}

test('each function makes one study, tells its analysis, writes its page, stores it behind a link, says what it does, and changes nothing', async () => {
  const before = await contents();
  expect(before.detections).toMatch(/^900 /);
  const { ports, pictures, folder, said } = world;
  const LOADING = 'loading detections, profiles and reviews';
  /** How often the database was loaded and studied: the same number, by both. */
  const studies = (): number => {
    const [loaded, studied] = [LOADING, 'study'].map((wanted) => said.filter((step) => step === wanted).length);
    expect(loaded).toBe(studied);
    return studied!;
  };
  const scores = await reidScores(ports, { output: 'a/scores.html' });
  expect(studies()).toBe(1);
  const trial = { threshold: 0.4, sample: 5 };
  const thresholds = await reidThresholds(ports, { output: 'a/thresholds.html', trial }, pictures);
  expect(studies()).toBe(2);
  const plot = await reidPlot(ports, {});
  // All that they report comes from one.
  expect(studies()).toBe(3);
  const reports = [scores, thresholds, plot];
  expect(reports.map(({ report }) => report)).toEqual(['a/scores.html', 'a/thresholds.html', 'out/reid_analysis.html']);
  for (const { report, report_link: link, total_detections: total, deer_profiles: profiles } of reports) {
    const html = readFileSync(join(folder, report!), 'utf8');
    expect(html).toMatch(/^<!doctype html>[\s\S]*<\/html>\n$/);
    const stored = await fetch(link!);
    expect(stored.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect((await stored.text()) === html).toBe(true);
    expect([total, profiles]).toEqual([reports[0]!.total_detections, 20]);
  }
  expect(existsSync(join(folder, 'a/thresholds-review.html'))).toBe(true);
  expect(world.said).toEqual(expect.arrayContaining([LOADING, 'scoring all pairs of detections']));
  expect(await contents()).toEqual(before);
}, 120_000);

test('the comparison of methods writes a page with its sentences, and changes no row but its own recommendation', async () => {
  const { hoofprint_meta: _, ...before } = await contents();
  const report = await reidMatching(world.ports, { output: 'a/matching.html' });
  const html = readFileSync(join(world.folder, report.report!), 'utf8');
  expect(html).toMatch(/^<!doctype html>[\s\S]*<\/html>\n$/);
  expect(report.sentences).toHaveLength(3);
  for (const sentence of report.sentences) expect(html).toContain(escapeHtml(sentence));
  expect(report.methods).toHaveLength(5);
  for (const { label } of report.methods) expect(html).toContain(`<td class="text">${label}</td>`);
  expect((await (await fetch(report.report_link!)).text()) === html).toBe(true);
  const { hoofprint_meta: __, ...after } = await contents();
  expect(after).toEqual(before);
}, 120_000);

test('all pairs of detections are counted once each', async () => {
  const { all_pairs: pairs, left_out: out, total_detections: total } = await reidScores(world.ports, {});
  const n = total - out.detections.withoutVector;
  const counted = [pairs!.mated, pairs!.non_mated, pairs!.unlabelled, pairs!.burst].flat().reduce((a, b) => a + b, 0);
  expect(counted).toBe((n * (n - 1)) / 2);
});

test('a trial lists what would change as CSV that no spreadsheet runs, one row per event', async () => {
  const hostile = ['=HYPERLINK("x")', '\n=1+1', '\r=1+1', 'Old\r=1+1', '\uff1d1+1'];
  const deer = await world.rows<{ id: string; name: string }>(
    `SELECT id::text, name FROM deer ORDER BY sighting_count DESC LIMIT ${hostile.length}`,
  );
  const rename = (id: string, name: string) => world.rows('UPDATE deer SET name = $2 WHERE id = $1', [id, name]);
  for (const [i, { id }] of deer.entries()) await rename(id, hostile[i]!);
  try {
    const { trial, trial_csv: csv } = await reidThresholds(
      world.ports,
      { output: 'trial.html', trial: { threshold: 0.4, sample: 60, seed: 7 } },
      world.pictures,
    );
    const text = readFileSync(join(world.folder, csv!), 'utf8');
    expect(trial!.rows).toHaveLength(60);
    // A reader that takes every kind of line break, as spreadsheets do.
    const rows = parse(text, { record_delimiter: ['\r\n', '\n', '\r'], relax_column_count: false }) as string[][];
    expect(rows).toHaveLength(61);
    const cells = rows.flat();
    expect(cells).toEqual(
      expect.arrayContaining(hostile.map((name) => (name.startsWith('Old') ? 'Old\n=1+1' : `'${name.trim()}`))),
    );
    expect(cells.filter((cell) => /^[=\r\n\uff1d]/.test(cell))).toEqual([]);
  } finally {
    for (const { id, name } of deer) await rename(id, name);
  }
});

test('output stays below the working directory, and is refused where no files are written', async () => {
  const { ports, folder } = world;
  mkdirSync(join(folder, 'way'), { recursive: true });
  symlinkSync('/tmp', join(folder, 'way/out'));
  const bad = ['../x.html', '/tmp/x.html', 'a/../../x.html', '.', 'way/out/x.html', 'x\0.html'];
  for (const output of bad) {
    await expect(reidScores(ports, { output })).rejects.toThrow('output must be a path below the working directory');
  }
  expect(existsSync('/tmp/x.html')).toBe(false);
  await expect(reidScores(ports, { output: 'x.js' })).rejects.toThrow('output must end in .html');
  await expect(reidScores({ ...ports, outputRoot: '' }, { output: 'x.html' })).rejects.toThrow(
    'not possible on a deployed function',
  );
});

test('a page is written whole or not at all: what was there stays until then, and no other file is left', async () => {
  const { ports, folder, pictures } = world;
  await reidThresholds(ports, { output: 'whole/a.html' }, pictures);
  linkSync(join(folder, 'whole/a.html'), join(folder, 'before.html'));
  const first = readFileSync(join(folder, 'before.html'), 'utf8');
  await reidThresholds(ports, { output: 'whole/a.html', thresholds: [0.31] }, pictures);
  // Written in place, the second page would show through the link.
  expect(readFileSync(join(folder, 'before.html'), 'utf8')).toBe(first);
  expect(readFileSync(join(folder, 'whole/a.html'), 'utf8')).not.toBe(first);
  mkdirSync(join(folder, 'whole/b.html'));
  await expect(reidThresholds(ports, { output: 'whole/b.html' }, pictures)).rejects.toThrow(
    'output cannot be written (EISDIR)',
  );
  expect(readdirSync(join(folder, 'whole')).sort()).toEqual(['a.html', 'b.html']);
});

test('a bucket that is down takes nothing from who asked for a file; without a file it is an error', async () => {
  const down = () => Promise.reject(new Fault('unavailable', 'S3 is not available'));
  const ports = { ...world.ports, files: { ...world.ports.files, put: down } };
  expect(await reidThresholds(ports, { output: 'down.html' }, world.pictures)).toMatchObject({
    report: 'down.html',
    report_link: null,
  });
  expect(existsSync(join(world.folder, 'down.html'))).toBe(true);
  await expect(reidThresholds(ports, {}, world.pictures)).rejects.toThrow('S3 is not available');
});

describe('input', () => {
  const handler = invoke('reidThresholds', thresholdsContract, async (input) => input);
  const ask = (input: unknown) => handler(input, {} as Context);

  test('is passed on when it keeps the contract; nothing is an empty input', async () => {
    expect(await ask(undefined)).toEqual({});
    expect(await ask('')).toEqual({});
    const input = {
      thresholds: [-1, 0.5, 1],
      max_fpir: 0.01,
      evidence: ['reviews'],
      trial: { threshold: 0.6, sample: 100, seed: 7 },
    };
    expect(await ask(input)).toEqual(input);
  });

  test.each([
    [{ thresholds: [] }, 'thresholds must be a list of 1 to 50 numbers from -1 to 1'],
    [
      { thresholds: Array.from({ length: 51 }, (_, i) => i / 100) },
      'thresholds must be a list of 1 to 50 numbers from -1 to 1',
    ],
    [{ thresholds: ['0.7'] }, 'thresholds[0] must be a number from -1 to 1'],
    [{ thresholds: [0.5, null] }, 'thresholds[1] must be a number from -1 to 1'],
    [{ thresholds: [Number.NaN] }, /^thresholds\[0\] must be a number from -1 to 1$/],
    [{ thresholds: [0.5, 1.01] }, 'thresholds[1] must be a number from -1 to 1'],
    [{ thresholds: [0.7, 0.6, 0.7] }, 'thresholds must not contain 0.7 twice'],
    [{ threshold: 0.7 }, /^threshold is not a known field; known fields: evidence, classes/],
    [{ max_fpir: 0 }, 'max_fpir must be a rate above 0 and below 1'],
    [{ evidence: ['guesses'] }, /^evidence\[0\] must be one of: reviews, same_image/],
    [{ since: '2024-02-30' }, 'since must be a date in YYYY-MM-DD format'],
    [{ since: '2024-03-02', until: '2024-03-01' }, 'since must be before until'],
    [{ unknown_share: 2, seed: -1 }, /^unknown_share must be a share from 0 to 1.*; seed must be a whole number/],
    [{ trial: { threshold: 0.6 } }, /^trial.sample is required/],
    ['text', 'The input must be a JSON object'],
    [[], 'The input must be a JSON object'],
  ])('%j is refused by name', async (input, words) => {
    await expect(ask(input)).rejects.toThrow(words);
  });

  test('an unknown class or location is refused with the known ones', async () => {
    await expect(reidThresholds(world.ports, { classes: ['elk'] }, world.pictures)).rejects.toThrow(
      /Unknown class "elk"; known: .*doe/,
    );
    await expect(reidThresholds(world.ports, { locations: ['Nowhere'] }, world.pictures)).rejects.toThrow(
      /Unknown location "Nowhere"; known: /,
    );
  });
});

describe('a database that cannot be analysed gets a clear answer and a page', () => {
  beforeAll(async () => {
    // Its database is emptied and lent again.
    await world.close();
    world = await reidWorld({ detections: 0 });
  }, 60_000);

  test('no detections', async () => {
    for (const report of [
      await reidScores(world.ports, { output: 's.html' }),
      await reidThresholds(world.ports, { output: 't.html', trial: { threshold: 0.5, sample: 3 } }, world.pictures),
      await reidPlot(world.ports, {}),
    ]) {
      expect(report.recommendation).toMatchObject({
        threshold: null,
        reason: 'no threshold can be recommended: there are no detections',
      });
      expect(readFileSync(join(world.folder, report.report!), 'utf8')).toContain('There are no detections.');
    }
  });
});
