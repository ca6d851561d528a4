// npm run bench:peers: ratios of the host to small Python peers in one run; JSON in
// out/bench-peers.json. `-- --quick` shows that it runs.
import { mkdirSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { QUICK, WHOLE } from './bench/peers/effort.ts';
import { findPeers } from './bench/peers/python.ts';
import { benchPeers } from './bench/peers/run.ts';
import { table } from './bench/peers/verdict.ts';

const { values } = parseArgs({ options: { quick: { type: 'boolean', default: false } } });
const { missing } = findPeers();
if (missing.length > 0) {
  console.error(`\n!!! NO PEERS HERE: apt-get install ${missing.join(' ')}`);
  console.error('!!! Hoofprint is measured alone, and no ratio can be given.\n');
}
const result = await benchPeers(values.quick ? QUICK : WHOLE, (line) => console.error(line));
const { cpu, cores, node, commit, load, peers } = result;
const [before, after] = load.map((n) => n.toFixed(1));
console.log(`\n${cpu}, ${cores} cores, Node ${node}, commit ${commit}, load ${before} before and ${after} after`);
console.log(
  Object.entries(peers.versions)
    .map(([name, version]) => `${name} ${version ?? 'absent'}`)
    .join(', '),
);
for (const line of table(result.rows)) console.log(line);
mkdirSync('out', { recursive: true });
writeFileSync('out/bench-peers.json', `${JSON.stringify(result, null, 2)}\n`);
console.log('out/bench-peers.json');
process.exit(0);
