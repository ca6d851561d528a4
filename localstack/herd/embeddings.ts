// The 512 numbers per detection: a simulated embedding whose scores show the problem (9.5%
// assigned at 0.70), and what the matcher makes of them.
import { CLASSES } from './activity.ts';
import { CAMERAS } from './locations.ts';
import type { Plan } from './plan.ts';
import { type Random, random } from './random.ts';

export const DIMENSIONS = 512;
export const THRESHOLD = 0.7;
/** Of the platform's 11,570 detections 1,100 were assigned at the threshold. */
const ASSIGNED_SHARE = 1_100 / 11_570;

const IDENTITY_DIMENSIONS = 32;
const SCENE_DIMENSIONS = 48;

export interface Embedded {
  /** Unit vectors of the sightings, row after row, 512 numbers each. */
  vectors: Float32Array;
  /** Sighting that each enrolled animal's profile was made from, by index of the animal. */
  sources: number[];
  /** Scale of the noise that gives the wanted share. */
  noise: number;
  /**
   * Best candidate of each sighting under the gate (index of an enrolled animal, -1 for none) and
   * its cosine similarity.
   */
  candidate: Int32Array;
  score: Float64Array;
}

/**
 * The gate of operation: unknown passes everywhere, else the classes must agree. `profile` is the
 * enrolled animal's own class.
 */
export const passesGate = (label: string, profile: string): boolean => label === 'unknown' || label === profile;

const dot = (a: Float32Array, i: number, b: Float32Array, k: number): number => {
  let sum = 0;
  for (let d = 0; d < DIMENSIONS; d++) sum += a[i + d]! * b[k + d]!;
  return sum;
};

function unit(dice: Random, dimensions: number): Float32Array {
  const made = new Float32Array(dimensions);
  dice.fillNormal(made, 1);
  return scaledToUnit(made);
}

function scaledToUnit(vector: Float32Array): Float32Array {
  let sum = 0;
  for (const value of vector) sum += value * value;
  const factor = 1 / Math.sqrt(sum);
  for (let d = 0; d < vector.length; d++) vector[d]! *= factor;
  return vector;
}

/** An orthonormal basis of a random subspace (Gram-Schmidt). */
function subspace(dice: Random, dimensions: number): Float32Array[] {
  const basis: Float32Array[] = [];
  while (basis.length < dimensions) {
    const next = unit(dice, DIMENSIONS);
    for (const axis of basis) {
      const along = dot(next, 0, axis, 0);
      for (let d = 0; d < DIMENSIONS; d++) next[d]! -= along * axis[d]!;
    }
    basis.push(scaledToUnit(next));
  }
  return basis;
}

function add(into: Float32Array, at: number, vector: Float32Array, factor: number): void {
  for (let d = 0; d < DIMENSIONS; d++) into[at + d]! += factor * vector[d]!;
}

/**
 * x = normalise(sqrt(.22) g + sqrt(.06) class + sqrt(.36) d id + sqrt(.04) light + sqrt(.04) camera
 * + sqrt(.12) q scene + c sqrt(.455) q r noise) with d = exp(.12 z) per animal, q = exp(.30 z) per
 * visit, r = exp(.25 z) per sighting and c bisected until 9.5% score at least 0.70. The identities
 * lie in one 32-dimensional subspace: in all 512 dimensions scores of different animals would have
 * no spread.
 */
export function embed(plan: Plan): Embedded {
  const { visits, sightings } = plan;
  const dice = random(plan.seed, 'embeddings');
  const { signal, quality } = visitSignals(dice, plan);
  // The noise first, in the place of the vectors; the sum is made when its scale is known.
  const vectors = new Float32Array(sightings.length * DIMENSIONS);
  const spread = new Float64Array(sightings.length);
  const row = new Float32Array(DIMENSIONS);
  for (let i = 0; i < sightings.length; i++) {
    spread[i] = quality[sightings[i]!.visit]! * Math.exp(0.25 * dice.normal());
    dice.fillNormal(row, Math.sqrt(0.455 / DIMENSIONS) * spread[i]!);
    vectors.set(row, i * DIMENSIONS);
  }
  const sources = chooseSources(plan, spread);
  const noise = bisect(plan, signal, vectors, sources);
  for (let i = 0; i < sightings.length; i++) {
    const [at, from] = [i * DIMENSIONS, sightings[i]!.visit * DIMENSIONS];
    let sum = 0;
    for (let d = 0; d < DIMENSIONS; d++) {
      const value = signal[from + d]! + noise * vectors[at + d]!;
      vectors[at + d] = value;
      sum += value * value;
    }
    const factor = 1 / Math.sqrt(sum);
    for (let d = 0; d < DIMENSIONS; d++) vectors[at + d]! *= factor;
  }
  const candidate = new Int32Array(sightings.length).fill(-1);
  const score = new Float64Array(sightings.length).fill(-1);
  for (let i = 0; i < sightings.length; i++) {
    const label = visits[sightings[i]!.visit]!.label;
    sources.forEach((source, animal) => {
      if (!passesGate(label, plan.animals[animal]!.class)) return;
      const similarity = dot(vectors, i * DIMENSIONS, vectors, source * DIMENSIONS);
      if (similarity <= score[i]!) return;
      score[i] = similarity;
      candidate[i] = animal;
    });
  }
  return { vectors, sources, noise, candidate, score };
}

