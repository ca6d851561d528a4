// What may be asked of an export (docs/EXPORT_VALIDATION.md): one schema gives validator, type and
// documentation; rules across fields stand below it.
import Type, { type Static } from 'typebox';
import type { Broken, Contract } from '../../contract.ts';
import { dayNumber, daysBetween } from '../../deer/calendar.ts';

export type Kind = 'pdf' | 'zip';

export const GROUPINGS = ['day', 'week', 'month'] as const;
export type GroupBy = (typeof GROUPINGS)[number];

/** Longest span of one export: this many days between the first and the last. */
export const LONGEST_SPAN_DAYS = 365;

// There is no year 0000 in the calendar that PostgreSQL and people use.
const date = () => Type.String({ format: 'date', pattern: '^(?!0000)', expected: 'a date in YYYY-MM-DD format' });
const flag = (fallback: boolean) => Type.Optional(Type.Boolean({ default: fallback, expected: 'true or false' }));
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
const groupBy = () =>
  Type.Unsafe<GroupBy>(Type.String({ enum: GROUPINGS, order: 4, expected: `one of: ${GROUPINGS.join(', ')}` }));

const selection = {
  title: Type.Optional(Type.String({ maxLength: 120, expected: 'text of up to 120 characters' })),
  classifications: names('class'),
  locations: names('location'),
  independence_minutes: Type.Optional(
    Type.Number({ minimum: 0, maximum: 1440, default: 30, expected: 'a number of minutes from 0 to 1440' }),
  ),
};

const closed = { additionalProperties: false, expected: 'a JSON object' };

const Period = Type.Object(
  {
    start_date: date(),
    end_date: date(),
    label: Type.String({ minLength: 1, maxLength: 60, expected: 'text of 1 to 60 characters' }),
  },
  { ...closed, expected: 'an object with start_date, end_date and label' },
);

export const PdfBody = Type.Object(
  {
    start_date: date(),
    end_date: date(),
    group_by: groupBy(),
    ...selection,
    // `custom` is the original platform's name for a seasonal report over any dates.
    report_type: Type.Optional(
      Type.Unsafe<'seasonal_activity' | 'comparison' | 'custom'>(
        Type.String({
          enum: ['seasonal_activity', 'comparison', 'custom'],
          default: 'seasonal_activity',
          expected: 'one of: seasonal_activity, comparison, custom',
        }),
      ),
    ),
    comparison_periods: Type.Optional(
      Type.Array(Period, { minItems: 2, maxItems: 5, expected: 'a list of 2 to 5 periods' }),
    ),
    include_charts: flag(true),
    include_tables: flag(true),
    include_insights: flag(true),
  },
  closed,
);

// Not as a URN, which the format allows as well.
const Uuid = Type.String({ format: 'uuid', pattern: '^[0-9A-Fa-f]{8}-', expected: 'a UUID' });

export const ZipBody = Type.Object(
  {
    start_date: Type.Optional(date()),
    end_date: Type.Optional(date()),
    group_by: Type.Optional(groupBy()),
    ...selection,
    detection_ids: Type.Optional(
      Type.Array(Uuid, { minItems: 1, maxItems: 10_000, expected: 'a list of 1 to 10000 detection ids' }),
    ),
    include_crops: flag(true),
    crop_size: Type.Optional(
      Type.Integer({
        minimum: 128,
        maximum: 1024,
        default: 300,
        expected: 'a whole number of pixels from 128 to 1024',
      }),
    ),
    include_metadata_csv: flag(true),
    include_camtrap_dp: flag(true),
  },
  closed,
);

export type Period = Static<typeof Period>;
export type PdfRequest = Static<typeof PdfBody>;
export type ZipRequest = Static<typeof ZipBody>;
/** Filters and period shared by both kinds; dates are inclusive calendar days in TIME_ZONE. */
export type Selection = Pick<
  PdfRequest,
  'start_date' | 'end_date' | 'group_by' | 'title' | 'classifications' | 'locations' | 'independence_minutes'
>;

