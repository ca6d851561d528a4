// `npm run reid -- profiles`: profiles from several confirmed events; a dry run unless --write.
import { userInfo } from 'node:os';
import { parseArgs } from 'node:util';
import { count, number } from '../../lib/format.ts';
import type { MethodName } from '../../lib/reid/matching/methods.ts';

export const PROFILES_USAGE =
  'Usage: npm run reid -- profiles --method templates3|templates5 [--write] [--by NAME]\n       Without --write nothing is written.';

const text = { type: 'string' } as const;
const options = { method: text, by: text, write: { type: 'boolean', default: false } } as const;

export interface ProfilesCall {
  method: MethodName;
  write: boolean;
  by: string | undefined;
}

/** @throws Error with PROFILES_USAGE, or with the name of an unknown option */
export function parseProfiles(args: string[]): ProfilesCall {
  const { method, write, by } = parseArgs({ args, options }).values;
  if (method !== 'templates3' && method !== 'templates5') throw new Error(PROFILES_USAGE);
  return { method, write, by };
}

/** @returns what the terminal shows */
export async function runProfiles(
  environment: Record<string, string>,
  { method, write, by }: ProfilesCall,
): Promise<string[]> {
  Object.assign(process.env, environment);
  // Only now: the modules read the environment when they are imported.
  const { database } = await import('../../lib/clients.ts');
  const { reidPorts } = await import('../../lib/wiring.ts');
  const { proposeProfiles, writeProfiles } = await import('../../lib/reid/profiles.ts');
  try {
    const ports = reidPorts();
    const proposal = await proposeProfiles(ports, method);
    const { profiles, unchanged } = proposal;
    if (write && profiles.length > 0)
      await writeProfiles(ports, proposal, by?.trim().slice(0, 200) || userInfo().username);
    return [
      `${count(profiles.length, 'profile')} ${write ? 'written' : 'would be written'} as means of confirmed events; ${number(unchanged)} ${unchanged === 1 ? 'stays' : 'stay'} as before.`,
      ...profiles.map(
        ({ name, events, detections, cosine }) =>
          `  ${name}: ${count(events, 'event')}, ${count(detections.length, 'picture')}; cosine with the vector before ${cosine.toFixed(3)}`,
      ),
      'Of a method the platform can use only this: bursts and the center are left to Hoofprint (npm run reid -- apply).',
      write
        ? 'The vectors before are kept in hoofprint_profiles. Run npm run reid -- matching again: scores have changed.'
        : 'Nothing was written. To write, add --write',
    ];
  } finally {
    await database().close();
  }
}
