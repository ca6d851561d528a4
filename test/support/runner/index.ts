// The suite's jest runner: each test file runs in a separate bare Node process, with jest-circus,
// Node's own modules and its own type stripping. Nothing is transformed and there is no VM: see
// docs/decisions.md.
import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import type { SerializableError, Test, TestResult } from '@jest/test-result';
import type { Config } from '@jest/types';
import pMap from 'p-map';
import { findNeed } from './needs.ts';
import { openShared, type Shared } from './shared.ts';
import type { FileResult, TestFile } from './test-file.ts';

/** What a process may still take to end after it has handed over its result, in ms. */
const EXIT_MS = 5_000;
/** Next to the packages that it was compiled from. */
const COMPILED = join(import.meta.dirname, '../../../node_modules/.cache/compiled');

export default class ProcessRunner {
  private readonly globalConfig: Config.GlobalConfig;
  private readonly grace: number;

  /** @param options.grace ms that something may stay open after the last test of a file */
  constructor(globalConfig: Config.GlobalConfig, _context?: unknown, options: { grace?: number } = {}) {
    this.globalConfig = globalConfig;
    this.grace = options.grace ?? 10_000;
  }

  async runTests(
    tests: Test[],
    watcher: { isInterrupted(): boolean },
    onStart: (test: Test) => Promise<void>,
    onResult: (test: Test, result: TestResult) => Promise<void>,
    onFailure: (test: Test, error: SerializableError) => Promise<void>,
  ): Promise<void> {
    // Many engines live for seconds; the soak runs them as a person does.
    if (process.env.HOOFPRINT_SOAK !== '1') process.env.HOOFPRINT_ENGINES ??= 'light';
    const shared = await openShared();
    const run = async (test: Test): Promise<void> => {
      if (watcher.isInterrupted()) return;
      await onStart(test);
      await this.run(test, shared).then(
        (result) => onResult(test, result),
        (error: Error) => onFailure(test, { message: error.message, stack: error.stack ?? '' } as SerializableError),
      );
    };
    const inTurn = async (group: Test[]): Promise<void> => {
      for (const test of group) await run(test);
    };
    try {
      await pMap(groupTests(tests), inTurn, { concurrency: this.globalConfig.maxWorkers });
    } finally {
      await shared.close();
    }
  }

  private async run(test: Test, shared: Shared): Promise<TestResult> {
    const more = await shared.environmentFor(test.path);
    const { globalConfig, grace } = this;
    const file: TestFile = { globalConfig, config: test.context.config, path: test.path, grace };
    const child = fork(join(import.meta.dirname, 'test-file.ts'), {
      env: { ...process.env, NODE_COMPILE_CACHE: COMPILED, ...more },
      execArgv: ['--disable-warning=ExperimentalWarning'],
      serialization: 'advanced',
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    const said: Buffer[] = [];
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => said.push(chunk));
    child.send(file);
    const { result, openHandles } = await this.outcome(child, said);
    const message = Buffer.concat(said).toString().trimEnd();
    if (message !== '') result.console = [{ message, origin: '', type: 'log' }];
    return openHandles.length === 0 ? result : withOpenHandles(result, openHandles);
  }

  /** @throws Error with the last words of a process that ends without a result. */
  private outcome(child: ChildProcess, said: readonly Buffer[]): Promise<FileResult> {
    const { promise, resolve, reject } = Promise.withResolvers<FileResult>();
    let outcome: FileResult | undefined;
    let late: NodeJS.Timeout | undefined;
    child.on('message', (message) => {
      outcome = message as FileResult;
      late = setTimeout(() => {
        outcome?.openHandles.push(`the process itself: it did not end within ${EXIT_MS / 1_000} s of process.exit`);
        child.kill('SIGKILL');
      }, EXIT_MS);
    });
    child.on('error', reject);
    // Not 'exit': what it has said is complete only then.
    child.on('close', (code, signal) => {
      clearTimeout(late);
      if (outcome !== undefined) resolve(outcome);
      else reject(new Error(`the process ended (${signal ?? code}) before its tests did\n${Buffer.concat(said)}`));
    });
    return promise;
  }
}

/** Files that share the service run one after the other; each other file is a group. */
function groupTests(tests: readonly Test[]): Test[][] {
  const sharing = tests.filter(({ path }) => findNeed(path) === 'service');
  return tests.flatMap((test) => (sharing.includes(test) ? (test === sharing[0] ? [sharing] : []) : [[test]]));
}

/** Fails the file: the results of its tests stay. */
function withOpenHandles(result: TestResult, openHandles: readonly string[]): TestResult {
  const message = [
    'The tests of this file have ended, but its process has not. Left open:',
    ...openHandles.map((handle) => `  ${handle}`),
    'HOOFPRINT_TRACE_HANDLES=1 shows the lines that opened them.',
  ].join('\n');
  return {
    ...result,
    testExecError: { message, stack: message } as SerializableError,
    failureMessage: [result.failureMessage, message].filter(Boolean).join('\n\n'),
  };
}
