// What a page has to know of the service before it can help to fill in a form.
import { MOST_DETECTION_IDS } from '../exports/shared/request.ts';
import { LONGEST_SPAN_DAYS } from '../exports/shared/rules.ts';
import { VERSION } from '../version.ts';

export interface Circumstances {
  /** Day in `timeZone`. */
  today: string;
  timeZone: string;
  /** Whether GET /api/events works here. */
  hasEventStream: boolean;
  isKeyRequired: boolean;
  /** Of each owner; 0 = none. */
  waitingJobs: number;
  aliveBytes: number;
}

export const describeService = (now: Circumstances) => ({
  version: VERSION,
  today: now.today,
  time_zone: now.timeZone,
  event_stream: now.hasEventStream,
  keys_required: now.isKeyRequired,
  limits: {
    // Both ends are days of the period.
    most_days: LONGEST_SPAN_DAYS + 1,
    most_detections: MOST_DETECTION_IDS,
    most_waiting_jobs: now.waitingJobs,
    most_alive_bytes: now.aliveBytes,
  },
});
