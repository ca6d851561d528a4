// The rules of an export request said once more, in another way than the product says them: a field
// by field reading of the contract in words.

export const TODAY = '2026-03-15';

type Body = Record<string, unknown>;
type Field = (value: unknown) => boolean;

/** A day of the calendar from year 1 on; its number counts days. */
function dayOf(value: unknown): number | undefined {
  if (typeof value !== 'string' || value.length !== 10) return undefined;
  const [year, month, day] = value.split('-').map((part) => (/^\d+$/.test(part) ? Number(part) : Number.NaN)) as [
    number,
    number,
    number,
  ];
  if (
    `${String(year).padStart(4, '0')}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}` !== value ||
    year < 1
  )
    return undefined;
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  const lengths = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
  if (month < 1 || month > 12 || day < 1 || day > lengths[month - 1]!) return undefined;
  const before = year - 1;
  const years = before * 365 + Math.floor(before / 4) - Math.floor(before / 100) + Math.floor(before / 400);
  return years + lengths.slice(0, month - 1).reduce((sum, length) => sum + length, 0) + day;
}

const text =
  (least: number, most: number): Field =>
  (value) =>
    typeof value === 'string' && [...value].length >= least && [...value].length <= most;
const oneOf =
  (...words: string[]): Field =>
  (value) =>
    typeof value === 'string' && words.includes(value);
const listOf =
  (least: number, most: number, item: Field): Field =>
  (value) =>
    Array.isArray(value) && value.length >= least && value.length <= most && value.every(item);
const flag: Field = (value) => value === true || value === false;
const number =
  (least: number, most: number, whole = false): Field =>
  (value) =>
    typeof value === 'number' && value >= least && value <= most && (!whole || Math.trunc(value) === value);
const date: Field = (value) => dayOf(value) !== undefined;
const period: Field = (value) => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const { start_date, end_date, label, ...others } = value as Body;
  return date(start_date) && date(end_date) && text(1, 60)(label) && Object.keys(others).length === 0;
};
const uuid: Field = (value) =>
  typeof value === 'string' &&
  value.length === 36 &&
  value
    .split('-')
    .map((part) => part.length)
    .join() === '8,4,4,4,12' &&
  /^[\da-f-]+$/i.test(value);

const shared: Record<string, Field> = {
  start_date: date,
  end_date: date,
  group_by: oneOf('day', 'week', 'month'),
  title: text(0, 120),
  classifications: listOf(1, 100, text(1, 200)),
  locations: listOf(1, 100, text(1, 200)),
  independence_minutes: number(0, 1440),
};
const FIELDS: Record<'pdf' | 'zip', Record<string, Field>> = {
  pdf: {
    ...shared,
    report_type: oneOf('seasonal_activity', 'comparison', 'custom'),
    comparison_periods: listOf(2, 5, period),
    include_charts: flag,
    include_tables: flag,
    include_insights: flag,
    include_survey: flag,
    include_pictures: flag,
    include_map: flag,
    coordinates: oneOf('exact', 'rounded', 'withheld'),
  },
  zip: {
    ...shared,
    detection_ids: listOf(1, 10_000, uuid),
    include_crops: flag,
    crop_size: number(128, 1024, true),
    include_metadata_csv: flag,
    include_camtrap_dp: flag,
    include_survey: flag,
    occasion_days: number(1, 60, true),
  },
};

function datesBroken(from: unknown, to: unknown): boolean {
  const [first, last] = [dayOf(from), dayOf(to)];
  if (first === undefined) return false;
  if (first > dayOf(TODAY)!) return true;
  return last !== undefined && (last < first || last - first > 365);
}

/** The names of the fields that break a rule; none for a request that must be accepted. */
export function brokenFields(kind: 'pdf' | 'zip', sent: Body): Set<string> {
  const fields = FIELDS[kind];
  // What may be left out may be null; a field that is not known may be nothing.
  const needed = kind === 'pdf' ? ['start_date', 'end_date', 'group_by'] : [];
  const isLeftOut = (name: string): boolean =>
    sent[name] === null && Object.hasOwn(fields, name) && !needed.includes(name);
  const body = Object.fromEntries(Object.entries(sent).filter(([name]) => !isLeftOut(name)));
  const broken = new Set<string>();
  for (const [name, value] of Object.entries(body))
    if (!Object.hasOwn(fields, name) || !fields[name]!(value)) broken.add(name);
  const has = (name: string): boolean => Object.hasOwn(body, name);
  const dated = kind === 'pdf' || !has('detection_ids');
  for (const name of ['start_date', 'end_date', 'group_by']) if (dated && !has(name)) broken.add(name);
  if (!dated && has('start_date') !== has('end_date')) broken.add(has('start_date') ? 'end_date' : 'start_date');
  if (datesBroken(body.start_date, body.end_date)) broken.add('start_date');
  if (kind === 'pdf') {
    if (has('comparison_periods') !== (body.report_type === 'comparison')) broken.add('comparison_periods');
    const periods = Array.isArray(body.comparison_periods) ? body.comparison_periods : [];
    if (periods.some((one) => datesBroken((one as Body | null)?.start_date, (one as Body | null)?.end_date)))
      broken.add('comparison_periods');
  }
  return broken;
}
