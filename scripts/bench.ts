// npm run bench: latency, throughput and memory of exports; a table here, JSON in out/bench.json.
import { mkdirSync, writeFileSync } from 'node:fs';
import { benchExports } from './bench/exports.ts';

const result = await benchExports((line) => console.error(line));
console.log(`\n${result.cpu}, ${result.cores} cores, Node ${result.node}, commit ${result.commit}`);
for (const { what, median, p99, unit, note } of result.rows) {
  const tail = p99 === undefined ? '' : `p99 ${String(p99).padStart(9)} ${unit}`;
  console.log(`${what.padEnd(52)} ${String(median).padStart(9)} ${unit.padEnd(6)} ${tail.padEnd(20)} ${note ?? ''}`);
}
mkdirSync('out', { recursive: true });
writeFileSync('out/bench.json', `${JSON.stringify(result, null, 2)}\n`);
console.log('out/bench.json');
process.exit(0);
