// POST /api/reid/...: what is refused at once, and what is queued.

import { handler as reportHandler } from '../../handlers/reidReport.ts';
import { handler as resultHandler } from '../../handlers/reidResult.ts';
import { handler as statusHandler } from '../../handlers/reidStatus.ts';
import { closeWiring } from '../../lib/clients.ts';
import { ANALYSES } from '../../lib/exports/reid/kind.ts';
import type { HttpHandler } from '../../lib/lambda/http.ts';
import { call } from '../support/invoke.ts';
import { capitalized } from '../support/kinds.ts';
import { drain, ownQueues } from '../support/queues.ts';
import { until } from '../support/wait.ts';

await ownQueues();
afterAll(closeWiring);

async function post(analysis: string, body: unknown) {
  const { handler } = (await import(`../../handlers/createReid${capitalized(analysis)}.ts`)) as {
    handler: HttpHandler;
  };
  return call(handler, { method: 'POST', path: `/api/reid/${analysis}`, body });
}

const drained = async (): Promise<{ job_id: string }[]> =>
  (await drain(process.env.EXPORTS_QUEUE_URL!)).map((text) => JSON.parse(text));

// The first request reads the names that there are: a busy machine takes longer than an answer may.
beforeAll(async () => {
  await until('names', async () => ((await post('scores', { classes: ['buck'] })).status === 202 ? true : undefined));
  await drained();
});

test.each(ANALYSES)('%s: the input of the function is queued under its name', async (analysis) => {
  const own: Record<string, object> = {
    matching: { max_fpir: 0.1 },
    survey: { window: { since: '2023-10-01', until: '2023-10-14' }, occasion_days: 1, identities: 'roster', seed: 4 },
  };
  const body = { ...(own[analysis] ?? { thresholds: [0.7, 0.65], max_fpir: 0.1 }), classes: ['buck'], since: null };
  const { status, json, headers } = await post(analysis, body);
  expect([status, headers.location]).toEqual([202, `/api/reid/${json.job_id}`]);
  const message = (await drained()).find(({ job_id }) => job_id === json.job_id);
  const { since: _, ...input } = body;
  expect(message).toMatchObject({ kind: 'reid', job_id: json.job_id, request: { analysis, input } });
  const parameters = { job_id: json.job_id as string };
  expect((await call(statusHandler, { path: json.status_url, parameters })).json).toMatchObject({
    status: 'processing',
  });
  for (const part of [reportHandler, resultHandler])
    expect((await call(part, { path: `${json.status_url}/report`, parameters })).status).toBe(404);
});

const window = (since: string, until: string) => ({ window: { since, until } });

test.each([
  ['scores', { output: 'a.html' }, '/output', /^output is not a known field; known fields: evidence/],
  ['plot', { trial: { threshold: 0.5, sample: 3 } }, '/trial', /^trial is not a known field/],
  ['thresholds', { thresholds: [0.5, 2] }, '/thresholds/1', /^thresholds\[1\] must be a number from -1 to 1/],
  ['thresholds', { thresholds: [0.5, 0.5] }, '/thresholds/1', /^thresholds must not contain 0.5 twice/],
  ['thresholds', { since: '2024-02-01', until: '2024-01-01' }, '/since', /^since must be before until/],
  ['thresholds', { trial: { threshold: 0.5 } }, '/trial/sample', /^trial.sample is required/],
  ['survey', { max_fpir: 0.1 }, '/max_fpir', /^max_fpir is not a known field; known fields: since, until/],
  ['survey', { occasion_days: 2 }, '/occasion_days', /^occasion_days must be one of: 1, 3/],
  ['survey', { identities: 'matcher' }, '/identities', /^identities must be one of: roster, platform/],
  ['survey', { window: { since: '2023-10-01' } }, '/window/until', /^window.until is required: it must be a date/],
  ['survey', window('2023-10-14', '2023-10-01'), '/window/since', /^window.since must not be after window.until/],
  ['survey', window('2023-10-01', '2023-11-30'), '/window', /^window must have at most 60 days/],
  ['survey', window('2023-10-01', '2023-10-04'), '/window', /^window must have at least 5 occasions of occasion_days/],
  [
    'survey',
    { ...window('2023-10-01', '2023-10-14'), occasion_days: 3 },
    '/window',
    /^window must have at least 5 occasions of occasion_days/,
  ],
  [
    'survey',
    { ...window('2023-10-01', '2023-10-14'), since: '2023-10-02' },
    '/window/since',
    /^window.since must not be before since/,
  ],
  [
    'survey',
    { ...window('2023-10-01', '2023-10-14'), until: '2023-10-13' },
    '/window/until',
    /^window.until must not be after until/,
  ],
  ['survey', { locations: ['Nowhere'] }, '/locations/0', /^Unknown location "Nowhere"; known: /],
  ['scores', { classes: ['unicorn'] }, '/classes/0', /^Unknown classification "unicorn"; known: /],
  ['scores', { locations: ['Nowhere'] }, '/locations/0', /^Unknown location "Nowhere"; known: /],
])('%s %j is refused, and nothing is queued', async (analysis, body, pointer, sentence) => {
  const { status, json } = await post(analysis, body);
  expect([status, json.errors[0].pointer, json.detail]).toEqual([400, pointer, expect.stringMatching(sentence)]);
  expect(await drained()).toEqual([]);
});
