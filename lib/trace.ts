// What a request causes, as one trace across processes, by the API of OpenTelemetry. An SDK, which
// records it, is the owner's to load (docs/OPERATIONS.md). Without one nothing is recorded: the
// traceparent that a caller sends is passed on, and log entries name its trace.
import { AsyncLocalStorage } from 'node:async_hooks';
import {
  type Attributes,
  type Context,
  context,
  isSpanContextValid,
  propagation,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import { errorMessage } from './errors.ts';
import { logAbout } from './log.ts';

/** Headers of a request, or attributes of a message. */
export type Carrier = Readonly<Record<string, string | undefined>>;

/** One piece of a trace. */
export interface Part {
  /** Runs `work` inside of it: what that begins is below it, what it logs bears its trace. */
  within<T>(work: () => T): T;
  note(attributes: Attributes): void;
  end(error?: unknown): void;
}

/** https://www.w3.org/TR/trace-context/#traceparent-header; later versions begin like this one. */
const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?:$|-)/;
/** What a message takes of a carrier: other propagators than W3C's have other fields. */
const CARRIED = /^[\x20-\x7e]{1,1000}$/;

const NOTHING: Part = { within: (work) => work(), note: () => undefined, end: () => undefined };
const tracer = trace.getTracer('hoofprint');
/** Where no SDK keeps it. */
const ownContext = new AsyncLocalStorage<Context>();

const current = (): Context => {
  const found = context.active();
  return trace.getSpan(found) === undefined ? (ownContext.getStore() ?? found) : found;
};

function readParent(carrier: Carrier): Context {
  const extracted = propagation.extract(ROOT_CONTEXT, carrier);
  if (trace.getSpanContext(extracted) !== undefined) return extracted;
  const [, traceId = '', spanId = '', flags = ''] = TRACEPARENT.exec(carrier.traceparent ?? '') ?? [];
  const parent: SpanContext = { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true };
  return isSpanContextValid(parent) ? trace.setSpanContext(extracted, parent) : extracted;
}

function openPart(span: Span, parent: Context): Part {
  const { traceId } = span.spanContext();
  if (!isSpanContextValid(span.spanContext())) return NOTHING;
  const inside = trace.setSpan(parent, span);
  return {
    within: (work) => ownContext.run(inside, () => context.with(inside, () => logAbout({ trace_id: traceId }, work))),
    note: (attributes) => void span.setAttributes(attributes),
    end(error) {
      if (error !== undefined) span.setStatus({ code: SpanStatusCode.ERROR, message: errorMessage(error) });
      span.end();
    },
  };
}

/**
 * Begins what came from elsewhere: a part of the trace that the carrier names, or of a new one.
 * @param name of few values: no id, no path
 */
export function joinTrace(
  name: string,
  kind: 'server' | 'consumer',
  carrier: Carrier | undefined,
  attributes?: Attributes,
): Part {
  const parent = readParent(carrier ?? {});
  const options = { kind: kind === 'server' ? SpanKind.SERVER : SpanKind.CONSUMER, ...(attributes && { attributes }) };
  return openPart(tracer.startSpan(name, options, parent), parent);
}

const KINDS = { internal: SpanKind.INTERNAL, client: SpanKind.CLIENT, producer: SpanKind.PRODUCER };

/** Does `work` as a part of what this process is at; ends with it, and bears its error. */
export async function traced<T>(
  name: string,
  kind: keyof typeof KINDS,
  work: () => Promise<T>,
  attributes?: Attributes,
): Promise<T> {
  const parent = current();
  const span = tracer.startSpan(name, { kind: KINDS[kind], ...(attributes && { attributes }) }, parent);
  const part = openPart(span, parent);
  try {
    const result = await part.within(work);
    part.end();
    return result;
  } catch (error) {
    part.end(error);
    throw error;
  }
}

/** What has to travel with a message, so that its consumer goes on with this trace. */
export function carryTrace(): Record<string, string> {
  const inside = current();
  const found: Record<string, string> = {};
  propagation.inject(inside, found);
  const here = trace.getSpanContext(inside);
  if (Object.keys(found).length === 0 && here !== undefined) {
    const flags = here.traceFlags.toString(16).padStart(2, '0');
    found.traceparent = `00-${here.traceId}-${here.spanId}-${flags}`;
  }
  return Object.fromEntries(Object.entries(found).filter(([, value]) => CARRIED.test(value)));
}
