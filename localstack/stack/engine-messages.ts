// What the supervisor and the process of an engine say to each other.

/** Given to the process as JSON in argv[2]. */
export interface EngineOptions {
  /** The engine's own folder; exists. */
  folder: string;
  /** Port wanted on 127.0.0.1; 0 = any. */
  port: number;
  /** Take any port when the wanted one is in use. */
  anyPort: boolean;
  settings: Record<string, string>;
}

/** Sent by the process, once. */
export type EngineMessage = { kind: 'ready'; port: number } | { kind: 'failed'; reason: string };
