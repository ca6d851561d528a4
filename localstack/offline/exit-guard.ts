// Ends this process in time whatever a thread of it waits for. process.exit waits for every thread:
// for a read on a drive that hangs, without end.
import { spawn } from 'node:child_process';

/** A process of its own, which ends with this one, or ends this one when its time is over. */
const WATCH = `
let late;
require('node:readline').createInterface({ input: process.stdin }).on('line', (ms) => {
  clearTimeout(late);
  late = setTimeout(() => { try { process.kill(Number(process.argv[1]), 'SIGKILL'); } catch {} process.exit(); }, Number(ms));
}).on('close', () => process.exit());`;

/**
 * What process.exit may take: flushing and joining idle threads takes milliseconds, on a busy
 * machine a second or two.
 */
const EXIT_MS = 5_000;
/** At least so much of the time of `within` is left for it. */
const LEAST_MS = 1_500;

export interface Leaving {
  /** This process is killed unless it has ended in `ms`. A later call replaces an earlier one. */
  within(ms: number): void;
  /** process.exit, or the end without it: in `ms`, else when the time of `within` is over. */
  exit(code: number, ms?: number): never;
}

/** Engines are safe: each ends in order when its parent is gone. */
export function leaving(): Leaving {
  // Apart from the terminal's group: a second Ctrl-C must not end it.
  const watch = spawn(process.execPath, ['-e', WATCH, String(process.pid)], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
    env: {},
  });
  watch.on('error', () => undefined);
  watch.stdin.on('error', () => undefined);
  watch.unref();
  let over: number | undefined;
  const within = (ms: number): void => {
    over = Date.now() + ms;
    watch.stdin.write(`${ms}\n`);
  };
  return {
    within,
    exit: (code, ms = over === undefined ? EXIT_MS : Math.max(LEAST_MS, over - Date.now())) => {
      within(ms);
      process.exit(code);
    },
  };
}