const isDate = (value: unknown): value is string => typeof value === 'string' && dayNumber(value) !== undefined;

/** Rules 2, 3 and 5 for one pair of dates; `prefix` names a period inside the request. */
function dateRules(from: unknown, to: unknown, today: string, pointer = '', prefix = ''): Broken[] {
  const broken: Broken[] = [];
  const tell = (order: number, field: string, detail: string): void => {
    broken.push({ order, pointer: `${pointer}/${field}`, detail: `${prefix}${detail}` });
  };
  if (isDate(from) && isDate(to)) {
    const span = daysBetween(from, to);
    if (span < 0) tell(2, 'start_date', 'start_date must be before end_date');
    if (span > LONGEST_SPAN_DAYS) tell(3, 'end_date', 'Date range cannot exceed 1 year');
  }
  if (isDate(from) && from > today) tell(5, 'start_date', 'start_date cannot be in the future');
  return broken;
}

/** @param today the calendar day of now in TIME_ZONE, YYYY-MM-DD */
function pdfRules(body: Record<string, unknown>, today: string): Broken[] {
  const broken = dateRules(body.start_date, body.end_date, today);
  const periods = Array.isArray(body.comparison_periods) ? body.comparison_periods : [];
  for (const [i, period] of periods.entries()) {
    broken.push(
      ...dateRules(
        period?.start_date,
        period?.end_date,
        today,
        `/comparison_periods/${i}`,
        `comparison_periods[${i}]: `,
      ),
    );
  }
  if (body.report_type === 'comparison' && body.comparison_periods === undefined) {
    broken.push({
      order: 0,
      pointer: '/comparison_periods',
      detail: 'comparison_periods is required for a comparison: it must be a list of 2 to 5 periods',
    });
  }
  if (body.report_type !== 'comparison' && body.comparison_periods !== undefined) {
    broken.push({
      order: 0,
      pointer: '/comparison_periods',
      detail: 'comparison_periods must only be given with report_type comparison',
    });
  }
  return broken;
}

function zipRules(body: Record<string, unknown>, today: string): Broken[] {
  const broken = dateRules(body.start_date, body.end_date, today);
  if (body.detection_ids === undefined) {
    for (const [field, form] of [
      ['start_date', 'a date in YYYY-MM-DD format'],
      ['end_date', 'a date in YYYY-MM-DD format'],
      ['group_by', `one of: ${GROUPINGS.join(', ')}`],
    ] as const) {
      if (body[field] === undefined)
        broken.push({
          order: 0,
          pointer: `/${field}`,
          detail: `${field} is required without detection_ids: it must be ${form}`,
        });
    }
  } else if ((body.start_date === undefined) !== (body.end_date === undefined)) {
    const missing = body.start_date === undefined ? 'start_date' : 'end_date';
    broken.push({
      order: 0,
      pointer: `/${missing}`,
      detail: `${missing} is required when the other date is given: it must be a date in YYYY-MM-DD format`,
    });
  }
  return broken;
}

/** A field that is there and not null. */
const given = (name: string, schema: object = { not: { type: 'null' } }): object => ({
  required: [name],
  properties: { [name]: schema },
});
const absent = (name: string): object => ({ properties: { [name]: { type: 'null' } } });

const pdfAcross = {
  if: given('report_type', { const: 'comparison' }),
  // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
  then: given('comparison_periods'),
  else: absent('comparison_periods'),
};
const zipAcross = {
  anyOf: [given('detection_ids'), { allOf: [given('start_date'), given('end_date'), given('group_by')] }],
  allOf: [
    // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
    { if: given('start_date'), then: given('end_date') },
    // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
    { if: given('end_date'), then: given('start_date') },
  ],
};

/** The contracts of the two POST bodies; their circumstances are today's date in TIME_ZONE. */
export const pdfContract: Contract<PdfRequest, string> = { schema: PdfBody, acrossFields: pdfAcross, rules: pdfRules };
export const zipContract: Contract<ZipRequest, string> = { schema: ZipBody, acrossFields: zipAcross, rules: zipRules };
