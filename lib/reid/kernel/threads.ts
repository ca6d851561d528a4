// Who works: worker threads on one shared memory, or the caller's thread in short slices. The
// answer is the same.
import { availableParallelism } from 'node:os';
import { types } from 'node:util';
import { Worker } from 'node:worker_threads';
import { Fault } from '../../errors.ts';
import { findWatch, type Watch } from '../watch/index.ts';
import { wasm, worker as workerText } from './kernel.generated.ts';
import { CHUNK, CONTROL, countBlockPairs, makeLayout, type Plan, type Task } from './layout.ts';
import { plainEngine } from './plain.ts';
import { BadRow, doWork, type Engine, type WorkData } from './work.ts';
import type { WorkerAnswer, WorkerStart } from './worker.ts';

export interface ThreadOptions {
  /**
   * Worker threads; 0 = the caller's thread, in slices. Absent: 0 for small work, else one per
   * core, at most 8.
   */
  threads?: number;
  /**
   * `plain` is JavaScript without SIMD and threads: slower, same answers. Absent: what the machine
   * can.
   */
  engine?: 'simd' | 'plain';
}

/** Writes labels or profiles into the memory before the work begins. */
export type Prepare = (engine: Engine, buffer: ArrayBufferLike, plan: Plan) => void;

/** Multiplications that are not worth starting threads for: about 60 ms. */
const SMALL_WORK = 3e8;
const MOST_THREADS = 8;
/** Longest stretch of work on the caller's thread before the event loop gets its turn, in ms. */
const SLICE_MS = 8;

let compiled: WebAssembly.Module | undefined;

/** Compiled once; undefined where WebAssembly has no SIMD. */
function simdModule(): WebAssembly.Module | undefined {
  const bytes = Buffer.from(wasm, 'base64');
  if (compiled === undefined && WebAssembly.validate(bytes)) compiled = new WebAssembly.Module(bytes);
  return compiled;
}

const simdEngine = (module: WebAssembly.Module, memory: WebAssembly.Memory): Engine =>
  new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as Engine;

/**
 * Does a task over `data.vectors`.
 * @returns what each thread counted: one histogram array per thread of a `pairs` task, else none
 * @throws Fault `invalid` naming a row that is zero or not finite, `too-large` when there is no
 *   memory for it; the reason of a cancellation by who watches
 */
export async function runTask(
  task: Task,
  data: Pick<WorkData, 'vectors' | 'output'>,
  dimensions: number,
  prepare: Prepare,
  options: ThreadOptions,
): Promise<Float64Array[]> {
  const rows = data.vectors.length / dimensions;
  const module = options.engine === 'plain' ? undefined : simdModule();
  const threads = module === undefined ? 0 : (options.threads ?? chooseThreads(task, rows, dimensions));
  const plan: Plan = { task, rows, dimensions, threads };
  const { bytes } = makeLayout(plan);
  findWatch()?.signal.throwIfAborted();
  try {
    if (module === undefined) {
      const buffer = new ArrayBuffer(bytes);
      return await workHere(plainEngine(buffer), { ...data, plan, buffer }, prepare);
    }
    const memory = sharedMemory(bytes);
    const engine = simdEngine(module, memory);
    if (threads === 0) return await workHere(engine, { ...data, plan, buffer: memory.buffer }, prepare);
    const start = { module, memory, data: { plan, vectors: shareable(data.vectors), output: data.output } };
    return await workInThreads(start, threads, () => prepare(engine, memory.buffer, plan));
  } catch (error) {
    if (error instanceof BadRow) throw new Fault('invalid', `vector ${error.row} is zero or not finite`);
    throw error;
  }
}

function chooseThreads(task: Task, rows: number, dimensions: number): number {
  const products = task.kind === 'profiles' ? rows * task.others * dimensions : (rows * rows * dimensions) / 2;
  return products < SMALL_WORK ? 0 : Math.min(availableParallelism(), MOST_THREADS);
}

