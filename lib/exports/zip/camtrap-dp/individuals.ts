// individualID: which animal an observation means. A name is read by people and holds for one
// package; the UUID beside it holds for all.
import { disarmed } from '../../../csv.ts';
import { toCellText } from '../../../deer/camtrap-dp.ts';
import type { DetectionRow } from '../rows.ts';
import type { Individual } from './descriptor.ts';

interface Animal {
  name: string | undefined;
  /** undefined: an import before there were UUIDs of individuals, which has only the name. */
  uuid: string | undefined;
}

/**
 * The deer that a detection is given to, else the individual that an imported package saw in it,
 * unless its class has been corrected since.
 */
function animalOf(row: DetectionRow): Animal | undefined {
  if (row.deer_id !== null) return { name: toCellText(row.deer_name), uuid: row.deer_id };
  const { individualID, individual } = (row.observation ?? {}) as { individualID?: unknown; individual?: unknown };
  const name = toCellText(individualID);
  if (name === undefined || row.class !== (row.model_class || 'unknown')) return undefined;
  return { name, uuid: toCellText(individual) };
}

export interface Individuals {
  /**
   * The name of the animal, or its UUID where another animal of the export has the same name; notes
   * it as told.
   */
  idOf(row: DetectionRow): string | undefined;
  /** Those that have been told, with their UUIDs, in order of individualID. */
  told(): Individual[];
}

export function individualsOf(rows: readonly DetectionRow[]): Individuals {
  const owners = new Map<string, Set<string | undefined>>();
  for (const row of rows) {
    const { name, uuid } = animalOf(row) ?? {};
    if (name !== undefined) owners.set(name, (owners.get(name) ?? new Set()).add(uuid));
  }
  const told = new Map<string, Individual>();
  return {
    idOf: (row) => {
      const animal = animalOf(row);
      if (animal === undefined) return undefined;
      const { name, uuid } = animal;
      const id = name !== undefined && owners.get(name)?.size === 1 ? name : uuid;
      // As the cell is written: a name that a spreadsheet would run has an apostrophe there.
      const cell = disarmed(id);
      if (typeof cell === 'string' && uuid !== undefined)
        told.set(cell, { individualID: cell, uuid, ...(cell === name ? {} : { name }) });
      return id;
    },
    told: () => [...told.values()].sort((a, b) => (a.individualID < b.individualID ? -1 : 1)),
  };
}
