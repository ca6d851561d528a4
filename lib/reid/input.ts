// What may be asked of a Re-ID analysis: one schema per function gives validator, type and
// documentation; rules across fields are below.
import Type, { type Static } from 'typebox';
import type { Broken, Contract } from '../contract.ts';
import type { IdentitySource } from '../survey/counts/types.ts';
import { TRIAL_DESIGNS, type TrialDesign } from './analysis/draw.ts';
import type { Source } from './dataset/dataset.ts';
import { EVIDENCE, type Evidence } from './study/evidence.ts';

/**
 * Whose names are counted: absent, those of people (a roster); of the platform where every event
 * gets an identity and misses make new ones.
 */
const IDENTITIES: readonly IdentitySource[] = ['roster', 'platform'];

/** Absent: vectors where detections have them, else the scores that the platform stored. */
const SOURCES: readonly Source[] = ['vectors', 'scores'];

const score = (what: string) => Type.Number({ minimum: -1, maximum: 1, expected: `${what} from -1 to 1` });
const names = (what: string) =>
  Type.Optional(
    Type.Array(Type.String({ minLength: 1, maxLength: 200, expected: `a ${what} name of 1 to 200 characters` }), {
      minItems: 1,
      maxItems: 100,
      expected: `a list of 1 to 100 ${what} names`,
    }),
  );
const DAY = 'a date in YYYY-MM-DD format';
const day = () => Type.Optional(Type.String({ format: 'date', expected: DAY }));
const seed = () =>
  Type.Optional(Type.Integer({ minimum: 0, maximum: 4_294_967_295, expected: 'a whole number from 0 to 4294967295' }));

const selection = {
  evidence: Type.Optional(
    Type.Array(Type.Unsafe<Evidence>(Type.String({ enum: EVIDENCE, expected: `one of: ${EVIDENCE.join(', ')}` })), {
      minItems: 1,
      maxItems: EVIDENCE.length,
      expected: `a list of: ${EVIDENCE.join(', ')}`,
    }),
  ),
  classes: names('class'),
  locations: names('location'),
  since: day(),
  until: day(),
  unknown_share: Type.Optional(
    Type.Number({ minimum: 0, maximum: 1, expected: 'a share from 0 to 1 (of events whose animal is not enrolled)' }),
  ),
  sample: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 10_000_000, expected: 'a whole number of events from 1 to 10000000' }),
  ),
  seed: seed(),
  output: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 500,
      expected: 'a path below the working directory, of 1 to 500 characters',
    }),
  ),
  source: Type.Optional(Type.Unsafe<Source>(Type.String({ enum: SOURCES, expected: `one of: ${SOURCES.join(', ')}` }))),
};

const limits = {
  max_fpir: Type.Optional(
    Type.Number({ exclusiveMinimum: 0, exclusiveMaximum: 1, expected: 'a rate above 0 and below 1' }),
  ),
  min_animals: Type.Optional(
    Type.Integer({ minimum: 2, maximum: 1_000_000, expected: 'a whole number of animals from 2 to 1000000' }),
  ),
};

const deciding = {
  thresholds: Type.Optional(
    Type.Array(score('a number'), { minItems: 1, maxItems: 50, expected: 'a list of 1 to 50 numbers from -1 to 1' }),
  ),
  ...limits,
};

const closed = { additionalProperties: false, expected: 'a JSON object' };

const Trial = Type.Object(
  {
    threshold: score('a number'),
    sample: Type.Integer({ minimum: 1, maximum: 2_000, expected: 'a whole number of events from 1 to 2000' }),
    seed: seed(),
    /** Without it nothing in the database changes, and the reviews count as those of no draw. */
    store: Type.Optional(Type.Boolean({ expected: 'true or false' })),
    design: Type.Optional(
      Type.Unsafe<TrialDesign>(Type.String({ enum: TRIAL_DESIGNS, expected: `one of: ${TRIAL_DESIGNS.join(', ')}` })),
    ),
  },
  { ...closed, expected: 'an object with threshold, sample, seed, design and store' },
);

const { evidence: _, sample: __, ...whole } = selection;

const ScoresBody = Type.Object({ ...selection, ...deciding }, closed);
const ThresholdsBody = Type.Object({ ...selection, ...deciding, trial: Type.Optional(Trial) }, closed);

