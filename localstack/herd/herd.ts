// The demo herd as rows of the database; who the animals really are stays outside of it, for tests.

import { HEIGHT, WIDTH } from './boxes.ts';
import { type Embedded, embed, THRESHOLD } from './embeddings.ts';
import type { Frame } from './frame-plan.ts';
import { DAY_MS, FIRST_DAY, LOCATIONS, OFFSET_MS, STAYS, TIME_ZONE } from './locations.ts';
import { type Plan, planHerd } from './plan.ts';
import { random } from './random.ts';

export const EMBEDDING_VERSION = 'demo-512-v1';
export const SPECIES = 'Odocoileus virginianus';
export const REVIEWER = 'simulated';

export interface HerdOptions {
  /** 0 to 4294967295; same seed, same herd, byte for byte. */
  seed?: number;
  /** Exact number of detections, from 800. */
  detections?: number;
  /** Share of the visits that a simulated person reviewed, drawn at random; 0 for none. */
  reviewed?: number;
}

export interface Herd {
  seed: number;
  locations: {
    id: string;
    name: string;
    description: string;
    coordinates: { lat: number; lon: number };
    images: number;
  }[];
  deployments: { id: string; location: string; startsAt: number; endsAt: number; camera: string; timeZone: string }[];
  images: {
    id: string;
    filename: string;
    path: string;
    at: number;
    location: string;
    deployment: string;
    exif: object;
  }[];
  detections: {
    id: string;
    image: string;
    deer: string | null;
    bbox: { x: number; y: number; width: number; height: number };
    confidence: number;
    classification: string;
    corrected: string | null;
    duplicate: boolean;
    reviewed: boolean;
    valid: boolean;
    burst: string;
    createdAt: number;
  }[];
  /** Unit vectors of the detections, 512 numbers each, row after row. */
  vectors: Float32Array;
  deer: {
    id: string;
    name: string;
    sex: string;
    firstSeen: number;
    lastSeen: number;
    sightings: number;
    confidence: number;
    /** Row of `vectors` and of `detections` that the profile was made from. */
    source: number;
    enrolledAt: number;
  }[];
  reviews: {
    detection: string;
    deer: string | null;
    identity: string | null;
    verdict: 'same' | 'none' | 'unsure';
    inclusion: number;
    reviewedAt: number;
  }[];
  /**
   * Never loaded: best candidate of every detection that passes the gate for a profile; it is the
   * deer_id where it reaches the threshold.
   */
  scores: { detection: string; deer: string; score: number; threshold: number; at: number }[];
  /** Never loaded: who it really was, by detection. */
  truth: {
    animals: { name: string; class: string; deer: string | null; relative: string | null }[];
    animal: Int32Array;
    visit: Int32Array;
  };
  /** Scale of the noise found for the wanted share of assignments. */
  noise: number;
}

/**
 * A deterministic herd: 100 animals, 20 enrolled, eight cameras, 2023-09-01 to 2024-08-31. Pure;
 * about a second for the full size.
 */
export function generateHerd({ seed = 1, detections = 11_570, reviewed = 0.2 }: HerdOptions = {}): Herd {
  const plan = planHerd(seed, detections);
  const embedded = embed(plan);
  const dice = random(seed, 'rows');
  const ids: Ids = {
    locations: LOCATIONS.map(() => dice.uuid()),
    stays: STAYS.map(() => dice.uuid()),
    deer: embedded.sources.map(() => dice.uuid()),
  };
  const sampled = review(plan, seed, reviewed);
  return {
    seed,
    locations: makeLocations(plan, ids),
    deployments: makeDeployments(ids),
    images: plan.frames.map((frame) => makeImage(frame, ids)),
    detections: makeDetections(plan, embedded, ids, sampled),
    vectors: embedded.vectors,
    deer: makeDeer(plan, embedded, ids.deer),
    reviews: makeReviews(plan, sampled, ids.deer, reviewed),
    scores: makeScores(plan, embedded, ids),
    truth: readTruth(plan, ids),
    noise: embedded.noise,
  };
}

interface Ids {
  locations: string[];
  stays: string[];
  deer: string[];
}

const makeLocations = (plan: Plan, ids: Ids): Herd['locations'] =>
  LOCATIONS.map(({ name, description, lat, lon }, i) => ({
    id: ids.locations[i]!,
    name,
    description,
    coordinates: { lat, lon },
    images: plan.frames.reduce((sum, frame) => sum + Number(STAYS[frame.stay]!.location === i), 0),
  }));

const makeDeployments = (ids: Ids): Herd['deployments'] =>
  STAYS.map((stay, i) => ({
    id: ids.stays[i]!,
    location: ids.locations[stay.location]!,
    startsAt: FIRST_DAY + stay.from * DAY_MS - OFFSET_MS,
    endsAt: FIRST_DAY + stay.to * DAY_MS - OFFSET_MS,
    camera: cameraName(stay.camera),
    timeZone: TIME_ZONE,
  }));