function sharedMemory(bytes: number): WebAssembly.Memory {
  const pages = Math.ceil(bytes / 65_536);
  try {
    return new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
  } catch (cause) {
    throw new Fault('too-large', `the similarity kernel needs ${Math.ceil(bytes / 2 ** 20)} MiB and cannot get them`, {
      cause,
    });
  }
}

/** The same numbers in memory that threads can share: a copy, unless they are there already. */
function shareable(vectors: Float32Array): Float32Array {
  if (types.isSharedArrayBuffer(vectors.buffer)) return vectors;
  const shared = new Float32Array(new SharedArrayBuffer(vectors.byteLength));
  shared.set(vectors);
  return shared;
}

/** On the caller's thread; the event loop gets its turn after each slice. */
async function workHere(engine: Engine, data: WorkData, prepare: Prepare): Promise<Float64Array[]> {
  prepare(engine, data.buffer, data.plan);
  const watch = findWatch();
  const control = new Int32Array(data.buffer, makeLayout(data.plan).control, 8);
  const steps = doWork(data, engine, 0);
  let since = performance.now();
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value === undefined ? [] : [step.value];
    if (performance.now() - since < SLICE_MS) continue;
    await new Promise((resolve) => setImmediate(resolve));
    watch?.signal.throwIfAborted();
    watch?.progress(readShare(data.plan, control));
    since = performance.now();
  }
}

/** What of a task has been taken up, 0 to 1. */
function readShare({ task, rows }: Plan, control: Int32Array): number {
  const total = task.kind === 'pairs' ? countBlockPairs(rows) : Math.ceil(rows / CHUNK);
  return Atomics.load(control, task.kind === 'pairs' ? CONTROL.taken : CONTROL.packing) / Math.max(1, total);
}

/** How often who watches learns how far it is, in ms. */
const LOOK_MS = 100;

/** @throws the reason of a cancellation at once: the caller then ends the workers */
async function watched<T>(answer: Promise<T>, watch: Watch | undefined, share: () => number): Promise<T> {
  if (watch === undefined) return answer;
  const { signal, progress } = watch;
  const stopped = Promise.withResolvers<never>();
  const stop = (): void => stopped.reject(signal.reason);
  signal.addEventListener('abort', stop);
  const timer = setInterval(() => progress(share()), LOOK_MS);
  try {
    return await Promise.race([answer, stopped.promise]);
  } finally {
    clearInterval(timer);
    signal.removeEventListener('abort', stop);
    answer.catch(() => undefined);
  }
}

interface RunningWorker {
  worker: Worker;
  answer: Promise<WorkerAnswer>;
}

/** Resolves when every worker has answered and ended; the first failure ends them all. */
async function workInThreads(
  start: Omit<WorkerStart, 'thread'>,
  threads: number,
  prepare: () => void,
): Promise<Float64Array[]> {
  const workers = Array.from({ length: threads }, (_, thread) => startWorker({ ...start, thread }));
  try {
    // While the workers start.
    prepare();
    const control = new Int32Array(start.memory.buffer, makeLayout(start.data.plan).control, 8);
    Atomics.store(control, CONTROL.go, 1);
    Atomics.notify(control, CONTROL.go);
    const all = workers.map(async (running) => {
      const answer = await running.answer;
      if ('badRow' in answer) throw new BadRow(answer.badRow);
      return answer;
    });
    const answers = await watched(Promise.all(all), findWatch(), () => readShare(start.data.plan, control));
    return answers.flatMap(({ totals }) => (totals === undefined ? [] : [totals]));
  } finally {
    // Answers that nobody waits for any more.
    for (const { answer } of workers) answer.catch(() => undefined);
    await Promise.all(workers.map(({ worker }) => worker.terminate()));
  }
}

function startWorker(start: WorkerStart): RunningWorker {
  const worker = new Worker(workerText, { eval: true, workerData: start, execArgv: [], name: 'similarity kernel' });
  const ended = new Promise<number>((resolve) => worker.once('exit', resolve));
  const answer = new Promise<WorkerAnswer>((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
    void ended.then((code) =>
      reject(new Error(`a worker of the similarity kernel ended with code ${code} before its answer`)),
    );
  });
  return { worker, answer };
}
