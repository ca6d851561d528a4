// Functions of the pool load bundles, whose paths say what is in them; a process that waits is the
// one that runs the first invocation.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { keepByContent } from '../../localstack/bundles/bundle.ts';
import type { HostFunction } from '../../localstack/host/declared/functions.ts';
import { startBundling } from '../../localstack/host/pool/bundles.ts';
import { FunctionPool } from '../../localstack/host/pool/pool.ts';
import { commandLine, tree } from '../../scripts/bench/peers/memory.ts';

const FILE = 'handlers/generateExport.ts';
const target: HostFunction = {
  key: 'generateExport',
  functionName: 'hoofprint-dev-generateExport',
  file: FILE,
  exported: 'handler',
  timeout: 60,
  memorySize: 512,
  heavy: true,
  environment: {},
  routes: [],
  schedules: [],
};
const invocation = { functionName: target.functionName, requestId: 'r', memorySize: 512, event: { Records: [] } };
const processes = (): number[] => tree(process.pid).filter((pid) => commandLine(pid).includes('function-process.ts'));

test('a process waits with the bundle loaded, and takes the first invocation', async () => {
  const bundles = await startBundling([FILE], { target: 'node24', external: ['sharp'] }).bundles;
  const path = bundles.get(FILE)!;
  expect(readFileSync(path, 'utf8')).toContain('module.exports');
  const pool = new FunctionPool();
  try {
    pool.use(bundles);
    pool.warm(target);
    pool.warm(target);
    const waiting = processes();
    expect(waiting.map((pid) => commandLine(pid).includes(path))).toEqual([true]);
    const answer = await pool.invoke(target, { ...invocation, deadline: Date.now() + 60_000 });
    expect(JSON.parse(answer)).toEqual({ batchItemFailures: [] });
    expect(processes()).toEqual(waiting);
  } finally {
    await pool.close();
  }
}, 120_000);

test('a function gets its variables, and other programs of the user see none but those of the start', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'hoofprint-pool-'));
  const path = join(folder, 'one.cjs');
  writeFileSync(path, 'const { A_SECRET } = process.env; exports.handler = () => [A_SECRET, process.env.ANOTHER];');
  const pool = new FunctionPool();
  process.env.A_SECRET = 'of-the-host';
  try {
    pool.use(new Map([[FILE, path]]));
    const its = { ...target, environment: { ANOTHER: 'of-the-function' } };
    const answer = await pool.invoke(its, { ...invocation, deadline: Date.now() + 60_000 });
    expect(JSON.parse(answer)).toEqual(['of-the-host', 'of-the-function']);
    const shown = processes().map((pid) => readFileSync(`/proc/${pid}/environ`, 'utf8'));
    expect(shown.join()).toMatch(/(^|\0)PATH=/);
    expect(shown.join()).not.toMatch(/of-the-/);
  } finally {
    delete process.env.A_SECRET;
    await pool.close();
    rmSync(folder, { recursive: true });
  }
});

test('bundling that fails or is broken off gives nothing', async () => {
  expect(await startBundling(['handlers/there-is-none.ts'], {}).bundles).toEqual(new Map());
  const broken = startBundling([FILE], {});
  broken.end();
  expect(await broken.bundles).toEqual(new Map());
});

test('the same bundle has the same path, another one another, and what nobody uses goes', () => {
  const folder = mkdtempSync(join(tmpdir(), 'hoofprint-functions-'));
  try {
    const made = (start: string, text: string): string => {
      mkdirSync(join(folder, start, 'handlers'), { recursive: true });
      writeFileSync(join(folder, start, 'handlers/one.cjs'), text);
      return keepByContent(join(folder, start), 'handlers/one.ts', join(folder, 'all'));
    };
    const first = made('1', 'one');
    expect(made('2', 'one')).toBe(first);
    const second = made('3', 'two');
    expect([first, second].map((path) => readFileSync(path, 'utf8'))).toEqual(['one', 'two']);
    const longAgo = Date.now() / 1_000 - 31 * 86_400;
    utimesSync(join(first, '..'), longAgo, longAgo);
    made('4', 'two');
    expect([first, second].map((path) => existsSync(path))).toEqual([false, true]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
