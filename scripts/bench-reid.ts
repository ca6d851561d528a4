// `npm run bench:reid`: the Re-ID kernels against NumPy, the functions whole, growth and memory.
// `-- --large` adds a database of 100,000 detections and 1,000 profiles (some minutes). The figures
// are also written to out/bench-reid.json.
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { benchReid, measureSize } from './bench/reid.ts';

const { values } = parseArgs({ options: { growth: { type: 'string' }, large: { type: 'boolean', default: false } } });
if (values.growth !== undefined) console.log(JSON.stringify(await measureSize(Number(values.growth))));
else {
  const result = await benchReid(fileURLToPath(import.meta.url), { large: values.large }, (line) => console.log(line));
  mkdirSync('out', { recursive: true });
  writeFileSync('out/bench-reid.json', `${JSON.stringify(result, null, 2)}\n`);
  console.log('out/bench-reid.json');
}
