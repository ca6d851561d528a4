// One table of environment variables: read on first use, checked, frozen. Nothing else in lib/ or
// handlers/ reads process.env.
import { BlockList } from 'node:net';
import { delimiter, isAbsolute } from 'node:path';
import { Fault } from './errors.ts';
import { PRECISIONS, type Precision } from './precision.ts';
import { parseProxies, type TrustedProxies } from './proxies.ts';

/** Lowest first; `silent` writes nothing. */
export const LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const;
export type Level = (typeof LEVELS)[number];

type Parse<T> = (text: string, name: string) => T;

const text: Parse<string> = (value) => value;
/** The example's scheme is the one that is wanted. */
const url =
  (example: string): Parse<string> =>
  (value, name) => {
    const schemes = example.startsWith('http')
      ? ['http:', 'https:']
      : example.startsWith('redis')
        ? ['redis:', 'rediss:']
        : ['postgres:', 'postgresql:'];
    // The value is not printed: it may hold a password.
    if (!URL.canParse(value) || !schemes.includes(new URL(value).protocol))
      throw new Fault('misconfigured', `${name} must be a URL such as ${example}`);
    return value;
  };
const http = url('http://127.0.0.1:9000');
const number =
  (low: number, high: number, integer = true): Parse<number> =>
  (value, name) => {
    const n = Number(value);
    if (value.trim() === '' || !Number.isFinite(n) || (integer && !Number.isInteger(n)) || n < low || n > high) {
      throw new Fault(
        'misconfigured',
        `${name} must be ${integer ? 'a whole number' : 'a number'} from ${low} to ${high}`,
      );
    }
    return n;
  };
/** What a header can carry; the value is not printed. */
const token: Parse<string> = (value, name) => {
  if (!/^[\x21-\x7e]+$/.test(value))
    throw new Fault('misconfigured', `${name} must be visible ASCII characters without spaces`);
  return value;
};
const zone: Parse<string> = (value, name) => {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: value }).resolvedOptions().timeZone;
  } catch {
    throw new Fault('misconfigured', `${name} must be an IANA time zone such as America/Chicago`);
  }
};
const object: Parse<Readonly<Record<string, unknown>>> = (value, name) => {
  const wrong = (cause?: unknown): Fault => new Fault('misconfigured', `${name} must be a JSON object`, { cause });
  let parsed: unknown;
  try {
    parsed = JSON.parse(value);
  } catch (error) {
    throw wrong(error);
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) throw wrong();
  return parsed as Readonly<Record<string, unknown>>;
};
const folders: Parse<readonly string[]> = (value, name) => {
  const listed = value.split(delimiter).map((folder) => folder.trim());
  const wrong = listed.find((folder) => folder !== '' && !isAbsolute(folder));
  if (wrong !== undefined)
    throw new Fault('misconfigured', `${name} must list absolute folders separated by "${delimiter}"`);
  return listed.filter((folder) => folder !== '');
};
const level: Parse<Level> = (value, name) => {
  if (!LEVELS.includes(value as Level))
    throw new Fault('misconfigured', `${name} must be one of: ${LEVELS.join(', ')}`);
  return value as Level;
};

const precision: Parse<Precision> = (value, name) => {
  if (!PRECISIONS.includes(value as Precision))
    throw new Fault('misconfigured', `${name} must be one of: ${PRECISIONS.join(', ')}`);
  return value as Precision;
};

const AUTH = ['required', 'off'] as const;
const auth: Parse<(typeof AUTH)[number]> = (value, name) => {
  if (!AUTH.includes(value as (typeof AUTH)[number]))
    throw new Fault('misconfigured', `${name} must be one of: ${AUTH.join(', ')}`);
  return value as (typeof AUTH)[number];
};
const REACHES = ['public', 'any'] as const;
const reach: Parse<(typeof REACHES)[number]> = (value, name) => {
  if (!REACHES.includes(value as (typeof REACHES)[number]))
    throw new Fault('misconfigured', `${name} must be one of: ${REACHES.join(', ')}`);
  return value as (typeof REACHES)[number];
};
const basePath: Parse<string> = (value, name) => {
  if (!/^\/(?!api\/)([\w-]+\/)*$/.test(value))
    throw new Fault('misconfigured', `${name} must be a path such as /herd/, and not below /api/`);
  return value;
};

