// Stacks in separate processes, for tests that kill them.
import { type ChildProcess, fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { bareEnvironment } from './services.ts';

export interface Opened {
  kind: 'open';
  joined: boolean;
  environment: Record<string, string>;
  engines: { name: string; pid: number; port: number }[];
}
export type Outcome = Opened | { kind: 'refused'; reason: string };

export interface OwnerProcess {
  child: ChildProcess;
  outcome: Promise<Outcome>;
  /** Sentences for the person at the terminal. */
  said: string[];
  /** Sends the signal and waits for the end. */
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>;
}

const started: ChildProcess[] = [];
const folders: string[] = [];
const removeFolders = (): void => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 200 });
};
// Not every file that asks for a folder starts a process here.
process.once('exit', removeFolders);

export function freshFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'hoofprint-stack-'));
  folders.push(folder);
  return folder;
}

export function openInProcess(folder: string, role: 'service' | 'brief', env: NodeJS.ProcessEnv = {}): OwnerProcess {
  const child = fork(new URL('./owner-process.ts', import.meta.url), [JSON.stringify({ folder, role })], {
    execArgv: ['--disable-warning=ExperimentalWarning'],
    env: { ...bareEnvironment(), LOG_LEVEL: 'error', ...env },
    stdio: ['ignore', 'ignore', 2, 'ipc'],
  });
  started.push(child);
  const said: string[] = [];
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const outcome = new Promise<Outcome>((resolve, reject) => {
    child.on('message', (message: Outcome | { kind: 'said'; line: string }) => {
      if (message.kind === 'said') said.push(message.line);
      else if (message.kind === 'open' || message.kind === 'refused') resolve(message);
    });
    exited.then(() => reject(new Error('the process ended without a report')));
  });
  outcome.catch(() => undefined);
  return {
    child,
    outcome,
    said,
    end: async (signal) => {
      child.kill(signal);
      await exited;
    },
  };
}

/** For afterAll: nothing of this file's tests is left behind. */
export async function endAll(): Promise<void> {
  await Promise.all(
    started.map(async (child) => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exited = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      await exited;
    }),
  );
  removeFolders();
}

/** Polls until the condition holds. @throws when it does not within `timeout` ms. */
export async function eventually(
  what: string,
  condition: () => boolean | Promise<boolean>,
  timeout = 15_000,
): Promise<void> {
  const deadline = Date.now() + timeout;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`not within ${timeout} ms: ${what}`);
    await pause(25);
  }
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

export function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ port, host: '127.0.0.1' });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
