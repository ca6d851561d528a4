// Memory of a process and of all that it started, as shares of what they share (Pss).
import { readdirSync, readFileSync } from 'node:fs';

/** undefined when it has ended meanwhile. */
function readProc(pid: string | number, file: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return undefined;
  }
}

/** A process and its descendants. */
export function tree(root: number): number[] {
  const children = new Map<number, number[]>();
  for (const name of readdirSync('/proc')) {
    const parent = /^\d+$/.test(name) ? /\) \S (\d+)/.exec(readProc(name, 'stat') ?? '')?.[1] : undefined;
    if (parent !== undefined) children.set(Number(parent), [...(children.get(Number(parent)) ?? []), Number(name)]);
  }
  const found = [root];
  for (const pid of found) found.push(...(children.get(pid) ?? []));
  return found;
}

export const commandLine = (pid: number): string => readProc(pid, 'cmdline')?.replaceAll('\0', ' ') ?? '';

/** MB of a process. */
export const processMemory = (pid: number): number =>
  Number(/^Pss:\s+(\d+)/m.exec(readProc(pid, 'smaps_rollup') ?? '')?.[1] ?? 0) / 1_024;

/** MB of a process and its descendants. */
export const treeMemory = (root: number): number => tree(root).reduce((sum, pid) => sum + processMemory(pid), 0);

export interface MemoryWatch {
  /** The most seen so far, in MB: of the whole stack, and of the process that serves the API. */
  most: { stack: number; api: number };
  stop(): void;
}

const SAMPLE_MS = 1_000;

export function watchMemory(root: number): MemoryWatch {
  const most = { stack: 0, api: 0 };
  const look = (): void => {
    most.stack = Math.max(most.stack, treeMemory(root));
    most.api = Math.max(most.api, processMemory(root));
  };
  look();
  const timer = setInterval(look, SAMPLE_MS);
  return { most, stop: () => clearInterval(timer) };
}
