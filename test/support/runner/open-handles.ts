// What keeps this process alive, in words: for test files that have ended but leave something open.
import { createHook } from 'node:async_hooks';

interface LibuvHandle {
  type: string;
  is_active: boolean;
  is_referenced: boolean;
  pid?: number;
  localEndpoint?: { port: number } | null;
  remoteEndpoint?: { port: number } | null;
}

/** Where handles were opened, by asynchronous id; filled only after traceHandles(). */
const opened = new Map<number, { type: string; resource: { hasRef?(): boolean }; stack: string }>();
const TRACED = /^(Timeout|TCPWRAP|TCPSERVERWRAP|PIPEWRAP|PROCESSWRAP|WORKER|FSREQCALLBACK|UDPWRAP|FSEVENTWRAP)$/;

/** Slows everything down: only on request. */
export function traceHandles(): void {
  createHook({
    init(id, type, _trigger, resource) {
      if (TRACED.test(type)) opened.set(id, { type, resource, stack: new Error('opened').stack ?? '' });
    },
    destroy: (id) => void opened.delete(id),
  }).enable();
}

/** Variables that name this port: a connection to REDIS_URL is easier to find than one to 41593. */
const variablesOf = (port: number): string =>
  Object.entries(process.env)
    .filter(([, value]) => new RegExp(`:${port}(?!\\d)`).test(value ?? ''))
    .map(([name]) => ` (${name})`)
    .join('');

function describeHandle({ type, pid, localEndpoint, remoteEndpoint }: LibuvHandle): string | undefined {
  if (type === 'process') return `child process ${pid}`;
  if (type !== 'tcp') return undefined;
  if (remoteEndpoint) return `connection to port ${remoteEndpoint.port}${variablesOf(remoteEndpoint.port)}`;
  return localEndpoint ? `server on port ${localEndpoint.port}` : undefined;
}

/** One line per kind of thing that is open; details where Node knows them. */
export function openHandles(): string[] {
  Object.assign(process.report, { excludeNetwork: true, excludeEnv: true });
  const { libuv } = process.report.getReport() as unknown as { libuv: LibuvHandle[] };
  const details = libuv.filter((handle) => handle.is_active && handle.is_referenced).map(describeHandle);
  const traces = [...opened.values()]
    .filter(({ resource }) => resource.hasRef?.() !== false)
    .map(({ type, stack }) => `${type} ${stack.split('\n').slice(2).join('\n')}`);
  const kinds = Object.entries(Object.groupBy(process.getActiveResourcesInfo(), (kind) => kind));
  return [...kinds.map(([kind, all]) => `${all?.length} x ${kind}`), ...details, ...traces].filter(
    (line) => line !== undefined,
  );
}
