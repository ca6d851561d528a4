// Rules across the fields of a request for a PDF report (docs/EXPORT_VALIDATION.md).
import type { Broken } from '../../contract.ts';
import { dateRules } from '../shared/rules.ts';

/** @param today the calendar day of now in TIME_ZONE, YYYY-MM-DD */
export function pdfRules(body: Record<string, unknown>, today: string): Broken[] {
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
