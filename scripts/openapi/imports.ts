// Uploads of packages, and the jobs that import them, as docs/openapi.yaml says them.
import { importKind } from '../../lib/exports/import/kind.ts';
import { startContract, uploadContract } from '../../lib/exports/import/request.ts';
import { named, secured } from './access.ts';
import { broken, JOB, problem, type Response, responses, said } from './answers.ts';
import { jobResponses, ONCE, WAITING } from './jobs.ts';
import { documentSchema } from './schema.ts';

const { path, scope } = importKind;
const UPLOAD = '5b0c8f0e-5a3b-4c8e-9d51-6b1f0a2c7d22';
const FILE = `import-summary_${JOB}.json`;
const LOCATION = `${path}/${UPLOAD}/parts`;

const found = {
  begun: {
    description: 'The upload has begun: send its parts, then start the import.',
    headers: { Location: { description: 'Path of what has arrived.', example: LOCATION } },
    body: {
      of: 'UploadBegun',
      examples: {
        begun: { id: UPLOAD, part_bytes: 4_194_304, parts_url: LOCATION, expires_after_seconds: 86_400 },
      },
    },
  },
  noUpload: {
    description: 'What is said of the file breaks a rule.',
    body: problem({
      size: broken(['/bytes', 'bytes must be a whole number of bytes from 1 to 2147483648 (2 GiB)']),
      not_json: said('Request body is not valid JSON'),
    }),
  },
  refused: {
    description: 'Pictures cannot be written here, or the disk has no room; or a request with this key is answered.',
    body: problem({
      folder: said(
        'Packages cannot be uploaded here: the folder of pictures (IMAGE_ROOT) is not set, or cannot be written to',
      ),
      room: said('The disk has no room for it: 1,137 MB are needed, 900 MB are free'),
    }),
  },
  parts: {
    description: 'What has arrived: an upload that broke off goes on with the rest.',
    body: {
      of: 'UploadParts',
      examples: {
        half: {
          ...{ id: UPLOAD, name: 'herd.zip', bytes: 6_000_000, part_bytes: 4_194_304 },
          parts: [{ n: 1, bytes: 4_194_304 }],
        },
      },
    },
  },
  sent: { description: 'The part is kept. Sent again, it takes the place of the first.' },
  noPart: {
    description: 'The path has no number of a part, or the part is empty.',
    body: problem({ number: said('A part needs a whole number from 0 to 2048 at the end of its path') }),
  },
  tooMuch: {
    description: 'The part has more than 4 MiB, or the parts have more bytes than were announced.',
    body: problem({ more: said('The parts have 7,000,000 bytes, and 6,000,000 were announced') }),
  },
  accepted: responses.accepted(importKind),
  noStart: {
    description: 'The body breaks a rule.',
    body: problem({ flag: broken(['/skip_invalid', 'skip_invalid must be true or false']) }),
  },
  notWhole: {
    description: 'Parts are missing; or a request with this Idempotency-Key is being answered.',
    body: problem({ missing: said('The upload is not whole: part 2 is missing') }),
  },
  removed: { description: 'The upload and its parts are removed.' },
  gone: {
    description: 'No upload has this id: it is unknown, removed, expired, or somebody else has begun it.',
    body: problem({ gone: said('Upload not found or expired') }),
  },
  status: {
    ...jobResponses.status,
    description: 'How far the import is; the file of a completed one is its summary.',
    body: {
      of: 'Status',
      examples: {
        processing: jobResponses.status.body.examples.processing,
        completed: {
          ...jobResponses.status.body.examples.completed,
          ...{ filename: FILE, download_url: `/api/static/exports/${FILE}` },
        },
        failed: {
          ...jobResponses.status.body.examples.failed,
          error: 'the package has 1 broken rule; nothing was loaded\n  media.csv row 2, field timestamp is missing',
        },
      },
    },
  },
} as const satisfies Record<string, Response>;

const parameter = (name: string, description: string, schema: object, example: unknown) => ({
  ...{ name, in: 'path', required: true, description, schema, example },
});
const ID = parameter('id', 'Id of the upload.', { type: 'string' }, UPLOAD);
const JOB_ID = parameter('id', 'Id of the job.', { type: 'string' }, JOB);
const NUMBER = parameter(
  'n',
  'Number of the part, from 0 or 1 on without gaps.',
  { type: 'integer', minimum: 0, maximum: 2_048 },
  1,
);

const operation = (operationId: string, summary: string, parameters: readonly object[]) => ({
  ...{ operationId, summary, tags: ['imports'], parameters },
});
const json = (schema: string, isRequired: boolean, examples: Record<string, unknown>) => ({
  required: isRequired,
  description: 'Read as JSON whatever its Content-Type; at most 512 KiB.',
  content: { 'application/json': { schema: { $ref: `#/components/schemas/${schema}` }, examples: named(examples) } },
});
const refusals = { 413: responses.tooLarge, 415: responses.unsupportedType, 503: responses.unavailable };

export const importPaths = (): object => ({
  [path]: {
    post: {
      ...operation('createImport', 'Begin to upload a Camtrap DP package', ONCE),
      requestBody: json('UploadRequest', true, { herd: { name: 'herd.zip', bytes: 6_000_000 } }),
      ...secured(scope, {
        ...{ 201: found.begun, 400: found.noUpload, 409: found.refused, 422: jobResponses.reused },
        ...refusals,
      }),
    },
  },
  [`${path}/{id}`]: {
    post: {
      ...operation('startImport', 'Import what was uploaded', [ID, ...ONCE]),
      requestBody: json('ImportRequest', false, {
        strict: {},
        lenient: { skip_invalid: true },
      }),
      ...secured(scope, {
        ...{ 202: found.accepted, 400: found.noStart, 404: found.gone, 409: found.notWhole, 422: jobResponses.reused },
        ...refusals,
      }),
    },
    get: {
      ...operation('readImport', 'How far an import is; DELETE /api/exports/{job_id} cancels it', [JOB_ID, ...WAITING]),
      ...secured('read', {
        200: found.status,
        304: jobResponses.unchangedStatus,
        404: responses.gone,
        503: responses.unavailable,
      }),
    },
    delete: {
      ...operation('removeImport', 'Remove an upload', [ID]),
      ...secured(scope, { 204: found.removed, 404: found.gone, 503: responses.unavailable }),
    },
  },
  [`${path}/{id}/parts`]: {
    get: {
      ...operation('importParts', 'What has arrived of an upload', [ID]),
      ...secured('read', { 200: found.parts, 404: found.gone, 503: responses.unavailable }),
    },
  },
  [`${path}/{id}/{n}`]: {
    put: {
      ...operation('importPart', 'Send a part', [ID, NUMBER]),
      requestBody: {
        required: true,
        description: 'Bytes of the file, at most 4 MiB of them.',
        content: { 'application/octet-stream': { schema: { type: 'string' }, examples: named({ bytes: 'PK...' }) } },
      },
      ...secured(scope, {
        ...{ 204: found.sent, 400: found.noPart, 404: found.gone, 413: found.tooMuch },
        ...{ 415: responses.unsupportedType, 503: responses.unavailable },
      }),
    },
  },
});

export const importRequests = (): object => ({
  UploadRequest: { ...documentSchema(uploadContract.schema), description: 'The file that will be sent in parts.' },
  ImportRequest: {
    ...documentSchema(startContract.schema),
    description: 'skip_invalid: load what is valid of a broken package, and list the rest in the summary.',
  },
});
