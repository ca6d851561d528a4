// The file that a review page saves, or anyone writes by hand, into reid_reviews: checked whole, loaded in one transaction.
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import Type, { type Static } from 'typebox';
import type { Database } from '../../adapters/postgres.ts';
import { Fault } from '../../errors.ts';
import { openTarget } from '../target.ts';
import { type ReviewRow, storeReviews } from './store.ts';

const uuid = () => Type.String({ format: 'uuid' });
const Review = Type.Object(
  {
    /** Only for people. */
    event: Type.Optional(Type.String({ maxLength: 200 })),
    detections: Type.Array(uuid(), { minItems: 1, maxItems: 10_000 }),
    verdict: Type.String({ enum: ['same', 'different', 'none', 'unsure'] }),
    /** The deer that it is (same) or is not (different). */
    deer_id: Type.Optional(Type.Union([uuid(), Type.Null()])),
    /** A name for an animal that is none of those enrolled. */
    identity: Type.Optional(Type.Union([Type.String({ minLength: 1, maxLength: 200 }), Type.Null()])),
    inclusion_probability: Type.Optional(Type.Union([Type.Number({ minimum: 1e-9, maximum: 1 }), Type.Null()])),
    reviewed_at: Type.String({ format: 'date-time' }),
  },
  { additionalProperties: false },
);
const ReviewFile = Type.Object(
  {
    format: Type.Literal('hoofprint-reviews'),
    version: Type.Literal(1),
    reviewer: Type.Optional(Type.Union([Type.String({ maxLength: 200 }), Type.Null()])),
    trial: Type.Optional(Type.Unknown()),
    reviews: Type.Array(Review, { maxItems: 1_000_000 }),
  },
  { additionalProperties: false },
);

/** What a review page saves. */
export type ReviewFile = Static<typeof ReviewFile>;

export interface ReviewsSummary {
  events: number;
  verdicts: Record<string, number>;
  stored: { made: number; there: number };
}

const SHOWN = 20;

function refuse(problems: readonly string[]): never {
  const more = problems.length > SHOWN ? `\n  and ${problems.length - SHOWN} more` : '';
  throw new Fault(
    'invalid',
    `the reviews have ${problems.length} broken rules; nothing was loaded\n  ${problems.slice(0, SHOWN).join('\n  ')}${more}`,
  );
}

function read(text: string): ReviewFile {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new Fault('invalid', 'the reviews are not valid JSON', { cause });
  }
  const ajv = new Ajv({ allErrors: true, strict: true });
  addFormats.default(ajv, { mode: 'full' });
  const valid = ajv.compile<ReviewFile>(ReviewFile);
  if (!valid(value)) refuse([...new Set((valid.errors ?? []).map(({ instancePath, message }) => `${instancePath || '/'} ${message}`))]);
  return value;
}

/**
 * Loads verdicts; loading the same file again changes nothing.
 * @param text JSON: {format: "hoofprint-reviews", version: 1, reviewer, reviews: [{detections, verdict, deer_id, identity, inclusion_probability, reviewed_at}]}
 * @throws Fault `invalid` naming each broken rule by its place in the file (nothing has been loaded then), `conflict` when the database has no tables of ours.
 */
export async function importReviews(database: Database, text: string): Promise<ReviewsSummary> {
  await openTarget(database, {}, ['reid_reviews']);
  const { reviews, reviewer } = read(text);
  const problems: string[] = [];
  reviews.forEach(({ verdict, deer_id: deer, identity }, i) => {
    const broken = (rule: string): void => void problems.push(`/reviews/${i} ${rule}`);
    if ((verdict === 'same' || verdict === 'different') && !deer) broken(`the verdict "${verdict}" needs a deer_id`);
    if (verdict === 'none' && deer) broken('the verdict "none" names no deer');
    if (verdict !== 'none' && identity) broken(`only the verdict "none" may give an identity`);
  });
  const rows = reviews.flatMap((review) =>
    review.detections.map(
      (detection_id): ReviewRow => ({
        ...{ detection_id, deer_id: review.deer_id ?? null, identity: review.identity ?? null, verdict: review.verdict },
        ...{ inclusion_probability: review.inclusion_probability ?? null, reviewer: reviewer ?? null, reviewed_at: review.reviewed_at },
      }),
    ),
  );
  const stored = await database.write(async (queries) => {
    const known = async (table: 'detections' | 'deer', ids: readonly string[]): Promise<Set<string>> =>
      new Set((await queries.rows<{ id: string }>(`SELECT id::text FROM ${table} WHERE id = ANY($1::uuid[])`, [ids])).map(({ id }) => id));
    const detections = await known('detections', [...new Set(rows.map((row) => row.detection_id.toLowerCase()))]);
    const deer = await known('deer', [...new Set(rows.flatMap((row) => row.deer_id?.toLowerCase() ?? []))]);
    reviews.forEach((review, i) => {
      const strange = review.detections.filter((id) => !detections.has(id.toLowerCase()));
      if (strange.length > 0)
        problems.push(`/reviews/${i} names detections that are not in the database: ${strange.slice(0, 3).join(', ')}`);
      if (review.deer_id && !deer.has(review.deer_id.toLowerCase()))
        problems.push(`/reviews/${i} names a deer that is not in the database: ${review.deer_id}`);
    });
    if (problems.length > 0) refuse(problems);
    return storeReviews(queries, rows);
  });
  const verdicts: Record<string, number> = {};
  for (const { verdict } of reviews) verdicts[verdict] = (verdicts[verdict] ?? 0) + 1;
  return { events: reviews.length, verdicts, stored };
}
