// The faults that must be survived, and the book in which each try is written down; table.ts shows
// it when the run is over.
import { randomInt, randomUUID } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Dice, dice } from '../../lib/reid/statistics/random.ts';

/** All of it, or the short selection. */
export const SOAK = process.env.HOOFPRINT_SOAK === '1';

/**
 * Another test that tries a fault: its file, the start of its title, and how often it tries
 * (default once).
 */
export interface Elsewhere {
  file: string;
  title: string;
  tries?: number;
}
export interface Fault {
  fault: string;
  elsewhere?: Elsewhere[];
}

/** Random days of a job, with crash points (jobs/histories). */
export const HISTORIES = SOAK ? 300 : 100;

/** Times that two services want one data folder (stack/ownership). */
export const CONTESTS = SOAK ? 20 : 2;

export const FAULTS = {
  consumerKilled: { fault: 'consumer process killed (-9) at random points' },
  machineKilled: {
    fault: 'workers on several machines, any one killed (-9): each job completes once',
    elsewhere: [{ file: 'roles/kills', title: 'workers on one queue' }],
  },
  timeout: { fault: 'function timeout: thread killed, no finally' },
  poison: { fault: 'poison messages in a batch with good ones' },
  attemptsUsed: { fault: 'all attempts fail: failed with its reason, message parked' },
  outageRedis: { fault: 'outage of Redis with jobs under way' },
  outagePostgres: { fault: 'outage of PostgreSQL with jobs under way' },
  outageSqs: {
    fault: 'outage of SQS with jobs under way',
    elsewhere: [{ file: 'stack/event-source', title: 'lines to SQS that somebody forgot' }],
  },
  outageS3: { fault: 'outage of S3 with jobs under way' },
  duplicates: {
    fault: 'duplicate delivery: twice, after completion, 20 at once',
    elsewhere: [{ file: 'jobs/consumer', title: 'delivered' }],
  },
  interleavings: {
    fault: 'the acts on a record in random order, with crash points and objects',
    elsewhere: [
      { file: 'jobs/transitions', title: '300 random histories', tries: 300 },
      { file: 'jobs/histories', title: 'whatever happens', tries: HISTORIES },
    ],
  },
  sqsAtPost: { fault: 'SQS dead, silent or forgotten at POST: 503 within 1 s, no orphan' },
  redisAtPost: { fault: 'Redis dead, silent or forgotten at POST and status: 503 within 1 s' },
  redisStopped: { fault: 'Redis under SIGSTOP in the consumer; late writes change nothing terminal' },
  redisEmptied: { fault: 'Redis emptied mid-job, between upload and complete, after cancel' },
  redisKilled: { fault: 'Redis killed (-9) as soon as a job has ended: what has ended stays so' },
  recordExpired: { fault: 'the record expires while the job waits' },
  postgresIdle: { fault: 'PostgreSQL: idle connections killed' },
  postgresQuery: { fault: 'PostgreSQL: connection killed mid-query' },
  postgresRestart: { fault: 'PostgreSQL: process killed and restarted' },
  postgresHung: { fault: 'PostgreSQL: hangs (SIGSTOP)' },
  s3Upload: { fault: 'S3 failing mid-upload' },
  s3Disk: { fault: 'S3: its disk is full' },
  uploadsLeft: {
    fault: 'multipart uploads left by a killed, cancelled or handed-back run: gone after the sweep',
    elsewhere: [
      { file: 'jobs/unfinished', title: '' },
      { file: 'stack/halves', title: '' },
    ],
  },
  picturesBroken: {
    fault:
      'broken pictures: 0 bytes, 1 byte, a folder, a FIFO, a hung drive, half files, bombs: each has its reason, later archives go on',
    elsewhere: [
      { file: 'content/bad-pictures', title: '' },
      { file: 'content/reader', title: '' },
    ],
  },
  picturesSame: {
    fault: 'a damaged JPEG with one box and with two: one answer for the same pixels',
    elsewhere: [{ file: 'content/bad-pictures', title: 'the same pixels' }],
  },
  pathsOut: {
    fault: 'an image path or link that leads out of the allowed folders: refused, never exported',
    elsewhere: [{ file: 'content/allowed-path', title: '' }],
  },
  secondPackage: {
    fault: 'a second package with a known id and other picture files: no picture replaced, and said',
    elsewhere: [{ file: 'data/import-bombs', title: 'with a known id and other pictures replaces none' }],
  },
  importBombs: {
    fault: 'import bombs: short rows, a million columns, gigabytes of zeros: refused in seconds',
    elsewhere: [{ file: 'data/import-bombs', title: '' }],
  },
  people: {
    fault: 'class names of people in other spellings and languages: never exported',
    elsewhere: [{ file: 'content/people', title: '' }],
  },
  platformDatabase: {
    fault: "the platform's own database, both states: migrate, exports, imports, Re-ID, and the platform goes on",
    elsewhere: [
      { file: 'data/platform', title: '' },
      { file: 'data/platform-imports', title: '' },
      { file: 'data/platform-native', title: '' },
      { file: 'reid/stored', title: '' },
      { file: 'reid/stored-reviews', title: '' },
      { file: 'reid/attached', title: '' },
    ],
  },
  s3Download: { fault: 'S3 dead or silent at download: 503 within 1 s' },
  cancel: { fault: 'DELETE while queued, running, done, racing completion' },
  sweeper: { fault: 'sweeper during running jobs and downloads' },
  tenThousand: { fault: '10,000 queued one-month reports' },
  downloads: {
    fault: '50 downloads at once, slow and broken ones among them',
    elsewhere: [{ file: 'soak/downloads', title: 'fourteen rounds of 50', tries: 14 }],
  },
  twoOwners: {
    fault: 'two stacks at once on one folder',
    elsewhere: [{ file: 'stack/ownership', title: 'two services at once', tries: CONTESTS }],
  },
  stackKilled: {
    fault: 'kill -9 of the whole local stack, then start',
    elsewhere: [
      { file: 'stack/left-behind', title: '' },
      { file: 'service/crash', title: 'a job survives kill -9' },
      { file: 'stack/survival', title: 'kill -9 of the owner' },
    ],
  },
  sigterm: {
    fault: 'SIGTERM, Ctrl-C: work in flight finishes or is handed back, ports are free, nobody is left',
    elsewhere: [
      { file: 'service/crash', title: 'Ctrl-C' },
      { file: 'stack/event-source', title: 'stop ' },
    ],
  },
  clock: { fault: 'midnight, DST, leap day, TZ of the host' },
  hostile: {
    fault: 'hostile input: paths, bodies, line breaks, formulas, markup, prototype keys',
    elsewhere: [
      { file: 'service/hostile', title: '' },
      { file: 'http/outputs', title: '' },
      { file: 'jobs/parking', title: '' },
    ],
  },
} satisfies Record<string, Fault>;
export type FaultName = keyof typeof FAULTS;