/** name -> [parser, default]; a default of undefined means: required where it is read. */
const TABLE = {
  DATABASE_URL: [url('postgres://user:password@127.0.0.1:5432/deer'), undefined],
  REDIS_URL: [url('redis://127.0.0.1:6379'), undefined],
  REDIS_KEY_PREFIX: [text, ''],
  EXPORTS_QUEUE_URL: [http, undefined],
  EXPORTS_DEAD_QUEUE_URL: [http, undefined],
  EXPORTS_PARKED_QUEUE_URL: [http, undefined],
  WEBHOOKS_QUEUE_URL: [http, undefined],
  EXPORTS_BUCKET: [text, undefined],
  S3_PUBLIC_ENDPOINT: [http, ''],
  EXPORT_TTL_SECONDS: [number(1, 86_400), 3_600],
  QUEUE_RETENTION_SECONDS: [number(60, 1_209_600), 86_400],
  TIME_ZONE: [zone, 'UTC'],
  IMAGE_ROOT: [text, ''],
  /**
   * More folders that absolute image paths may be below, separated as in PATH (`:`, on Windows
   * `;`).
   */
  IMAGE_ROOTS: [folders, [] as readonly string[]],
  IMAGE_ARCHIVE_URL: [http, ''],
  /** Sent to IMAGE_ARCHIVE_URL alone, as `Authorization: Bearer`. */
  IMAGE_ARCHIVE_TOKEN: [token, ''],
  /**
   * JSON: contributors, licenses and project of an exported Camtrap DP package
   * (docs/data-model.md).
   */
  CAMTRAP_DP_PACKAGE: [object, {} as Readonly<Record<string, unknown>>],
  /** Classes of people that lib/deer/classes.ts does not know, separated by commas. */
  HUMAN_CLASSES: [text, ''],
  /** How exactly exports say where cameras were; the local stack says exact on this machine. */
  COORDINATES: [precision, 'rounded' as Precision],
  CORS_ORIGIN: [text, ''],
  /** Address that the host listens on, when others than this machine can call it. */
  HOOFPRINT_HOST: [text, ''],
  /** Whether requests need a key; the local stack says off where only this machine can call. */
  AUTH: [auth, 'required' as const],
  /** JSON file of keys, instead of the table hoofprint_keys. */
  KEYS_FILE: [text, ''],
  /** A key with all scopes for programs of this machine; made by the local stack. */
  MACHINE_TOKEN: [token, ''],
  /** Folder of the embedded services; empty where they are others. Made by the local stack. */
  ENGINES_FOLDER: [text, ''],
  /** Whether the database is the embedded one, which has one session; made by the local stack. */
  EMBEDDED_DATABASE: [text, ''],
  /** Proxies that may say for whom they forward: addresses and networks, or gateway (AWS). */
  TRUSTED_PROXIES: [parseProxies, new BlockList() as TrustedProxies],
  /** Path that the outer address of this service begins with. */
  BASE_PATH: [basePath, '/'],
  /** Limits of each key; 0 = none. */
  RATE_PER_SECOND: [number(0, 10_000), 10],
  RATE_BURST: [number(1, 100_000), 100],
  /** The same for pictures, of which a page shows many at once. */
  PICTURES_PER_SECOND: [number(0, 10_000), 60],
  PICTURES_BURST: [number(1, 100_000), 600],
  MOST_WAITING_JOBS: [number(0, 100_000), 50],
  MOST_ALIVE_MEGABYTES: [number(0, 10_000_000), 2_000],
  /** Which addresses webhooks may be sent to: those of the internet, or also private ones. */
  WEBHOOK_ADDRESSES: [reach, 'public' as const],
  /** Address that people use when it is not a loopback one: the only other Host that is served. */
  PUBLIC_URL: [http, ''],
  /**
   * Folder that files of the Re-ID functions are written below; empty = none are (a deployed
   * function).
   */
  OUTPUT_ROOT: [text, ''],
  REID_THRESHOLD: [number(-1, 1, false), 0.7],
  LOG_LEVEL: [level, 'info' as Level],
} as const satisfies Record<string, readonly [Parse<unknown>, unknown]>;

export type Variable = keyof typeof TABLE;
type Value<V extends Variable> = ReturnType<(typeof TABLE)[V][0]>;

const seen = new Map<Variable, unknown>();

/**
 * The checked value of one variable; read from the environment once and kept. An error is not kept:
 * a corrected environment is read again.
 * @throws Fault `misconfigured` naming the variable when it is malformed, or missing without a
 *   default.
 */
export function config<V extends Variable>(name: V): Value<V> {
  if (!seen.has(name)) {
    const [parse, fallback] = TABLE[name] as readonly [Parse<Value<V>>, Value<V> | undefined];
    const raw = process.env[name];
    if (raw !== undefined && raw !== '') seen.set(name, parse(raw, name));
    else if (fallback !== undefined) seen.set(name, fallback);
    else
      throw new Fault(
        'misconfigured',
        `${name} is not set; start the local stack (npm start) or set it. \`npm run doctor\` shows what is missing`,
      );
  }
  return seen.get(name) as Value<V>;
}

/**
 * The sentences for variables that are set and malformed: what a start is refused with, before
 * anything runs.
 */
export function malformed(env: Readonly<Record<string, string | undefined>>): string[] {
  return variables.flatMap((name) => {
    const raw = env[name];
    if (raw === undefined || raw === '') return [];
    try {
      TABLE[name][0](raw, name);
      return [];
    } catch (error) {
      return [(error as Fault).message];
    }
  });
}

/** The names of all variables, for docs and tests. */
export const variables = Object.keys(TABLE) as Variable[];
