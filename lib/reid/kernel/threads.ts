// Who works: worker threads on one shared memory, or this thread in short slices. The answer is the
// same.
import { availableParallelism } from 'node:os';
import { types } from 'node:util';
import { Worker } from 'node:worker_threads';
import { Fault } from '../../errors.ts';
import { wasm, worker as workerText } from './kernel.generated.ts';
import { blockPairs, CHUNK, CONTROL, type Job, makeLayout } from './layout.ts';
import { plainEngine } from './plain.ts';
import { BadRow, type Engine, type Ground, work } from './work.ts';
import type { Said, Start } from './worker.ts';

export interface ThreadOptions {
  /**
   * Worker threads; 0 = this thread, in slices. Default: 0 for small work, else one per core, at
   * most 8.
   */
  threads?: number;
  /**
   * `plain` is JavaScript without SIMD and threads: slower, same answers. Default: what the machine
   * can.
   */
  engine?: 'simd' | 'plain';
  /** Told about five times a second: the share done, 0 to 1. */
  onProgress?: (share: number) => void;
}

export interface Done {
  job: Job;
  buffer: ArrayBufferLike;
  /** What each thread counted. */
  totals: Float64Array[];
}

/** Multiplications that are not worth starting threads for: about 60 ms. */
const SMALL_WORK = 3e8;
const MOST_THREADS = 8;
/** Longest stretch of work on the caller's thread before others get their turn, in ms. */
const SLICE_MS = 8;

let compiled: WebAssembly.Module | undefined;

/** Compiled once; undefined where WebAssembly lacks SIMD or threads, or memory cannot be shared. */
function simdModule(): WebAssembly.Module | undefined {
  const bytes = Buffer.from(wasm, 'base64');
  if (compiled === undefined && typeof SharedArrayBuffer === 'function' && WebAssembly.validate(bytes)) {
    compiled = new WebAssembly.Module(bytes);
  }
  return compiled;
}

const engineOn = (module: WebAssembly.Module, memory: WebAssembly.Memory): Engine =>
  new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as Engine;

/** Gives the event loop its turn whenever this thread has worked for a slice. */
export function yieldToEventLoop(): () => Promise<void> | undefined {
  let since = performance.now();
  return () => {
    if (performance.now() - since < SLICE_MS) return undefined;
    return new Promise((resolve) =>
      setImmediate(() => {
        since = performance.now();
        resolve();
      }),
    );
  };
}

/** The same numbers in memory that threads can share: a copy, unless they are there already. */
function shareable(vectors: Float32Array): Float32Array {
  if (types.isSharedArrayBuffer(vectors.buffer)) return vectors;
  const shared = new Float32Array(new SharedArrayBuffer(vectors.byteLength));
  shared.set(vectors);
  return shared;
}

/**
 * Does a task over `ground.vectors`. `prepare` writes labels and profiles into the memory before
 * the work begins.
 * @throws Fault `invalid` naming a row that is zero or not finite, `too-large` when there is no
 *   memory for it.
 */
export async function run(
  task: Job['task'],
  ground: Pick<Ground, 'vectors' | 'output'>,
  dimensions: number,
  prepare: (engine: Engine, buffer: ArrayBufferLike, job: Job) => void,
  options: ThreadOptions,
): Promise<Done> {
  const rows = ground.vectors.length / dimensions;
  const module = options.engine === 'plain' ? undefined : simdModule();
  const products = task.kind === 'profiles' ? rows * task.others * dimensions : (rows * rows * dimensions) / 2;
  const threads =
    module === undefined
      ? 0
      : (options.threads ?? (products < SMALL_WORK ? 0 : Math.min(availableParallelism(), MOST_THREADS)));
  const job: Job = { task, rows, dimensions, threads };
  const { bytes, control: controlAt } = makeLayout(job);
  const total = task.kind === 'profiles' ? Math.ceil(rows / CHUNK) : blockPairs(rows);
  const tell = (control: Int32Array): void =>
    options.onProgress?.(Math.min(1, Atomics.load(control, CONTROL.done) / total));
  const memory = module === undefined ? undefined : sharedMemory(bytes);
  const buffer = memory?.buffer ?? new ArrayBuffer(bytes);
  const control = new Int32Array(buffer, controlAt, 8);
  const engine = module === undefined || memory === undefined ? plainEngine(buffer) : engineOn(module, memory);
  const timer = options.onProgress && setInterval(() => tell(control), 200);
  try {
    if (module === undefined || memory === undefined || threads === 0) {
      prepare(engine, buffer, job);
      return { job, buffer, totals: await inSlices(work({ job, buffer, ...ground }, engine, 0)) };
    }
    const shared = { job, vectors: shareable(ground.vectors), output: ground.output };
    const workers = Array.from({ length: threads }, (_, thread) =>
      startWorker({ module, memory, ground: shared, thread }),
    );
    // While the workers start: the labels.
    try {
      prepare(engine, buffer, job);
    } catch (error) {
      for (const { said } of workers) said.catch(() => undefined);
      await Promise.all(workers.map(({ worker }) => worker.terminate()));
      throw error;
    }
    Atomics.store(control, CONTROL.go, 1);
    Atomics.notify(control, CONTROL.go);
    return { job, buffer, totals: await allOf(workers) };
  } catch (error) {
    if (error instanceof BadRow) throw new Fault('invalid', `vector ${error.row} is zero or not finite`);
    throw error;
  } finally {
    clearInterval(timer);
    tell(control);
  }
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

async function inSlices(steps: Generator<void, Float64Array | undefined>): Promise<Float64Array[]> {
  const pauseIfDue = yieldToEventLoop();
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value === undefined ? [] : [step.value];
    await pauseIfDue();
  }
}

interface Running {
  worker: Worker;
  said: Promise<Said>;
}

function startWorker(start: Start): Running {
  const worker = new Worker(workerText, { eval: true, workerData: start, execArgv: [], name: 'similarity kernel' });
  const ended = new Promise<number>((resolve) => worker.once('exit', resolve));
  const said = new Promise<Said>((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
    void ended.then((code) =>
      reject(new Error(`a worker of the similarity kernel ended with code ${code} before its answer`)),
    );
  });
  return { worker, said };
}

/**
 * Resolves when every worker has said its counts and has ended; the first failure ends them all.
 */
async function allOf(workers: readonly Running[]): Promise<Float64Array[]> {
  try {
    const said = await Promise.all(
      workers.map(async (running) => {
        const answer = await running.said;
        if ('badRow' in answer) throw new BadRow(answer.badRow);
        return answer;
      }),
    );
    return said.flatMap(({ totals }) => (totals === undefined ? [] : [totals]));
  } finally {
    await Promise.all(workers.map(({ worker }) => worker.terminate()));
  }
}