function makeImage(frame: Frame, ids: Ids): Herd['images'][number] {
  const instant = new Date(frame.at).toISOString().slice(0, 19).replace(/[-:]/g, '');
  return {
    id: frame.id,
    filename: `${cameraName(frame.camera)}_${instant}Z.jpg`,
    path: framePath(frame),
    at: frame.at,
    location: ids.locations[STAYS[frame.stay]!.location]!,
    deployment: ids.stays[frame.stay]!,
    exif: {
      Make: 'Hoofprint',
      Model: 'drawn demo frame',
      ImageWidth: WIDTH,
      ImageHeight: HEIGHT,
      Flash: frame.infrared ? 'infrared' : 'none',
    },
  };
}

function makeDetections(plan: Plan, embedded: Embedded, ids: Ids, sampled: Set<number>): Herd['detections'] {
  return plan.sightings.map((sighting, i) => {
    const visit = plan.visits[sighting.visit]!;
    const frame = plan.frames[sighting.frame]!;
    const isCorrected = visit.classified !== visit.label;
    return {
      id: sighting.id,
      image: frame.id,
      deer: embedded.score[i]! >= THRESHOLD ? ids.deer[embedded.candidate[i]!]! : null,
      bbox: sighting.box,
      confidence: sighting.confidence,
      classification: visit.classified,
      corrected: isCorrected ? visit.label : null,
      duplicate: sighting.duplicate,
      reviewed: sampled.has(sighting.visit) || isCorrected,
      valid: sighting.valid,
      burst: visit.burst,
      createdAt: uploadedAt(frame),
    };
  });
}

const makeScores = (plan: Plan, embedded: Embedded, ids: Ids): Herd['scores'] =>
  plan.sightings.flatMap((sighting, i) => {
    const deer = ids.deer[embedded.candidate[i]!];
    if (deer === undefined) return [];
    const at = uploadedAt(plan.frames[sighting.frame]!);
    return [{ detection: sighting.id, deer, score: embedded.score[i]!, threshold: THRESHOLD, at }];
  });

const readTruth = (plan: Plan, ids: Ids): Herd['truth'] => ({
  animals: plan.animals.map(({ name, class: of, kin }, i) => ({
    name,
    class: of,
    deer: ids.deer[i] ?? null,
    relative: kin === undefined ? null : ids.deer[kin]!,
  })),
  animal: Int32Array.from(plan.sightings, ({ visit }) => plan.visits[visit]!.animal),
  visit: Int32Array.from(plan.sightings, ({ visit }) => visit),
});

export const cameraName = (camera: number): string => `CAM-${String(camera + 1).padStart(2, '0')}`;

/** Relative to IMAGE_ROOT; the file is drawn when it is needed (frames.ts). */
export const framePath = (frame: Pick<Frame, 'id'>): string => `demo/${frame.id}.jpg`;

/**
 * Cards were read every Sunday at noon, standard time; detections were made then. 1970-01-04 was a
 * Sunday.
 */
const uploadedAt = ({ at }: Frame): number => {
  const noon = 3 * DAY_MS + DAY_MS / 2 - OFFSET_MS;
  return Math.ceil((at - noon) / (7 * DAY_MS)) * 7 * DAY_MS + noon;
};

function makeDeer(plan: Plan, { sources, candidate, score }: Embedded, ids: readonly string[]): Herd['deer'] {
  return sources.map((source, index) => {
    const animal = plan.animals[index]!;
    const seen = plan.sightings.flatMap(({ frame }, i) =>
      candidate[i] === index && score[i]! >= THRESHOLD ? [plan.frames[frame]!.at] : [],
    );
    return {
      id: ids[index]!,
      name: animal.name,
      sex: animal.class,
      firstSeen: seen[0]!,
      lastSeen: seen.at(-1)!,
      sightings: seen.length,
      confidence: plan.sightings[source]!.confidence,
      source,
      enrolledAt: uploadedAt(plan.frames[plan.sightings[source]!.frame]!),
    };
  });
}

/** The reviewed visits: a simple random sample, so that every visit had the same chance. */
function review({ visits }: Plan, seed: number, share: number): Set<number> {
  if (!(share >= 0 && share <= 1)) throw new RangeError('reviewed must be a share from 0 to 1');
  const order = random(seed, 'reviews').shuffled(visits.map((_, index) => index));
  return new Set(order.slice(0, Math.round(share * visits.length)));
}

/**
 * Reviewed in the weeks after the herd's year, when every profile was enrolled; one verdict for all
 * detections of a visit.
 */
function makeReviews(
  { animals, visits, sightings, seed }: Plan,
  sampled: Set<number>,
  deer: readonly string[],
  share: number,
): Herd['reviews'] {
  const dice = random(seed, 'verdicts');
  const from = FIRST_DAY + 370 * DAY_MS;
  const verdicts = new Map(
    [...sampled]
      .sort((a, b) => a - b)
      .map((visit, i) => {
        const { animal } = visits[visit]!;
        const known = deer[animal] ?? null;
        // Two of a hundred pictures are too poor for a verdict.
        const verdict = dice.next() < 0.02 ? 'unsure' : known === null ? 'none' : 'same';
        const said = {
          deer: verdict === 'same' ? known : null,
          identity: verdict === 'none' ? animals[animal]!.name : null,
          verdict: verdict as 'same' | 'none' | 'unsure',
          inclusion: share,
          reviewedAt: from + i * 40_000,
        };
        return [visit, said] as const;
      }),
  );
  return sightings.flatMap(({ id, visit }) => {
    const said = verdicts.get(visit);
    return said === undefined ? [] : [{ detection: id, ...said }];
  });
}
