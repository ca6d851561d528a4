// GET /health: whether PostgreSQL, Redis, SQS and S3 answer.
import { checkHealth } from '../lib/health.ts';
import { http } from '../lib/lambda/http.ts';
import { corsOrigin, pings } from '../lib/wiring.ts';

export const handler = http({ corsOrigin }, async () => {
  const health = await checkHealth(pings());
  return { status: health.status === 'ok' ? 200 : 503, body: health };
});
