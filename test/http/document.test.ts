// docs/openapi.yaml as a linter reads it: every schema is one, every reference leads somewhere,
// every operation has its own id and says how it refuses.
import { ajv, document, type Operation } from '../support/surface.ts';

const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]): [string, string, Operation] => [
    `${method} ${path}`,
    path,
    operation,
  ]),
);
function references(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, part]) => (name === '$ref' ? [String(part)] : references(part)));
}

test('every schema is a strict JSON Schema of 2020-12, and each is used', () => {
  expect(document.openapi).toMatch(/^3\.1\./);
  for (const name of Object.keys(document.components.schemas))
    expect(typeof ajv.compile({ $ref: `file:///api#/$defs/${name}` })).toBe('function');
  const used = new Set(references(document));
  expect([...used].sort()).toEqual(
    Object.keys(document.components.schemas)
      .map((name) => `#/components/schemas/${name}`)
      .sort(),
  );
});

test('operations have unique ids, known tags, and exactly the parameters of their path', () => {
  const ids = operations.map(([, , operation]) => operation.operationId);
  expect(new Set(ids).size).toBe(ids.length);
  const tags = new Set(document.tags.map(({ name }) => name));
  for (const [name, path, { tags: own, parameters = [] }] of operations) {
    expect([name, own.length > 0 && own.every((tag) => tags.has(tag))]).toEqual([name, true]);
    const wanted = [...path.matchAll(/\{(\w+)\}/g)].map(([, parameter]) => ({
      name: parameter,
      in: 'path',
      required: true,
    }));
    expect(parameters.filter((parameter) => parameter.in === 'path')).toMatchObject(wanted);
    expect(parameters.filter(({ required }) => required)).toHaveLength(wanted.length);
  }
});

test.each(operations)('%s: a success, an outage, and problem JSON for every refusal', (_name, _path, { responses }) => {
  const codes = Object.keys(responses).map(Number);
  expect(codes.some((code) => code < 300)).toBe(true);
  expect(codes).toContain(503);
  for (const code of codes.filter((one) => one >= 400 && one !== 503))
    expect([code, Object.keys(responses[code]?.content ?? {})]).toEqual([code, ['application/problem+json']]);
});
