// Whose animals the survey files name: those of people who went through the events (a roster), or
// the deer that the platform stored. What Hoofprint assigned itself is no identity here: a count of
// it would count what the matcher missed.
import type { Queries } from '../../../adapters/postgres.ts';
import { readColumns } from '../../../deer/columns.ts';
import type { IdentitySource } from '../../../survey/counts/types.ts';
import { identifyDetections } from '../../../survey/roster/index.ts';
import type { Scope } from '../../season/index.ts';
import { labelSites } from '../../sites/labels.ts';
import type { DetectionRow } from '../detections/rows.ts';

export interface Individual {
  /** Unique, as R reads it. */
  label: string;
  /** M or F; null where nobody knows. */
  sex: 'M' | 'F' | null;
}

export interface Identities {
  source: IdentitySource;
  /** By the id of a detection; those of no known animal are absent. */
  byDetection: ReadonlyMap<string, Individual>;
  /** Detections of the selection whose deer Hoofprint itself assigned: named by nobody. */
  assigned: number;
}

/** Detections whose deer_id is of a run of ours that is not undone. */
async function readAssigned(queries: Queries): Promise<Set<string>> {
  if (!(await readColumns(queries))('hoofprint_assignments')) return new Set();
  const rows = await queries.rows<{ id: string }>(
    'SELECT d.id::text FROM hoofprint_assignments a JOIN detections d ON d.id = a.detection_id AND d.deer_id = a.deer_id WHERE a.undone_at IS NULL',
  );
  return new Set(rows.map(({ id }) => id));
}

const SEXES: Readonly<Record<string, Individual['sex']>> = { buck: 'M', doe: 'F' };

/** @param rows counted detections of deer classes */
export async function loadIdentities(
  queries: Queries,
  scope: Scope,
  rows: readonly DetectionRow[],
  source: IdentitySource,
): Promise<Identities> {
  const assigned = await readAssigned(queries);
  const shown = rows.map(({ id, image_id, location_id, captured_at, class: label, burst_group_id, deer_id }) => ({
    ...{ id, image: image_id, location: location_id, at: captured_at.getTime(), label, burst: burst_group_id },
    deer: assigned.has(id) ? null : deer_id,
  }));
  const animals = await identifyDetections(queries, scope, shown, source);
  const names = [...new Set([...animals.values()].map(({ identity }) => identity))].sort();
  const labels = labelSites(names.map((name) => ({ id: name, name })));
  const written = new Map(names.map((name, index) => [name, labels[index]!]));
  const individuals = new Map<string, Individual>();
  const byDetection = new Map<string, Individual>();
  for (const [id, { identity, sex }] of animals) {
    const known = individuals.get(identity) ?? { label: written.get(identity)!, sex: SEXES[sex ?? ''] ?? null };
    individuals.set(identity, known);
    byDetection.set(id, known);
  }
  return { source, byDetection, assigned: rows.filter(({ id }) => assigned.has(id)).length };
}
