// What may be asked of a PDF report (docs/EXPORT_VALIDATION.md).
import Type, { type Static } from 'typebox';
import type { RequestContract } from '../shared/kind.ts';
import {
  absent,
  closed,
  coordinates,
  date,
  filters,
  flag,
  given,
  groupBy,
  independenceMinutes,
} from '../shared/request.ts';
import type { pdfKind } from './kind.ts';
import { pdfRules } from './rules.ts';

const Period = Type.Object(
  {
    start_date: date(),
    end_date: date(),
    label: Type.String({ minLength: 1, maxLength: 60, expected: 'text of 1 to 60 characters' }),
  },
  { ...closed, expected: 'an object with start_date, end_date and label' },
);

const Body = Type.Object(
  {
    start_date: date(),
    end_date: date(),
    group_by: groupBy(),
    ...filters,
    independence_minutes: independenceMinutes(),
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
    include_pictures: flag(true),
    include_map: flag(true),
    coordinates: coordinates(),
    include_survey: flag(true),
  },
  closed,
);

export type PdfRequest = Static<typeof Body>;

const acrossFields = {
  if: given('report_type', { const: 'comparison' }),
  // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
  then: given('comparison_periods'),
  else: absent('comparison_periods'),
};

export const pdfContract: RequestContract<typeof pdfKind.kind, PdfRequest> = {
  kind: 'pdf',
  schema: Body,
  acrossFields,
  rules: pdfRules,
  description:
    'A report. comparison_periods must be given with report_type comparison, and only then; start_date to end_date is then the whole span.',
  examples: {
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
  },
};
