// What needs somebody's attention, in sentences with the number behind each.

import { GAP_DAYS } from '../exports/season/index.ts';
import { count, listWords } from '../format.ts';

export type AttentionKind = 'camera_silent' | 'outside_deployment' | 'parked_jobs' | 'reviews_waiting' | 'empty';

export interface Attention {
  kind: AttentionKind;
  text: string;
  count: number;
}

export interface Circumspection {
  isEmpty: boolean;
  /** Names of cameras. */
  silent: readonly string[];
  /** Detections of each camera that are dated outside every deployment. */
  outside: readonly { name: string; detections: number }[];
  unsure: number;
}

/** Cameras named in a sentence. */
const NAMED = 5;

export function listAttention({ isEmpty, silent, outside, unsure }: Circumspection): Attention[] {
  if (isEmpty) return [{ kind: 'empty', text: 'The database has no detections yet.', count: 0 }];
  const found: Attention[] = [];
  if (silent.length > 0) {
    const text = `${count(silent.length, 'camera')} took no image for more than ${GAP_DAYS} days: ${listWords(silent, NAMED)}.`;
    found.push({ kind: 'camera_silent', text, count: silent.length });
  }
  const detections = outside.reduce((sum, camera) => sum + camera.detections, 0);
  if (detections > 0) {
    const cameras = listWords(
      outside.map(({ name }) => name),
      NAMED,
    );
    const are =
      detections === 1 ? 'is dated outside every deployment of its' : 'are dated outside every deployment of their';
    const text = `${count(detections, 'detection')} ${are} camera: ${cameras}. The effort is unknown, so rates are too high.`;
    found.push({ kind: 'outside_deployment', text, count: detections });
  }
  if (unsure > 0) {
    const text = `${count(unsure, 'detection')} ${unsure === 1 ? 'waits' : 'wait'} for a second look: the reviewer was unsure.`;
    found.push({ kind: 'reviews_waiting', text, count: unsure });
  }
  return found;
}

/** @param parked jobs that failed for good; undefined when that cannot be asked just now */
export const parkedAttention = (parked: number | undefined): Attention[] =>
  parked === undefined || parked === 0
    ? []
    : [
        {
          kind: 'parked_jobs',
          text: `${count(parked, 'job')} failed for good and ${parked === 1 ? 'is' : 'are'} parked.`,
          count: parked,
        },
      ];
