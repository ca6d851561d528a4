// `npm run reid -- scores|thresholds|plot|matching|survey|apply|profiles`: the Re-ID functions for
// a person at a terminal. Only `apply --write`, `apply --undo` and `profiles --write` change data.
import { errorMessage } from '../lib/errors.ts';
import { forTerminal, plainJson } from '../lib/plain-text.ts';
import { openStack } from '../localstack/stack/index.ts';
import { APPLY_USAGE, parseApply, runApply } from './reid/apply.ts';
import { parseReidArguments, USAGE } from './reid/arguments.ts';
import { callReid } from './reid/call.ts';
import { formatMatching, isMatching } from './reid/matching.ts';
import { PROFILES_USAGE, parseProfiles, runProfiles } from './reid/profiles.ts';
import { formatReport } from './reid/report.ts';
import { formatSurvey, isSurvey } from './reid/survey.ts';

type Work = (environment: Record<string, string>) => Promise<string>;

/** Arguments are checked before a stack is opened. */
function chooseWork([verb, ...rest]: string[]): Work {
  if (verb === 'apply') {
    const values = parseApply(rest);
    return async (environment) => (await runApply(environment, values)).join('\n');
  }
  if (verb === 'profiles') {
    const call = parseProfiles(rest);
    return async (environment) => (await runProfiles(environment, call)).join('\n');
  }
  const { name, input, json } = parseReidArguments();
  return async (environment) => {
    const [report] = await callReid(environment, [{ name, input }]);
    if (json) return plainJson(report, 2);
    if (isSurvey(report!)) return formatSurvey(report);
    return isMatching(report!) ? formatMatching(report) : formatReport(report!);
  };
}

async function main(): Promise<void> {
  const work = chooseWork(process.argv.slice(2));
  const stack = await openStack({ role: 'brief', herd: true, engines: ['postgres', 'aws', 'images'] });
  try {
    console.log(forTerminal(await work(stack.environment)));
  } finally {
    await stack.close();
  }
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    const isUsage = error instanceof Error && [USAGE, APPLY_USAGE, PROFILES_USAGE].includes(error.message);
    console.error(forTerminal(`reid: ${isUsage ? error.message : errorMessage(error)}`));
    process.exit(1);
  },
);
