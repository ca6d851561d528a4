// A job's record in Redis: what it holds, and the acts on it. The law of the acts is in
// transitions.ts.
import { createHash } from 'node:crypto';
import type { KeyValue } from '../../adapters/redis.ts';
import { canonicalJson } from '../../canonical.ts';
import { Fault } from '../../errors.ts';
import { withTimeout } from '../../timeout.ts';
import type { ExportKind } from '../kinds/index.ts';
import { type Act, LOOK_SCRIPT, RENEWED, type State, TRANSITION_SCRIPT, TRANSITIONS } from './transitions.ts';

export type Status = 'processing' | 'completed' | 'failed' | 'cancelled';

/**
 * As kept in JSON under `export_job:{job_id}`; times are ISO 8601 in UTC. Later versions must go on
 * reading it (test/fixtures/records-v1.json).
 */
export interface JobRecord {
  status: Status;
  kind: ExportKind;
  created_at: string;
  created_ms: number;
  /** Whole percent of the work done. */
  progress: number;
  /**
   * The consumer run that works on it: Redis' time in microseconds when it began; empty while
   * queued.
   */
  run: string;
  /** How many runs have begun. */
  runs?: number;
  /**
   * SHA-256 of the request: only a message with the same one may end the job from the dead-letter
   * queue.
   */
  request_digest: string;
  /** Whose key asked for it; absent where no key was needed. */
  owner?: string;
  /** Last sign of life of the run, ms since 1970. */
  beat_at?: number;
  last_error?: string;
  completed_at?: string;
  error?: string;
  filename?: string;
  download_url?: string;
  file_size_bytes?: number;
  object_key?: string;
  sha256?: string;
  /** Of the second file, where the kind has one. */
  result_key?: string;
  result_sha256?: string;
  result_size_bytes?: number;
  /** Of a page: what it may do in a browser. */
  content_policy?: string;
  /** Rises whenever something changes that a reader sees; absent where nothing has since it is. */
  version?: string;
  /** Among all jobs, in the order of their acceptance. */
  place?: string;
}

/** What a completed record says of its file, and of the second one where there is one. */
export type StoredFiles = Required<
  Pick<JobRecord, 'filename' | 'download_url' | 'file_size_bytes' | 'object_key' | 'sha256'>
> &
  Pick<JobRecord, 'result_key' | 'result_sha256' | 'result_size_bytes' | 'content_policy'>;

/** Who looks at jobs. */
export interface Viewer {
  owner: string | undefined;
  /** May see everybody's. */
  seesAll: boolean;
}

export const isVisibleTo = (record: JobRecord, { owner, seesAll }: Viewer): boolean =>
  seesAll || (owner !== undefined && record.owner === owner);

export interface Outcome {
  /**
   * ok: done. refused: the law forbids it in this state. alive, foreign: see transitions.ts
   * `quiet`. crowded, full: the owner has too many jobs waiting, or too large files (create).
   */
  outcome: 'ok' | 'refused' | 'alive' | 'foreign' | 'crowded' | 'full';
  state: State;
  /** The record after the act (before it for cancel); undefined when there is none. */
  record: JobRecord | undefined;
  /** When the record expires by Redis' clock, undefined when there is none. */
  expiresAt: Date | undefined;
}

/** What identifies a job from its message alone. */
export interface JobIdentity {
  job_id: string;
  kind: ExportKind;
  created_at: string;
  digest: string;
  owner?: string | undefined;
}

/** What one owner may have at a time; 0 = no limit. */
export interface OwnerLimits {
  waitingJobs: number;
  /** Of all files that have not expired. */
  bytes: number;
}

export interface JobLimits {
  /** Life of a record after its last write, in seconds (an hour). */
  ttlSeconds: number;
  /** How long the queue keeps a message, in seconds: nothing older comes back. */
  retentionSeconds: number;
}

export interface Jobs {
  /**
   * @param within bound on the answer in ms.
   * @throws Fault `unavailable` when it could not be written in that time; then it never will be.
   *   Fault `limited` when its owner has as much as the limits let him.
   */
  create(job: JobIdentity, within?: number, most?: OwnerLimits): Promise<void>;
  begin(job: JobIdentity): Promise<Outcome>;
  progress(jobId: string, run: string, fields: { progress?: number; last_error?: string }): Promise<Outcome>;
  complete(jobId: string, run: string, file: StoredFiles): Promise<Outcome>;
  fail(jobId: string, run: string, error: string): Promise<Outcome>;
  /**
   * Ends a job whose message is in the dead-letter queue; `error` is used when the record holds
   * no last_error.
   */
  deadLetter(job: JobIdentity, error: string): Promise<Outcome>;
  cancel(jobId: string, within?: number): Promise<Outcome>;
  read(jobId: string): Promise<Outcome>;
  /** Ours plus this is Redis' clock, in ms. */
  skew(): number;
}

/** Canonical digest of a request: independent of the order of its keys. */
export const digestRequest = (kind: ExportKind, createdAt: string, request: unknown): string =>
  createHash('sha256')
    .update(canonicalJson([kind, createdAt, request]))
    .digest('hex');

/**
 * A record that Redis would write this much later than its answer was waited for is not written, in
 * ms: the client has been answered that there is no job.
 */
const CREATE_GRACE_MS = 100;
const late = (cause: unknown): Fault => new Fault('unavailable', 'Redis is not available', { cause });
/** A job takes seconds, as a rule. */
const LATER = { headers: { 'retry-after': '10' } };
/** How long an answer to create is waited for by default, in ms. */
const CREATE_WITHIN_MS = 600;

