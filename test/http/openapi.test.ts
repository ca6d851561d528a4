// docs/openapi.yaml: fresh, complete, and true of its examples and of the service's real
// answers.
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import fc from 'fast-check';
import { parse } from 'yaml';
import { handler as health } from '../../handlers/health.ts';
import { closeWiring } from '../../lib/clients.ts';
import { showEntry } from '../../lib/export-handlers.ts';
import type { JobRecord } from '../../lib/exports/job/jobs.ts';
import { CONTRACTS, type ExportKind } from '../../lib/exports/kinds/index.ts';
import type { HttpHandler } from '../../lib/lambda/http.ts';
import { problemFinder } from '../../lib/lambda/validate.ts';
import { PAGE_PATHS } from '../../lib/page/paths.ts';
import { describeEnd } from '../../lib/webhooks/send.ts';
import { openApiYaml } from '../../scripts/openapi/document.ts';
import { mutated } from '../support/generators.ts';
import { call } from '../support/invoke.ts';
import { capitalized, handlersOf, kindNames } from '../support/kinds.ts';
import { ownQueues } from '../support/queues.ts';
import { runs } from '../support/runs.ts';
import { TODAY } from './rules.ts';

await ownQueues();
afterAll(closeWiring);

const text = (file: string): string => readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');
type Media = { schema: { $ref?: string }; examples?: Record<string, { value: unknown }> };
type Operation = {
  security?: Record<string, string[]>[];
  requestBody?: { content: Record<string, Media> };
  responses: Record<string, { content?: Record<string, Media>; headers?: object }>;
};
const document = parse(text('docs/openapi.yaml')) as {
  paths: Record<string, Record<string, Operation>>;
  webhooks: Record<string, { post: Operation }>;
  components: { schemas: Record<string, object> };
};
const ajv = new Ajv({ strict: false, allErrors: true });
addFormats.default(ajv, { mode: 'full' });
ajv.addSchema({ $id: 'file:///api', components: document.components });

const compiled = new Map<object | string, ReturnType<typeof ajv.compile>>();
function problems(schema: { $ref?: string }, value: unknown): unknown[] {
  const key = schema.$ref ?? schema;
  const validate =
    compiled.get(key) ?? ajv.compile(schema.$ref === undefined ? schema : { $ref: `file:///api${schema.$ref}` });
  compiled.set(key, validate);
  validate(value);
  return validate.errors ?? [];
}
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ name: `${method.toUpperCase()} ${path}`, operation })),
);

test('is what the schemas say now: npm run build:openapi', () => {
  expect(text('docs/openapi.yaml')).toBe(openApiYaml());
});

/** Screens and assets are for people: what they show comes from the operations that are listed. */
const isOfPage = (route: string): boolean =>
  route === 'GET /assets/{name}' || PAGE_PATHS.some((path) => route === `GET ${path}`);

test('has every route of serverless.yml but the screens, and no other', () => {
  const routes = [...text('serverless.yml').matchAll(/httpApi: ([A-Z]+ \/\S*)/g)]
    .map(([, route]) => route!)
    .filter((route) => !isOfPage(route));
  expect(operations.map(({ name }) => name).sort()).toEqual(routes.sort());
});

test('says which scope each function wants; only these want none', async () => {
  const { functions } = parse(text('serverless.yml').replace(/!(GetAtt|Ref) /g, '')) as {
    functions: Record<string, { handler: string; events?: { httpApi?: string }[] }>;
  };
  const wanted: string[] = [];
  for (const { handler, events = [] } of Object.values(functions))
    for (const { httpApi } of events) {
      if (httpApi === undefined || isOfPage(httpApi)) continue;
      const module = (await import(`../../${handler.replace(/\.handler$/, '.ts')}`)) as { handler: HttpHandler };
      wanted.push(`${httpApi}: ${module.handler.scope ?? 'none'}`);
    }
  const documented = operations.map(({ name, operation: { security = [] } }) => {
    const scopes = new Set(security.flatMap((one) => Object.values(one).flat()));
    return `${name}: ${[...scopes].join() || 'none'}`;
  });
  expect([...documented, '*: none'].sort()).toEqual(wanted.sort());
  expect(wanted.filter((one) => one.endsWith(': none'))).toEqual([
    '*: none',
    'DELETE /api/session: none',
    'GET /health: none',
    'GET /livez: none',
    'GET /readyz: none',
    'POST /api/session: none',
  ]);
});

const WEBHOOKS = Object.entries(document.webhooks).map(([name, { post }]) => ({
  name,
  media: post.requestBody!.content['application/json']!,
}));
test.each(WEBHOOKS)(
  'what the webhook is notified by $name keeps its schema',
  ({ name, media: { schema, examples = {} } }) => {
    for (const { value } of Object.values(examples)) {
      expect([(value as { type: string }).type, problems(schema, value)]).toEqual([name, []]);
      expect(problems(schema, { ...(value as object), link: 'x' })).not.toEqual([]);
    }
  },
);
test('what webhooks really get keeps the schema', () => {
  const record = { kind: 'pdf', status: 'failed', progress: 3, error: 'x', created_at: new Date(0).toISOString() };
  const job = { jobId: randomUUID(), record: { ...record, completed_at: record.created_at } as JobRecord };
  const notified = JSON.parse(describeEnd({ ...job, expiresAt: new Date() }, showEntry));
  expect(problems({ $ref: '#/components/schemas/Webhook' }, notified)).toEqual([]);
});

