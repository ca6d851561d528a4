// Fields and rules that requests of several kinds of export share (docs/EXPORT_VALIDATION.md). The
// schema of a kind gives validator, type and documentation; rules across fields are functions.
import Type from 'typebox';
import { PRECISIONS, type Precision } from '../../precision.ts';
import { GROUPINGS, type GroupBy } from './rules.ts';

/** Detections that one request may name. */
export const MOST_DETECTION_IDS = 10_000;

// There is no year 0000 in the calendar that PostgreSQL and people use.
export const date = () =>
  Type.String({ format: 'date', pattern: '^(?!0000)', expected: 'a date in YYYY-MM-DD format' });
export const flag = (fallback: boolean) =>
  Type.Optional(Type.Boolean({ default: fallback, expected: 'true or false' }));
const names = (what: string) =>
  Type.Optional(
    Type.Array(Type.String({ minLength: 1, maxLength: 200, expected: `a ${what} name of 1 to 200 characters` }), {
      minItems: 1,
      maxItems: 100,
      expected: `a list of 1 to 100 ${what} names`,
    }),
  );
// Rule 4 of the contract comes after the date rules, hence its order; a group_by that is not a
// string is mistyped like any other field.
export const groupBy = () =>
  Type.Unsafe<GroupBy>(Type.String({ enum: GROUPINGS, order: 4, expected: `one of: ${GROUPINGS.join(', ')}` }));

/** The optional title and filters of any export; names are those that the database knows. */
export const filters = {
  title: Type.Optional(Type.String({ maxLength: 120, expected: 'text of up to 120 characters' })),
  classifications: names('class'),
  locations: names('location'),
};
/** How exactly locations are given; the service's own setting may be coarser, never finer. */
export const coordinates = () =>
  Type.Optional(
    Type.Unsafe<Precision>(Type.String({ enum: PRECISIONS, expected: `one of: ${PRECISIONS.join(', ')}` })),
  );
export const independenceMinutes = () =>
  Type.Optional(
    Type.Number({ minimum: 0, maximum: 1440, default: 30, expected: 'a number of minutes from 0 to 1440' }),
  );
/** Days of an occasion of a detection history. */
export const DEFAULT_OCCASION_DAYS = 7;
export const occasionDays = () =>
  Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 60,
      default: DEFAULT_OCCASION_DAYS,
      expected: 'a whole number of days from 1 to 60',
    }),
  );
/**
 * Who names the animals: people who went through the events (reviews with the purpose roster), or
 * the platform, where its owner says that it gives every event an identity.
 */
const IDENTITY_SOURCES = ['roster', 'platform'] as const;
export const identities = () =>
  Type.Optional(
    Type.Unsafe<(typeof IDENTITY_SOURCES)[number]>(
      Type.String({
        enum: IDENTITY_SOURCES,
        default: 'roster',
        expected: `one of: ${IDENTITY_SOURCES.join(', ')}`,
      }),
    ),
  );

export const closed = { additionalProperties: false, expected: 'a JSON object' };

/** Filters and period of an export; dates are inclusive calendar days in TIME_ZONE. */
export interface Selection {
  start_date: string;
  end_date: string;
  group_by: GroupBy;
  title?: string;
  classifications?: string[];
  locations?: string[];
  independence_minutes?: number;
}

/** In a JSON schema: a field that is there and not null. */
export const given = (name: string, schema: object = { not: { type: 'null' } }): object => ({
  required: [name],
  properties: { [name]: schema },
});
export const absent = (name: string): object => ({ properties: { [name]: { type: 'null' } } });
