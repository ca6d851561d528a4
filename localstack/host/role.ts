// What a host does: everything on one machine, or one part of it next to others.
import { Fault } from '../../lib/errors.ts';
import {
  type HostFunction,
  hostFunctions,
  type QueueFunction,
  queueFunctions,
  type Service,
} from './declared/functions.ts';

/** `all` answers HTTP and works, `api` only answers, `worker` only works. */
const ROLES = ['all', 'api', 'worker'] as const;
export type HostRole = (typeof ROLES)[number];

/** Most jobs that one worker may be asked to do at a time. */
const MOST_AT_A_TIME = 64;
/** Where a worker answers unless it is asked otherwise: the API of the same machine has 8001. */
const PORTS: Record<HostRole, string> = { all: '8001', api: '8001', worker: '8003' };

export interface HostChoice {
  role: HostRole;
  /** Jobs at a time; undefined = what serverless.yml says. */
  concurrency?: number;
}

/**
 * @param values as they were typed
 * @throws Fault `invalid` that says what is possible
 */
export function readChoice(values: { role?: string; concurrency?: string }): HostChoice {
  const role = ROLES.find((known) => known === (values.role ?? 'all'));
  if (role === undefined)
    throw new Fault('invalid', `--role must be api, worker or all, not ${JSON.stringify(values.role)}`);
  if (values.concurrency === undefined) return { role };
  if (role === 'api') throw new Fault('invalid', '--concurrency is for workers: an api does no jobs');
  const concurrency = Number(values.concurrency);
  if (!Number.isInteger(concurrency) || concurrency < 1 || concurrency > MOST_AT_A_TIME)
    throw new Fault('invalid', `--concurrency must be a whole number from 1 to ${MOST_AT_A_TIME}`);
  return { role, concurrency };
}

/** The port of HTTP: as it was chosen, or the usual one of this role. */
export const choosePort = (role: HostRole, env: NodeJS.ProcessEnv): string => env.HOOFPRINT_HTTP_PORT || PORTS[role];

/** What a host of this role runs. */
export interface Duties {
  /** With the routes that are answered, and the schedules that are kept. */
  functions: readonly HostFunction[];
  queues: readonly QueueFunction[];
}

/**
 * The functions of a service that are of this role. A function behind a queue that runs in a
 * process of the pool does the jobs: their number is chosen, that of others is not.
 */
export function findDuties(service: Service, { role, concurrency }: HostChoice): Duties {
  const functions = hostFunctions(service);
  const queues = queueFunctions(service);
  if (role === 'api') {
    const answering = functions.filter(({ routes }) => routes.length > 0);
    return { functions: answering.map((target) => ({ ...target, schedules: [] })), queues: [] };
  }
  const heavy = new Set(functions.filter((target) => target.heavy).map(({ functionName }) => functionName));
  const chosen = queues.map((target) =>
    concurrency === undefined || !heavy.has(target.functionName) ? target : { ...target, concurrency },
  );
  if (role === 'all') return { functions, queues: chosen };
  const queued = new Set(queues.map(({ functionName }) => functionName));
  const own = service.custom?.hoofprint?.worker ?? [];
  const working = functions.filter(
    ({ key, functionName, schedules }) => own.includes(key) || queued.has(functionName) || schedules.length > 0,
  );
  return {
    functions: working.map((target) => (own.includes(target.key) ? target : { ...target, routes: [] })),
    queues: chosen,
  };
}
