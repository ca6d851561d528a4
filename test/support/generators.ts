// Requests as people, programs and attackers write them: valid ones, and ones with something wrong
// in one or several places.
import fc from 'fast-check';

export type Body = Record<string, unknown>;

const daysFrom = (start: string, days: number): string =>
  new Date(Date.parse(start) + days * 86_400_000).toISOString().slice(0, 10);
/** Two days of the past, at most a year apart. */
const span = fc
  .tuple(
    fc.integer({ min: 0, max: 9_000 }),
    fc.oneof(fc.constantFrom(0, 1, 364, 365), fc.integer({ min: 0, max: 365 })),
  )
  .map(([begin, length]) => ({
    start_date: daysFrom('2000-01-01', begin),
    end_date: daysFrom('2000-01-01', begin + length),
  }));

export const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom(
    '',
    '</script><b>',
    '=1+1',
    '\r\nSet-Cookie: a=b',
    '__proto__',
    '\u0000',
    '\u202e',
    '\ud83e\udd8c',
    '../../etc/passwd',
    "' OR 1=1 --",
    '\ud800',
  ),
);
const optional = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(value, { nil: undefined });
const present = (body: Body): Body =>
  Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined));
const selection = {
  title: optional(fc.string({ unit: 'binary', maxLength: 60 })),
  independence_minutes: optional(fc.double({ min: 0, max: 1440, noNaN: true })),
};
const grouping = fc.constantFrom('day', 'week', 'month');
const flag = optional(fc.boolean());

const pdf = fc
  .record({
    span,
    group_by: grouping,
    ...selection,
    report_type: optional(fc.constantFrom('seasonal_activity', 'comparison', 'custom')),
    periods: fc.array(fc.tuple(span, fc.string({ unit: 'binary', minLength: 1, maxLength: 20 })), {
      minLength: 2,
      maxLength: 5,
    }),
    include_charts: flag,
    include_tables: flag,
    include_insights: flag,
    include_survey: flag,
  })
  .map(({ span: days, periods, ...rest }) =>
    present({
      ...days,
      ...rest,
      comparison_periods:
        rest.report_type === 'comparison' ? periods.map(([one, label]) => ({ ...one, label })) : undefined,
    }),
  );
const zip = fc
  .record({
    span: optional(span),
    group_by: grouping,
    ...selection,
    detection_ids: fc.array(fc.uuid(), { minLength: 1, maxLength: 5 }),
    ids: fc.boolean(),
    crop_size: optional(fc.integer({ min: 128, max: 1024 })),
    // Crops cost seconds where requests are really carried out.
    include_crops: fc.constant(false),
    include_metadata_csv: flag,
    include_camtrap_dp: flag,
  })
  .map(({ span: days, ids, detection_ids, ...rest }) =>
    present({ ...rest, ...(days ?? {}), ...(ids || days === undefined ? { detection_ids } : {}) }),
  );

/** Requests that keep every rule. */
export const valid: Record<'pdf' | 'zip', fc.Arbitrary<Body>> = { pdf, zip };

const anything = fc.oneof(
  anyText,
  fc.constantFrom<unknown>(
    null,
    true,
    false,
    0,
    -1,
    1e308,
    -1e308,
    2 ** 53,
    0.5,
    1441,
    127,
    1025,
    128.5,
    [],
    {},
    [null],
    [[]],
    '12',
    'true',
  ),
  fc.constantFrom(
    '2024-02-30',
    '2023-02-29',
    '2024-13-01',
    '0000-01-01',
    '9999-12-31',
    '2024-1-1',
    '2024-01-01T00:00:00Z',
    'hour',
    'Day',
    '2000-02-29',
  ),
  fc.array(fc.oneof(anyText, fc.uuid(), fc.constant(null)), { maxLength: 4 }),
  fc.constant(Array.from({ length: 101 }, () => 'doe')),
  fc
    .constantFrom('urn:uuid:3b241101-e2bb-4255-8caf-4136c566a962', '{3b241101-e2bb-4255-8caf-4136c566a962}')
    .map((id) => [id]),
  fc.array(
    fc.record({
      start_date: fc.constantFrom('2024-01-01', 'x', '2030-01-01'),
      end_date: fc.constant('2023-01-01'),
      label: anyText,
    }),
    { maxLength: 6 },
  ),
);
const names = [
  ...[
    'start_date',
    'end_date',
    'group_by',
    'title',
    'classifications',
    'locations',
    'independence_minutes',
    'report_type',
    'comparison_periods',
  ],
  ...['include_charts', 'detection_ids', 'include_crops', 'crop_size', 'include_camtrap_dp'],
  ...['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'prototype', 'START_DATE', 'start_date ', 'colour'],
];
type Change = { name: string; value: unknown; remove: boolean };
const change: fc.Arbitrary<Change> = fc.record({
  name: fc.oneof(fc.constantFrom(...names), anyText),
  value: anything,
  remove: fc.boolean(),
});

function changed(body: Body, changes: readonly Change[]): Body {
  const copy = { ...body };
  for (const { name, value, remove } of changes) {
    if (remove) delete copy[name];
    // As JSON.parse does it: a property of that very name, also when it is __proto__.
    else Object.defineProperty(copy, name, { value, enumerable: true, configurable: true, writable: true });
  }
  return copy;
}

/**
 * Dates around every limit: a day before, on and after; the year's length, leap years, and today
 * (`rules.ts` says which day that is).
 */
const edgeDates = fc
  .tuple(
    fc.constantFrom('2023-03-01', '2024-02-28', '2026-03-14', '2026-03-15', '2026-03-16', '2025-03-15'),
    fc.constantFrom(-366, -1, 0, 1, 364, 365, 366, 367),
  )
  .map(([start, days]) => ({ start_date: start, end_date: daysFrom(start, days) }));

/** Valid requests with one to three places changed: most of them break a rule. */
export const mutated = (kind: 'pdf' | 'zip'): fc.Arbitrary<Body> =>
  fc.oneof(
    {
      weight: 5,
      arbitrary: fc
        .tuple(valid[kind], fc.array(change, { minLength: 1, maxLength: 3 }))
        .map(([body, changes]) => changed(body, changes)),
    },
    { weight: 1, arbitrary: fc.tuple(valid[kind], edgeDates).map(([body, dates]) => ({ ...body, ...dates })) },
  );
