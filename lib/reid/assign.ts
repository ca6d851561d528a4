// From a recommendation to names on pictures: a plan first, then a run that a person asks for, and
// its undoing. Nothing else ever writes a deer on a detection.
import { csv } from '../csv.ts';
import { Fault } from '../errors.ts';
import { openOutput } from './analysis/outputs.ts';
import { makeGrounds } from './analysis/overview.ts';
import { cutPictures, type Pictures } from './analysis/pictures.ts';
import { recommend } from './analysis/recommend.ts';
import { formatScore } from './analysis/words.ts';
import { PLAN_COLUMNS, type Plan, planCells, readPlan } from './apply/file.ts';
import { takeFingerprint } from './apply/fingerprint.ts';
import { type Undone, undoRun, writeRun } from './apply/journal.ts';
import { hashPlan, makePlan } from './apply/plan.ts';
import type { Dataset } from './dataset/dataset.ts';
import { loadDataset } from './dataset/load.ts';
import type { ReidPorts } from './index.ts';
import { profileScores } from './kernel/index.ts';
import { compareMethods } from './matching/compare.ts';
import { findMethod, type MethodName } from './matching/methods.ts';
import { readRecommendation, type StoredRecommendation } from './matching/stored.ts';
import { planPage } from './pages/plan.ts';
import { dice } from './statistics/random.ts';
import { findRefusal } from './study/refusal.ts';
import type { Studied } from './study/study.ts';

export interface PlanInput {
  method: MethodName;
  threshold: number;
  /** A reason to plan what no recommendation holds for; it is journaled. */
  despite?: string | undefined;
  /** Path of the page; the plan and its list get the same name. */
  output?: string | undefined;
}

/** Where the files are: paths, or links that work for an hour. */
export interface PlanLinks {
  page: string | null;
  plan_file: string | null;
  list: string | null;
}

const SAMPLES = 20;
const SAMPLE_SIZE = 240;

/**
 * What a method would write at a threshold. Nothing is written but the files of the plan.
 * @throws Fault `conflict` when no recommendation holds for it and no reason was given
 */
export async function planAssignments(
  ports: ReidPorts,
  input: PlanInput,
  pictures: Pictures,
): Promise<Plan & PlanLinks> {
  const { database, timeZone, say, clock } = ports;
  const output = openOutput(ports, 'reid_plan', input.output);
  // Before the data are read: a change in between makes the plan expire, never pass.
  const [fingerprint, stored] = await database.read(async (queries) => [
    await takeFingerprint(queries),
    await readRecommendation(queries),
  ]);
  say('loading detections, profiles and reviews');
  const dataset = await loadDataset(database, { timeZone });
  const study = await judgeMethod(dataset, input.method, stored, timeZone);
  const objection = object(study, input, stored);
  if (objection !== undefined && input.despite === undefined)
    throw new Fault('conflict', `${objection}. To plan it anyway, give a reason: --despite "reason"`);
  const body = makePlan(study, input.method, input.threshold);
  const grounds = { despite: objection === undefined ? null : input.despite!, fingerprint };
  const plan: Plan = {
    ...{ format: 'hoofprint-plan', version: 1, made_at: clock().toISOString() },
    ...{ ...grounds, hash: hashPlan({ ...body, ...grounds }) },
    ...body,
  };
  say('cutting pictures');
  const samples = dice(1, 'plan').draw(plan.rows, SAMPLES);
  const cut = await cutPictures(
    database,
    pictures,
    samples.map(({ detection }) => detection),
    SAMPLE_SIZE,
  );
  const json = await output.write('-plan', 'json', `${JSON.stringify(plan)}\n`);
  const list = await output.write('-plan', 'csv', [...csv(PLAN_COLUMNS, planCells(plan))].join(''));
  const made = `Made ${plan.made_at.slice(0, 16).replace('T', ' ')} UTC`;
  const command = json.path === null ? null : `npm run reid -- apply --write --plan ${json.path}`;
  const page = await output.write('', 'html', planPage(plan, { made, samples, pictures: cut, command }));
  return {
    ...plan,
    page: page.path ?? page.link,
    plan_file: json.path ?? json.link,
    list: list.path ?? list.link,
  };
}

/** The study of the method with the center that its recommendation was made with. */
async function judgeMethod(
  dataset: Dataset,
  method: MethodName,
  stored: StoredRecommendation | undefined,
  timeZone: string,
): Promise<Studied> {
  const refused = findRefusal(dataset);
  if (refused !== undefined) throw new Fault('conflict', refused);
  const fits = stored?.center?.length === dataset.dimensions && stored.embedding_version === dataset.version;
  const center = fits ? stored.center! : undefined;
  const { judged, withheld } = await compareMethods(dataset, profileScores, { timeZone, only: [method], center });
  const [found] = judged;
  if (found === undefined)
    throw new Fault(
      'conflict',
      `the method "${findMethod(method).label}" is not offered here: ${withheld.find((left) => left.method.name === method)?.reason}`,
    );
  return found.study;
}

/** Why no recommendation holds; undefined where one does. A sentence without a period. */
function object(
  study: Studied,
  { method, threshold }: PlanInput,
  stored: StoredRecommendation | undefined,
): string | undefined {
  const ask = 'Type: npm run reid -- matching';
  if (stored === undefined) return `no recommendation is stored. ${ask}`;
  const { label } = findMethod(stored.method);
  if (stored.method !== method) return `the recommendation is for the method "${label}" (--method ${stored.method})`;
  if (stored.embedding_version !== study.dataset.version)
    return `the recommendation is for the embedding version ${stored.embedding_version}, the detections have ${study.dataset.version}. ${ask}`;
  // Thresholds of a grid are decimals: their last digit in binary decides nothing.
  if (threshold < stored.threshold - 1e-9) return `the recommendation is ${formatScore(stored.threshold)} or higher`;
  const grid = study.rates(study.grid);
  const options = { currentThreshold: threshold, max_fpir: stored.max_fpir, min_animals: stored.min_animals };
  const current = study.rates([threshold])[0]!;
  const { qualifying_threshold: safe, reason } = recommend(makeGrounds(study, options, { grid, current, auc: null }));
  if (safe === null) return `the recommendation no longer holds: ${reason}`;
  return threshold < safe - 1e-9 ? `with the data of today, only ${formatScore(safe)} or higher is safe` : undefined;
}

export interface Run {
  run: number;
  detections: number;
  method: string;
  threshold: number;
}

/**
 * Carries out a plan in one transaction.
 * @param who writes it, for the journal
 * @throws Fault `invalid` for a file that is no plan, `conflict` when the database has changed
 *   since; nothing is written then
 */
export async function carryOut({ database, clock }: ReidPorts, text: string, who: string): Promise<Run> {
  const plan = readPlan(text);
  const { method, threshold, rows } = plan;
  if (rows.length === 0) throw new Fault('conflict', 'this plan writes nothing');
  const run = await database.write((queries) => writeRun(queries, plan, who, clock()));
  return { run, detections: rows.length, method, threshold };
}

/** Restores what is still as the run left it. @throws as undoRun does */
export const takeBack = ({ database, clock }: ReidPorts, run: number): Promise<Undone> =>
  database.write((queries) => undoRun(queries, run, clock()));
