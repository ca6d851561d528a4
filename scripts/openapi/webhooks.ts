// What the service sends to the webhook of a key, as docs/openapi.yaml says it.
import Type from 'typebox';
import { EVENTS, TEST_EVENT } from '../../lib/webhooks/send.ts';
import { named, text } from './access.ts';
import { closed, Entry, instant, JOB } from './answers.ts';
import { jobResponses } from './jobs.ts';

const header = (name: string, description: string, example: string) => ({
  ...{ name, in: 'header', required: true, description, schema: text, example },
});
const HEADERS = [
  header('webhook-id', 'The same each time that it is sent: what was read before is left alone.', `msg_${JOB}`),
  header('webhook-timestamp', 'When it is sent, in seconds since 1970.', '1725271201'),
  header(
    'webhook-signature',
    'v1, and HMAC-SHA256 of id, timestamp and body by the secret of the webhook, in base64 (Standard Webhooks 1.0.0).',
    'v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=',
  ),
];

const { completed, failed } = jobResponses.status.body.examples;
const shown = { status_url: `/api/exports/pdf/${JOB}` };
const timestamp = completed.completed_at;
const SUMMARY = { 'export.completed': 'A job has made its file', 'export.failed': 'A job has failed' } as const;
const DATA = { 'export.completed': { ...completed, ...shown }, 'export.failed': { ...failed, ...shown } } as const;

const tell = (summary: string, type: string, data: object) => ({
  post: {
    summary,
    tags: ['exports'],
    parameters: HEADERS,
    requestBody: {
      required: true,
      content: {
        'application/json': {
          schema: { $ref: '#/components/schemas/Webhook' },
          examples: named({ notified: { type, timestamp, data } }),
        },
      },
    },
    responses: {
      '2XX': { description: 'It was read. Anything else: it is sent again after 5 s, 5 min, 30 min and 2 h.' },
      '410': { description: 'Nothing more is wanted: the webhook ends.' },
    },
  },
});

export const webhookSchemas = {
  Webhook: Type.Object(
    {
      type: Type.String({ enum: [...EVENTS, TEST_EVENT] }),
      timestamp: instant('When the job ended.'),
      data: Type.Unsafe(
        Type.Union([Entry, Type.Object({}, { ...closed, description: 'Of a test.' })], {
          description: 'As the list of jobs shows it to the owner of the key; no link that works without a key.',
        }),
      ),
    },
    closed,
  ),
};

export const webhooks = (): object => ({
  ...Object.fromEntries(EVENTS.map((type) => [type, tell(SUMMARY[type], type, DATA[type])])),
  [TEST_EVENT]: tell('`npm run keys -- webhook test` tries whether it arrives', TEST_EVENT, {}),
});
