// The analyses as jobs: the functions as they are invoked, but what they would store is given back,
// and they are watched.
import type { Contract } from '../contract.ts';
import { Fault, type Problem } from '../errors.ts';
import type { Pictures } from './analysis/pictures.ts';
import { type ReidPorts, reidMatching, reidPlot, reidScores, reidSurvey, reidThresholds } from './index.ts';
import { JOB_INPUTS, type JobAnalysis } from './job-inputs.ts';
import { underWatch } from './watch/index.ts';

/** The page of a trial, which shows pictures, is not kept. */
const NO_PICTURES: Pictures = {
  images: { read: () => Promise.reject(new Fault('not-found', 'no pictures are shown here')) },
  cut: async () => ({ crops: [] }),
};

type Run = (ports: ReidPorts, input: object) => Promise<object>;

/** By name, as they are asked for. */
const RUNS: Record<JobAnalysis, Run> = {
  scores: reidScores,
  thresholds: (ports, input) => reidThresholds(ports, input, NO_PICTURES),
  plot: reidPlot,
  matching: reidMatching,
  survey: reidSurvey,
};

/** What an analysis is done with as a job. */
export interface JobWork {
  /** The only clock that the page shows. */
  createdAt: Date;
  signal: AbortSignal;
  /** @param done of total */
  progress: (done: number, total: number) => void;
}

export interface Analyzed {
  /** HTML. */
  page: string;
  /** As JSON. */
  result: object;
}

export type Analyze = (input: object, work: JobWork) => Promise<Analyzed>;

/** Each step that an analysis says takes this part of what was left before it. */
const STEP = 0.25;
const TOTAL = 1_000;

/** How far an analysis is whose number of steps is not known: it only rises, and never ends. */
function makeSteps(progress: JobWork['progress']) {
  let from = 0;
  let most = 0;
  const report = (share: number): void => {
    most = Math.max(most, from + (1 - from) * STEP * Math.min(1, share));
    progress(most * TOTAL, TOTAL);
  };
  return {
    report,
    next: () => {
      report(1);
      from += (1 - from) * STEP;
    },
  };
}

async function runWatched(run: Run, ports: ReidPorts, input: object, work: JobWork): Promise<Analyzed> {
  const { createdAt, signal, progress } = work;
  const steps = makeSteps(progress);
  let page = '';
  const own: ReidPorts = {
    ...ports,
    outputRoot: '',
    clock: () => createdAt,
    files: {
      ...ports.files,
      // The page comes last.
      put: async (_key, body) => {
        page = String(body);
      },
      sign: async () => '',
    },
    say: (step, fields) => {
      signal.throwIfAborted();
      steps.next();
      ports.say(step, fields);
    },
  };
  const found = await underWatch({ signal, progress: steps.report }, () => run(own, input));
  const { report: _, report_link: __, review: ___, trial_csv: ____, ...result } = found as Record<string, unknown>;
  return { page, result };
}

/**
 * @param findProblems of an input by its contract
 * @throws Fault `invalid` for an input that breaks its contract, as the functions do else
 */
export function makeAnalyses(
  ports: () => ReidPorts,
  findProblems: (contract: Contract<object>) => (input: object, circumstances: undefined) => Problem[],
): Record<JobAnalysis, Analyze> {
  const entries = Object.entries(RUNS).map(([name, run]): [string, Analyze] => {
    const find = findProblems(JOB_INPUTS[name as JobAnalysis].contract);
    return [
      name,
      async (input, work) => {
        const [problem] = find(input, undefined);
        if (problem !== undefined) throw new Fault('invalid', problem.detail);
        return runWatched(run, ports(), input, work);
      },
    ];
  });
  return Object.fromEntries(entries) as Record<JobAnalysis, Analyze>;
}
