// Any request: accepted exactly when an independent reading of the contract accepts it, else
// refused by name, in plain ASCII, never a 500.
import fc from 'fast-check';
import { pdfContract } from '../../lib/exports/pdf/request.ts';
import { zipContract } from '../../lib/exports/zip/request.ts';
import { jsonBody } from '../../lib/lambda/body.ts';
import { http } from '../../lib/lambda/http.ts';
import { problemFinder } from '../../lib/lambda/validate.ts';
import { logFrom } from '../../lib/log.ts';
import { anyText, type Body, mutated, valid } from '../support/generators.ts';
import { call, type Reply } from '../support/invoke.ts';
import { runs } from '../support/runs.ts';
import { brokenFields, TODAY } from './rules.ts';

beforeAll(() => logFrom('silent'));

const edge = {
  pdf: http({ body: jsonBody(pdfContract, () => TODAY) }, ({ body }) => ({ status: 202, body })),
  zip: http({ body: jsonBody(zipContract, () => TODAY) }, ({ body }) => ({ status: 202, body })),
};
const kinds = ['pdf', 'zip'] as const;
const post = (kind: 'pdf' | 'zip', body: unknown): Promise<Reply> =>
  call(edge[kind], { method: 'POST', path: `/api/exports/${kind}`, body });
const plain = (reply: Reply): void => {
  expect(reply.text).toMatch(/^[\x20-\x7e]*$/);
  expect(reply.headers['x-content-type-options']).toBe('nosniff');
};
const printable = (name: string): string =>
  JSON.stringify(name.slice(0, 80))
    .slice(1, -1)
    .replace(/[^\x20-\x7e]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);

test('a list that is too long is looked at only as far as shows it', async () => {
  const body = {
    start_date: '2024-01-01',
    end_date: '2024-01-31',
    group_by: 'day',
    comparison_periods: Array(100_000).fill({}),
  };
  const problems = problemFinder(pdfContract)(body, TODAY);
  expect(problems[0]?.detail).toBe('comparison_periods must be a list of 2 to 5 periods');
  expect(problems.length).toBeLessThan(25);
  expect(body.comparison_periods).toHaveLength(6);
});

test.each(kinds)(
  'every valid %s request is accepted and passed on as it was asked, its defaults filled in',
  async (kind) => {
    await fc.assert(
      fc.asyncProperty(valid[kind], async (body) => {
        expect([...brokenFields(kind, body)]).toEqual([]);
        const reply = await post(kind, body);
        expect({ body, status: reply.status, detail: reply.json.detail }).toEqual({
          body,
          status: 202,
          detail: undefined,
        });
        expect(reply.json).toMatchObject(JSON.parse(JSON.stringify(body)));
      }),
      { numRuns: runs(40) },
    );
  },
);

/** Drawn for each kind; more than a quarter of them is refused. */
const CHANGED = runs(160);

test.each(kinds)('a changed %s request is refused naming a broken field, or keeps every rule', async (kind) => {
  let refused = 0;
  await fc.assert(
    fc.asyncProperty(mutated(kind), async (body) => {
      const broken = brokenFields(kind, JSON.parse(JSON.stringify(body)) as Body);
      const reply = await post(kind, body);
      expect({ body, status: reply.status, broken: [...broken] }).toEqual({
        body,
        status: broken.size === 0 ? 202 : 400,
        broken: [...broken],
      });
      if (broken.size === 0) return;
      refused += 1;
      plain(reply);
      expect(reply.headers['content-type']).toBe('application/problem+json');
      const { detail, errors } = reply.json as { detail: string; errors: { pointer: string; detail: string }[] };
      expect(errors[0]?.detail).toBe(detail);
      // The date rules name both dates in fixed words.
      const named = [...broken].some(
        (name) =>
          detail.startsWith(printable(name)) || (name === 'start_date' && detail === 'Date range cannot exceed 1 year'),
      );
      expect({ detail, broken: [...broken], named }).toEqual({ detail, broken: [...broken], named: true });
      expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
    }),
    { numRuns: CHANGED },
  );
  expect(refused).toBeGreaterThan(CHANGED / 4);
});

test('any text at all, and any JSON at all, is answered with 400 in plain ASCII', async () => {
  const bodies = fc.oneof(
    anyText,
    fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)),
    fc.json({ maxDepth: 6 }),
    fc.integer({ min: 1, max: 20_000 }).map((deep) => '['.repeat(deep)),
    fc.integer({ min: 1, max: 5_000 }).map((deep) => `${'{"a":'.repeat(deep)}1${'}'.repeat(deep)}`),
    fc.constantFrom('1e999', '"x"', 'null', '[]', '{}', '-0', '\ufeff{}', '{"a":1,"a":2}'),
  );
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...kinds), bodies, async (kind, body) => {
      const reply = await post(kind, Buffer.isBuffer(body) ? body : String(body));
      expect([body, reply.status]).toEqual([body, 400]);
      plain(reply);
    }),
    { numRuns: runs(60) },
  );
});

test('a service that is set up wrongly is a 500 without a reason, and never blames the request', async () => {
  const lost = http(
    {
      body: jsonBody(pdfContract, () => {
        throw Object.assign(new Error('secret'), {});
      }),
    },
    () => ({ status: 202 }),
  );
  const body = { start_date: '2024-01-01', end_date: '2024-01-02', group_by: 'day' };
  const before = process.env.TIME_ZONE;
  process.env.TIME_ZONE = 'Nowhere/Land';
  const { config } = await import('../../lib/config.ts');
  const misconfigured = http({ body: jsonBody(pdfContract, () => config('TIME_ZONE')) }, () => ({ status: 202 }));
  for (const handler of [lost, misconfigured]) {
    const reply = await call(handler, { method: 'POST', body });
    expect([reply.status, reply.json]).toEqual([500, { detail: 'Internal server error' }]);
  }
  process.env.TIME_ZONE = before ?? '';
});