/** All methods are judged by reviews, on all events. */
const MatchingBody = Type.Object({ ...whole, ...limits }, closed);

/** Longest window of a head count, in days. */
const MOST_WINDOW_DAYS = 60;
/** Fewer occasions carry no model of capture and recapture. */
const LEAST_OCCASIONS = 5;

const Window = Type.Object(
  { since: Type.String({ format: 'date', expected: DAY }), until: Type.String({ format: 'date', expected: DAY }) },
  { ...closed, expected: 'an object with since and until' },
);

const { classes, locations, since, until, output } = selection;
const SurveyBody = Type.Object(
  {
    ...{ since, until, locations, classes },
    /** Of the head count: absent, the best covered days of the period. */
    window: Type.Optional(Window),
    occasion_days: Type.Optional(Type.Unsafe<1 | 3>(Type.Integer({ enum: [1, 3], expected: 'one of: 1, 3' }))),
    identities: Type.Optional(
      Type.Unsafe<IdentitySource>(Type.String({ enum: IDENTITIES, expected: `one of: ${IDENTITIES.join(', ')}` })),
    ),
    seed: seed(),
    output,
  },
  closed,
);

export type ScoresInput = Static<typeof ScoresBody>;
export type ThresholdsInput = Static<typeof ThresholdsBody>;
export type MatchingInput = Static<typeof MatchingBody>;
export type SurveyInput = Static<typeof SurveyBody>;

const isDate = (value: unknown): value is string => typeof value === 'string' && /^\d{4}-\d\d-\d\d$/.test(value);

function rules(body: Record<string, unknown>): Broken[] {
  const broken: Broken[] = [];
  for (const field of ['thresholds', 'evidence', 'classes', 'locations']) {
    const values: unknown[] = Array.isArray(body[field]) ? body[field] : [];
    values.forEach((value, index) => {
      // -0 and 0 are one threshold; NaN is not found at all and no threshold.
      const first = values.indexOf(value);
      if (first >= 0 && first < index && (typeof value === 'number' || typeof value === 'string')) {
        broken.push({
          order: 1,
          pointer: `/${field}/${index}`,
          detail: `${field} must not contain ${JSON.stringify(value === 0 ? 0 : value)} twice`,
        });
      }
    });
  }
  const { since, until } = body;
  if (isDate(since) && isDate(until) && since > until)
    broken.push({ order: 2, pointer: '/since', detail: 'since must be before until' });
  return broken;
}

const dayNumber = (day: string): number => Date.parse(`${day}T00:00:00Z`) / 86_400_000;

function windowRules({ window, since: first, until: last, occasion_days: asked }: Record<string, unknown>): Broken[] {
  const { since, until } = (window ?? {}) as Record<string, unknown>;
  if (!isDate(since) || !isDate(until)) return [];
  if (since > until)
    return [{ order: 3, pointer: '/window/since', detail: 'window.since must not be after window.until' }];
  const days = dayNumber(until) - dayNumber(since) + 1;
  const occasionDays = typeof asked === 'number' ? asked : 1;
  const found: [broken: boolean, pointer: string, detail: string][] = [
    [days > MOST_WINDOW_DAYS, '', `window must have at most ${MOST_WINDOW_DAYS} days`],
    [
      Math.floor(days / occasionDays) < LEAST_OCCASIONS,
      '',
      `window must have at least ${LEAST_OCCASIONS} occasions of occasion_days`,
    ],
    [isDate(first) && since < first, '/since', 'window.since must not be before since'],
    [isDate(last) && until > last, '/until', 'window.until must not be after until'],
  ];
  return found.flatMap(([broken, pointer, detail]) =>
    broken ? [{ order: 3, pointer: `/window${pointer}`, detail }] : [],
  );
}

/** Contracts of the functions; reidPlot takes what reidScores takes. */
export const scoresContract: Contract<ScoresInput> = { schema: ScoresBody, rules };
export const thresholdsContract: Contract<ThresholdsInput> = { schema: ThresholdsBody, rules };
export const plotContract: Contract<ScoresInput> = { schema: ScoresBody, rules };
export const matchingContract: Contract<MatchingInput> = { schema: MatchingBody, rules };
export const surveyContract: Contract<SurveyInput> = {
  schema: SurveyBody,
  rules: (body) => [...rules(body), ...windowRules(body)],
};
