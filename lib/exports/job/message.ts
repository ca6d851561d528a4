// The message that carries a job through the queue: versioned, ASCII JSON; a large request is in
// the bucket.
import Type, { type Static } from 'typebox';
import type { Contract } from '../../contract.ts';
import { type ExportKind, KINDS } from '../kinds/index.ts';
import type { ExportRequest } from '../shared/kind.ts';
import { digestRequest, type JobIdentity } from './jobs.ts';

/**
 * A request whose JSON is longer than this many bytes is stored in the bucket and the message names
 * it (SQS takes 256 KiB or more).
 */
export const LARGEST_INLINE = 200 * 1024;

/** Most characters of an owner's name. */
export const LONGEST_OWNER = 80;

const Uuid4 = Type.String({
  pattern: '^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$',
  expected: 'a UUID of version 4',
});
const Sha256 = Type.String({ pattern: '^[0-9a-f]{64}$', expected: 'a SHA-256 in hexadecimal' });

const envelope = {
  version: Type.Literal(1, { expected: '1' }),
  job_id: Uuid4,
  // The format allows a leap second, which clocks here do not have.
  created_at: Type.String({ format: 'date-time', pattern: '^[^:]+:[^:]+:[0-5]', expected: 'a date-time' }),
};
const Stored = Type.Object(
  { object_key: Type.String({ pattern: '^requests/[0-9a-f-]{36}\\.json$' }), digest: Sha256 },
  { additionalProperties: false },
);
const closed = { additionalProperties: false, expected: 'an export message' };

const KIND_NAMES = KINDS.map(({ kind }) => kind);

/** Exactly one of `request` and `stored` is there (a rule, so that AJV's errors stay readable). */
const Message = Type.Object(
  {
    ...envelope,
    kind: Type.Unsafe<ExportKind>(Type.String({ enum: KIND_NAMES, expected: KIND_NAMES.join(' or ') })),
    request: Type.Optional(Type.Unsafe<ExportRequest>(Type.Object({}, { expected: 'a request' }))),
    stored: Type.Optional(Stored),
    owner: Type.Optional(Type.String({ minLength: 1, maxLength: LONGEST_OWNER, expected: 'an owner' })),
  },
  closed,
);
export type ExportMessage = Static<typeof Message>;

export const messageContract: Contract<ExportMessage> = {
  schema: Message,
  rules: (message) =>
    (message.request === undefined) === (message.stored === undefined)
      ? [{ order: 1, pointer: '/request', detail: 'exactly one of request and stored must be given' }]
      : [],
};

/** The identity of a job, as far as its message has it. */
export function identifyJob(message: ExportMessage): JobIdentity {
  const { job_id, kind, created_at, owner } = message;
  return {
    job_id,
    kind,
    created_at,
    owner,
    digest: message.stored?.digest ?? digestRequest(kind, created_at, message.request),
  };
}
