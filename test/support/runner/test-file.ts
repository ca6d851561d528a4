// Runs test files in this process with jest-circus, one after the other, then waits for the process
// to have nothing left to do: what still keeps it alive is reported at the end.
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import type { TestResult } from '@jest/test-result';
import type { Config } from '@jest/types';
import { openHandles, traceHandles } from './open-handles.ts';

export interface TestFile {
  globalConfig: Config.GlobalConfig;
  config: Config.ProjectConfig;
  path: string;
}

/** To the process: the next file, or that there is none. */
export type Order =
  | { kind: 'run'; file: TestFile }
  /** `grace`: ms that something may still be open, such as a connection that is being closed. */
  | { kind: 'end'; grace: number };

/** From the process: an answer to each order. */
export type Answer =
  | { kind: 'ran'; result: TestResult }
  | { kind: 'failed'; message: string }
  /** `openHandles`: what kept the process from ending, in words. */
  | { kind: 'ended'; openHandles: string[] };

const require = createRequire(import.meta.url);
const CIRCUS = /\/jest-circus\//;
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

/** What circus puts into the global scope; a support module may keep one of them for all files. */
const NAMES = ['describe', 'test', 'it', 'beforeAll', 'beforeEach', 'afterEach', 'afterAll'] as const;
/** Each name stands for that of the file that runs now. */
for (const name of NAMES) {
  let current: (...args: unknown[]) => unknown;
  const lasting = new Proxy(() => undefined, {
    apply: (_, __, args: unknown[]) => current(...args),
    get: (_, key) => Reflect.get(current, key),
  });
  Object.defineProperty(globalThis, name, {
    get: () => lasting,
    set: (value: typeof current) => {
      current = value;
    },
    configurable: true,
  });
}

type Circus = (
  globalConfig: Config.GlobalConfig,
  config: Config.ProjectConfig,
  environment: { global: typeof globalThis },
  using: typeof runtime,
  path: string,
) => Promise<TestResult>;

async function run({ globalConfig, config, path }: TestFile): Promise<TestResult> {
  const start = Date.now();
  // Its state is that of one file.
  for (const name of Object.keys(require.cache)) if (CIRCUS.test(name)) delete require.cache[name];
  Reflect.deleteProperty(globalThis, Symbol.for('EVENT_HANDLERS'));
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

async function follow(order: Order): Promise<Answer> {
  if (order.kind === 'run') {
    return run(order.file).then(
      (result) => ({ kind: 'ran', result }),
      (error: Error) => ({ kind: 'failed', message: error.stack ?? error.message }),
    );
  }
  process.channel?.unref();
  return { kind: 'ended', openHandles: await untilIdle(order.grace) };
}

if (process.env.HOOFPRINT_TRACE_HANDLES === '1') traceHandles();
// The run was stopped.
process.once('disconnect', () => process.exit(1));
process.on('message', (order: Order) =>
  follow(order).then((answer) =>
    process.send?.(answer, () => {
      if (answer.kind === 'ended') process.exit();
    }),
  ),
);
