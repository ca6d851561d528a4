// What an owner would load to see traces (node --import): an SDK that writes each finished part as
// one line of the file TRACE_FILE.
import { appendFileSync } from 'node:fs';
import { context, propagation, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { ExportResultCode, W3CTraceContextPropagator } from '@opentelemetry/core';
import { BasicTracerProvider, SimpleSpanProcessor, type SpanExporter } from '@opentelemetry/sdk-trace-base';

const exporter: SpanExporter = {
  export(spans, done) {
    for (const span of spans) {
      const { traceId, spanId } = span.spanContext();
      const { name, kind, attributes, status, parentSpanContext, endTime } = span;
      const end = endTime[0] * 1_000 + endTime[1] / 1e6;
      const line = {
        pid: process.pid,
        traceId,
        spanId,
        parent: parentSpanContext?.spanId,
        name,
        kind,
        attributes,
        status,
        end,
      };
      appendFileSync(process.env.TRACE_FILE!, `${JSON.stringify(line)}\n`);
    }
    done({ code: ExportResultCode.SUCCESS });
  },
  shutdown: async () => undefined,
};
trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }));
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
propagation.setGlobalPropagator(new W3CTraceContextPropagator());
