// Rules across the fields of a request for a ZIP archive (docs/EXPORT_VALIDATION.md).
import type { Broken } from '../../contract.ts';
import { dateRules, GROUPINGS } from '../shared/rules.ts';

/** @param today the calendar day of now in TIME_ZONE, YYYY-MM-DD */
export function zipRules(body: Record<string, unknown>, today: string): Broken[] {
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
