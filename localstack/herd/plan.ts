// Who walked past which camera when: everything of the demo herd except its embeddings. Cheap (some
// 60 ms), so that a process without a database can make it again to draw a frame.
import { type Animal, makeAnimals } from './animals.ts';
import { type Frame, makeFrames, type Sighting } from './frame-plan.ts';
import { random } from './random.ts';
import { classify, drawSizes, makeVisits, type Visit } from './visits.ts';

export interface Plan {
  seed: number;
  animals: Animal[];
  visits: Visit[];
  frames: Frame[];
  /** In order of time; exactly as many as asked for. */
  sightings: Sighting[];
}

/** Mean number of detections of a visit in the recipe: 11,570 / 2,895. */
const MEAN_VISIT = 11_570 / 2_895;

/**
 * @throws RangeError when there are too few detections for 100 animals with several visits each.
 */
export function planHerd(seed: number, detections: number): Plan {
  if (!Number.isInteger(seed) || seed < 0 || seed > 0xffffffff)
    throw new RangeError('seed must be a whole number from 0 to 4294967295');
  if (!Number.isInteger(detections) || detections < 800 || detections > 0xfffffff) {
    throw new RangeError('detections must be a whole number from 800 to 268435455');
  }
  const count = Math.round(detections / MEAN_VISIT);
  const animals = makeAnimals(random(seed, 'animals'), count);
  const sizes = drawSizes(random(seed, 'sizes'), count, detections);
  const visits = makeVisits(random(seed, 'visits'), random(seed, 'elsewhere'), animals, sizes);
  classify(random(seed, 'labels'), animals, visits);
  return { seed, animals, visits, ...makeFrames(random(seed, 'frames'), { seed, detections }, animals, visits) };
}
