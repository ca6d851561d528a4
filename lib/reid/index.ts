// The door of Re-ID: data set -> kernel -> analysis -> page, for each of the three functions.
// Nothing in the database is changed.

import { csv } from '../csv.ts';
import { analyseScores, analyseThresholds, type ThresholdAnalysis } from './analysis/analysis.ts';
import { type Outside, type Place, type Placed, placeFor } from './analysis/outputs.ts';
import { type Pictures, picturesOf } from './analysis/pictures.ts';
import { TRIAL_COLUMNS, type Trial, trialCells } from './analysis/trial.ts';
import type { Dataset } from './dataset/dataset.ts';
import { loadDataset } from './dataset/load.ts';
import { DEFAULT_MAX_FPIR, type ScoresInput, type ThresholdsInput } from './input.ts';
import { profileScores } from './kernel/index.ts';
import { type PlotReport, page, type ScoresReport } from './pages/index.ts';
import { reviewPage } from './pages/review.ts';
import { allPairsOf } from './study/all-pairs.ts';

export interface ReidPorts extends Outside {
  /** REID_THRESHOLD. */
  currentThreshold: number;
  /** IANA zone in which calendar days are meant. */
  timeZone: string;
  /** Told what is being done, with a number where one is known: progress for stderr. */
  say: (step: string, fields?: Record<string, number | string>) => void;
}

/**
 * Where a page lies: `report` is its path when `output` was given, else a link that works for an
 * hour; `report_link` is that link in both cases.
 */
export interface Reported {
  report: string | null;
  report_link: string | null;
}

export interface TrialFiles {
  /** The review page and the list as CSV, told as `report` is. */
  review: string | null;
  trial_csv: string | null;
}

/**
 * Crops of the review page, longest side in pixels; more events get smaller ones, so that a page
 * stays below some 15 MB.
 */
const cropSize = (events: number): number => (events <= 200 ? 320 : 160);

async function load({ database, timeZone, say }: ReidPorts, input: ScoresInput): Promise<Dataset> {
  say('loading detections, profiles and reviews');
  const { classes, locations, since, until, source } = input;
  const dataset = await loadDataset(database, { classes, locations, since, until, source, timeZone });
  say('loaded', {
    detections: dataset.detections.length,
    profiles: dataset.profiles.length,
    reviews: dataset.reviews.length,
  });
  return dataset;
}

const options = (ports: ReidPorts, input: ScoresInput) => ({
  made: `Made ${ports.clock().toISOString().slice(0, 16).replace('T', ' ')} UTC`,
  maxFpir: input.max_fpir ?? DEFAULT_MAX_FPIR,
});

const told = ({ link, path }: Placed): Reported => ({ report: path ?? link, report_link: link });

async function written(ports: ReidPorts, place: Place, html: string): Promise<Reported> {
  ports.say('writing the page');
  return told(await place.put('', 'html', html));
}

/**
 * How scores are distributed, and whether same-animal and different-animal scores separate; with
 * all pairs of detections.
 */
export async function reidScores(ports: ReidPorts, input: ScoresInput): Promise<ScoresReport & Reported> {
  const place = placeFor(ports, 'reid_scores', input.output);
  const dataset = await load(ports, input);
  ports.say('analysing scores');
  const analysis = await analyseScores(dataset, profileScores, input, ports);
  ports.say('scoring all pairs of detections');
  const report = { ...analysis, all_pairs: await allPairsOf(dataset, input) };
  return {
    ...report,
    ...(await written(ports, place, page({ kind: 'scores', analysis: report }, options(ports, input)))),
  };
}

/**
 * What each threshold would do and which to use; with `trial`, also what it would change, as CSV
 * and as a page to review by eye (FR-019).
 */
export async function reidThresholds(
  ports: ReidPorts,
  input: ThresholdsInput,
  pictures: Pictures,
): Promise<ThresholdAnalysis & Reported & Partial<TrialFiles>> {
  const place = placeFor(ports, 'reid_thresholds', input.output);
  const dataset = await load(ports, input);
  ports.say('analysing thresholds');
  const analysis = await analyseThresholds(dataset, profileScores, input, ports);
  const trial = analysis.trial === null ? {} : await trialFiles(ports, place, analysis.trial, pictures);
  return {
    ...analysis,
    ...(await written(ports, place, page({ kind: 'thresholds', analysis }, options(ports, input)))),
    ...trial,
  };
}

async function trialFiles(ports: ReidPorts, place: Place, trial: Trial, pictures: Pictures): Promise<TrialFiles> {
  const ids = trial.rows.flatMap(({ detection, candidate_picture: shown }) =>
    shown === null ? [detection] : [detection, shown],
  );
  ports.say('cutting pictures for the review page', { events: trial.rows.length });
  const cut = await picturesOf(ports.database, pictures, ids, cropSize(trial.rows.length), (done, total) => {
    if (done % 50 === 0) ports.say('pictures', { done, total });
  });
  const { made } = options(ports, {});
  const review = told(await place.put('-review', 'html', reviewPage(trial, { made, pictures: cut })));
  const list = told(await place.put('-trial', 'csv', [...csv(TRIAL_COLUMNS, trialCells(trial))].join('')));
  return { review: review.report, trial_csv: list.report };
}

/**
 * Where the page of reidPlot goes when nothing is said, on a machine where files may be written.
 */
const PLOT_OUTPUT = 'out/reid_analysis.html';

/** One page with every chart, replay and all pairs included. */
export async function reidPlot(ports: ReidPorts, input: ScoresInput): Promise<PlotReport & Reported> {
  const place = placeFor(ports, 'reid_analysis', input.output ?? (ports.outputRoot === '' ? undefined : PLOT_OUTPUT));
  const dataset = await load(ports, input);
  ports.say('analysing scores and thresholds');
  const scores = await analyseScores(dataset, profileScores, input, ports);
  ports.say('replaying the history');
  const thresholds = await analyseThresholds(dataset, profileScores, input, { ...ports, replay: true });
  ports.say('scoring all pairs of detections');
  const analysis: PlotReport = { ...scores, ...thresholds, all_pairs: await allPairsOf(dataset, input) };
  return { ...analysis, ...(await written(ports, place, page({ kind: 'plot', analysis }, options(ports, input)))) };
}
