// How many cases a property test draws: in the soak twenty-five times as many, and new ones.
export const runs = (cases: number): number => (process.env.HOOFPRINT_SOAK === '1' ? 25 * cases : cases);
