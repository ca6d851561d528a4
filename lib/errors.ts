// Errors that know their kind. The edge (lib/lambda.ts) alone turns a kind into a status code or a
// retry.

/**
 * What went wrong, seen from the caller:
 * - invalid: the request breaks a rule; it will never succeed as it is.
 * - not-found: the thing asked for does not exist (or no longer).
 * - too-large: the body is over the limit.
 * - unsupported-type: the body is of a type that is not taken from this caller.
 * - unauthorized: it is not known who calls.
 * - forbidden: this caller may not do this.
 * - limited: this caller asks for too much at a time; later it may succeed.
 * - misdirected: the request is for another host.
 * - reused: the key of this request was used for another one.
 * - conflict: the state of the thing does not allow this.
 * - unavailable: a dependency is down or slow; trying again later may succeed.
 * - misconfigured: this program was set up wrongly. Only its operator can act, so only the log
 * says how.
 * - corrupt: stored data or a message is not what this program writes; a person has to look.
 */
export type FaultKind =
  | 'invalid'
  | 'not-found'
  | 'too-large'
  | 'unsupported-type'
  | 'unauthorized'
  | 'forbidden'
  | 'limited'
  | 'misdirected'
  | 'conflict'
  | 'reused'
  | 'unavailable'
  | 'misconfigured'
  | 'corrupt';

/** One broken rule of a request; `pointer` is a JSON pointer into the body. */
export interface Problem {
  pointer: string;
  detail: string;
}

export class Fault extends Error {
  readonly kind: FaultKind;
  readonly problems: readonly Problem[];
  /** What an answer that says so bears besides, by lower-case names. */
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    kind: FaultKind,
    message: string,
    options: { cause?: unknown; problems?: readonly Problem[]; headers?: Readonly<Record<string, string>> } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'Fault';
    this.kind = kind;
    this.problems = options.problems ?? [];
    this.headers = options.headers ?? {};
  }
}

export const isFault = (error: unknown, kind?: FaultKind): error is Fault =>
  error instanceof Fault && (kind === undefined || error.kind === kind);

/** SQLSTATE of an error of the database's; undefined for any other. */
export function readSqlState(error: unknown): string | undefined {
  const { code, severity } = (error ?? {}) as { code?: unknown; severity?: unknown };
  return severity !== undefined && typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) ? code : undefined;
}

/**
 * Classes of SQLSTATE whose message is about the server, so that a person can act on it; all others
 * are about a statement of this program.
 */
const OF_THE_SERVER = /^(08|28|3D|53|57|58|XX)/;

/**
 * The message of anything thrown, with what the messages of its causes add, on one line. What a
 * database says of a statement is not repeated: it does not help a user, and the fault around it
 * has its own sentence.
 */
export function errorMessage(error: unknown): string {
  const parts: string[] = [];
  for (
    let at: unknown = error;
    at !== undefined && at !== null && parts.length < 5;
    at = at instanceof Error ? at.cause : undefined
  ) {
    const state = readSqlState(at);
    if (state !== undefined && !OF_THE_SERVER.test(state)) {
      if (parts.length === 0)
        parts.push(`the database refused a statement (code ${state}): npm run doctor names what it lacks`);
      continue;
    }
    const text = at instanceof Error ? at.message || at.name : String(at);
    if (!parts.some((part) => part.includes(text))) parts.push(text);
  }
  return parts.join(': ').replace(/\s+/g, ' ').slice(0, 500);
}
