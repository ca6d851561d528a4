// GET /metrics: figures of jobs, of the queue and of this process, for Prometheus.
import { access, figurePorts } from '../lib/clients.ts';
import { readFigures } from '../lib/exports/job/figures.ts';
import { http } from '../lib/lambda/http.ts';
import { METRICS_TYPE, processFamilies, requestFamilies, writeMetrics } from '../lib/metrics.ts';

export const handler = http({ access, scope: 'admin' }, async () => ({
  status: 200,
  headers: { 'content-type': METRICS_TYPE },
  body: writeMetrics([...(await readFigures(figurePorts())), ...requestFamilies(), ...processFamilies()]),
}));
