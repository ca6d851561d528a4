// Where an animal is in the frames of one visit: integer pixel boxes inside 1920x1080 that walk
// through the picture.
import type { Class } from './activity.ts';
import type { Random } from './random.ts';

export const WIDTH = 1_920;
export const HEIGHT = 1_080;

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** Typical height of the box in pixels at middle distance; antlers make the buck's taller. */
const TALL: Record<Class, number> = { buck: 470, doe: 400, fawn: 270 };
/** Width over height of an animal seen from the side. */
const ASPECT: Record<Class, number> = { buck: 1.12, doe: 1.2, fawn: 1.12 };
const MARGIN = 8;
/** Above the printed line at the foot of the picture (48 lines). */
const FLOOR = HEIGHT - 52;
/**
 * Two animals in one image keep to their halves with this gap between them, so that their boxes
 * never overlap.
 */
const GAP = 24;

/** The boxes of one visit, in order of time, and the way the animal faces (1 = to the right). */
export function boxesFor(
  dice: Random,
  animal: Class,
  frames: number,
  half: 'left' | 'right' | 'whole',
): { boxes: Box[]; facing: 1 | -1 } {
  const low = half === 'right' ? WIDTH / 2 + GAP / 2 : MARGIN;
  const high = half === 'left' ? WIDTH / 2 - GAP / 2 : WIDTH - MARGIN;
  const wanted = TALL[animal] * Math.exp(0.33 * dice.normal());
  const height = Math.round(Math.min(Math.max(wanted, 120), 800, (0.94 * (high - low)) / ASPECT[animal]));
  const width = Math.round(height * ASPECT[animal]);
  const facing = dice.next() < 0.5 ? 1 : -1;
  const step = facing * width * (0.04 + 0.22 * dice.next());
  // Near animals are lower in the picture than far ones.
  const nearness = height / TALL[animal];
  const feet = Math.min(FLOOR, Math.round(600 + 230 * nearness + 30 * dice.normal()));
  const room = high - low - width;
  let x = low + room * dice.next();
  const boxes: Box[] = [];
  for (let i = 0; i < frames; i++) {
    const y = Math.min(Math.max(MARGIN, feet - height + Math.round(3 * dice.normal())), FLOOR - height);
    boxes.push({ x: Math.round(Math.min(Math.max(x, low), low + room)), y, width, height });
    x += step * (0.6 + 0.8 * dice.next());
    if (x < low || x > low + room) x = Math.min(Math.max(x, low), low + room) - facing * 6 * dice.next();
  }
  return { boxes, facing };
}
