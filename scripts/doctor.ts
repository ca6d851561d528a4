// npm run doctor: checks Node, packages, disk, the data folder and its owner, ports and services,
// and says what to type where something fails. With --connect: the addresses with their secrets.
import { parseArgs } from 'node:util';
import { forTerminal } from '../lib/plain-text.ts';
import { connectLines } from './doctor/connect.ts';
import { runDoctor } from './doctor/doctor.ts';

const SIGNS = { ok: 'ok   ', note: 'note ', fails: 'FAILS' } as const;

const { values } = parseArgs({ options: { connect: { type: 'boolean', default: false } } });
if (values.connect) {
  const found = await connectLines(process.env, process.stdout.isTTY === true);
  if ('lines' in found) console.log(found.lines.join('\n'));
  else {
    console.error(`doctor: ${found.refused}`);
    process.exitCode = 1;
  }
} else {
  const findings = await runDoctor(process.env);
  for (const { state, line } of findings) console.log(forTerminal(`${SIGNS[state]} ${line}`));
  if (findings.some(({ state }) => state === 'fails')) process.exitCode = 1;
}
