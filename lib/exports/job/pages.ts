// GET /api/exports: which page a reader asks for.
import { Fault } from '../../errors.ts';
import type { Viewer } from './jobs.ts';
import type { FoundJob, JobLists } from './lists.ts';

const LIMIT = 20;
const MOST = 100;

/** Of a request, decoded. */
type Query = Readonly<Record<string, string | undefined>>;

/** The place where a page begins, as readers get it: nothing to be made up or compared. */
const writeCursor = (place: number): string => Buffer.from(String(place)).toString('base64url');

function readLimit(text: string | undefined): number {
  const limit = text === undefined ? LIMIT : /^\d{1,3}$/.test(text) ? Number(text) : 0;
  if (limit < 1 || limit > MOST) throw new Fault('invalid', `limit must be a whole number from 1 to ${MOST}`);
  return limit;
}

function readCursor(text: string | undefined): number {
  if (text === undefined) return 0;
  const place = Buffer.from(text, 'base64url').toString('latin1');
  if (!/^[1-9]\d{0,15}$/.test(place) || writeCursor(Number(place)) !== text)
    throw new Fault('invalid', 'before must be the `next` of an earlier answer');
  return Number(place);
}

/**
 * A page of the jobs that a reader may see, the newest first.
 * @returns `next` is what to ask for as `before`; absent on the last page
 * @throws Fault `invalid` for a query that asks for no page
 */
export async function listJobs(
  lists: JobLists,
  query: Query,
  viewer: Viewer,
): Promise<{ jobs: FoundJob[]; next?: string }> {
  const limit = readLimit(query.limit);
  const { jobs, next } = await lists.page(viewer, readCursor(query.before), limit);
  return next === undefined ? { jobs } : { jobs, next: writeCursor(next) };
}
