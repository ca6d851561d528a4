// npm run doctor: checks Node, packages, disk, the data folder and its owner, ports and services,
// and says what to type where something fails.
import { runDoctor } from './doctor/doctor.ts';

const SIGNS = { ok: 'ok   ', note: 'note ', fails: 'FAILS' } as const;

const findings = await runDoctor(process.env);
for (const { state, line } of findings) console.log(`${SIGNS[state]} ${line}`);
if (findings.some(({ state }) => state === 'fails')) process.exitCode = 1;
