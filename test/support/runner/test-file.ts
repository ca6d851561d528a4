// Runs one test file in this process with jest-circus, then waits for the process to have nothing
// left to do: what still keeps it alive is reported with the result.
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import type { TestResult } from '@jest/test-result';
import type { Config } from '@jest/types';
import { openHandles, traceHandles } from './open-handles.ts';

export interface TestFile {
  globalConfig: Config.GlobalConfig;
  config: Config.ProjectConfig;
  path: string;
  /** What may still be open after the last test, in ms: a connection that is being closed. */
  grace: number;
}

export interface FileResult {
  result: TestResult;
  /** What kept the process from ending, in words. */
  openHandles: string[];
}

const require = createRequire(import.meta.url);
const load = (path: string): Promise<unknown> => import(pathToFileURL(path).href);

/** The part of jest's runtime that jest-circus uses, by Node's own means. */
const runtime = {
  requireInternalModule: require,
  requireModule: require,
  setGlobalsForRuntime: () => undefined,
  unstable_shouldLoadAsEsm: () => true,
  unstable_importModule: load,
  enterTestCode: () => undefined,
  leaveTestCode: () => undefined,
};

type Circus = (
  globalConfig: Config.GlobalConfig,
  config: Config.ProjectConfig,
  environment: { global: typeof globalThis },
  using: typeof runtime,
  path: string,
) => Promise<TestResult>;

async function run({ globalConfig, config, path }: TestFile): Promise<TestResult> {
  const start = Date.now();
  const circus = require('jest-circus/runner') as { default: Circus };
  for (const file of config.setupFiles) await load(file);
  const result = await circus.default(globalConfig, config, { global: globalThis }, runtime, path);
  const end = Date.now();
  const slow = end - start > config.slowTestThreshold * 1_000;
  return {
    ...result,
    // The raw errors may hold functions and symbols (expect.any()), which do not pass between
    // processes; failureMessages say the same in words.
    testResults: result.testResults.map((each) => ({ ...each, failureDetails: [] })),
    testFilePath: path,
    displayName: config.displayName,
    skipped: result.testResults.every(({ status }) => status === 'pending'),
    perfStats: { ...result.perfStats, start, end, runtime: end - start, slow },
  };
}

/** Resolves when nothing keeps the process alive, or with what does. */
function untilIdle(grace: number): Promise<string[]> {
  return new Promise((resolve) => {
    process.once('beforeExit', () => resolve([]));
    setTimeout(() => resolve(openHandles()), grace).unref();
  });
}

if (process.env.HOOFPRINT_TRACE_HANDLES === '1') traceHandles();
// The run was stopped.
process.once('disconnect', () => process.exit(1));
const file = await new Promise<TestFile>((resolve) =>
  process.once('message', (message) => resolve(message as TestFile)),
);
process.channel?.unref();
const result = await run(file);
const outcome: FileResult = { result, openHandles: await untilIdle(file.grace) };
process.send?.(outcome, () => process.exit());
