// What the supervisor and the process of an engine say to each other.
import type { Secrets } from './secrets.ts';

/** Given to the process as JSON in argv[2], which every user of the machine can read: no secret. */
export interface EngineOptions {
  /** The engine's own folder; exists. */
  folder: string;
  /** Port wanted on 127.0.0.1; 0 = any. */
  port: number;
  /** Take any port when the wanted one is in use. */
  anyPort: boolean;
  settings: Record<string, string>;
}

/** Sent to the process: the secrets first, and once. */
export type EngineOrder = { kind: 'start'; secrets: Secrets } | { kind: 'stop' };

/** Sent by the process, once. */
export type EngineMessage = { kind: 'ready'; port: number } | { kind: 'failed'; reason: string };
