// One worker: bundled into kernel.generated.ts as text, so that it also starts from inside a
// bundled function.
import { parentPort, workerData } from 'node:worker_threads';
import { CONTROL, makeLayout } from './layout.ts';
import { BadRow, doWork, type Engine, type WorkData } from './work.ts';

export interface WorkerStart {
  module: WebAssembly.Module;
  memory: WebAssembly.Memory;
  data: Omit<WorkData, 'buffer'>;
  thread: number;
}

/** What a worker posts, once, before it ends. */
export type WorkerAnswer = { totals: Float64Array | undefined } | { badRow: number };

const { module, memory, data, thread } = workerData as WorkerStart;
const { exports } = new WebAssembly.Instance(module, { env: { memory } });
// The labels are written while the workers start.
Atomics.wait(new Int32Array(memory.buffer, makeLayout(data.plan).control, 8), CONTROL.go, 0);
let answer: WorkerAnswer;
try {
  const steps = doWork({ ...data, buffer: memory.buffer }, exports as unknown as Engine, thread);
  let step = steps.next();
  while (step.done !== true) step = steps.next();
  answer = { totals: step.value };
} catch (error) {
  if (!(error instanceof BadRow)) throw error;
  answer = { badRow: error.row };
}
parentPort!.postMessage(answer);
