// docs/openapi.yaml from the schemas that requests are held to: say a shape once. `npm run
// build:openapi` writes it, a test fails when it is stale.
import { stringify } from 'yaml';
import type { Contract } from '../../lib/contract.ts';
import { LONGEST_SPAN_DAYS, pdfContract, zipContract } from '../../lib/exports/kinds/request.ts';
import { type Response, responses, schemas } from './answers.ts';

/**
 * Our two annotations in words of the standard: `expected` becomes the description, `order` (of
 * rules) is nobody else's business.
 */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  const { expected, order: _, ...rest } = value as Record<string, unknown>;
  const own = Object.fromEntries(Object.entries(rest).map(([name, part]) => [name, plain(part)]));
  // A property may be called `expected` or `order`; an annotation is text or a number.
  return typeof expected === 'string' && own.description === undefined
    ? { ...own, description: `Must be ${expected}.` }
    : own;
}

interface Schema {
  type?: string;
  enum?: unknown[];
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
}

/** Optional fields may be null: it counts as absent (lib/lambda/validate.ts). */
function nullable(schema: Schema): Schema {
  const { properties, required = [], items } = schema;
  if (items !== undefined) return { ...schema, items: nullable(items) };
  if (properties === undefined) return schema;
  const orNull = (part: Schema): object => ({
    ...part,
    type: [part.type, 'null'],
    ...(part.enum === undefined ? {} : { enum: [...part.enum, null] }),
  });
  const fields = Object.entries(properties).map(([name, part]) => {
    const inner = nullable(part);
    return [name, required.includes(name) ? inner : orNull(inner)];
  });
  return { ...schema, properties: Object.fromEntries(fields) };
}

/** What no schema can say; each has its own sentence in a refusal. */
const DATE_RULES =
  `In every pair of dates, start_date must not be after end_date, at most ${LONGEST_SPAN_DAYS} days may lie between them, and start_date must not be in the future ` +
  '(in TIME_ZONE). Names of classes and locations must be known to the database. An optional field that is null counts as absent.';

/**
 * A request body as it is documented: its schema, the rules across fields, and in words what is
 * left.
 */
const requestSchema = <Value>({ schema, acrossFields }: Contract<Value, string>, description: string): object => ({
  ...(nullable(plain(JSON.parse(JSON.stringify(schema))) as Schema) as object),
  ...acrossFields,
  description: `${description} ${DATE_RULES}`,
});

const pdfExamples = {
  season: { start_date: '2023-09-01', end_date: '2024-01-31', group_by: 'month' },
  comparison: {
    report_type: 'comparison',
    start_date: '2023-09-01',
    end_date: '2024-02-29',
    group_by: 'month',
    comparison_periods: [
      { start_date: '2023-09-01', end_date: '2023-11-30', label: 'Fall' },
      { start_date: '2023-12-01', end_date: '2024-02-29', label: 'Winter' },
    ],
  },
};
const zipExamples = {
  season: { start_date: '2023-11-01', end_date: '2023-11-30', group_by: 'week', crop_size: 300 },
  ids: { detection_ids: ['3b241101-e2bb-4255-8caf-4136c566a962'], include_crops: true, include_metadata_csv: true },
};

const named = (examples: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(examples).map(([name, value]) => [name, { value }]));

function responseOf({ description, headers, body }: Response): object {
  return {
    description,
    ...(headers === undefined
      ? {}
      : {
          headers: Object.fromEntries(
            Object.entries(headers).map(([name, one]) => [
              name,
              { description: one.description, schema: { type: 'string' }, example: one.example },
            ]),
          ),
        }),
    ...(body === undefined
      ? {}
      : {
          content: Object.fromEntries(
            (body.types ?? ['application/json']).map((type) => [
              type,
              {
                schema: body.of === undefined ? { type: 'string' } : { $ref: `#/components/schemas/${body.of}` },
                ...(Object.keys(body.examples).length === 0 ? {} : { examples: named(body.examples) }),
              },
            ]),
          ),
        }),
  };
}

const answers = (of: Record<number, Response>) =>
  Object.fromEntries(Object.entries(of).map(([code, one]) => [code, responseOf(one)]));
const parameter = (name: string, description: string, example: string) => [
  { name, in: 'path', required: true, description, schema: { type: 'string' }, example },
];
const JOB = parameter('job_id', 'Id of the job.', '0f8f5f0e-5a3b-4c8e-9d51-6b1f0a2c7d11');

const create = (kind: 'pdf' | 'zip', operationId: string, summary: string, examples: Record<string, unknown>) => ({
  operationId,
  summary,
  tags: ['exports'],
  requestBody: {
    required: true,
    description: 'Read as JSON whatever its Content-Type; at most 512 KiB.',
    content: {
      'application/json': {
        schema: { $ref: `#/components/schemas/${kind === 'pdf' ? 'PdfRequest' : 'ZipRequest'}` },
        examples: named(examples),
      },
    },
  },
  responses: answers({
    202: responses.accepted(kind),
    400: responses.invalid,
    413: responses.tooLarge,
    503: responses.unavailable,
  }),
});
const status = (operationId: string, summary: string) => ({
  operationId,
  summary,
  tags: ['exports'],
  parameters: JOB,
  responses: answers({ 200: responses.status, 404: responses.gone, 503: responses.unavailable }),
});

/** The document as an object of plain JSON. */
export function openApi(): Record<string, unknown> {
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
      { name: 'service', description: 'The service itself' },
    ],
    paths: {
      '/api/exports/pdf': { post: create('pdf', 'createPdfExport', 'Ask for a PDF report', pdfExamples) },
      '/api/exports/zip': { post: create('zip', 'createZipExport', 'Ask for a ZIP archive', zipExamples) },
      '/api/exports/pdf/{job_id}': { get: status('readPdfExport', 'How far a PDF report is') },
      '/api/exports/zip/{job_id}': { get: status('readZipExport', 'How far a ZIP archive is') },
      '/api/exports/{job_id}': {
        delete: {
          operationId: 'cancelExport',
          summary: 'Cancel a job, or forget a finished one',
          tags: ['exports'],
          parameters: JOB,
          responses: answers({ 204: responses.cancelled, 404: responses.gone, 503: responses.unavailable }),
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
          responses: {
            ...answers({
              200: responses.file,
              304: responses.unchanged,
              307: responses.elsewhere,
              404: responses.noFile,
              500: responses.damaged,
              503: responses.unavailable,
            }),
          },
        },
      },
      '/health': {
        get: {
          operationId: 'health',
          summary: 'Whether PostgreSQL, Redis, SQS and S3 answer',
          tags: ['service'],
          responses: answers({ 200: responses.healthy, 503: responses.unhealthy }),
        },
      },
    },
    components: {
      schemas: {
        PdfRequest: requestSchema(
          pdfContract,
          'A report. comparison_periods must be given with report_type comparison, and only then; start_date to end_date is then the whole span.',
        ),
        ZipRequest: requestSchema(
          zipContract,
          'An archive: of detection_ids, or of the detections from start_date to end_date (with group_by), or of those ids inside the dates. One date is never given ' +
            'without the other.',
        ),
        ...(plain(schemas) as object),
      },
    },
  };
  // Through JSON: typebox marks its schemas with hidden properties.
  return JSON.parse(JSON.stringify(document)) as Record<string, unknown>;
}

export const openApiYaml = (): string =>
  `# Generated by \`npm run build:openapi\` from lib/exports/kinds/request.ts and scripts/openapi; edit those.\n${stringify(openApi(), { lineWidth: 0, aliasDuplicateObjects: false })}`;
