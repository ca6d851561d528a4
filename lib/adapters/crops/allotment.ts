// A bound on a sum: work that needs memory waits until there is room for it next to the work that
// is running.

export interface Allotment {
  /**
   * Runs `work` once `size` fits; a size larger than the whole runs alone. First come, first
   * served.
   */
  with<T>(size: number, work: () => Promise<T>): Promise<T>;
}

/** @param whole what all work under way may need together, in the unit of `size` */
export function allotment(whole: number): Allotment {
  const waiting: { size: number; begin: () => void }[] = [];
  let used = 0;
  let running = 0;
  const admit = (): void => {
    for (let next = waiting[0]; next !== undefined && (running === 0 || used + next.size <= whole); next = waiting[0]) {
      waiting.shift();
      used += next.size;
      running += 1;
      next.begin();
    }
  };
  return {
    with: async (size, work) => {
      await new Promise<void>((begin) => {
        waiting.push({ size, begin });
        admit();
      });
      try {
        return await work();
      } finally {
        used -= size;
        running -= 1;
        admit();
      }
    },
  };
}
