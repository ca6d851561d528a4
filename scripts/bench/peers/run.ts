// The whole bench against peers, in a temporary folder and on free ports.
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { postgres } from '../../../lib/adapters/postgres.ts';
import { HOST_COMMAND, type Service, startService } from '../../../localstack/host/service.ts';
import { openStack } from '../../../localstack/stack/index.ts';
import { freePorts } from '../../../localstack/stack/ports.ts';
import { followExport } from '../../demo/client.ts';
import { describeRun, median, SMALL } from '../figures.ts';
import type { Effort } from './effort.ts';
import { archiveRow, queueRow, renderRow } from './jobs.ts';
import { commandLine, type MemoryWatch, tree, treeMemory, watchMemory } from './memory.ts';
import { type Found, findPeers, startWebPeer, type WebPeer } from './python.ts';
import { judge, type PeerRow } from './verdict.ts';
import { postRows, readRows, type Sides } from './web.ts';

/** An idle service is one that has done nothing for this long after its start, in ms. */
const IDLE_MS = 5_000;
const FIRST_START_MS = 300_000;
const silent = (): void => undefined;

export interface PeersResult {
  date: string;
  node: string;
  cpu: string;
  cores: number;
  commit: string;
  /** Of one minute, before and after. */
  load: [before: number, after: number];
  peers: Found;
  rows: PeerRow[];
}

type Say = (line: string) => void;

/** Of the folder's data; its log goes to a file, as the peer's does. */
async function start(folder: string, command: readonly string[]): Promise<Service> {
  const [httpPort = 0, lambdaPort = 0] = await freePorts(2);
  const { PATH, HOME } = process.env;
  return startService({
    httpPort,
    lambdaPort,
    env: { PATH, HOME, HOOFPRINT_DATA: join(folder, 'data'), HOOFPRINT_PORTS: 'free' },
    command: ['sh', '-c', 'exec "$@" 2>>"$0"', join(folder, 'host.log'), ...command],
    timeout: FIRST_START_MS,
  });
}

/** The first start makes the database and loads the herd; the later ones are measured. */
async function startRow(folder: string, starts: number): Promise<PeerRow> {
  await (await start(folder, HOST_COMMAND)).stop();
  const times: number[] = [];
  for (let turn = 0; turn < starts; turn += 1) {
    const began = performance.now();
    const service = await start(folder, ['npm', 'start']);
    times.push((performance.now() - began) / 1_000);
    await service.stop();
  }
  const bounds = { goal: 3, floor: 5, better: 'lower', isRatio: false } as const;
  return judge({ what: 'second npm start until it answers', host: median(times), unit: 's', ...bounds });
}

/** A run of the bench. */
interface Bench {
  service: Service;
  peer: WebPeer | undefined;
  folder: string;
  effort: Effort;
  say: Say;
}

async function jobRows({ service, peer, folder, effort, say }: Bench): Promise<PeerRow[]> {
  const stack = await openStack({
    role: 'brief',
    dataDir: join(folder, 'data'),
    env: { PATH: process.env.PATH },
    say: silent,
  });
  const { DATABASE_URL = '', IMAGE_ROOT = '' } = stack.environment;
  const database = postgres({ url: DATABASE_URL, queryTimeout: 60_000 });
  try {
    say('an archive of crops, and PIL ...');
    const where = { folder, imageRoot: IMAGE_ROOT, withPeer: peer !== undefined };
    const rows = [await archiveRow(service.url, database, where, effort)];
    say('queued reports, and one alone ...');
    await queueRow(service.url, 20);
    rows.push(await queueRow(service.url, effort.reports), await renderRow(database));
    return rows;
  } finally {
    await database.close();
    await stack.close();
  }
}

function memoryRows(idle: number, { most }: MemoryWatch): PeerRow[] {
  const row = (what: string, host: number, goal: number, floor: number): PeerRow =>
    judge({ what, host, unit: 'MB', goal, floor, better: 'lower', isRatio: false, note: 'Pss' });
  return [
    row('memory of the whole stack, idle', idle, 1_100, 1_800),
    row('memory of the whole stack, under load', most.stack, 1_500, 1_800),
    row('memory of the API process', most.api, 250, 250),
  ];
}

/** Stops the processes of its functions, and with them the queue. */
async function holdWorkers(service: Service): Promise<void> {
  await Promise.all([1, 2, 3, 4].map(() => followExport(service.url, 'pdf', SMALL, silent)));
  for (const pid of workers(service)) process.kill(pid, 'SIGSTOP');
}
const workers = (service: Service): number[] =>
  tree(service.pid).filter((pid) => commandLine(pid).includes('function-process.ts'));

async function measure(bench: Bench): Promise<PeerRow[]> {
  const { service, peer, effort, say } = bench;
  await pause(IDLE_MS);
  const idle = treeMemory(service.pid);
  const { status } = await followExport(service.url, 'pdf', SMALL, silent);
  await peer?.keep(status.job_id, status);
  const watch = watchMemory(service.pid);
  try {
    const sides: Sides = { ...effort, urls: [service.url, peer?.url] };
    const jobs = await jobRows(bench);
    say('reads and refusals, 10 connections ...');
    const reads = await readRows(sides, status.job_id);
    say('POSTs, 10 connections ...');
    await holdWorkers(service);
    const posts = await postRows(sides);
    return [...reads, ...posts, ...jobs, ...memoryRows(idle, watch)];
  } finally {
    watch.stop();
  }
}

/** An engine that is ending may still write: what it makes again is removed again. */
function remove(folder: string): void {
  const nobody = new Int32Array(new SharedArrayBuffer(4));
  for (let tries = 0; tries < 20 && existsSync(folder); tries += 1) {
    try {
      rmSync(folder, { recursive: true, force: true });
    } catch {
      // It was written to meanwhile.
    }
    Atomics.wait(nobody, 0, 0, 300);
  }
}

/** Runs the bench against peers; some minutes. */
export async function benchPeers(effort: Effort, say: Say): Promise<PeersResult> {
  const peers = findPeers();
  const before = loadavg()[0] ?? 0;
  const folder = mkdtempSync(join(tmpdir(), 'hoofprint-peers-'));
  process.once('exit', () => remove(folder));
  let service: Service | undefined;
  let peer: WebPeer | undefined;
  try {
    say('starting a separate service with the demo herd, and again ...');
    const started = await startRow(folder, effort.starts);
    service = await start(folder, HOST_COMMAND);
    peer = peers.missing.length === 0 ? await startWebPeer(folder) : undefined;
    const rows = [...(await measure({ service, peer, folder, effort, say })), started];
    return {
      ...describeRun(),
      load: [before, loadavg()[0] ?? 0],
      peers,
      rows,
    };
  } finally {
    // What waits in the queue is of no use: nothing is finished or handed back.
    const left = service === undefined ? [] : tree(service.pid).slice(1);
    await service?.kill();
    for (const pid of left) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It ended with its parent.
      }
    }
    await peer?.stop();
    remove(folder);
  }
}
