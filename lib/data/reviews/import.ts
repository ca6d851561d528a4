// The file that a review page saves, or that is written by hand, into reid_reviews: checked as a
// whole, loaded in one transaction.
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import Type, { type Static } from 'typebox';
import type { Database, Queries } from '../../adapters/postgres.ts';
import { SEXES } from '../../deer/class-gates.ts';
import { isUnnamed } from '../../deer/missing-values.ts';
import { alikeWarning, fold } from '../../deer/names-alike.ts';
import { Fault } from '../../errors.ts';
import { count } from '../../format.ts';
import { SHOWN, withProblems } from '../problems.ts';
import { openTarget } from '../target.ts';
import { utf8Text } from '../text.ts';
import { findDraws, hasDraws, refreshChances } from './draws.ts';
import { type ReviewRow, storeReviews } from './store.ts';

const MOST_REVIEWS = 1_000_000;
const PURPOSES = ['evidence', 'roster', 'second_look', 'repeat'];
const uuid = () => Type.String({ format: 'uuid' });
const Review = Type.Object(
  {
    /** Kept with the verdict; which event it is follows from the detections. */
    event: Type.Optional(Type.String({ maxLength: 200 })),
    detections: Type.Array(uuid(), { minItems: 1, maxItems: 10_000 }),
    verdict: Type.String({ enum: ['same', 'different', 'none', 'unsure'] }),
    /** The deer that it is (same) or is not (different). */
    deer_id: Type.Optional(Type.Union([uuid(), Type.Null()])),
    /** A name for an animal that is none of those enrolled. */
    identity: Type.Optional(Type.Union([Type.String({ maxLength: 200 }), Type.Null()])),
    inclusion_probability: Type.Optional(Type.Union([Type.Number({ minimum: 1e-9, maximum: 1 }), Type.Null()])),
    reviewed_at: Type.String({ format: 'date-time' }),
    /**
     * What it was given for; absent: evidence. Verdicts of a roster and of its second look enter no
     * rate; a repeat was shown again as new.
     */
    purpose: Type.Optional(Type.Union([Type.String({ enum: [...PURPOSES] }), Type.Null()])),
    /** What the animal is, where the reviewer of a roster says so: "this is a doe". */
    class: Type.Optional(Type.Union([Type.String({ enum: [...SEXES] }), Type.Null()])),
    /** The stored draw that the event was taken by; what the page showed. */
    draw_id: Type.Optional(Type.Union([Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }), Type.Null()])),
    score: Type.Optional(Type.Union([Type.Number({ minimum: -1, maximum: 1 }), Type.Null()])),
    threshold: Type.Optional(Type.Union([Type.Number({ minimum: -1, maximum: 1 }), Type.Null()])),
  },
  { additionalProperties: false },
);
const ReviewFile = Type.Object(
  {
    format: Type.Literal('hoofprint-reviews'),
    version: Type.Literal(1),
    reviewer: Type.Optional(Type.Union([Type.String({ maxLength: 200 }), Type.Null()])),
    trial: Type.Optional(Type.Unknown()),
    reviews: Type.Array(Review, { maxItems: MOST_REVIEWS }),
  },
  { additionalProperties: false },
);
/**
 * As ReviewFile, with the reviews not looked at: each of them is checked apart, so that one broken
 * review does not hide the others.
 */
const Envelope = Type.Object(
  { ...ReviewFile.properties, reviews: Type.Array(Type.Unknown(), { maxItems: MOST_REVIEWS }) },
  {
    additionalProperties: false,
  },
);

type Review = Static<typeof Review>;
/** What a review page saves. */
export type ReviewFile = Static<typeof ReviewFile>;

export interface ReviewsSummary {
  events: number;
  verdicts: Record<string, number>;
  stored: { made: number; there: number };
  /** Reviews that were left out, with the reasons; only with skipInvalid. */
  skipped?: string[];
  /** What a person has to know before anything is concluded from the data. */
  warnings?: string[];
  notes?: string[];
}

export interface ReviewsOptions {
  /** Leaves out broken reviews instead of refusing the file. */
  skipInvalid?: boolean;
  /** Of the file, for messages. */
  name?: string;
}

/** A review and its index in the file. */
interface IndexedReview {
  index: number;
  review: Review;
}

const refuse = (problems: readonly string[]): never => {
  const rules = count(problems.length, 'broken rule');
  throw new Fault('invalid', withProblems(`the reviews have ${rules}; nothing was loaded`, problems));
};

