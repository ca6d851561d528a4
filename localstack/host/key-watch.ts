// A key that somebody makes while none is needed.
import { noteKeys } from '../../lib/access/required.ts';

/** How often keys are looked for while none is needed, in ms. */
const KEYS_MS = 5_000;

/** From the moment that somebody has made a key, requests need one. @returns ends the watch */
export function watchForKeys(look: () => Promise<boolean>, say: (line: string) => void): () => void {
  const timer = setInterval(async () => {
    // A database that is away is looked at again.
    if (!(await look().catch(() => false))) return;
    clearInterval(timer);
    noteKeys();
    say('hoofprint: there is a key now: requests need one from here on');
  }, KEYS_MS);
  timer.unref();
  return () => clearInterval(timer);
}
