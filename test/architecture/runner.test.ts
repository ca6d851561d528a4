// The suite's own runner: a file that leaves something open, or ends its process, fails the run.
import { join } from 'node:path';
import type { Test, TestResult } from '@jest/test-result';
import ProcessRunner from '../support/runner/index.ts';
import { until } from '../support/wait.ts';

/** What the runner says of files below test/fixtures/runner, in one process: of the last one. */
async function run(...names: string[]): Promise<{ result?: TestResult; error?: string }> {
  const globalConfig = { maxWorkers: 1, testTimeout: 5_000, maxConcurrency: 5, updateSnapshot: 'none' };
  const rootDir = join(import.meta.dirname, '../..');
  const config = {
    rootDir,
    setupFiles: [],
    setupFilesAfterEnv: [],
    snapshotSerializers: [],
    fakeTimers: {},
    injectGlobals: true,
    slowTestThreshold: 5,
  };
  const files = names.map(
    (name) => ({ path: join(rootDir, 'test/fixtures/runner', `${name}.ts`), context: { config } }) as unknown as Test,
  );
  const runner = new ProcessRunner(globalConfig as never, undefined, { grace: 300 });
  const outcome: { result?: TestResult; error?: string } = {};
  await runner.runTests(
    files,
    { isInterrupted: () => false },
    async () => undefined,
    async (_, result) => {
      outcome.result = result;
    },
    async (_, { message }) => {
      outcome.error = message;
    },
  );
  return outcome;
}

test('a file that leaves nothing open passes', async () => {
  const { result } = await run('clean');
  expect(result).toMatchObject({ numPassingTests: 1, numFailingTests: 0, failureMessage: null });
  expect(result?.testExecError).toBeUndefined();
});

test('a failed assertion is reported, whatever its values are', async () => {
  const { result, error } = await run('unlike');
  expect(error).toBeUndefined();
  expect(result).toMatchObject({ numPassingTests: 0, numFailingTests: 1 });
  expect(result?.testResults[0]?.failureMessages[0]).toContain('StringMatching');
});

test('a file that leaves a server and a timer open fails, and both are named', async () => {
  const { result } = await run('server');
  expect(result).toMatchObject({ numPassingTests: 1, numFailingTests: 0 });
  expect(result?.testExecError?.message).toMatch(/1 x Timeout[\s\S]*server on port \d+/);
  expect(result?.failureMessage).toContain('the process has not. Left open:');
});

test('files that share a process and leave something open fail the run, and are named', async () => {
  await expect(run('shared-server')).rejects.toThrow(/^The tests of shared-server.ts[\s\S]*server on port \d+/);
});

test.each(['unloadable', 'unloadable-alone'])(
  '%s: a file that cannot be loaded fails, and its process has ended',
  async (name) => {
    expect((await run(name)).error).toContain('missing.ts');
    await until('the end', () => (process.getActiveResourcesInfo().includes('ProcessWrap') ? undefined : true), 3_000);
  },
);

test('files that share a process: a name of jest that a module keeps is that of the file that runs', async () => {
  const { result, error } = await run('described-first', 'described-again');
  expect(error).toBeUndefined();
  expect(result?.testResults.map(({ fullName, status }) => [fullName, status])).toEqual([
    ['a group inside', 'passed'],
    ['outside', 'passed'],
  ]);
});

test('a file that ends its process fails with its last words', async () => {
  expect((await run('ends')).error).toMatch(/^the process ended \(3\) before its tests did\n[\s\S]*last words/);
});
