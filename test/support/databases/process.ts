// The process of the pool's servers, as its parent sees it.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { COMPILED } from '../runner/test-process.ts';
import type { ServerAnswer, ServerOrder } from './servers.ts';

export interface Running {
  port: number;
  stop(): Promise<void>;
}

export interface Servers {
  start(folder: string): Promise<Running>;
  close(): Promise<void>;
}

/** The process begins with the first server; see TestProcess for its garbage. */
export function openServers(): Servers {
  let child: ChildProcess | undefined;
  const waiting = new Map<string, { resolve(answer: ServerAnswer): void; reject(error: Error): void }>();

  function begin(): ChildProcess {
    const begun = fork(join(import.meta.dirname, 'servers.ts'), {
      env: { NODE_COMPILE_CACHE: COMPILED, ...process.env },
      execArgv: ['--disable-warning=ExperimentalWarning', '--single-threaded-gc'],
      stdio: ['ignore', 'ignore', 2, 'ipc'],
      detached: true,
    });
    begun.on('message', (answer: ServerAnswer) => waiting.get(answer.folder)?.resolve(answer));
    begun.once('exit', (code, signal) => {
      const error = new Error(`the process of the databases ended with ${signal ?? code}`);
      for (const { reject } of waiting.values()) reject(error);
    });
    return begun;
  }

  async function ask(kind: ServerOrder['kind'], folder: string): Promise<ServerAnswer> {
    child ??= begin();
    const answered = new Promise<ServerAnswer>((resolve, reject) => waiting.set(folder, { resolve, reject }));
    child.send({ kind, folder } satisfies ServerOrder);
    return answered.finally(() => waiting.delete(folder));
  }

  return {
    async start(folder) {
      const answer = await ask('start', folder);
      if (answer.kind !== 'started')
        throw new Error(`no database: ${answer.kind === 'failed' ? answer.reason : answer.kind}`);
      return { port: answer.port, stop: async () => void (await ask('stop', folder)) };
    },
    async close() {
      if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      // Their folders are removed: nothing has to be saved.
      child.kill('SIGKILL');
      await ended;
    },
  };
}
