// docs/openapi.yaml from the schemas that requests are held to: say a shape once. `npm run
// build:openapi` writes it, a test fails when it is stale.
import { stringify } from 'yaml';
import { CANCEL_SCOPES } from '../../lib/exports/job/status.ts';
import { CONTRACTS, type ExportKind, KINDS } from '../../lib/exports/kinds/index.ts';
import type { KindFacts } from '../../lib/exports/shared/kind.ts';
import { LONGEST_SPAN_DAYS } from '../../lib/exports/shared/rules.ts';
import { answers, secured, sessionPath } from './access.ts';
import { responses, schemas } from './answers.ts';
import { importPaths, importRequests } from './imports.ts';
import { jobPaths, jobResponses, ONCE, requestBody, WAITING } from './jobs.ts';
import { overviewPaths } from './overview.ts';
import { reidPaths, reidSchemas } from './reid.ts';
import { documentSchema, plain } from './schema.ts';
import { webhookSchemas, webhooks } from './webhooks.ts';

/** What no schema can say; each has its own sentence in a refusal. */
const DATE_RULES =
  `In every pair of dates, start_date must not be after end_date, at most ${LONGEST_SPAN_DAYS} days may lie between them, and start_date must not be in the future ` +
  '(in TIME_ZONE). Names of classes and locations must be known to the database. An optional field that is null counts as absent.';

/**
 * A request body as it is documented: its schema, the rules across fields, and in words what is
 * left.
 */
const requestSchema = ({ schema, acrossFields, description }: (typeof CONTRACTS)[ExportKind]): object => ({
  ...documentSchema(schema),
  ...acrossFields,
  description: `${description} ${DATE_RULES}`,
});

const parameter = (name: string, description: string, example: string) => [
  { name, in: 'path', required: true, description, schema: { type: 'string' }, example },
];
const JOB = parameter('job_id', 'Id of the job.', '0f8f5f0e-5a3b-4c8e-9d51-6b1f0a2c7d11');

/** The name of a kind as it is part of the names of functions and schemas. */
const capitalized = (kind: ExportKind): string => `${kind[0]!.toUpperCase()}${kind.slice(1)}`;
const requestName = (kind: ExportKind): string => `${capitalized(kind)}Request`;

const createOperation = ({ kind, label, path }: KindFacts & { kind: ExportKind }) => ({
  operationId: `create${capitalized(kind)}Export`,
  summary: `Ask for ${label}`,
  tags: ['exports'],
  parameters: ONCE,
  requestBody: requestBody(requestName(kind), CONTRACTS[kind].examples),
  ...secured('exports', {
    202: responses.accepted({ path }),
    400: responses.invalid,
    409: jobResponses.working,
    413: responses.tooLarge,
    415: responses.unsupportedType,
    422: jobResponses.reused,
    503: responses.unavailable,
  }),
});
const statusOperation = ({ kind, label }: KindFacts & { kind: ExportKind }) => ({
  operationId: `read${capitalized(kind)}Export`,
  summary: `How far ${label} is`,
  tags: ['exports'],
  parameters: [...JOB, ...WAITING],
  ...secured('read', {
    200: jobResponses.status,
    304: jobResponses.unchangedStatus,
    404: responses.gone,
    503: responses.unavailable,
  }),
});

/** Kinds that are asked for in one way. */
const EXPORTS = KINDS.filter(({ asks }) => asks === undefined);