interface ActOptions {
  run?: string;
  base?: JobRecord;
  fields?: Partial<JobRecord>;
  deadline?: number;
  createdMs?: number;
  digest?: string;
  most?: OwnerLimits | undefined;
  within?: number | undefined;
}

interface Acts {
  act(name: Act, jobId: string, options?: ActOptions): Promise<Outcome>;
  /** The act `read`, where it writes nothing; undefined where it may. */
  look(jobId: string): Promise<Outcome | undefined>;
  /** Redis' clock minus ours in ms, learned from its answers; undefined before the first. */
  skew(): number | undefined;
}

/** As scripts say it. */
export const expiry = (expires: string): Date | undefined =>
  Number(expires) > 0 ? new Date(Number(expires)) : undefined;

/** Executes acts by the scripts of transitions.ts. */
function actsOn(store: KeyValue, limits: JobLimits, clock: () => number): Acts {
  let skew: number | undefined;
  const { ttlSeconds, retentionSeconds } = limits;
  return {
    skew: () => skew,
    look: async (jobId) => {
      const seen = await store.script(LOOK_SCRIPT, `export_job:${jobId}`, []);
      if (seen === null) return undefined;
      const [raw, expires, now] = seen as [string, string, string];
      skew = Number(now) - clock();
      const record = readRecord(raw);
      // A reader has no run: the record's is another one.
      const state = record === undefined ? 'absent' : record.status === 'processing' ? 'other' : 'terminal';
      const rule = TRANSITIONS.read[state];
      const isFresh =
        Number(expires) - Number(now) > ttlSeconds * 1_000 * (1 - RENEWED) &&
        Number(now) - (record?.created_ms ?? 0) <= retentionSeconds * 1_000;
      if (rule === 'renew' && !isFresh) return undefined;
      return { outcome: rule === 'refused' ? 'refused' : 'ok', state, record, expiresAt: expiry(expires) };
    },
    act: async (name, jobId, options = {}) => {
      const { run = '', base = {}, fields = {}, deadline = 0, createdMs = 0, digest = '', most, within } = options;
      const args = [
        ...[name, run, JSON.stringify(base), JSON.stringify(fields)],
        ...[ttlSeconds, retentionSeconds, deadline, createdMs, digest, most?.waitingJobs ?? 0, most?.bytes ?? 0],
      ];
      const answer = await store.script(TRANSITION_SCRIPT, `export_job:${jobId}`, args, within);
      const [outcome, state, raw, expires, now] = answer as [string, string, string, string, string];
      skew = Number(now) - clock();
      return {
        outcome: outcome as Outcome['outcome'],
        state: state as State,
        record: readRecord(raw),
        expiresAt: expiry(expires),
      };
    },
  };
}

export function jobs(store: KeyValue, limits: JobLimits, clock: () => number = Date.now): Jobs {
  const { act, look, skew } = actsOn(store, limits, clock);
  const fresh = (job: JobIdentity): JobRecord => ({
    status: 'processing',
    kind: job.kind,
    created_at: job.created_at,
    created_ms: Date.parse(job.created_at),
    progress: 0,
    run: '',
    request_digest: job.digest,
    ...(job.owner === undefined ? {} : { owner: job.owner }),
  });
  const completedAt = (): string => new Date(clock() + (skew() ?? 0)).toISOString();

  return {
    async create(job, within = CREATE_WITHIN_MS, most) {
      const before = clock();
      const create = async (): Promise<Outcome> => {
        // The deadline is compared with Redis' clock, so the difference of the clocks has to be
        // known: one read, once in a process' life.
        if (skew() === undefined) await act('read', job.job_id, { within });
        return act('create', job.job_id, {
          base: fresh(job),
          deadline: before + within + CREATE_GRACE_MS + (skew() ?? 0),
          most,
          within,
        });
      };
      const { outcome } = await withTimeout(within, create, late);
      if (outcome === 'crowded')
        throw new Fault(
          'limited',
          `At most ${most?.waitingJobs} exports of one owner may wait; try again later`,
          LATER,
        );
      if (outcome === 'full')
        throw new Fault('limited', 'The files of this owner are too many or too large; cancel exports or wait', LATER);
      if (outcome !== 'ok') throw late(new Error('the record was written too late'));
    },
    begin: (job) =>
      act('begin', job.job_id, { base: fresh(job), createdMs: Date.parse(job.created_at), digest: job.digest }),
    progress: (jobId, run, fields) => act('progress', jobId, { run, fields }),
    complete: (jobId, run, file) =>
      act('complete', jobId, {
        run,
        fields: { ...file, status: 'completed', progress: 100, completed_at: completedAt() },
      }),
    fail: (jobId, run, error) =>
      act('fail', jobId, { run, fields: { status: 'failed', error, completed_at: completedAt() } }),
    deadLetter: (job, error) =>
      act('deadLetter', job.job_id, {
        base: fresh(job),
        fields: { status: 'failed', error, completed_at: completedAt() },
        digest: job.digest,
      }),
    cancel: (jobId, within) => act('cancel', jobId, { within }),
    read: async (jobId) => (await look(jobId)) ?? act('read', jobId),
    skew: () => skew() ?? 0,
  };
}

/**
 * A record of this or an earlier version, with what that version did not write yet; undefined for
 * what is none.
 */
export function readRecord(raw: string): JobRecord | undefined {
  let record: Partial<JobRecord> | null;
  try {
    record = JSON.parse(raw) as Partial<JobRecord> | null;
  } catch {
    return undefined;
  }
  if (typeof record !== 'object' || record === null) return undefined;
  return {
    created_ms: Date.parse(record.created_at ?? '') || 0,
    progress: 0,
    run: '',
    request_digest: '',
    ...record,
  } as JobRecord;
}
