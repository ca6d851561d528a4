// `npm run reid -- scores|thresholds|plot|matching`: the Re-ID functions for a person at a
// terminal. They write a page and change nothing in the database.
import { errorMessage } from '../lib/errors.ts';
import { forTerminal, plainJson } from '../lib/plain-text.ts';
import { openStack } from '../localstack/stack/index.ts';
import { parseReidArguments, USAGE } from './reid/arguments.ts';
import { callReid } from './reid/call.ts';
import { formatMatching, isMatching } from './reid/matching.ts';
import { formatReport } from './reid/report.ts';

async function main(): Promise<void> {
  const { name, input, json } = parseReidArguments();
  const stack = await openStack({ role: 'brief', herd: true, engines: ['postgres', 'aws', 'images'] });
  try {
    const [report] = await callReid(stack.environment, [{ name, input }]);
    const text = isMatching(report!) ? formatMatching(report) : formatReport(report!);
    console.log(json ? plainJson(report, 2) : forTerminal(text));
  } finally {
    await stack.close();
  }
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    console.error(
      forTerminal(`reid: ${error instanceof Error && error.message === USAGE ? USAGE : errorMessage(error)}`),
    );
    process.exit(1);
  },
);
