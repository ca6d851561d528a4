// The door of Re-ID: data set -> study -> analysis -> page, for each of the functions. They read
// the database and change nothing in it; reidMatching keeps its recommendation in hoofprint_meta.
import { csv } from '../csv.ts';
import { makeSurvey } from '../survey/survey.ts';
import { type OutputPorts, openOutput, type ReportOutput } from './analysis/outputs.ts';
import { DEFAULT_MAX_FPIR, DEFAULT_MIN_ANIMALS, type DecisionOptions } from './analysis/overview.ts';
import { cutPictures, type Pictures } from './analysis/pictures.ts';
import { analyzePlot } from './analysis/plot.ts';
import {
  type PlotReport,
  reportPlot,
  reportScores,
  reportThresholds,
  type ScoresReport,
  type ThresholdsReport,
} from './analysis/reports.ts';
import { analyzeScores } from './analysis/scores.ts';
import { analyzeThresholds } from './analysis/thresholds.ts';
import { type DrawnTrial, TRIAL_COLUMNS, type Trial, trialCells } from './analysis/trial.ts';
import type { Dataset } from './dataset/dataset.ts';
import { loadDataset } from './dataset/load.ts';
import { storeDraws } from './evidence/store-draws.ts';
import type { MatchingInput, ScoresInput, SurveyInput, ThresholdsInput } from './input.ts';
import { profileScores } from './kernel/index.ts';
import { analyzeMatching, type Matching } from './matching/matching.ts';
import { type MatchingReport, reportMatching } from './matching/report.ts';
import { storeRecommendation } from './matching/stored.ts';
import { type Content, page } from './pages/index.ts';
import { matchingPage } from './pages/matching.ts';
import { reviewPage } from './pages/review.ts';
import { surveyPage } from './pages/survey.ts';
import { makeStudy, type Say, type Study } from './study/study.ts';
import { reportSurvey, type SurveyReport } from './survey/report.ts';
import { pauseWatched } from './watch/index.ts';

export interface ReidPorts extends OutputPorts {
  /** REID_THRESHOLD. */
  currentThreshold: number;
  /** IANA zone of the calendar days in requests. */
  timeZone: string;
  say: Say;
}

/**
 * Where a page is: `report` is its path when `output` was given, else a link that works for an
 * hour; `report_link` is that link in both cases.
 */
export interface PageLinks {
  report: string | null;
  report_link: string | null;
}

const NOT_STORED =
  'the trial is not stored as a draw: its reviews count by their own inclusion probability, and later draws may take the same events. To store it: "store": true (npm run reid does)';
const NOT_COUNTED =
  'the trial is not stored as a draw: this database has draws, and reviews of other events count for no rate. To store it: "store": true (npm run reid does)';

/** The review page of a trial and its list as CSV: paths or links, as `report` is. */
export interface TrialLinks {
  review: string | null;
  trial_csv: string | null;
}

/**
 * How scores are distributed, and whether same-animal and different-animal scores separate, all
 * pairs of detections included. Rates are shares (0 to 1). Data that cannot be analyzed are no
 * error: the report says why.
 * @throws Fault `invalid` for an unknown class or location or an `output` that may not be written,
 *   `conflict` when the database lacks what every analysis needs, `unavailable` when it does not
 *   answer
 */
export async function reidScores(ports: ReidPorts, input: ScoresInput): Promise<ScoresReport & PageLinks> {
  const output = openOutput(ports, 'reid_scores', input.output);
  const study = await studyDatabase(ports, input);
  ports.say('analyzing scores');
  const result = await analyzeScores(study, decisionOptions(ports, input), ports.say);
  const report = reportScores(result);
  return { ...report, ...(await writePage(ports, output, { kind: 'scores', result, report }, input)) };
}

/**
 * What each threshold would do and which one to use; with `trial`, also what it would change, as
 * CSV and as a page to review by eye.
 * @throws as reidScores does
 */
export async function reidThresholds(
  ports: ReidPorts,
  input: ThresholdsInput,
  pictures: Pictures,
): Promise<ThresholdsReport & PageLinks & Partial<TrialLinks>> {
  const output = openOutput(ports, 'reid_thresholds', input.output);
  const study = await studyDatabase(ports, input);
  ports.say('analyzing thresholds');
  const result = await analyzeThresholds(study, decisionOptions(ports, input));
  const report = reportThresholds(result);
  if (result.kind === 'studied')
    await storeTrial(ports, study.dataset, result.findings.trial, report, input.trial?.store);
  const links = report.trial === null ? {} : await writeTrial(ports, output, report.trial, pictures);
  return { ...report, ...(await writePage(ports, output, { kind: 'thresholds', result, report }, input)), ...links };
}

/** A draw is stored before anybody sees it: its chances must not depend on the verdicts. */
async function storeTrial(
  { database, say }: ReidPorts,
  { draws }: Dataset,
  drawn: DrawnTrial | null,
  report: ThresholdsReport,
  store = false,
): Promise<void> {
  if (drawn === null || drawn.unstored.length === 0) return;
  if (!store) {
    report.notes.push(draws.length === 0 ? NOT_STORED : NOT_COUNTED);
    return;
  }
  say('storing the draw', { events: drawn.trial.rows.length });
  drawn.trial.draw = (await storeDraws(database, drawn.unstored, draws)).at(-1)!;
}

/**
 * Where the page of reidPlot goes unless the request says otherwise and if files may be written.
 */
const PLOT_OUTPUT = 'out/reid_analysis.html';

/**
 * One page with every chart, including the replay and all pairs of detections.
 * @throws as reidScores does
 */
