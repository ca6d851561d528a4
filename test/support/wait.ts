// Waiting with a deadline, never by hope.

const FIRST_PAUSE_MS = 20;
/** A look often costs a request: what takes longer is looked for less often. */
const LONGEST_PAUSE_MS = 150;

/**
 * The first defined value that `look` gives.
 * @param within ms. @throws Error after that time, saying what was waited for.
 */
export async function until<T>(
  what: string,
  look: () => Promise<T | undefined> | T | undefined,
  within = 20_000,
): Promise<T> {
  const deadline = Date.now() + within;
  let pause = FIRST_PAUSE_MS;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > deadline) throw new Error(`waited ${within} ms in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, pause));
    pause = Math.min(pause * 1.2, LONGEST_PAUSE_MS);
  }
}
