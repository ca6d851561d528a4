// The suite's jest runner: test files run in bare Node processes, with jest-circus, Node's own
// modules and its own type stripping. Nothing is transformed and there is no VM: see
// docs/decisions.md. A file has a process to itself, unless it changes nothing that another one
// could notice.
import type { SerializableError, Test, TestResult } from '@jest/test-result';
import type { Config } from '@jest/types';
import pMap from 'p-map';
import { findNeed, mayShareProcess, type Need } from './needs.ts';
import { openShared, type Shared } from './shared.ts';
import type { TestFile } from './test-file.ts';
import { COMPILED, TestProcess } from './test-process.ts';

/** Processes that have run files of this need and wait for another. */
type Idle = Record<Need, TestProcess[]>;

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
    // What one process has compiled, no other one compiles again.
    process.env.NODE_COMPILE_CACHE ??= COMPILED;
    const shared = await openShared();
    const idle: Idle = { nothing: [], services: [], service: [] };
    const run = async (test: Test): Promise<void> => {
      if (watcher.isInterrupted()) return;
      await onStart(test);
      const running = mayShareProcess(test.path) ? this.runShared(test, shared, idle) : this.runAlone(test, shared);
      await running.then(
        (result) => onResult(test, result),
        (error: Error) => onFailure(test, { message: error.message, stack: error.stack ?? '' } as SerializableError),
      );
    };
    const inTurn = async (group: Test[]): Promise<void> => {
      for (const test of group) await run(test);
    };
    try {
      await pMap(groupTests(tests), inTurn, { concurrency: this.globalConfig.maxWorkers });
      await pMap(Object.values(idle).flat(), async (process) => {
        const open = await process.end(this.grace);
        if (open.length > 0) throw new Error(describeOpen(`The tests of ${process.files}`, open));
      });
    } finally {
      await shared.close();
    }
  }

  /** In a process of its kind that waits for a file, or a new one. */
  private async runShared(test: Test, shared: Shared, idle: Idle): Promise<TestResult> {
    const waiting = idle[findNeed(test.path)];
    const process = waiting.pop() ?? new TestProcess(await shared.environmentFor(test.path));
    const result = await process.run(this.makeFile(test));
    waiting.push(process);
    return withOutput(result, process.takeOutput());
  }

  private async runAlone(test: Test, shared: Shared): Promise<TestResult> {
    const process = new TestProcess(await shared.environmentFor(test.path));
    const result = await process.run(this.makeFile(test));
    const open = await process.end(this.grace);
    withOutput(result, process.takeOutput());
    if (open.length === 0) return result;
    const message = describeOpen('The tests of this file', open);
    return {
      ...result,
      testExecError: { message, stack: message } as SerializableError,
      failureMessage: [result.failureMessage, message].filter(Boolean).join('\n\n'),
    };
  }

  private makeFile(test: Test): TestFile {
    return { globalConfig: this.globalConfig, config: test.context.config, path: test.path };
  }
}

/** Files that share the service run one after the other; each other file is a group. */
function groupTests(tests: readonly Test[]): Test[][] {
  const sharing = tests.filter(({ path }) => findNeed(path) === 'service');
  return tests.flatMap((test) => (sharing.includes(test) ? (test === sharing[0] ? [sharing] : []) : [[test]]));
}

function withOutput(result: TestResult, message: string): TestResult {
  if (message !== '') result.console = [{ message, origin: '', type: 'log' }];
  return result;
}

const describeOpen = (whose: string, openHandles: readonly string[]): string =>
  [
    `${whose} have ended, but the process has not. Left open:`,
    ...openHandles.map((handle) => `  ${handle}`),
    'HOOFPRINT_TRACE_HANDLES=1 shows the lines that opened them.',
  ].join('\n');
