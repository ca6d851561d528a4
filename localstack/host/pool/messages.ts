// What the pool and the process of a function say to each other.
import type { Invocation } from './context.ts';

/** To the process. */
export interface InvokeOrder extends Invocation {
  event: unknown;
}

/** From the process, once for each order. `rss` in bytes. */
export type InvokeAnswer =
  | { kind: 'result'; text: string; rss: number }
  | { kind: 'error'; name: string; message: string; rss: number };
