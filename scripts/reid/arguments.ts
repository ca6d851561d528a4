// Command-line arguments of `npm run reid` as the input of a Re-ID function.
import { parseArgs } from 'node:util';

export const USAGE = `Usage: npm run reid -- scores|thresholds|plot|matching|survey [--thresholds 0.70,0.65] [--output FILE.html] [--json]
       [--max_fpir 0.05] [--min_animals 30] [--evidence reviews,matcher] [--classes doe,fawn] [--locations "Old Mill"]
       [--since YYYY-MM-DD] [--until YYYY-MM-DD] [--unknown_share 0.5] [--sample 500] [--seed 1] [--source vectors|scores] [--trial threshold=0.6,sample=100,seed=7[,design=banded][,store=no]]
       survey: [--window 2023-10-01/2023-11-29] [--occasion_days 1|3] [--identities roster|platform] [--since ...] [--until ...] [--locations ...] [--seed 1]
       npm run reid -- apply ...      writes names on pictures; its own help: npm run reid -- apply
       npm run reid -- profiles ...   writes profiles; its own help: npm run reid -- profiles`;

const FUNCTIONS = {
  scores: 'reidScores',
  thresholds: 'reidThresholds',
  plot: 'reidPlot',
  matching: 'reidMatching',
  survey: 'reidSurvey',
} as const;
export type ReidFunction = (typeof FUNCTIONS)[keyof typeof FUNCTIONS];

const LISTS = ['evidence', 'classes', 'locations'];
const NUMBERS = ['max_fpir', 'min_animals', 'unknown_share', 'sample', 'seed', 'occasion_days'];
const TEXTS = ['thresholds', 'output', 'since', 'until', 'trial', 'source', 'window', 'identities'];
const NAMES = [...TEXTS, ...LISTS, ...NUMBERS];
const options = {
  json: { type: 'boolean', default: false },
  ...Object.fromEntries(NAMES.map((name) => [name, { type: 'string' } as const])),
} as const;

export interface ReidCall {
  name: ReidFunction;
  input: Record<string, unknown>;
  /** Print the report as JSON. */
  json: boolean;
}

/** @throws Error with USAGE, or with the name of an unknown option */
export function parseReidArguments(): ReidCall {
  const { values, positionals } = parseArgs({ allowPositionals: true, options });
  const [verb = '', ...more] = positionals;
  if (!Object.hasOwn(FUNCTIONS, verb) || more.length > 0) throw new Error(USAGE);
  // reidPlot has a default path.
  const output = verb === 'plot' ? {} : { output: `out/reid_${verb}.html` };
  const given = Object.entries(values as Record<string, string | boolean | undefined>).filter(
    (pair): pair is [string, string] => typeof pair[1] === 'string',
  );
  return {
    name: FUNCTIONS[verb as keyof typeof FUNCTIONS],
    input: { ...output, ...Object.fromEntries(given.map(([name, text]) => [name, parseValue(name, text)])) },
    json: values.json === true,
  };
}

function parseValue(name: string, text: string): unknown {
  if (name === 'thresholds') return text.split(',').map(parseNumber);
  if (name === 'trial') {
    const parts = text.split(',').map((part) => part.split('='));
    // Who draws events here will review them; store=no only shows what would change.
    const trial = Object.fromEntries(parts.map(([key, value = '']) => [key, parseNumber(value)]));
    return { ...trial, store: trial.store !== 'no' };
  }
  if (name === 'window') {
    const [since, until = ''] = text.split('/');
    return { since, until };
  }
  if (LISTS.includes(name)) return text.split(',').map((part) => part.trim());
  return NUMBERS.includes(name) ? parseNumber(text) : text;
}

/** Text that is not a number stays text, so that the contract refuses it by name. */
const parseNumber = (text: string): number | string =>
  text.trim() === '' || Number.isNaN(Number(text)) ? text : Number(text);
