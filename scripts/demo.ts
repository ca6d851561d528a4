// npm run demo: the whole job once, files in out/. `--into-existing` adds the invented herd to a
// database that holds other data, `--remove` removes it.
import { parseArgs } from 'node:util';
import { errorMessage, isFault } from '../lib/errors.ts';
import { forTerminal } from '../lib/plain-text.ts';
import { removeDemo, runDemo } from './demo/run.ts';

const { values } = parseArgs({
  options: { 'into-existing': { type: 'boolean', default: false }, remove: { type: 'boolean', default: false } },
});
const say = (line: string): void => console.log(forTerminal(line));

try {
  if (values.remove) await removeDemo(say);
  else await runDemo({ out: 'out', intoExisting: values['into-existing'], say });
} catch (error) {
  console.error(forTerminal(`demo: ${errorMessage(error)}`));
  if (!isFault(error)) console.error(error);
  process.exitCode = 1;
}
