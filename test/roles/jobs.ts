// Jobs as clients of the API see them, and how long the API took for its slowest answer.
import { createHash } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { ExportStatus } from '../../lib/exports/job/status.ts';
import { SMALL_REPORT } from '../support/small-report.ts';
import { contentOf } from './content.ts';

/** Requests of this client at the same time. */
const LANES = 4;
const LOOK_AGAIN_MS = 50;

export interface Client {
  /** Slowest answer until now, in ms. */
  slowest: () => number;
  post(count: number, request?: (index: number) => object): Promise<string[]>;
  /** Waits until all have ended. @returns how they ended, by job */
  follow(jobs: readonly string[], within: number): Promise<Map<string, ExportStatus>>;
  /** Downloads all. @returns jobs whose bytes are not what their status, or the renderer, says */
  findWrong(statuses: ReadonlyMap<string, ExportStatus>, isSleeping: boolean): Promise<string[]>;
}

/** Does `act` with each item, LANES at a time. */
async function each<T>(items: readonly T[], act: (item: T, index: number) => Promise<void>): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < items.length) {
      const at = next++;
      await act(items[at]!, at);
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
}

export function openClient(url: string, authorization: string): Client {
  let slowest = 0;
  const ask = async (path: string, init: RequestInit = {}): Promise<Response> => {
    const began = performance.now();
    const answer = await fetch(url + path, { ...init, headers: { authorization } });
    slowest = Math.max(slowest, performance.now() - began);
    return answer;
  };
  return {
    slowest: () => slowest,
    async post(count, request = () => SMALL_REPORT) {
      const ids: string[] = [];
      await each(Array.from({ length: count }), async (_, index) => {
        const answer = await ask('/api/exports/pdf', { method: 'POST', body: JSON.stringify(request(index)) });
        const text = await answer.text();
        if (answer.status !== 202) throw new Error(`POST answered ${answer.status}: ${text}`);
        ids.push((JSON.parse(text) as { job_id: string }).job_id);
      });
      return ids;
    },
    async follow(jobs, within) {
      const ended = new Map<string, ExportStatus>();
      const deadline = Date.now() + within;
      while (ended.size < jobs.length) {
        const left = jobs.filter((job) => !ended.has(job));
        if (Date.now() > deadline) throw new Error(`${left.length} jobs did not end in ${within} ms: ${left[0]}`);
        // Not all of a long list: those that were asked for first end first.
        await each(left.slice(0, 10), async (job) => {
          const status = (await (await ask(`/api/exports/pdf/${job}`)).json()) as ExportStatus;
          if (status.status !== 'processing') ended.set(job, status);
        });
        await pause(LOOK_AGAIN_MS);
      }
      return ended;
    },
    async findWrong(statuses, isSleeping) {
      const wrong: string[] = [];
      await each([...statuses], async ([job, { download_url, sha256 }]) => {
        const bytes = Buffer.from(await (await ask(download_url!)).arrayBuffer());
        const found = createHash('sha256').update(bytes).digest('hex');
        const isWhole = found === sha256 && (!isSleeping || bytes.equals(contentOf(job)));
        if (!isWhole) wrong.push(job);
      });
      return wrong;
    },
  };
}
