// Profiles made from several confirmed events, for the platform's own matcher: it compares single
// pictures with one vector a deer, so that a mean is all of a method that it can use.
import type { Queries, Writes } from '../adapters/postgres.ts';
import { readCatalog } from '../deer/columns.ts';
import { Fault } from '../errors.ts';
import { takeFingerprint } from './apply/fingerprint.ts';
import type { Dataset } from './dataset/dataset.ts';
import { loadDataset } from './dataset/load.ts';
import { groupSearchEvents, type SearchEvents } from './dataset/search-events.ts';
import type { ReidPorts } from './index.ts';
import { findMethod, type MethodName } from './matching/methods.ts';
import { chooseTemplates, takeTemplates } from './matching/templates.ts';
import { averageEvents, averageProfiles, pointRows } from './matching/vectors.ts';
import { DEFAULT_EVIDENCE, labelEvents } from './study/evidence.ts';
import { findRefusal } from './study/refusal.ts';

export interface ProposedProfile {
  deer: string;
  name: string;
  /** Events that it is made from, and their detections. */
  events: number;
  detections: string[];
  vector: Float32Array;
  /** Cosine of the vector now and the new one. */
  cosine: number;
}

export interface Proposal {
  method: MethodName;
  profiles: ProposedProfile[];
  /** Deer whose vector stays, because no more events are confirmed. */
  unchanged: number;
  fingerprint: string;
}

/**
 * The profiles that a method would write. Nothing is written.
 * @throws Fault `invalid` for a method without templates, `conflict` without vectors
 */
export async function proposeProfiles(ports: ReidPorts, method: MethodName): Promise<Proposal> {
  const { templates: most, label } = findMethod(method);
  if (most === 0)
    throw new Fault(
      'invalid',
      `the method "${label}" has no templates: a profile can be written for templates3 or templates5`,
    );
  const fingerprint = await ports.database.read(takeFingerprint);
  const dataset = await loadDataset(ports.database, { timeZone: ports.timeZone, source: 'vectors' });
  const refused = findRefusal(dataset);
  if (refused !== undefined) throw new Fault('conflict', refused);
  const events = groupSearchEvents(dataset);
  const profiles = averageTemplates(dataset, events, most, ports.timeZone);
  return { method, profiles, unchanged: dataset.profiles.length - profiles.length, fingerprint };
}

/**
 * Means of event vectors that are not centered: the platform takes nothing off the pictures that it
 * compares with them.
 */
function averageTemplates(dataset: Dataset, events: SearchEvents, most: number, timeZone: string): ProposedProfile[] {
  const templates = chooseTemplates(dataset, events, labelEvents(dataset, events, DEFAULT_EVIDENCE), timeZone);
  const { dimensions, profileVectors, detections } = dataset;
  const rows = pointRows(averageEvents(dataset, events), dimensions, undefined);
  const made = averageProfiles(dataset, events, templates, most, rows, undefined);
  return dataset.profiles.flatMap(({ id: deer, name }, profile): ProposedProfile[] => {
    const from = takeTemplates(templates, events, profile, most);
    // Its source alone, or what was written before, is no better profile.
    if (from.length <= Math.max(1, events.madeFrom[profile]!.length)) return [];
    const at = profile * dimensions;
    const vector = made.vectors.slice(at, at + dimensions);
    const cosine = vector.reduce((sum, value, d) => sum + value * profileVectors[at + d]!, 0);
    const ids = from.flatMap((event) => events.list[event]!.rows.map((row) => detections[row]!.id));
    return [{ deer, name, events: from.length, detections: ids, vector, cosine }];
  });
}

/**
 * Writes a proposal in one transaction; the old vectors stay in hoofprint_profiles.
 * @throws Fault `conflict` when the database has changed since; nothing is written then
 */
export async function writeProfiles(ports: ReidPorts, proposal: Proposal, who: string): Promise<void> {
  const { database, clock } = ports;
  await database.write(async (queries) => {
    await checkTables(queries);
    if ((await takeFingerprint(queries)) !== proposal.fingerprint)
      throw new Fault('conflict', 'the database has changed meanwhile; nothing was written. Try again');
    for (const profile of proposal.profiles) await writeProfile(queries, profile, proposal.method, who, clock());
  });
}

async function checkTables(queries: Queries): Promise<void> {
  const { has } = await readCatalog(queries);
  if (!has('hoofprint_profiles'))
    throw new Fault('conflict', 'the database has no table hoofprint_profiles. Type: npm run migrate');
  await queries.rows(`SET LOCAL lock_timeout = '30s'`);
  await queries.rows('LOCK TABLE deer IN SHARE ROW EXCLUSIVE MODE');
}

async function writeProfile(
  { rows }: Writes,
  { deer, vector, detections }: ProposedProfile,
  method: MethodName,
  who: string,
  now: Date,
): Promise<void> {
  const text = `[${vector.join(',')}]`;
  await rows(
    `INSERT INTO hoofprint_profiles (at, who, method, deer_id, old_vector, new_vector, detections)
     SELECT $1, $2, $3, e.id, e.feature_vector, $5::vector, $6::jsonb FROM deer e WHERE e.id = $4`,
    [now, who, method, deer, text, JSON.stringify(detections)],
  );
  await rows('UPDATE deer SET feature_vector = $2::vector WHERE id = $1', [deer, text]);
}
