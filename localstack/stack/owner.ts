// Who owns a data folder: one process at a time, known by a kernel-backed lock and an identity key,
// never by an open port.
import { randomBytes } from 'node:crypto';
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { isBearer } from '../../lib/access/secret.ts';
import { Fault } from '../../lib/errors.ts';
import { type Lock, tryLock } from './lock.ts';

/**
 * service: stays up (npm start). brief: ends when its work is done (invoke local, import,
 * migrate, demo).
 */
export type Role = 'service' | 'brief';

export interface OwnerRecord {
  pid: number;
  role: Role;
  state: 'starting' | 'ready';
  /** ISO instant. */
  startedAt: string;
  /** Random; the owner's address answers only to it. */
  key: string;
  /** http://127.0.0.1:port of the owner's sign of life. */
  address: string;
  /** What processes need to use the stack; empty while starting. */
  environment: Record<string, string>;
  /** Data directory of the embedded PostgreSQL, if there is one. */
  cluster?: string;
}

export interface Ownership {
  /** Makes the stack known to others. */
  announce(environment: Record<string, string>, cluster?: string): void;
  release(): Promise<void>;
}

export type Claim = { kind: 'owner'; ownership: Ownership } | { kind: 'joined'; record: OwnerRecord };

export const OWNER_LOCK = 'owner.lock';
const RECORD = 'owner.json';

/** The record of the last owner; it says nothing about whether that owner lives. */
export function readRecord(folder: string): OwnerRecord | undefined {
  try {
    return JSON.parse(readFileSync(join(folder, RECORD), 'utf8')) as OwnerRecord;
  } catch {
    return undefined;
  }
}

/** Whether the owner of this record is alive and the one that wrote it. */
export async function answers(record: OwnerRecord): Promise<boolean> {
  const asked = fetch(record.address, {
    headers: { authorization: `Bearer ${record.key}` },
    signal: AbortSignal.timeout(2_000),
  });
  return asked.then(
    (response) => response.ok,
    () => false,
  );
}

/**
 * The record of the living owner of a folder, if it has one that has said so. For reading only; the
 * answer may be old at once.
 */
export async function livingOwner(folder: string): Promise<OwnerRecord | undefined> {
  const record = readRecord(folder);
  return record !== undefined && (await answers(record)) ? record : undefined;
}

async function own(folder: string, lock: Lock, role: Role): Promise<Ownership> {
  const key = randomBytes(16).toString('hex');
  rmSync(join(folder, RECORD), { force: true });
  // Without the key it says nothing, and with it only that its owner lives.
  const server = createServer(({ headers }, response) =>
    response.writeHead(isBearer(headers.authorization, key) ? 200 : 404).end(),
  );
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  // An owner that has done its work may end without closing this.
  server.unref();
  const { port } = server.address() as { port: number };
  const record: OwnerRecord = {
    pid: process.pid,
    role,
    state: 'starting',
    startedAt: new Date().toISOString(),
    key,
    address: `http://127.0.0.1:${port}`,
    environment: {},
  };
  const write = (): void => {
    // 0600: the addresses of a stack are for its owner only.
    writeFileSync(join(folder, `${RECORD}.new`), `${JSON.stringify(record, undefined, 2)}\n`, { mode: 0o600 });
    renameSync(join(folder, `${RECORD}.new`), join(folder, RECORD));
  };
  write();
  return {
    announce(environment, cluster) {
      Object.assign(record, { state: 'ready', environment }, cluster === undefined ? {} : { cluster });
      write();
    },
    async release() {
      rmSync(join(folder, RECORD), { force: true });
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
      lock.release();
    },
  };
}

const describe = (record: OwnerRecord): string => `process ${record.pid}, since ${record.startedAt}`;

/**
 * Becomes the owner of `folder`, or joins the running service. All wait for a brief owner to end
 * and for a starting service to be ready.
 * @throws Fault `conflict` when a service is asked for and one is running; `unavailable` after
 *   `timeout` ms of waiting.
 */
export async function claim(options: {
  folder: string;
  role: Role;
  timeout: number;
  say: (line: string) => void;
}): Promise<Claim> {
  const { folder, role, timeout, say } = options;
  const deadline = Date.now() + timeout;
  let waitingFor = '';
  for (;;) {
    const lock = tryLock(join(folder, OWNER_LOCK));
    if (lock !== undefined) {
      try {
        return { kind: 'owner', ownership: await own(folder, lock, role) };
      } catch (error) {
        lock.release();
        throw error;
      }
    }
    // Between a crash and the next owner's first record the old record is here: an address that
    // does not answer to its key is not asked again.
    const record = await livingOwner(folder);
    if (record?.role === 'service') {
      if (role === 'service') {
        throw new Fault(
          'conflict',
          `the local stack in ${folder} is already running (${describe(record)}). Use that one, stop it with: kill ${record.pid}, ` +
            'or set HOOFPRINT_DATA to another folder',
        );
      }
      if (record.state === 'ready') return { kind: 'joined', record };
    }
    if (record !== undefined && record.key !== waitingFor) {
      waitingFor = record.key;
      say(
        record.role === 'service'
          ? `hoofprint: waiting for the local stack to be ready (${describe(record)}) ...`
          : `hoofprint: waiting for another command to end (${describe(record)}) ...`,
      );
    }
    if (Date.now() > deadline) {
      const holder = record === undefined ? 'a process that does not answer' : describe(record);
      throw new Fault(
        'unavailable',
        `${folder} is held by ${holder} and was not released within ${Math.round(timeout / 1000)} s`,
      );
    }
    await pause(100);
  }
}