/** False for texts that no table can hold: with a zero byte or half of a surrogate pair. */
const isStorable = (text: string | null | undefined): boolean =>
  text == null || (!text.includes('\0') && text.isWellFormed());

function parseJson(file: Buffer | string, name: string): unknown {
  const text = typeof file === 'string' ? file.replace(/^\ufeff+/, '') : utf8Text(file, name, 'save it as UTF-8');
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Fault('invalid', `${name} is not valid JSON`, { cause });
  }
}

/**
 * The reviews that keep every rule that needs no database; the broken rules of the others go to
 * `problems`.
 */
function readReviews(
  file: Buffer | string,
  name: string,
  problems: Map<number, string[]>,
): { reviewer: string | null; reviews: IndexedReview[] } {
  const ajv = new Ajv({ allErrors: true, strict: true });
  addFormats.default(ajv, { mode: 'full' });
  const [isFile, isReview] = [ajv.compile<Static<typeof Envelope>>(Envelope), ajv.compile<Review>(Review)];
  const value = parseJson(file, name);
  const explain = (errors: typeof isFile.errors, below: string): string[] => {
    // That an optional value is not null is not worth a line.
    const rules = (errors ?? []).filter(
      ({ keyword, params }) => keyword !== 'anyOf' && !(keyword === 'type' && params.type === 'null'),
    );
    const shown = (rules.length > 0 ? rules : (errors ?? [])).slice(0, SHOWN);
    return [
      ...new Set(
        shown.map(({ instancePath, message }) => `${below}${instancePath || (below === '' ? '/' : '')} ${message}`),
      ),
    ];
  };
  if (!isFile(value)) return refuse(explain(isFile.errors, ''));
  if (!isStorable(value.reviewer)) refuse(['/reviewer holds characters that cannot be stored']);
  if (value.reviews.length === 0) throw new Fault('invalid', `${name} holds no review; nothing was loaded`);
  const reviews = value.reviews.flatMap((review, index): IndexedReview[] => {
    const at = `/reviews/${index}`;
    const rules = isReview(review) ? checkFields(review).map((rule) => `${at} ${rule}`) : explain(isReview.errors, at);
    if (rules.length === 0) return [{ index, review: review as Review }];
    problems.set(index, rules);
    return [];
  });
  return { reviewer: value.reviewer ?? null, reviews };
}

/** Rules between fields of one review. */
function checkFields({ event, verdict, deer_id: deer, identity, reviewed_at: at }: Review): string[] {
  const year = new Date(at).getUTCFullYear();
  const rules: [broken: boolean, rule: string][] = [
    [(verdict === 'same' || verdict === 'different') && !deer, `the verdict "${verdict}" needs a deer_id`],
    [verdict === 'none' && Boolean(deer), 'the verdict "none" names no deer'],
    [verdict !== 'none' && Boolean(identity) && !isUnnamed(identity!), 'only the verdict "none" may give an identity'],
    [!(year >= 1900 && year <= 2200), 'reviewed_at is not in the years 1900 to 2200'],
    [!isStorable(identity), 'identity holds characters that cannot be stored'],
    [!isStorable(event), 'event holds characters that cannot be stored'],
  ];
  return rules.flatMap(([broken, rule]) => (broken ? [rule] : []));
}

/** A word for an unnamed animal is no identity: the verdict stays, without one. */
const readIdentity = ({ identity }: Review): string | null =>
  identity == null || isUnnamed(identity) ? null : identity;