export async function reidPlot(ports: ReidPorts, input: ScoresInput): Promise<PlotReport & PageLinks> {
  const output = openOutput(
    ports,
    'reid_analysis',
    input.output ?? (ports.outputRoot === '' ? undefined : PLOT_OUTPUT),
  );
  const study = await studyDatabase(ports, input);
  ports.say('analyzing scores and thresholds');
  const result = await analyzePlot(study, decisionOptions(ports, input), profileScores, ports.say);
  const report = reportPlot(result);
  return { ...report, ...(await writePage(ports, output, { kind: 'plot', result, report }, input)) };
}

/**
 * Which method of matching finds most deer at the same promise, what is safe with it and what it
 * would assign. A recommendation for the whole database is kept, with its center, for plans.
 * @throws as reidScores does
 */
export async function reidMatching(ports: ReidPorts, input: MatchingInput): Promise<MatchingReport & PageLinks> {
  const output = openOutput(ports, 'reid_matching', input.output);
  const { max_fpir: maxFpir = DEFAULT_MAX_FPIR } = input;
  const dataset = await loadSelected(ports, input);
  ports.say('comparing methods');
  const options = { ...decisionOptions(ports, input), timeZone: ports.timeZone };
  const result = await analyzeMatching(dataset, profileScores, options, ports.say);
  const report = reportMatching(result, maxFpir);
  if (report.recommendation.threshold !== null && isWhole(input))
    await keepRecommendation(ports, result, report, input);
  ports.say('writing the page');
  const { link, path } = await output.write('', 'html', matchingPage(report, { made: madeAt(ports), maxFpir }));
  return { ...report, report: path ?? link, report_link: link };
}

/**
 * What the herd is: head counts, ratios and movement, each with its interval or the reason why it
 * is not given.
 * @throws as reidScores does
 */
export async function reidSurvey(ports: ReidPorts, input: SurveyInput): Promise<SurveyReport & PageLinks> {
  const output = openOutput(ports, 'reid_survey', input.output);
  const { database, timeZone, clock, say } = ports;
  const { occasion_days: occasionDays, output: _, ...rest } = input;
  const survey = await makeSurvey(database, { ...rest, occasionDays, timeZone, asOf: clock() }, async (step) => {
    say(step);
    await pauseWatched();
  });
  const report = reportSurvey(survey);
  say('writing the page');
  const { link, path } = await output.write('', 'html', surveyPage(survey, report, { made: madeAt(ports) }));
  return { ...report, report: path ?? link, report_link: link };
}

/** A recommendation for some cameras or months is not one for the database. */
const isWhole = ({ classes, locations, since, until }: MatchingInput): boolean =>
  [classes, locations, since, until].every((field) => field === undefined);

async function keepRecommendation(
  { database, clock }: ReidPorts,
  { comparison }: Matching,
  report: MatchingReport,
  { max_fpir: maxFpir = DEFAULT_MAX_FPIR, min_animals: minAnimals = DEFAULT_MIN_ANIMALS }: MatchingInput,
): Promise<void> {
  const chosen = report.methods.find((row) => row.chosen)!;
  const isCentered = chosen.method !== 'now' && chosen.method !== 'burst';
  const failed = await storeRecommendation(database, {
    ...{ method: chosen.method, threshold: report.recommendation.threshold! },
    ...{ max_fpir: maxFpir, min_animals: minAnimals },
    ...{ made_at: clock().toISOString(), embedding_version: report.embedding_version },
    ...{ center: isCentered ? comparison!.center : null, center_n: report.searchable!.detections },
  });
  if (report.center !== null) report.center.stored = failed === undefined;
  if (failed !== undefined) report.notes.push(`this recommendation could not be stored for plans: ${failed}`);
}

async function loadSelected({ database, timeZone, say }: ReidPorts, input: ScoresInput): Promise<Dataset> {
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

const studyDatabase = async (ports: ReidPorts, input: ScoresInput): Promise<Study> =>
  makeStudy(await loadSelected(ports, input), profileScores, input, ports.say);

const decisionOptions = <Input extends ScoresInput>(
  { currentThreshold }: ReidPorts,
  input: Input,
): Input & DecisionOptions => ({ ...input, currentThreshold });

/** When the analysis was made, as pages show it. */
const madeAt = ({ clock }: ReidPorts): string => `Made ${clock().toISOString().slice(0, 16).replace('T', ' ')} UTC`;

async function writePage(
  ports: ReidPorts,
  output: ReportOutput,
  content: Content,
  { max_fpir: maxFpir = DEFAULT_MAX_FPIR }: ScoresInput,
): Promise<PageLinks> {
  ports.say('writing the page');
  const { link, path } = await output.write('', 'html', page(content, { made: madeAt(ports), maxFpir }));
  return { report: path ?? link, report_link: link };
}

/**
 * Longest side of a crop on the review page in pixels: smaller for many events, so that the page
 * stays below some 15 MB.
 */
const cropSize = (events: number): number => (events <= 200 ? 320 : 160);

async function writeTrial(
  ports: ReidPorts,
  output: ReportOutput,
  trial: Trial,
  pictures: Pictures,
): Promise<TrialLinks> {
  const ids = trial.rows.flatMap(({ detection, candidate_picture: shown }) =>
    shown === null ? [detection] : [detection, shown],
  );
  ports.say('cutting pictures for the review page', { events: trial.rows.length });
  const cut = await cutPictures(ports.database, pictures, ids, cropSize(trial.rows.length), (done, total) => {
    if (done % 50 === 0) ports.say('pictures', { done, total });
  });
  const html = reviewPage(trial, { made: madeAt(ports), pictures: cut });
  const review = await output.write('-review', 'html', html);
  const list = await output.write('-trial', 'csv', [...csv(TRIAL_COLUMNS, trialCells(trial))].join(''));
  return { review: review.path ?? review.link, trial_csv: list.path ?? list.link };
}