/** Everything but the noise is the same for all sightings of a visit. */
function visitSignals(dice: Random, { animals, visits }: Plan): { signal: Float32Array; quality: Float64Array } {
  const common = unit(dice, DIMENSIONS);
  const classes = CLASSES.map(() => unit(dice, DIMENSIONS));
  const lights = [unit(dice, DIMENSIONS), unit(dice, DIMENSIONS)];
  const cameras = Array.from({ length: CAMERAS }, () => unit(dice, DIMENSIONS));
  const identityBasis = subspace(dice, IDENTITY_DIMENSIONS);
  const sceneBasis = subspace(dice, SCENE_DIMENSIONS);

  const own = animals.map(() => unit(dice, IDENTITY_DIMENSIONS));
  animals.forEach((animal, index) => {
    if (animal.kin === undefined) return;
    const rho = 0.3 + 0.3 * dice.next();
    const [mine, kin] = [own[index]!, own[animal.kin]!];
    for (let d = 0; d < IDENTITY_DIMENSIONS; d++) mine[d] = rho * kin[d]! + Math.sqrt(1 - rho * rho) * mine[d]!;
    scaledToUnit(mine);
  });
  // Without light, camera and scene a signal depends on the animal alone.
  const byAnimal = animals.map((animal, index) => {
    const sum = new Float32Array(DIMENSIONS);
    add(sum, 0, common, Math.sqrt(0.22));
    add(sum, 0, classes[CLASSES.indexOf(animal.class)]!, Math.sqrt(0.06));
    const distinct = Math.sqrt(0.36) * Math.exp(0.12 * dice.normal());
    for (const [d, axis] of identityBasis.entries()) add(sum, 0, axis, distinct * own[index]![d]!);
    return sum;
  });
  const signal = new Float32Array(visits.length * DIMENSIONS);
  const quality = new Float64Array(visits.length);
  visits.forEach((visit, index) => {
    const at = index * DIMENSIONS;
    quality[index] = Math.exp(0.3 * dice.normal());
    signal.set(byAnimal[visit.animal]!, at);
    add(signal, at, lights[visit.infrared ? 1 : 0]!, Math.sqrt(0.04));
    add(signal, at, cameras[visit.camera]!, Math.sqrt(0.04));
    const scene = unit(dice, SCENE_DIMENSIONS);
    const strength = Math.sqrt(0.12) * quality[index]!;
    for (const [d, axis] of sceneBasis.entries()) add(signal, at, axis, strength * scene[d]!);
  });
  return { signal, quality };
}

/**
 * A profile is made from the least noisy valid sighting of the animal's first three visits that
 * were not taken for another class.
 */
function chooseSources({ animals, visits, sightings }: Plan, spread: Float64Array): number[] {
  const best = animals.flatMap((animal) => (animal.enrolled ? [-1] : []));
  const firstVisits = best.map(() => new Set<number>());
  sightings.forEach(({ visit, valid, duplicate }, i) => {
    const animal = visits[visit]!.animal;
    const first = firstVisits[animal];
    if (first === undefined || !valid || duplicate || !passesGate(visits[visit]!.label, animals[animal]!.class)) return;
    if (first.size < 3) first.add(visit);
    if (first.has(visit) && (best[animal] === -1 || spread[i]! < spread[best[animal]!]!)) best[animal] = i;
  });
  return best;
}

/**
 * The scale of the noise at which the wanted number of sightings scores at least the threshold
 * against a profile that its label lets it meet.
 */
function bisect(
  { animals, visits, sightings }: Plan,
  signal: Float32Array,
  noises: Float32Array,
  sources: readonly number[],
): number {
  // (a + c b).(A + c B) = aA + c (aB + bA) + cc bB: three numbers per pair, and likewise for the
  // lengths, make each trial cheap.
  const own = new Float64Array(sightings.length * 3);
  const pairs: number[] = [];
  const from = new Int32Array(sightings.length + 1);
  for (let i = 0; i < sightings.length; i++) {
    const { visit } = sightings[i]!;
    const [a, b] = [visit * DIMENSIONS, i * DIMENSIONS];
    own.set([dot(signal, a, signal, a), 2 * dot(signal, a, noises, b), dot(noises, b, noises, b)], i * 3);
    sources.forEach((source, animal) => {
      if (!passesGate(visits[visit]!.label, animals[animal]!.class)) return;
      const [A, B] = [sightings[source]!.visit * DIMENSIONS, source * DIMENSIONS];
      const cross = dot(signal, a, noises, B) + dot(noises, b, signal, A);
      pairs.push(source, dot(signal, a, signal, A), cross, dot(noises, b, noises, B));
    });
    from[i + 1] = pairs.length;
  }
  const length = (i: number, c: number): number =>
    Math.sqrt(own[i * 3]! + c * own[i * 3 + 1]! + c * c * own[i * 3 + 2]!);
  const assigned = (c: number): number => {
    const lengths = new Map(sources.map((source) => [source, length(source, c)]));
    let count = 0;
    for (let i = 0; i < sightings.length; i++) {
      const floor = THRESHOLD * length(i, c);
      for (let p = from[i]!; p < from[i + 1]!; p += 4) {
        if (pairs[p + 1]! + c * pairs[p + 2]! + c * c * pairs[p + 3]! >= floor * lengths.get(pairs[p]!)!) {
          count++;
          break;
        }
      }
    }
    return count;
  };
  const wanted = Math.round(ASSIGNED_SHARE * sightings.length);
  let [low, high] = [0.2, 4];
  for (let round = 0; round < 40; round++) {
    const middle = (low + high) / 2;
    const count = assigned(middle);
    if (count === wanted) return middle;
    if (count > wanted) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
