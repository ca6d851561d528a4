// A Re-ID analysis as a job, over HTTP on the host: asked for, followed, read, cancelled, failed.
import { createHash } from 'node:crypto';
import { ask } from '../support/surface.ts';
import { until } from '../support/wait.ts';
import { get, json, ports, url } from './acted-jobs.ts';

afterAll(() => ports.close());

const post = async (analysis: string, body: object): Promise<{ job_id: string; status_url: string }> => {
  const answer = await ask(url, { method: 'POST', path: `/api/reid/${analysis}`, body: JSON.stringify(body) });
  expect(answer.status).toBe(202);
  return json(answer);
};

test('thresholds: progress rises, then the page is shown and the result read', async () => {
  const { job_id, status_url } = await post('thresholds', { thresholds: [0.7, 0.65] });
  const seen = [0];
  const status = await until(
    'its end',
    async () => {
      const now = json(await get(status_url));
      if (now.progress !== seen.at(-1)) seen.push(now.progress);
      return now.status === 'processing' ? undefined : now;
    },
    60_000,
  );
  expect([status.status, seen.at(-1)]).toEqual(['completed', 100]);
  expect(seen).toEqual([...seen].sort((a, b) => a - b));
  const page = await get(status.report_url);
  expect([page.status, page.headers['content-type'], page.headers['content-disposition']]).toEqual([
    ...[200, 'text/html; charset=utf-8', `inline; filename="reid-analysis_${job_id}.html"`],
  ]);
  expect(page.headers['content-security-policy']).toMatch(
    /^sandbox allow-scripts allow-downloads; default-src 'none'; script-src 'sha256-/,
  );
  expect(createHash('sha256').update(page.text).digest('hex')).toBe(status.sha256);
  const result = await get(status.result_url);
  expect(createHash('sha256').update(result.text).digest('hex')).toBe(status.result_sha256);
  expect(json(result).threshold_analysis.map(({ threshold }: { threshold: number }) => threshold)).toEqual([0.7, 0.65]);
  const listed = json(await get('/api/exports?limit=100')).exports.find(
    (entry: { job_id: string }) => entry.job_id === job_id,
  );
  expect(listed).toEqual({ ...status, status_url });
  const saved = await get(status.download_url);
  expect([saved.text === page.text, saved.headers['content-disposition']]).toEqual([
    ...[true, `attachment; filename="reid-analysis_${job_id}.html"`],
  ]);
}, 90_000);

test('cancelled, it is forgotten; what cannot be analyzed says why', async () => {
  const { job_id, status_url } = await post('plot', {});
  expect((await ask(url, { method: 'DELETE', path: `/api/exports/${job_id}` })).status).toBe(204);
  expect((await get(status_url)).status).toBe(404);
  const failing = await post('scores', { source: 'scores' });
  const failed = await until(
    'its end',
    async () => {
      const now = json(await get(failing.status_url));
      return now.status === 'processing' ? undefined : now;
    },
    60_000,
  );
  expect([failed.status, failed.error]).toEqual([
    'failed',
    'the database has no stored scores (table reid_similarity_scores): leave out source, or type source=vectors',
  ]);
}, 90_000);

test('a survey: refused by the same contract, then made, with its page and JSON by their checksums', async () => {
  const window = { since: '2023-10-01', until: '2023-12-01' };
  const wrong = await ask(url, { method: 'POST', path: '/api/reid/survey', body: JSON.stringify({ window }) });
  expect([wrong.status, json(wrong).detail]).toEqual([400, 'window must have at most 60 days']);
  const { job_id, status_url } = await post('survey', { since: '2023-09-01', until: '2023-12-31' });
  const status = await until(
    'its end',
    async () => {
      const now = json(await get(status_url));
      return now.status === 'processing' ? undefined : now;
    },
    60_000,
  );
  expect([status.status, status.progress, status.job_id]).toEqual(['completed', 100, job_id]);
  const [page, result] = [await get(status.report_url), await get(status.result_url)];
  expect([page, result].map(({ text }) => createHash('sha256').update(text).digest('hex'))).toEqual([
    status.sha256,
    status.result_sha256,
  ]);
  const said = json(result);
  expect(said).toMatchObject({ analysis: 'survey', period: { since: '2023-09-01', until: '2023-12-31', asked: true } });
  expect(said.sentences).toHaveLength(3);
  expect(page.text).toContain('What the herd is');
}, 90_000);