/** Of the functions that do not depend on a kind. */
const otherPaths = (): object => ({
  '/api/exports/{job_id}': {
    delete: {
      operationId: 'cancelExport',
      summary: 'Cancel a job, or forget a finished one',
      tags: ['exports'],
      parameters: JOB,
      ...secured(CANCEL_SCOPES, { 204: responses.cancelled, 404: responses.gone, 503: responses.unavailable }),
    },
  },
  '/api/static/exports/{filename}': {
    get: {
      operationId: 'downloadExport',
      summary: 'The file of a completed job',
      tags: ['exports'],
      parameters: parameter(
        'filename',
        'As the status names it.',
        'deer-report_2023-09-01_to_2024-01-31_0f8f5f0e-5a3b-4c8e-9d51-6b1f0a2c7d11.pdf',
      ),
      ...secured('read', {
        200: responses.file,
        206: responses.part,
        304: responses.unchanged,
        307: responses.elsewhere,
        404: responses.noFile,
        416: responses.outOfRange,
        500: responses.damaged,
        503: responses.unavailable,
      }),
    },
  },
});

/** Of the functions about the service itself. */
const servicePaths = (): object => ({
  '/api/session': sessionPath(),
  '/health': {
    get: {
      operationId: 'health',
      summary: 'Whether PostgreSQL, Redis, SQS and S3 answer',
      tags: ['service'],
      responses: answers({ 200: responses.healthy, 503: responses.unhealthy }),
    },
  },
  '/livez': {
    get: {
      operationId: 'livez',
      summary: 'Whether this process answers',
      tags: ['service'],
      responses: answers({ 200: responses.alive, 503: responses.unavailable }),
    },
  },
  '/metrics': {
    get: {
      operationId: 'metrics',
      summary: 'Figures for Prometheus',
      tags: ['service'],
      ...secured('admin', { 200: responses.metrics, 503: responses.unavailable }),
    },
  },
  '/readyz': {
    get: {
      operationId: 'readyz',
      summary: 'Whether requests should be sent here',
      tags: ['service'],
      responses: answers({ 200: responses.ready, 503: responses.unready }),
    },
  },
});

/** The document as an object of plain JSON. */
function openApi(): Record<string, unknown> {
  const document = {
    openapi: '3.1.0',
    info: {
      title: 'Hoofprint',
      version: '1.0.0',
      summary: 'Exports of camera-trap deer databases',
      description:
        'Ask for a season as a PDF report or a ZIP archive, follow the job, fetch the file. A finished export lives one hour.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: 'http://localhost:8001', description: 'The local stack' }],
    security: [],
    tags: [
      { name: 'exports', description: 'Jobs and their files' },
      { name: 'imports', description: 'Packages, uploaded and imported' },
      { name: 'overview', description: 'What a page shows' },
      { name: 'reid', description: 'Analyses of Re-ID as jobs' },
      { name: 'service', description: 'The service itself' },
    ],
    paths: {
      ...Object.fromEntries(EXPORTS.map((kind) => [kind.path, { post: createOperation(kind) }])),
      ...Object.fromEntries(EXPORTS.map((kind) => [`${kind.path}/{job_id}`, { get: statusOperation(kind) }])),
      ...reidPaths(),
      ...importPaths(),
      ...jobPaths(),
      ...otherPaths(),
      ...overviewPaths(),
      ...servicePaths(),
    },
    webhooks: webhooks(),
    components: {
      securitySchemes: {
        key: { type: 'http', scheme: 'bearer', description: 'A key (npm run keys), where keys are needed.' },
        session: {
          type: 'apiKey',
          in: 'cookie',
          name: 'hoofprint-8001',
          description: 'The cookie of POST /api/session.',
        },
      },
      schemas: {
        ...Object.fromEntries(EXPORTS.map(({ kind }) => [requestName(kind), requestSchema(CONTRACTS[kind])])),
        ...reidSchemas(),
        ...importRequests(),
        ...(plain({ ...schemas, ...webhookSchemas }) as object),
      },
    },
  };
  // Through JSON: typebox marks its schemas with hidden properties.
  return JSON.parse(JSON.stringify(document)) as Record<string, unknown>;
}

export const openApiYaml = (): string =>
  `# Generated by \`npm run build:openapi\` from lib/exports and scripts/openapi; edit those.\n${stringify(openApi(), { lineWidth: 0, aliasDuplicateObjects: false })}`;
