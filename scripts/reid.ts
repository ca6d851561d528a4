// npm run reid -- scores|thresholds|plot: the Re-ID functions for a person at a terminal. It writes
// a page and changes nothing.
import { parseArgs } from 'node:util';
import { errorMessage } from '../lib/errors.ts';
import { openStack } from '../localstack/stack/index.ts';
import { callReid, type ReidFunction } from './reid/call.ts';
import { formatReport } from './reid/report.ts';

const USAGE = `Usage: npm run reid -- scores|thresholds|plot [--thresholds 0.70,0.65] [--output FILE.html] [--json]
       [--max_fpir 0.05] [--min_animals 30] [--evidence reviews,matcher] [--classes doe,fawn] [--locations "Old Mill"]
       [--since YYYY-MM-DD] [--until YYYY-MM-DD] [--unknown_share 0.5] [--sample 500] [--seed 1] [--source vectors|scores] [--trial threshold=0.6,sample=100,seed=7]`;
const FUNCTIONS = new Map<string, ReidFunction>([
  ['scores', 'reidScores'],
  ['thresholds', 'reidThresholds'],
  ['plot', 'reidPlot'],
]);
const LISTS = ['evidence', 'classes', 'locations'];
const NUMBERS = ['max_fpir', 'min_animals', 'unknown_share', 'sample', 'seed'];
const NAMES = ['thresholds', 'output', 'since', 'until', 'trial', 'source', ...LISTS, ...NUMBERS];
const text = { type: 'string' } as const;
const options = {
  json: { type: 'boolean', default: false },
  ...Object.fromEntries(NAMES.map((name) => [name, text])),
} as const;

/** What is no number stays text, so that the contract refuses it by name. */
const number = (value: string): number | string =>
  value.trim() === '' || Number.isNaN(Number(value)) ? value : Number(value);

function inputFrom(values: Record<string, string | boolean | undefined>): Record<string, unknown> {
  const given = Object.entries(values).filter((pair): pair is [string, string] => typeof pair[1] === 'string');
  return Object.fromEntries(
    given.map(([name, value]) => {
      if (name === 'thresholds') return [name, value.split(',').map(number)];
      if (name === 'trial')
        return [
          name,
          Object.fromEntries(value.split(',').map((part) => [part.split('=')[0], number(part.split('=')[1] ?? '')])),
        ];
      if (LISTS.includes(name)) return [name, value.split(',').map((part) => part.trim())];
      return [name, NUMBERS.includes(name) ? number(value) : value];
    }),
  );
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({ allowPositionals: true, options });
  const [verb = '', ...more] = positionals;
  const name = FUNCTIONS.get(verb);
  if (name === undefined || more.length > 0) throw new Error(USAGE);
  const input = inputFrom(values);
  const stack = await openStack({ role: 'brief', herd: true });
  // The page of reidPlot has a default of its own.
  const output = verb === 'plot' ? {} : { output: `out/reid_${verb}.html` };
  try {
    const [report] = await callReid(stack.environment, [{ name, input: { ...output, ...input } }]);
    console.log(values.json ? JSON.stringify(report, null, 2) : formatReport(report!));
  } finally {
    await stack.close();
  }
}

main()
  .catch(
    (error: unknown) =>
      console.error(`reid: ${error instanceof Error && error.message === USAGE ? USAGE : errorMessage(error)}`) ?? 1,
  )
  .then((code) => process.exit(code ?? 0));
