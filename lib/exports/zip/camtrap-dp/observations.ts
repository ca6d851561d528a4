// observations.csv of a package: a row for each detection and for each image that shows a person,
// and what the descriptor and README.txt need to know about them.
import type { Cell } from '../../../csv.ts';
import { toShares } from '../../../deer/boxes.ts';
import { isEventPlaceholder, isPlaceholder, PERSON } from '../../../deer/camtrap-dp.ts';
import type { DetectionRow } from '../detections/rows.ts';
import { type AnimalDescription, describeAnimal } from './animal.ts';
import { type Individuals, makeIndividuals } from './individuals.ts';
import type { DeploymentRecord, ImageRecord } from './load.ts';
import { type ObservationContext, observationRow, personRow, type RowRules } from './tables.ts';

interface Size {
  width: number;
  height: number;
}

export interface ObservationParts {
  rows: readonly DetectionRow[];
  images: readonly ImageRecord[];
  /** The images that are in media.csv. */
  media: readonly ImageRecord[];
  /** By image id; an image without a location has no deployment. */
  deployments: ReadonlyMap<string, DeploymentRecord>;
  /** Sizes by image id, where the database does not have them. */
  sizes: ReadonlyMap<string, Size>;
  rules: Pick<RowRules, 'write' | 'withPeople'>;
}

/** Complete once all rows are written. */
export interface ObservationFacts {
  observations: number;
  /** Detections whose image has no location, hence no deployment. */
  unlocated: number;
  /** Detections whose box could not be written. */
  withoutBox: number;
  taxa: Set<string>;
  /** The database's words for species, with the scientific names that replace them. */
  replaced: Map<string, string>;
  levels: Set<'media' | 'event'>;
  /** Whether any observation identifies an animal. */
  named: boolean;
  individuals: Individuals;
}

/**
 * The event of an observation. Image rows without a file (isPlaceholder) that were made for one
 * event share it. One that was made for a lost file is a separate event, or it would get the
 * deployment and time of others.
 */
function findEvent(row: DetectionRow, image: ImageRecord): string | null {
  if (!isPlaceholder(image.path)) return row.burst_group_id;
  return isEventPlaceholder(image.path) ? (row.burst_group_id ?? image.id) : image.id;
}

function noteAnimal(facts: ObservationFacts, animal: AnimalDescription): void {
  if (animal.scientificName === undefined) return;
  facts.taxa.add(animal.scientificName);
  if (animal.replaced !== undefined) facts.replaced.set(animal.replaced, animal.scientificName);
}

/** @returns the rows, made while they are read, and the facts that reading them completes */
export function makeObservations(parts: ObservationParts): { rows: () => Generator<Cell[]>; facts: ObservationFacts } {
  const images = new Map(parts.images.map((image) => [image.id, image]));
  const facts: ObservationFacts = {
    observations: 0,
    unlocated: 0,
    withoutBox: 0,
    taxa: new Set(),
    replaced: new Map(),
    levels: new Set(),
    named: false,
    individuals: makeIndividuals(parts.rows),
  };

  function makeContext(row: DetectionRow, image: ImageRecord, animal: AnimalDescription): ObservationContext {
    const { width, height } = image;
    const size = width !== null && height !== null ? { width, height } : parts.sizes.get(image.id);
    return {
      level: isPlaceholder(image.path) ? 'event' : 'media',
      event: findEvent(row, image),
      individual: animal.type === 'animal' ? facts.individuals.identify(row) : undefined,
      box: toShares(row, size),
    };
  }

  function* rows(): Generator<Cell[]> {
    const people = new Set<string>();
    for (const row of parts.rows) {
      const [image, deployment] = [images.get(row.image_id), parts.deployments.get(row.image_id)];
      if (image === undefined || deployment === undefined) {
        facts.unlocated += 1;
        continue;
      }
      const animal = describeAnimal(row);
      const context = makeContext(row, image, animal);
      if (animal.type === 'human') people.add(image.id);
      if (context.box === undefined && row.bbox !== null) facts.withoutBox += 1;
      facts.named ||= context.individual !== undefined;
      noteAnimal(facts, animal);
      facts.levels.add(context.level);
      facts.observations += 1;
      yield observationRow(row, animal, context, deployment, parts.rules);
    }
    for (const image of parts.media) {
      if (!image.human || people.has(image.id)) continue;
      facts.taxa.add(PERSON.scientificName);
      facts.levels.add('media');
      facts.observations += 1;
      yield personRow(image, parts.deployments.get(image.id)!, parts.rules.write);
    }
  }

  return { rows, facts };
}
