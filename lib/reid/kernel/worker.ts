// One worker: bundled into kernel.generated.ts as text, so that it also starts from inside a
// bundled function.
import { parentPort, workerData } from 'node:worker_threads';
import { CONTROL, makeLayout } from './layout.ts';
import { BadRow, type Engine, type Ground, work } from './work.ts';

export interface Start {
  module: WebAssembly.Module;
  memory: WebAssembly.Memory;
  ground: Omit<Ground, 'buffer'>;
  thread: number;
}

/** What a worker says, once, before it ends. */
export type Said = { totals: Float64Array | undefined } | { badRow: number };

const { module, memory, ground, thread } = workerData as Start;
const { exports } = new WebAssembly.Instance(module, { env: { memory } });
// The labels are written while the workers start.
Atomics.wait(new Int32Array(memory.buffer, makeLayout(ground.job).control, 8), CONTROL.go, 0);
let said: Said;
try {
  const steps = work({ ...ground, buffer: memory.buffer }, exports as unknown as Engine, thread);
  let step = steps.next();
  while (step.done !== true) step = steps.next();
  said = { totals: step.value };
} catch (error) {
  if (!(error instanceof BadRow)) throw error;
  said = { badRow: error.row };
}
parentPort!.postMessage(said);
