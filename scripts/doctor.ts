// npm run doctor: Node, packages, disk, data folder, its holder, ports and services; says what to type where something fails.
import { inspect } from '../localstack/inspection.ts';

const SIGNS = { ok: 'ok   ', note: 'note ', fails: 'FAILS' } as const;

const findings = await inspect(process.env);
for (const { state, line } of findings) console.log(`${SIGNS[state]} ${line}`);
if (findings.some(({ state }) => state === 'fails')) process.exitCode = 1;
