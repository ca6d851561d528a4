// `npm run reid -- scores|thresholds|plot`: the Re-ID functions for a person at a terminal. They
// write a page and change nothing in the database.
import { errorMessage } from '../lib/errors.ts';
import { forTerminal, plainJson } from '../lib/plain-text.ts';
import { openStack } from '../localstack/stack/index.ts';
import { parseReidArguments, USAGE } from './reid/arguments.ts';
import { callReid } from './reid/call.ts';
import { formatReport } from './reid/report.ts';

async function main(): Promise<void> {
  const { name, input, json } = parseReidArguments();
  const stack = await openStack({ role: 'brief', herd: true, engines: ['postgres', 'aws', 'images'] });
  try {
    const [report] = await callReid(stack.environment, [{ name, input }]);
    console.log(json ? plainJson(report, 2) : forTerminal(formatReport(report!)));
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
