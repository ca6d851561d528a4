// One JSON line per event on stderr (stdout belongs to the answers of `sls invoke local`).
import { AsyncLocalStorage } from 'node:async_hooks';
import { config, LEVELS, type Level } from './config.ts';
import { plainJson } from './plain-text.ts';

export type Fields = Record<string, string | number | boolean | null | undefined>;

/** What every line of a piece of work bears, e.g. the request it belongs to. */
const about = new AsyncLocalStorage<Fields>();

/**
 * Runs `work`; each line that is written meanwhile, however deep inside, bears `fields` as well.
 */
export const logAbout = <T>(fields: Fields, work: () => T): T => about.run({ ...about.getStore(), ...fields }, work);

let threshold: Level | undefined;

function lowest(): Level {
  try {
    threshold ??= config('LOG_LEVEL');
    return threshold;
  } catch {
    // Malformed: the start reports it once, log entries do not.
    return 'info';
  }
}

/** Sets the lowest level that is written, in place of LOG_LEVEL. */
export function logFrom(level: Level): void {
  threshold = level;
}

/**
 * Keys of callers (lib/access/key-text.ts), wherever somebody may have put one, in an address also
 * as %68p_.
 */
const KEYS = /(?:h|%68)(?:p|%70)(?:_|%5f)(?:[0-9A-Za-z]|%[0-9a-f]{2}){8,}/gi;

/** How long a line may wait for others, in ms. */
const GATHER_MS = 10;
/** Lines that wait; undefined = none ever waits. */
let gathered: string[] | undefined;

function flush(): void {
  if (gathered === undefined || gathered.length === 0) return;
  process.stderr.write(gathered.splice(0).join(''));
}

/**
 * From now on lines are written some milliseconds later, with all that came until then: each write
 * of stderr is a call of the system that is waited for. Errors do not wait, and nothing is lost
 * when the process exits. Not for a process that may be frozen between requests, as on Lambda.
 */
export function gatherLines(): void {
  if (gathered !== undefined) return;
  gathered = [];
  process.on('exit', flush);
}

function write(level: Exclude<Level, 'silent'>, event: string, fields: Fields): void {
  if (LEVELS.indexOf(level) < LEVELS.indexOf(lowest())) return;
  const text = `${plainJson({ time: new Date().toISOString(), level, event, ...about.getStore(), ...fields })}\n`;
  const line = /hp_|%(68|70|5f)/i.test(text) ? text.replace(KEYS, 'hp_...') : text;
  if (gathered === undefined) {
    process.stderr.write(line);
    return;
  }
  if (gathered.push(line) === 1) setTimeout(flush, GATHER_MS);
  if (level === 'error') flush();
}

/** `event` is a short fixed phrase; everything that varies goes into `fields`. */
export const log = {
  debug: (event: string, fields: Fields = {}): void => write('debug', event, fields),
  info: (event: string, fields: Fields = {}): void => write('info', event, fields),
  warn: (event: string, fields: Fields = {}): void => write('warn', event, fields),
  error: (event: string, fields: Fields = {}): void => write('error', event, fields),
};