test.each(operations)(
  '$name: every request and answer with a body has an example that keeps its schema',
  ({ operation }) => {
    const bodies = [
      operation.requestBody?.content,
      ...Object.values(operation.responses).map((response) => response.content),
    ];
    for (const [type, media] of bodies.flatMap((content) => Object.entries(content ?? {}))) {
      const examples = Object.entries(media.examples ?? {});
      if (!/^(application\/(pdf|zip)|text\/html)$/.test(type)) expect(examples.length).toBeGreaterThan(0);
      for (const [name, { value }] of examples) expect([name, problems(media.schema, value)]).toEqual([name, []]);
    }
  },
);

interface Case {
  name: string;
  kind: ExportKind;
  body: unknown;
  status: number;
}
const cases = text('test/fixtures/requests.jsonl')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Case);
/** What no schema can say: the order of dates, how far they lie apart, and today. */
const BEYOND_SCHEMAS = /start_date must be before end_date|Date range cannot exceed 1 year|cannot be in the future/;
const bodySchema = (kind: ExportKind) => ({ $ref: `#/components/schemas/${capitalized(kind)}Request` });

const finders = new Map(kindNames.map((kind) => [kind, problemFinder<unknown, string>(CONTRACTS[kind])]));
const find = (kind: ExportKind, body: unknown) => finders.get(kind)!(structuredClone(body), TODAY);
/** Whether a body breaks no rule that a schema can say. */
const sayable = (kind: ExportKind, body: unknown): boolean =>
  find(kind, body).every(({ detail }) => BEYOND_SCHEMAS.test(detail));

test.each(cases)('the document and the service agree: $name ($kind)', ({ kind, body, status }) => {
  const valid = problems(bodySchema(kind), body).length === 0;
  expect(valid).toBe(sayable(kind, body));
  if (status === 202) expect(valid).toBe(true);
});

test('the document and the service agree on any changed request', async () => {
  await fc.assert(
    fc.property(
      fc.constantFrom('pdf' as const, 'zip' as const).chain((kind) => fc.tuple(fc.constant(kind), mutated(kind))),
      ([kind, sent]) => {
        const body = JSON.parse(JSON.stringify(sent)) as Record<string, unknown>;
        const valid = problems(bodySchema(kind), body).length === 0;
        const found = find(kind, body);
        expect({ body, valid }).toEqual({ body, valid: found.every(({ detail }) => BEYOND_SCHEMAS.test(detail)) });
      },
    ),
    { numRuns: runs(100) },
  );
});

test('real answers keep the schemas, and real requests are read by the documented ones', async () => {
  const answer = (name: string, code: number) => {
    const media = Object.values(
      operations.find((one) => one.name === name)?.operation.responses[code]?.content ?? {},
    )[0];
    if (media === undefined) throw new Error(`${name} ${code} is not documented`);
    return media.schema;
  };
  const bodyOf = (kind: string) =>
    operations.find((one) => one.name === `POST /api/exports/${kind}`)?.operation.requestBody?.content[
      'application/json'
    ];
  const headers = { 'content-type': 'application/json' };
  for (const kind of kindNames) {
    const { create: handler, status: statusHandler } = await handlersOf(kind);
    for (const { value } of Object.values(bodyOf(kind)?.examples ?? {})) {
      const { status, json } = await call(handler, {
        method: 'POST',
        path: `/api/exports/${kind}`,
        body: value,
        headers,
      });
      expect([status, problems(answer(`POST /api/exports/${kind}`, 202), json)]).toEqual([202, []]);
      const read = await call(statusHandler, { path: json.status_url, parameters: { job_id: json.job_id } });
      expect([read.status, problems(answer(`GET /api/exports/${kind}/{job_id}`, 200), read.json)]).toEqual([200, []]);
    }
    const refused = await call(handler, {
      method: 'POST',
      path: `/api/exports/${kind}`,
      body: { colour: 'red' },
      headers,
    });
    expect([refused.status, problems(answer(`POST /api/exports/${kind}`, 400), refused.json)]).toEqual([400, []]);
    const none = await call(statusHandler, { path: '/x', parameters: { job_id: randomUUID() } });
    expect([none.status, problems(answer(`GET /api/exports/${kind}/{job_id}`, 404), none.json)]).toEqual([404, []]);
    // What the service refuses by its schema, the document refuses too.
    expect(problems(bodyOf(kind)?.schema ?? {}, { colour: 'red' }).length).toBeGreaterThan(0);
  }
  const well = await call(health, { path: '/health' });
  expect([well.status, problems(answer('GET /health', 200), well.json)]).toEqual([200, []]);
});
