// `npm run bench:reid`: the Re-ID kernel against NumPy, its growth and memory; figures also in out/bench-reid.json.
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { benchReid, growthOf } from '../localstack/bench/reid.ts';

const { values } = parseArgs({ options: { growth: { type: 'string' } } });
if (values.growth !== undefined) console.log(JSON.stringify(await growthOf(Number(values.growth))));
else {
  const result = await benchReid(fileURLToPath(import.meta.url), (line) => console.log(line));
  mkdirSync('out', { recursive: true });
  writeFileSync('out/bench-reid.json', `${JSON.stringify(result, null, 2)}\n`);
  console.log('out/bench-reid.json');
}
