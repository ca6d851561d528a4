// npm run doctor: Node, packages, disk, data folder, its holder, ports and services; says what to
// type where something fails.
import { runDoctor } from './doctor/doctor.ts';

const SIGNS = { ok: 'ok   ', note: 'note ', fails: 'FAILS' } as const;

const findings = await runDoctor(process.env);
for (const { state, line } of findings) console.log(`${SIGNS[state]} ${line}`);
if (findings.some(({ state }) => state === 'fails')) process.exitCode = 1;
