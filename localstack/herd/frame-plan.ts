// The images that the cameras took, with and without animals, and what is detected in them.
import type { Class } from './activity.ts';
import type { Animal } from './animals.ts';
import { type Box, boxesFor } from './boxes.ts';
import { makeFrameId } from './frame-id.ts';
import { CAMERAS, DAYS, stayOn } from './locations.ts';
import type { Random } from './random.ts';
import { isTooLate, toInstant, type Visit } from './visits.ts';

export interface Frame {
  id: string;
  camera: number;
  stay: number;
  infrared: boolean;
  at: number;
  /** Animals as they really are, whatever the classifier made of them. */
  animals: { class: Class; box: Box; facing: 1 | -1; pose: number }[];
}

export interface Sighting {
  id: string;
  frame: number;
  visit: number;
  box: Box;
  confidence: number;
  valid: boolean;
  duplicate: boolean;
}

/** A frame without its id, which depends on the order of all of them. */
interface Draft extends Omit<Frame, 'id'> {
  seen: { visit: number; of: number }[];
}

const draft = ({ camera, stay, infrared }: Pick<Visit, 'camera' | 'stay' | 'infrared'>, at: number): Draft => ({
  camera,
  stay,
  infrared,
  at,
  animals: [],
  seen: [],
});

/** The frames of all visits; two animals that visit together share theirs. */
function draftVisits(dice: Random, animals: Animal[], visits: Visit[]): Draft[] {
  const drafts: Draft[] = [];
  const firstFrames: number[] = [];
  const leads = new Set(visits.map(({ sharedWith }) => sharedWith));
  const leadsFirst = visits
    .map((_, index) => index)
    .sort((a, b) => Number(visits[a]!.sharedWith !== undefined) - Number(visits[b]!.sharedWith !== undefined));
  for (const index of leadsFirst) {
    const visit = visits[index]!;
    const lead = visit.sharedWith === undefined ? undefined : visits[visit.sharedWith]!;
    const half = lead !== undefined ? 'right' : leads.has(index) ? 'left' : 'whole';
    const { boxes, facing } = boxesFor(dice, animals[visit.animal]!.class, visit.size, half);
    const from = lead === undefined ? drafts.length : firstFrames[visit.sharedWith!]!;
    firstFrames[index] = from;
    let at = visit.start;
    boxes.forEach((box, i) => {
      const shared = lead !== undefined && i < lead.size;
      const frame = shared ? drafts[from + i]! : draft(visit, at);
      if (!shared) drafts.push(frame);
      frame.animals.push({ class: animals[visit.animal]!.class, box, facing, pose: dice.next() });
      frame.seen.push({ visit: index, of: frame.animals.length - 1 });
      at = frame.at + 1_000 * (1 + dice.below(3));
    });
  }
  return drafts;
}

/** Grass in the wind and timed test shots: images without an animal. */
function draftEmpty(dice: Random, count: number): Draft[] {
  const drafts: Draft[] = [];
  while (drafts.length < count) {
    const camera = dice.below(CAMERAS);
    const day = dice.below(DAYS);
    const stay = stayOn(camera, day);
    if (stay === undefined) continue;
    const hour = 24 * dice.next();
    if (isTooLate(day, hour)) continue;
    drafts.push(draft({ camera, stay, infrared: hour < 6 || hour > 18.5 }, toInstant(day, hour)));
  }
  return drafts;
}

function detect(dice: Random, box: Box, visit: Visit): Omit<Sighting, 'frame' | 'visit'> {
  const penalty = visit.classified === 'unknown' ? 0.1 : 0;
  const confidence = Math.round((0.985 - 0.4 * dice.next() ** 2.5 - penalty) * 10_000) / 10_000;
  const luck = dice.next();
  return { id: dice.uuid(), box, confidence, valid: luck >= 0.001, duplicate: luck >= 0.001 && luck < 0.0035 };
}

/** Frames and sightings in order of time; one empty frame for every eleven detections. */
export function makeFrames(
  dice: Random,
  herd: { seed: number; detections: number },
  animals: Animal[],
  visits: Visit[],
): { frames: Frame[]; sightings: Sighting[] } {
  const drafts = draftVisits(dice, animals, visits);
  drafts.push(...draftEmpty(dice, Math.round(herd.detections / 11)));
  drafts.sort((a, b) => a.at - b.at || a.camera - b.camera);
  const sightings: Sighting[] = [];
  const frames = drafts.map(({ seen, ...frame }, index): Frame => {
    const id = makeFrameId(dice, herd.seed, herd.detections, index);
    for (const { visit, of } of seen) {
      const { id: sighting, box, ...found } = detect(dice, frame.animals[of]!.box, visits[visit]!);
      sightings.push({ id: sighting, frame: index, visit, box, ...found });
    }
    return { id, ...frame };
  });
  return { frames, sightings };
}