export interface Entry {
  fault: FaultName;
  engine: string;
  tries: number;
  survived: number;
  /** Longest answer, or longest time until all jobs had ended after the fault, in ms. */
  worst_ms?: number;
  /** What the worst time is the time of, and whatever else a reader should know. */
  note?: string;
}

export function enter(entry: Entry): void {
  const folder = process.env.HOOFPRINT_FAULTS_BOOK;
  if (folder === undefined) return;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${randomUUID()}.json`), JSON.stringify(entry));
}

/**
 * Tries a fault `count` times and records how often it was survived. Each round has its own random
 * numbers; the seed of one that fails is named, and HOOFPRINT_FAULT_SEED=<seed> runs that round
 * alone (in the soak together with HOOFPRINT_SOAK=1). `round` may return its worst time in ms.
 */
export async function tried(
  fault: FaultName,
  options: { engine: string; count?: number; note?: string },
  // biome-ignore lint/suspicious/noConfusingVoidType: most rounds measure nothing
  round: (random: Dice, number: number) => Promise<number | void>,
): Promise<void> {
  const replayed = process.env.HOOFPRINT_FAULT_SEED;
  const planned = options.count ?? 1;
  const count = replayed === undefined ? planned : 1;
  const entry: Entry = { fault, engine: options.engine, tries: 0, survived: 0, note: options.note };
  try {
    for (let i = 0; i < count; i += 1) {
      // As with property tests, `npm test` draws the same numbers each time. A seed holds the
      // number of its round as well.
      const seed = replayed !== undefined ? Number(replayed) : SOAK ? randomInt(2 ** 31) * planned + i : i;
      entry.tries += 1;
      try {
        const worst = await round(dice(seed, fault), seed % planned);
        if (worst !== undefined) entry.worst_ms = Math.round(Math.max(entry.worst_ms ?? 0, worst));
      } catch (error) {
        throw new Error(
          `${FAULTS[fault].fault}: round ${i + 1} was not survived (HOOFPRINT_FAULT_SEED=${seed}): ${(error as Error).message}`,
          { cause: error },
        );
      }
      entry.survived += 1;
    }
  } finally {
    enter(entry);
  }
}
