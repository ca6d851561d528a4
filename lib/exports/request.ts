// What may be asked of an export (EXPORTS.md): one schema gives the validator, the type and the documentation.
// (schemas and cross-field rules follow; the types below are what the rest of lib/exports works with)

export type Kind = 'pdf' | 'zip';
export type GroupBy = 'day' | 'week' | 'month';

/** Filters and period shared by both kinds; dates are inclusive calendar days in TIME_ZONE. */
export interface Selection {
  start_date: string;
  end_date: string;
  group_by: GroupBy;
  title?: string;
  /** Final classes to keep; absent = all. */
  classifications?: string[];
  /** Location names to keep; absent = all. */
  locations?: string[];
  /** Detections of one class at one camera closer than this are one independent event; 0-1440, default 30. */
  independence_minutes?: number;
}

export interface Period {
  start_date: string;
  end_date: string;
  label: string;
}

export interface PdfRequest extends Selection {
  /** `custom` is the original platform's name for a seasonal report over any dates. */
  report_type?: 'seasonal_activity' | 'comparison' | 'custom';
  comparison_periods?: Period[];
  include_charts?: boolean;
  include_tables?: boolean;
  include_insights?: boolean;
}

/** With detection_ids the dates and group_by are optional: the ids' own span, by month. */
export interface ZipRequest
  extends Omit<Selection, 'start_date' | 'end_date' | 'group_by'>,
    Partial<Pick<Selection, 'start_date' | 'end_date' | 'group_by'>> {
  detection_ids?: string[];
  include_crops?: boolean;
  /** Longest side of a crop in pixels, 128-1024, default 300. */
  crop_size?: number;
  include_metadata_csv?: boolean;
}
