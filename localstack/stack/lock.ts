// An exclusive lock that the kernel keeps and that ends with its process: an SQLite file held by
// BEGIN EXCLUSIVE. Nothing ever has to guess whether a lock is stale, and nobody else may open the
// file (closing any handle on it would drop the lock).
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as pause } from 'node:timers/promises';
import { Fault } from '../../lib/errors.ts';

export interface Lock {
  release(): void;
}

const SQLITE_BUSY = 5;
const SQLITE_NOTADB = 26;

/**
 * Takes the lock if it is free; undefined when a process (this one included) has it.
 * @throws Fault `conflict` when the file is something else; the system's error when the file cannot
 *   be made, e.g. on a full or read-only disk.
 */
export function tryLock(file: string): Lock | undefined {
  mkdirSync(dirname(file), { recursive: true });
  const database = new DatabaseSync(file, { timeout: 0 });
  try {
    database.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    const { errcode } = error as { errcode?: number };
    if (errcode === SQLITE_BUSY) return undefined;
    // Not removed here: two processes that mend at once would both believe that they own it.
    if (errcode === SQLITE_NOTADB)
      throw new Fault('conflict', `${file} is damaged. It only marks an owner, nothing is in it. Type: rm ${file}`);
    throw error;
  }
  let held = true;
  return {
    release() {
      if (held) database.close();
      held = false;
    },
  };
}

/** Waits at most `timeout` ms for the lock; undefined when it stayed taken. */
export async function waitForLock(file: string, timeout: number): Promise<Lock | undefined> {
  const deadline = Date.now() + timeout;
  for (;;) {
    const lock = tryLock(file);
    if (lock !== undefined || Date.now() >= deadline) return lock;
    await pause(50);
  }
}
