// Figures for Prometheus: the text format, how long requests of this process took, and what the
// process takes. https://prometheus.io/docs/instrumenting/exposition_formats/
import { readdirSync } from 'node:fs';
import { performance } from 'node:perf_hooks';

type Labels = Readonly<Record<string, string>>;

interface Sample {
  /** Of a histogram. */
  suffix?: '_bucket' | '_sum' | '_count';
  labels?: Labels;
  value: number;
}

export interface Family {
  name: string;
  type: 'counter' | 'gauge' | 'histogram';
  help: string;
  samples: readonly Sample[];
}

export const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

const escapeHelp = (text: string): string => text.replace(/\\/g, '\\\\').replace(/\n/g, '\\n');
const escapeLabel = (text: string): string => escapeHelp(text).replace(/"/g, '\\"');

function writeSample(name: string, { suffix, labels = {}, value }: Sample): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escapeLabel(text)}"`);
  return `${name}${suffix ?? ''}${pairs.length === 0 ? '' : `{${pairs.join()}}`} ${value}\n`;
}

/** Families without a sample are left out. */
export const writeMetrics = (families: readonly Family[]): string =>
  families
    .filter(({ samples }) => samples.length > 0)
    .map(({ name, type, help, samples }) => {
      const head = `# HELP ${name} ${escapeHelp(help)}\n# TYPE ${name} ${type}\n`;
      return head + samples.map((sample) => writeSample(name, sample)).join('');
    })
    .join('');

/**
 * The samples of one histogram.
 * @param bounds upper ones of the buckets @param counts of each bucket alone, and above all
 */
export function histogram(labels: Labels, bounds: readonly number[], counts: ArrayLike<number>, sum: number): Sample[] {
  let total = 0;
  const buckets = [...bounds, Number.POSITIVE_INFINITY].map((bound, at): Sample => {
    total += counts[at] ?? 0;
    const le = bound === Number.POSITIVE_INFINITY ? '+Inf' : String(bound);
    return { suffix: '_bucket', labels: { ...labels, le }, value: total };
  });
  return [...buckets, { suffix: '_sum', labels, value: sum }, { suffix: '_count', labels, value: total }];
}

const BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

interface Times {
  labels: Labels;
  counts: Float64Array;
  sum: number;
}
/** Of requests that were answered, and of those that waited for a change. */
const answered = new Map<string, Times>();
const held = new Map<string, Times>();

export interface MeasuredRequest {
  /** As in serverless.yml, e.g. `GET /api/exports/pdf/{job_id}`; any other text is no route. */
  route: string | undefined;
  method: string | undefined;
  status: number;
  ms: number;
  isHeld?: boolean;
}

/** Notes how long a request took. No label has what a client made up. */
export function measureRequest({ route = '', method = '', status, ms, isHeld = false }: MeasuredRequest): void {
  const kinds = isHeld ? held : answered;
  const key = `${route} ${method} ${status}`;
  let times = kinds.get(key);
  if (times === undefined) {
    const labels = {
      route: /^[A-Z]+ (\/.*)$/.exec(route)?.[1] ?? 'none',
      method: METHODS.includes(method) ? method : 'other',
      code: String(status),
    };
    times = { labels, counts: new Float64Array(BOUNDS.length + 1), sum: 0 };
    kinds.set(key, times);
  }
  const seconds = ms / 1_000;
  let at = 0;
  while (at < BOUNDS.length && seconds > BOUNDS[at]!) at += 1;
  times.counts[at]! += 1;
  times.sum += seconds;
}

/** One series for the same labels: methods and paths that are not known share them. */
function gather(kinds: ReadonlyMap<string, Times>): Sample[] {
  const series = new Map<string, Times>();
  for (const { labels, counts, sum } of kinds.values()) {
    const key = Object.values(labels).join(' ');
    const so = series.get(key) ?? { labels, counts: new Float64Array(counts.length), sum: 0 };
    series.set(key, { labels, counts: so.counts.map((count, at) => count + counts[at]!), sum: so.sum + sum });
  }
  return [...series.values()].flatMap(({ labels, counts, sum }) => histogram(labels, BOUNDS, counts, sum));
}

export const requestFamilies = (): Family[] => [
  {
    name: 'http_request_duration_seconds',
    type: 'histogram',
    help: 'Time from the request to its answer, of this process since it started.',
    samples: gather(answered),
  },
  {
    name: 'http_request_held_seconds',
    type: 'histogram',
    help: 'The same for requests that waited for a change (Prefer: wait) or for events.',
    samples: gather(held),
  },
];

function countOpenFiles(): Sample[] {
  try {
    return [{ value: readdirSync('/proc/self/fd').length }];
  } catch {
    // Linux alone has it.
    return [];
  }
}

export function processFamilies(): Family[] {
  const { user, system } = process.cpuUsage();
  const { rss, heapUsed } = process.memoryUsage();
  const gauge = (name: string, help: string, ...samples: Sample[]): Family => ({ name, type: 'gauge', help, samples });
  const counter = (name: string, help: string, value: number): Family => ({
    ...{ name, type: 'counter', help, samples: [{ value }] },
  });
  return [
    counter('process_cpu_seconds_total', 'CPU time of all threads.', (user + system) / 1e6),
    gauge('process_resident_memory_bytes', 'Memory that is in use.', { value: rss }),
    gauge('process_open_fds', 'Open files and connections.', ...countOpenFiles()),
    gauge('process_start_time_seconds', 'When the process started, since 1970.', {
      value: Math.round(performance.timeOrigin) / 1_000,
    }),
    gauge('nodejs_heap_size_used_bytes', 'Memory of JavaScript alone.', { value: heapUsed }),
    counter(
      'nodejs_eventloop_active_seconds_total',
      'Time in which the event loop was busy.',
      performance.eventLoopUtilization().active / 1_000,
    ),
  ];
}
