// Answers that may come later than within a second: of reads that a large database takes longer
// for, or of work that waits for other work.
import { Fault } from '../errors.ts';
import { withTimeout } from '../timeout.ts';
import type { Answer, Held } from './answers.ts';

/** What is ready by then is answered as any request is, in ms. */
const SOON_MS = 700;
/** The longest that somebody waits, in ms; API Gateway gives up after 30 s. */
const LONGEST_MS = 20_000;

const late = (cause: Error): Fault => new Fault('unavailable', 'The service did not answer in time', { cause });

/**
 * An answer as soon as it is there: one that takes its time is held, and keeps no other waiting.
 */
export async function soonOrHeld(work: Promise<Answer>): Promise<Answer | Held> {
  const held = withTimeout(LONGEST_MS, () => work, late);
  held.catch(() => undefined);
  let isLate = false;
  try {
    return await withTimeout(
      SOON_MS,
      () => held,
      (error) => {
        isLate = true;
        return error;
      },
    );
  } catch (error) {
    if (isLate) return { held };
    throw error;
  }
}
