// Which jobs there are and which have changed, for those who may see them. The scripts are in
// journal.ts.
import type { KeyValue } from '../../adapters/redis.ts';
import { expiry, type JobRecord, readRecord, type Viewer } from './jobs.ts';
import { CHANGES_SCRIPT, PAGE_SCRIPT, SWEEP_SCRIPT } from './journal.ts';

/** A job as it is now. */
export interface FoundJob {
  jobId: string;
  record: JobRecord;
  expiresAt: Date | undefined;
}

export interface JobPage {
  jobs: FoundJob[];
  /** Where the next page begins; undefined = this is the last one. */
  next: number | undefined;
}

export interface ChangedJobs {
  /** Whether all that has changed since is known: Redis forgets after an hour. */
  isKnown: boolean;
  /** Cancelled ones as well; each once, in the order of their versions. */
  jobs: FoundJob[];
  /** What to ask for next time. */
  version: number;
}

export interface JobLists {
  /** The newest first; @param before where the page before ended, 0 = the newest */
  page(viewer: Viewer, before: number, limit: number): Promise<JobPage>;
  /** @param version below 0: only the newest version is asked for */
  changedSince(viewer: Viewer, version: number): Promise<ChangedJobs>;
  /** Forgets which jobs there were whose records are gone. @returns how many parts of the list */
  sweep(): Promise<number>;
}

/** Changes that one script looks at. */
const CHANGES_AT_ONCE = 1_024;
/** Scripts that a page may take where jobs of others are many; then it is shorter. */
const SCRIPTS_OF_PAGE = 8;
const SECTIONS_OF_SWEEP = 500;

function readJobs(answer: readonly string[]): FoundJob[] {
  const found: FoundJob[] = [];
  for (let at = 0; at < answer.length; at += 3) {
    const record = readRecord(answer[at + 2]!);
    if (record !== undefined) found.push({ jobId: answer[at]!, record, expiresAt: expiry(answer[at + 1]!) });
  }
  return found;
}

const versionIn = ({ record }: FoundJob): number => Number(record.version ?? 0);
/** As the scripts take it; undefined = nobody's. */
const whose = ({ seesAll, owner }: Viewer): string | undefined =>
  seesAll ? '*' : owner === undefined ? undefined : `=${owner}`;

export const jobLists = (store: KeyValue): JobLists => ({
  async page(viewer, before, limit) {
    const wanted = whose(viewer);
    const jobs: FoundJob[] = [];
    if (wanted === undefined) return { jobs, next: undefined };
    let from = before;
    for (let scripts = 0; scripts < SCRIPTS_OF_PAGE; scripts += 1) {
      const answer = await store.script(PAGE_SCRIPT, 'jobs_log', [from, limit - jobs.length, wanted]);
      const [next = '0', ...found] = answer as string[];
      jobs.push(...readJobs(found));
      from = Number(next);
      if (from === 0) return { jobs, next: undefined };
      if (jobs.length >= limit) break;
    }
    return { jobs, next: from };
  },
  async changedSince(viewer, version) {
    const wanted = whose(viewer) ?? '=';
    const jobs = new Map<string, FoundJob>();
    let from = version;
    for (;;) {
      const answer = await store.script(CHANGES_SCRIPT, 'changes_log', [from, CHANGES_AT_ONCE, wanted]);
      const [known, to = '0', ...found] = answer as string[];
      for (const job of readJobs(found)) jobs.set(job.jobId, job);
      if (known === '0' || Number(to) === from || version < 0) {
        const inOrder = [...jobs.values()].sort((a, b) => versionIn(a) - versionIn(b));
        return { isKnown: known === '1', jobs: inOrder, version: Number(to) };
      }
      from = Number(to);
    }
  },
  sweep: async () => Number(await store.script(SWEEP_SCRIPT, 'jobs_log', [SECTIONS_OF_SWEEP])),
});