/** Takes out the reviews of detections, deer and draws that the database does not have. */
async function findPresent(
  queries: Queries,
  reviews: readonly IndexedReview[],
  problems: Map<number, string[]>,
  withDraws: boolean,
): Promise<IndexedReview[]> {
  const known = async (table: 'detections' | 'deer', ids: Set<string>): Promise<Set<string>> =>
    new Set(
      (await queries.rows<{ id: string }>(`SELECT id::text FROM ${table} WHERE id = ANY($1::uuid[])`, [[...ids]])).map(
        ({ id }) => id,
      ),
    );
  const lower = (ids: readonly string[]): string[] => ids.map((id) => id.toLowerCase());
  const detections = await known('detections', new Set(reviews.flatMap(({ review }) => lower(review.detections))));
  const deer = await known('deer', new Set(reviews.flatMap(({ review }) => review.deer_id?.toLowerCase() ?? [])));
  const draws = await findDraws(
    queries,
    withDraws ? [...new Set(reviews.flatMap(({ review }) => review.draw_id ?? []))] : [],
  );
  return reviews.filter(({ index, review }) => {
    const rules: string[] = [];
    const strange = review.detections.filter((id) => !detections.has(id.toLowerCase()));
    if (strange.length > 0)
      rules.push(`/reviews/${index} names detections that are not in the database: ${strange.slice(0, 3).join(', ')}`);
    if (review.deer_id && !deer.has(review.deer_id.toLowerCase()))
      rules.push(`/reviews/${index} names a deer that is not in the database: ${review.deer_id}`);
    if (review.draw_id != null && !draws.has(review.draw_id))
      rules.push(`/reviews/${index} names a draw that is not in the database: ${review.draw_id}`);
    if (rules.length > 0) problems.set(index, rules);
    return rules.length === 0;
  });
}

/** Identities of the file, and those of earlier reviews that look like one of them. */
async function listNames(queries: Queries, reviews: readonly IndexedReview[]): Promise<Set<string>> {
  const names = new Set(reviews.flatMap(({ review }) => readIdentity(review) ?? []));
  if (names.size === 0) return names;
  const folded = new Set([...names].map(fold));
  const earlier = await queries.rows<{ identity: string }>(
    'SELECT DISTINCT identity FROM reid_reviews WHERE identity IS NOT NULL',
  );
  for (const { identity } of earlier) if (folded.has(fold(identity)) && !isUnnamed(identity)) names.add(identity);
  return names;
}

const makeRows = (reviews: readonly IndexedReview[], reviewer: string | null): ReviewRow[] =>
  reviews.flatMap(({ review }) =>
    review.detections.map((detection_id) => ({
      ...{ detection_id, deer_id: review.deer_id ?? null, identity: readIdentity(review), verdict: review.verdict },
      ...{ inclusion_probability: review.inclusion_probability ?? null, reviewer, reviewed_at: review.reviewed_at },
      ...{ draw_id: review.draw_id ?? null, purpose: review.purpose ?? null, event_id: review.event ?? null },
      ...{ score: review.score ?? null, threshold: review.threshold ?? null, class: review.class ?? null },
    })),
  );

/**
 * Loads verdicts; loading the same file again changes nothing.
 * @param file JSON: {format: "hoofprint-reviews", version: 1, reviewer, reviews: [{detections,
 *   verdict, deer_id, identity, inclusion_probability, reviewed_at, purpose, draw_id, score,
 *   threshold, class}]}
 * @throws Fault `invalid` naming each broken rule by its index in the file (nothing has been loaded
 *   then), `conflict` when the database has no tables of ours.
 */
export async function importReviews(
  database: Database,
  file: Buffer | string,
  options: ReviewsOptions = {},
): Promise<ReviewsSummary> {
  const { catalog } = await openTarget(database, {}, ['reid_reviews']);
  const withDraws = hasDraws(catalog);
  const problems = new Map<number, string[]>();
  const { reviews, reviewer } = readReviews(file, options.name ?? 'the review file', problems);
  return database.write(async (queries) => {
    const sound = await findPresent(queries, reviews, problems, withDraws);
    const reasons = [...problems].sort(([a], [b]) => a - b).flatMap(([, rules]) => rules);
    if (reasons.length > 0 && (options.skipInvalid !== true || sound.length === 0)) refuse(reasons);
    const warning = alikeWarning(await listNames(queries, sound));
    const stored = await storeReviews(queries, makeRows(sound, reviewer));
    if (stored.made > 0 && withDraws) await refreshChances(queries);
    const verdicts: Record<string, number> = {};
    for (const { review } of sound) verdicts[review.verdict] = (verdicts[review.verdict] ?? 0) + 1;
    const unnamed = sound.filter(({ review }) => review.identity != null && readIdentity(review) === null).length;
    const words =
      'a word for an unnamed animal (unknown, NA and the like) as identity: the verdict is loaded without an identity';
    return {
      ...{ events: sound.length, verdicts, stored },
      ...(reasons.length > 0 ? { skipped: reasons } : {}),
      ...(warning === undefined ? {} : { warnings: [warning] }),
      ...(unnamed > 0 ? { notes: [`${count(unnamed, 'review has', 'reviews have')} ${words}`] } : {}),
    };
  });
}
