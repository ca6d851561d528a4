// Which function answers a request, and what is answered where no function does.
import { readFileSync } from 'node:fs';
import { findMethods, ROUTES } from '../../lib/routes.ts';
import { hostFunctions } from '../../localstack/host/declared/functions.ts';
import { readServiceFile } from '../../localstack/host/declared/service-file.ts';
import { makeRouter } from '../../localstack/host/http/routes.ts';
import { PROJECT } from '../../localstack/stack/folder.ts';

const functions = hostFunctions(readServiceFile(PROJECT, {}));
const route = makeRouter(functions);

test('the routes of lib/routes.ts are those of serverless.yml', () => {
  const declared = functions.flatMap(({ routes }) => routes).filter((each) => each !== '*');
  expect([...ROUTES].sort()).toEqual(declared.sort());
});

test.each([
  ['POST', '/api/exports/pdf', 'createPdfExport', undefined],
  ['GET', '/api/exports/pdf/x', 'pdfExportStatus', { job_id: 'x' }],
  ['HEAD', '/api/exports/pdf/x/', 'pdfExportStatus', { job_id: 'x' }],
  ['GET', '/api/exports/zip/..%2f..%2Fetc', 'zipExportStatus', { job_id: '../../etc' }],
  ['GET', '/%68ealth', 'health', undefined],
  ['DELETE', '/api/exports/pdf', 'cancelExport', { job_id: 'pdf' }],
  ['GET', '/api/exports/pdf', 'notFound', undefined],
  ['GET', '/api/exports/pdf//', 'notFound', undefined],
  ['GET', '/api/exports/pdf/a/b', 'notFound', undefined],
  ['get', '/health', 'notFound', undefined],
  ['GET', '/', 'page', undefined],
  ['GET', '/deer/x', 'page', { deer_id: 'x' }],
  ['GET', '/deer/x/y', 'notFound', undefined],
  ['GET', '', 'notFound', undefined],
])('%s %s: %s', (method, path, key, parameters) => {
  const match = route(method, path);
  expect([match?.target.key, match?.parameters]).toEqual([key, parameters]);
});

test('a path whose escapes are wrong is refused, not guessed at', () => {
  expect(() => route('GET', '/api/exports/pdf/%zz')).toThrow(URIError);
});

test.each([
  ['/health', ['GET', 'HEAD']],
  ['/health/', ['GET', 'HEAD']],
  ['/api/exports/pdf', ['POST', 'DELETE']],
  ['/api/exports/pdf/x', ['GET', 'HEAD']],
  ['/api/exports', ['GET', 'HEAD']],
  ['/api', []],
  ['/healthy', []],
])('methods of %s', (path, methods) => {
  expect(findMethods(path)).toEqual(methods);
});

test('a variable that the host cannot resolve is refused by name', () => {
  const text = readFileSync(`${PROJECT}/serverless.yml`, 'utf8');
  expect(text).toContain('${env:');
  expect(() => makeRouter(hostFunctions({ service: 's', provider: {}, functions: { a: { handler: 'x' } } }))).toThrow(
    'the handler of a must be a path and a name: x',
  );
});
