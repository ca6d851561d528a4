// npm run parked: what could not be done, with its reason and the line that requests it again.
// `-- --remove` removes what it lists.
import { parseArgs } from 'node:util';
import { errorMessage, isFault } from '../lib/errors.ts';
import { forTerminal } from '../lib/plain-text.ts';
import { openStack } from '../localstack/stack/index.ts';
import { askAgain, parked } from './parked/parked.ts';

const { values } = parseArgs({ options: { remove: { type: 'boolean', default: false } } });
try {
  const stack = await openStack({ role: 'brief', herd: false, engines: ['aws'] });
  try {
    Object.assign(process.env, stack.environment);
    const url = stack.environment.HOOFPRINT_URL ?? 'http://localhost:8001';
    const found = await parked(stack.environment, values.remove, (all) => {
      for (const { at, jobId, reason, body } of all)
        console.log(forTerminal(`${at}  job ${jobId ?? '-'}\n  ${reason}\n  ${askAgain(body, url)}`));
    });
    console.log(`${found.length} parked message${found.length === 1 ? '' : 's'}${values.remove ? ' removed' : ''}`);
  } finally {
    await stack.close();
  }
} catch (error) {
  console.error(forTerminal(`parked: ${errorMessage(error)}`));
  if (!isFault(error)) console.error(error);
  process.exitCode = 1;
}
