// Reads, refusals and POSTs of Hoofprint and of its peer, in rounds that alternate.
import autocannon from 'autocannon';
import { median, REFUSED, SMALL } from '../figures.ts';
import type { Effort } from './effort.ts';
import { judge, type PeerRow } from './verdict.ts';

const CONNECTIONS = 10;

interface Shot {
  path: string;
  body?: object;
  /** Statuses that each of both answers with. */
  statuses: readonly number[];
}

interface Load {
  rate: number;
  p99: number;
}

async function load(
  url: string,
  { path, body, statuses }: Shot,
  extent: { duration: number } | { amount: number },
): Promise<Load> {
  const request = body && { method: 'POST' as const, body: JSON.stringify(body) };
  const headers = { 'content-type': 'application/json' };
  const shot = { url: url + path, connections: CONNECTIONS, ...extent, headers, ...request };
  const { requests, latency, errors, statusCodeStats } = await autocannon(shot);
  const wrong = Object.keys(statusCodeStats ?? {}).filter((status) => !statuses.includes(Number(status)));
  if (errors > 0 || wrong.length > 0)
    throw new Error(`${path}: ${errors} errors, statuses ${Object.keys(statusCodeStats ?? {}).join(' ')}`);
  return { rate: requests.average, p99: latency.p99 };
}

/** The host's address, and the peer's where there is one. */
export interface Sides extends Pick<Effort, 'rounds' | 'seconds' | 'warm'> {
  urls: readonly [host: string, peer: string | undefined];
}

/** Host, peer, host, peer ...; medians of the rounds after a first one that warms both. */
async function alternate(sides: Sides, shot: Shot): Promise<(Load | undefined)[]> {
  const { urls, rounds, seconds, warm } = sides;
  const seen = urls.map((): Load[] => []);
  for (let turn = 0; turn <= rounds; turn += 1) {
    for (const [at, url] of urls.entries()) {
      if (url === undefined) continue;
      const found = await load(url, shot, turn === 0 ? { amount: warm } : { duration: seconds });
      if (turn > 0) seen[at]!.push(found);
    }
  }
  return seen.map((loads) =>
    loads.length === 0
      ? undefined
      : { rate: median(loads.map(({ rate }) => rate)), p99: median(loads.map(({ p99 }) => p99)) },
  );
}

interface Aims {
  what: string;
  goal: number;
  floor: number;
  note: string;
}

async function rateRows(sides: Sides, shot: Shot, aims: Aims): Promise<PeerRow[]> {
  const [host, peer] = await alternate(sides, shot);
  const rate = { ...aims, unit: '/s', better: 'higher', isRatio: true } as const;
  const tail = { what: `${aims.what}, p99`, unit: 'ms', better: 'lower', isRatio: true, goal: 1, floor: 1 } as const;
  return [
    judge({ ...rate, host: host!.rate, ...(peer && { peer: peer.rate }) }),
    judge({ ...tail, host: host!.p99, ...(peer && { peer: peer.p99 }) }),
  ];
}

/** @param jobId of a job that both know as completed */
export async function readRows(sides: Sides, jobId: string): Promise<PeerRow[]> {
  const reads = { path: `/api/exports/pdf/${jobId}`, statuses: [200] };
  const refusals = { path: '/api/exports/pdf', body: REFUSED, statuses: [400, 422] };
  const against = 'FastAPI, redis.asyncio, one uvicorn worker';
  return [
    ...(await rateRows(sides, reads, { what: 'status reads', goal: 2.5, floor: 1.5, note: against })),
    ...(await rateRows(sides, refusals, { what: 'refusals', goal: 1.5, floor: 1, note: 'FastAPI, pydantic' })).slice(
      0,
      1,
    ),
  ];
}

/** Nothing works on what is accepted, on either side. */
export async function postRows(sides: Sides): Promise<PeerRow[]> {
  const posts = { path: '/api/exports/pdf', body: SMALL, statuses: [202] };
  const note = 'FastAPI, Celery .delay(); no worker on either side';
  return (await rateRows(sides, posts, { what: 'POST accepted', goal: 0.9, floor: 0.6, note })).slice(0, 1);
}
