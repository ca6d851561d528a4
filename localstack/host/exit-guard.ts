// Ends this process in time whatever one of its threads waits for: process.exit waits for every
// thread, and for a read on a drive that hangs it waits forever.
import { spawn } from 'node:child_process';

/** Script of the guarding process, which ends with this one, or kills it when its time is over. */
const GUARD = `
let late;
require('node:readline').createInterface({ input: process.stdin }).on('line', (ms) => {
  clearTimeout(late);
  late = setTimeout(() => { try { process.kill(Number(process.argv[1]), 'SIGKILL'); } catch {} process.exit(); }, Number(ms));
}).on('close', () => process.exit());`;

/**
 * What process.exit may take, in ms: flushing and joining idle threads takes milliseconds, on a
 * machine with ten times its work more than five seconds. What is killed looks as if it had failed.
 */
const EXIT_MS = 20_000;
/** At least this much of the time set by endWithin is left for process.exit. */
const LEAST_MS = 1_500;

export interface ExitGuard {
  /** This process is killed unless it has ended in `ms`. A later call replaces an earlier one. */
  endWithin(ms: number): void;
  /** process.exit; killed after `ms`, by default when the time of endWithin is over. */
  exit(code: number, ms?: number): never;
}

/** Engines are safe: each ends in order when its parent is gone. */
export function startExitGuard(): ExitGuard {
  // Detached from the terminal's group: a second Ctrl-C must not end it.
  const guard = spawn(process.execPath, ['-e', GUARD, String(process.pid)], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
    env: {},
  });
  guard.on('error', () => undefined);
  guard.stdin.on('error', () => undefined);
  guard.unref();
  let deadline: number | undefined;
  const endWithin = (ms: number): void => {
    deadline = Date.now() + ms;
    guard.stdin.write(`${ms}\n`);
  };
  return {
    endWithin,
    exit: (code, ms = deadline === undefined ? EXIT_MS : Math.max(LEAST_MS, deadline - Date.now())) => {
      endWithin(ms);
      process.exit(code);
    },
  };
}
