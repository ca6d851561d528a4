// One engine of the local stack alone, on a free port and in a folder of its test.
import type { Secrets } from '../../localstack/stack/secrets.ts';
import { type Engine, type EngineName, keepEngine } from '../../localstack/stack/supervisor.ts';
import { freshFolder } from './owners.ts';

export const startEngine = (name: EngineName, secrets: Secrets, bucket = 'files'): Promise<Engine> =>
  keepEngine({
    name,
    folder: freshFolder(),
    port: 0,
    anyPort: true,
    settings: { bucket },
    secrets,
    onGivenUp: (fault) => console.error(fault.message),
  });
