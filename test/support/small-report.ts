// The smallest report: for tests that need a job, or its file, and do not look into it.

/** The cover alone, of one month of the herd. */
export const SMALL_REPORT = {
  start_date: '2023-11-01',
  end_date: '2023-11-30',
  group_by: 'week',
  include_charts: false,
  include_tables: false,
  include_insights: false,
  include_pictures: false,
  include_map: false,
  include_survey: false,
};
