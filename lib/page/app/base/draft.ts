// The form of a new export while it is filled in: it outlives a reload, a sign-in and another
// screen.
import { effect, signal } from '@preact/signals';

export interface DraftPeriod {
  start_date: string;
  end_date: string;
  label: string;
}

export interface Draft {
  /** A name of kinds/index.ts. */
  kind: string;
  start_date: string;
  end_date: string;
  group_by: string;
  title: string;
  classifications: string[];
  locations: string[];
  independence_minutes: string;
  report_type: string;
  comparison_periods: DraftPeriod[];
  include_charts: boolean;
  include_tables: boolean;
  include_insights: boolean;
  include_pictures: boolean;
  include_map: boolean;
  include_survey: boolean;
  include_crops: boolean;
  crop_size: string;
  include_metadata_csv: boolean;
  include_camtrap_dp: boolean;
  identities: string;
  coordinates: string;
  occasion_days: string;
}

const EMPTY: Draft = {
  kind: '',
  start_date: '',
  end_date: '',
  group_by: 'month',
  title: '',
  classifications: [],
  locations: [],
  independence_minutes: '30',
  report_type: 'seasonal_activity',
  comparison_periods: [],
  include_charts: true,
  include_tables: true,
  include_insights: true,
  include_pictures: true,
  include_map: true,
  include_survey: true,
  include_crops: true,
  crop_size: '300',
  include_metadata_csv: true,
  include_camtrap_dp: true,
  identities: 'roster',
  coordinates: '',
  occasion_days: '7',
};

const KEPT = 'hoofprint-draft';
const readKept = (): Draft => {
  try {
    return { ...EMPTY, ...(JSON.parse(sessionStorage.getItem(KEPT) ?? '{}') as Partial<Draft>) };
  } catch {
    return EMPTY;
  }
};

export const draft = signal<Draft>(readKept());
effect(() => {
  try {
    sessionStorage.setItem(KEPT, JSON.stringify(draft.value));
  } catch {
    // A browser that keeps nothing.
  }
});

export const change = (fields: Partial<Draft>): void => {
  draft.value = { ...draft.value, ...fields };
};

/** A number as it is typed; what is no number stays text, for the rules to refuse. */
const numeric = (text: string): number | string =>
  text.trim() === '' || Number.isNaN(Number(text)) ? text : Number(text);

/** Fields of a request, but for those that equal the default of the service. */
export const unlessDefault = (value: Draft, ...names: (keyof Draft)[]): Record<string, unknown> =>
  Object.fromEntries(
    names
      .filter((name) => value[name] !== EMPTY[name])
      .map((name) => [name, typeof value[name] === 'string' ? numeric(value[name]) : value[name]]),
  );

/** Fields that every kind has, as far as they are filled in. */
export const common = ({
  start_date,
  end_date,
  title,
  classifications,
  locations,
}: Draft): Record<string, unknown> => ({
  ...(start_date === '' ? {} : { start_date }),
  ...(end_date === '' ? {} : { end_date }),
  ...(title === '' ? {} : { title }),
  ...(classifications.length === 0 ? {} : { classifications }),
  ...(locations.length === 0 ? {} : { locations }),
});
