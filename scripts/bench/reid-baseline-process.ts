// The NumPy baseline as a process that runs one task at a time, so that its runs can alternate with
// those of the kernels.
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** A: detections against profiles. B: all pairs as histograms. */
export type Task = 'A' | 'B';

export interface Baseline {
  numpy: string;
  /** Milliseconds of one run, and numbers that correct answers share. */
  ask(task: Task): Promise<{ ms: number; check: number[] }>;
  end(): void;
}

const SCRIPT = fileURLToPath(new URL('reid-baseline.py', import.meta.url));

/**
 * @param folder holds the vectors and shape.json
 * @param coretype forces a kernel of OpenBLAS; '' leaves its choice
 * @returns undefined when there is no Python with NumPy (PYTHON names another interpreter than
 *   `python3`)
 */
export async function startBaseline(
  folder: string,
  processes: number,
  coretype: string,
): Promise<Baseline | undefined> {
  const child: ChildProcess = spawn(process.env.PYTHON ?? 'python3', [SCRIPT, folder, String(processes)], {
    env: { ...process.env, OPENBLAS_CORETYPE: coretype },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
  child.on('error', () => undefined);
  child.stdin!.on('error', () => undefined);
  const hello = await Promise.race([
    lines.next(),
    new Promise<undefined>((resolve) => child.once('error', () => resolve(undefined))),
  ]);
  if (hello === undefined || hello.done === true) return undefined;
  return {
    numpy: (JSON.parse(hello.value) as { numpy: string }).numpy,
    ask: async (task) => {
      child.stdin!.write(`${task}\n`);
      const answer = await lines.next();
      if (answer.done === true) throw new Error(`the NumPy baseline ended during task ${task}`);
      return JSON.parse(answer.value) as { ms: number; check: number[] };
    },
    end: () => child.stdin!.end(),
  };
}
