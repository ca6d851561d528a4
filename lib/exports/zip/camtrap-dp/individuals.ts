// individualID: which animal an observation is of. The name is for people and unique in one
// package; the UUID is the same in every package.
import { disarmed } from '../../../csv.ts';
import { toCellText } from '../../../deer/camtrap-dp.ts';
import type { DetectionRow } from '../detections/rows.ts';
import type { Individual } from './descriptor.ts';

interface Animal {
  name: string | undefined;
  /** undefined: an earlier import, which stored only the name. */
  uuid: string | undefined;
}

/**
 * The deer that a detection is assigned to, else the individual that an imported package saw in it,
 * unless its class has been corrected since.
 */
function findAnimal(row: DetectionRow): Animal | undefined {
  if (row.deer_id !== null) return { name: toCellText(row.deer_name), uuid: row.deer_id };
  const { individualID, individual } = (row.observation ?? {}) as { individualID?: unknown; individual?: unknown };
  const name = toCellText(individualID);
  if (name === undefined || row.class !== (row.model_class || 'unknown')) return undefined;
  return { name, uuid: toCellText(individual) };
}

export interface Individuals {
  /**
   * The individualID of a detection: the name of the animal, or its UUID where another animal of
   * the export has the same name. It is then part of `list`.
   */
  identify(row: DetectionRow): string | undefined;
  /** The animals identified so far that have a UUID, in order of individualID. */
  list(): Individual[];
}

/** @param rows all detections of the export */
export function makeIndividuals(rows: readonly DetectionRow[]): Individuals {
  const owners = new Map<string, Set<string | undefined>>();
  for (const row of rows) {
    const { name, uuid } = findAnimal(row) ?? {};
    if (name !== undefined) owners.set(name, (owners.get(name) ?? new Set()).add(uuid));
  }
  const identified = new Map<string, Individual>();
  return {
    identify: (row) => {
      const animal = findAnimal(row);
      if (animal === undefined) return undefined;
      const { name, uuid } = animal;
      const id = name !== undefined && owners.get(name)?.size === 1 ? name : uuid;
      // As the cell is written: with an apostrophe where a spreadsheet would run the name.
      const cell = disarmed(id);
      if (typeof cell === 'string' && uuid !== undefined)
        identified.set(cell, { individualID: cell, uuid, ...(cell === name ? {} : { name }) });
      return id;
    },
    list: () => [...identified.values()].sort((a, b) => (a.individualID < b.individualID ? -1 : 1)),
  };
}
