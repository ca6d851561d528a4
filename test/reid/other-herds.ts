// Herds of another kind than the demo herd: heavy tails of visits and of noise, many kin, and
// cameras whose background is much of the picture.
import { assemble, type Raw } from '../../lib/reid/dataset/assemble.ts';
import type { Detection, Profile } from '../../lib/reid/dataset/records.ts';
import { random } from '../../localstack/herd/random.ts';
import { detection, profile, table } from './brute.ts';

export interface World {
  raw: Raw;
  /** Of each detection: the deer that it is, or null, and a name for a stranger. */
  truth: Map<string, { deer: string | null; name: string }>;
}

const DIMENSIONS = 64;
const CLASSES = ['doe', 'buck'] as const;
const [ENROLLED, STRANGERS, CAMERAS] = [16, 110, 10];

export function otherHerd(seed: number): World {
  const dice = random(seed, 'other herd');
  const unit = (size: number): Float64Array => {
    const vector = Float64Array.from({ length: size }, () => dice.normal());
    const length = Math.hypot(...vector);
    return vector.map((x) => x / length);
  };
  const mix = (...parts: [number, Float64Array][]): Float64Array => {
    const sum = new Float64Array(DIMENSIONS);
    for (const [weight, part] of parts) for (let d = 0; d < part.length; d++) sum[d]! += weight * part[d]!;
    return sum;
  };
  // Identities differ in a few dimensions only, as those of real networks do.
  const basis = Array.from({ length: 14 }, () => unit(DIMENSIONS));
  const own = (): Float64Array => mix(...[...unit(basis.length)].map((x, i): [number, Float64Array] => [x, basis[i]!]));
  const common = unit(DIMENSIONS);
  const cameras = Array.from({ length: CAMERAS }, () => unit(DIMENSIONS));
  const animals = Array.from({ length: ENROLLED + STRANGERS }, (_, i) => ({
    label: CLASSES[i % 2]!,
    identity: own(),
    home: dice.below(CAMERAS),
    // Pareto: a few animals are seen a hundred times, most of them twice.
    visits: i < ENROLLED ? 20 + dice.below(80) : Math.min(120, 2 + Math.floor(2.2 * (1 - dice.next()) ** -1.1)),
  }));
  for (let i = ENROLLED; i < animals.length; i++) {
    if (dice.next() > 0.3) continue;
    const relative = animals[2 * dice.below(ENROLLED / 2) + (i % 2)]!;
    const rho = 0.3 + 0.4 * dice.next();
    animals[i]!.identity = mix([rho, relative.identity], [Math.sqrt(1 - rho * rho), animals[i]!.identity]);
  }
  const detections: Detection[] = [];
  const vectors: [string, Float32Array][] = [];
  const truth: World['truth'] = new Map();
  const sources: string[] = [];
  animals.forEach(({ label, identity, home, visits }, animal) => {
    for (let visit = 0; visit < visits; visit++) {
      const camera = dice.next() < 0.7 ? home : dice.below(CAMERAS);
      // Noise with heavy tails: some visits are hardly recognizable.
      const quality = Math.min(4, Math.exp(0.35 * dice.normal()) / Math.max(0.25, dice.next()) ** 0.25);
      const scene = unit(DIMENSIONS);
      const burst = `b${seed} ${animal} ${visit}`;
      const at = Math.floor(1e10 * dice.next());
      const size = 1 + dice.below(3);
      for (let i = 0; i < size; i++) {
        const id = `${burst} ${i}`;
        const parts: [number, Float64Array][] = [
          ...([
            [0.45, common],
            [0.62, identity],
            [0.3, cameras[camera]!],
          ] as [number, Float64Array][]),
          ...([
            [0.38 * quality, scene],
            [0.3 * quality, unit(DIMENSIONS)],
          ] as [number, Float64Array][]),
        ];
        vectors.push([id, Float32Array.from(mix(...parts))]);
        detections.push(detection(id, { burst, label, at: at + i, location: `camera ${camera}` }));
        truth.set(id, {
          deer: animal < ENROLLED ? `deer ${animal}` : null,
          name: `animal ${animal}`,
        });
      }
      if (animal < ENROLLED && visit === 0) sources.push(`${burst} 0`);
    }
  });
  const vectorOf = new Map(vectors);
  const profiles = sources.map((source, i): Profile => profile(`deer ${i}`, { label: CLASSES[i % 2]!, source }));
  return {
    raw: {
      detections,
      vectors: table(vectors),
      profiles,
      profileVectors: table(profiles.map(({ id, source }) => [id, vectorOf.get(source!)!])),
      reviews: [],
      locations: [],
    },
    truth,
  };
}

/** A part of a world: the detections that pass, with all profiles. */
export const part = ({ raw }: World, passes: (one: Detection) => boolean) => {
  const kept = new Set(raw.detections.filter(passes).map(({ id }) => id));
  const { ids, values, dimensions } = raw.vectors;
  return assemble({
    ...raw,
    detections: raw.detections.filter(({ id }) => kept.has(id)),
    vectors: table(
      ids.flatMap((id, i) => (kept.has(id) ? [[id, values.slice(i * dimensions, (i + 1) * dimensions)] as const] : [])),
    ),
  });
};

/**
 * Adds to every vector a part that all share, so that a score s becomes (s + share) / (1 + share):
 * networks without a margin have all scores near 1.
 */
export function squeeze({ raw, truth }: World, share: number, seed: number): World {
  const dice = random(seed, 'squeeze');
  const { dimensions } = raw.vectors;
  const common = Float64Array.from({ length: dimensions }, () => dice.normal());
  const length = Math.hypot(...common);
  const move = (values: Float32Array): Float32Array => {
    const moved = new Float32Array(values.length);
    for (let at = 0; at < values.length; at += dimensions) {
      const own = Math.hypot(...values.subarray(at, at + dimensions));
      for (let d = 0; d < dimensions; d++)
        moved[at + d] = values[at + d]! / own + (Math.sqrt(share) * common[d]!) / length;
    }
    return moved;
  };
  return {
    truth,
    raw: {
      ...raw,
      vectors: { ...raw.vectors, values: move(raw.vectors.values) },
      profileVectors: { ...raw.profileVectors, values: move(raw.profileVectors.values) },
    },
  };
}
