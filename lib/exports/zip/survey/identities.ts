// Whose animals the survey files name: those of people who went through the events (a roster), or
// the deer that the platform stored. What Hoofprint assigned itself is no identity here: a count of
// it would count what the matcher missed.
import type { Queries } from '../../../adapters/postgres.ts';
import { sexGate } from '../../../deer/class-gates.ts';
import { readColumns } from '../../../deer/columns.ts';
import { makeShortNames } from '../../../deer/short-names.ts';
import { labelSites } from '../../sites/labels.ts';
import type { DetectionRow } from '../detections/rows.ts';

export type IdentitySource = 'roster' | 'platform';

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

/** An animal under the name that its source gives it. */
interface Named {
  key: string;
  deer: string | null;
  text: string | null;
}

interface RosterRow {
  detection_id: string;
  verdict: string;
  deer_id: string | null;
  identity: string | null;
}

/** The last verdict on each detection counts; an animal without a deer is known by its text. */
async function readRoster(queries: Queries, rows: readonly DetectionRow[]): Promise<Map<string, Named>> {
  if (!(await readColumns(queries))('reid_reviews', 'purpose')) return new Map();
  const verdicts = await queries.rows<RosterRow>(
    `SELECT DISTINCT ON (detection_id) detection_id::text, verdict, deer_id::text, nullif(btrim(identity), '') AS identity FROM reid_reviews
     WHERE purpose = 'roster' AND verdict IN ('same', 'none', 'unsure') ORDER BY detection_id, reviewed_at DESC, id DESC`,
  );
  const here = new Set(rows.map(({ id }) => id));
  return new Map(
    verdicts.flatMap(({ detection_id, verdict, deer_id, identity }): [string, Named][] => {
      if (!here.has(detection_id)) return [];
      if (verdict === 'same' && deer_id !== null) return [[detection_id, { key: deer_id, deer: deer_id, text: null }]];
      if (verdict === 'unsure' || identity === null) return [];
      return [[detection_id, { key: `text ${identity}`, deer: null, text: identity }]];
    }),
  );
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

/**
 * One sex for each animal: that of the deer, else the majority of the final classes of its
 * detections; null on a tie and without either.
 */
function decideSex(stored: string | null | undefined, classes: readonly string[]): Individual['sex'] {
  const known = SEXES[sexGate(stored ?? '') ?? ''];
  if (known !== undefined) return known;
  const gates = classes.map((name) => SEXES[sexGate(name) ?? '']);
  const [males, females] = (['M', 'F'] as const).map((sex) => gates.filter((gate) => gate === sex).length);
  return males! > females! ? 'M' : females! > males! ? 'F' : null;
}

/** @param rows counted detections of deer classes */
export async function loadIdentities(
  queries: Queries,
  rows: readonly DetectionRow[],
  source: IdentitySource,
): Promise<Identities> {
  const assigned = await readAssigned(queries);
  const named =
    source === 'roster'
      ? await readRoster(queries, rows)
      : new Map(
          rows.flatMap(({ id, deer_id }): [string, Named][] =>
            deer_id === null || assigned.has(id) ? [] : [[id, { key: deer_id, deer: deer_id, text: null }]],
          ),
        );
  const deer = [...new Set([...named.values()].flatMap((animal) => (animal.deer === null ? [] : [animal.deer])))];
  const stored = new Map(
    deer.length === 0
      ? []
      : (
          await queries.rows<{ id: string; name: string | null; sex: string | null }>(
            'SELECT id::text, name, sex::text FROM deer WHERE id = ANY ($1::uuid[])',
            [deer],
          )
        ).map((row) => [row.id, row]),
  );
  const short = makeShortNames([...stored.values()]);
  const byKey = Map.groupBy(
    rows.filter(({ id }) => named.has(id)),
    ({ id }) => named.get(id)!.key,
  );
  const animals = [...byKey].map(([key, list]) => ({ key, list, animal: named.get(list[0]!.id)! }));
  const names = animals.map(({ key, animal }) => ({ id: key, name: animal.text ?? short.get(key) ?? key }));
  const order = names.map((_, index) => index).sort((a, b) => compare(names[a]!, names[b]!));
  const labels = labelSites(order.map((index) => names[index]!));
  const individuals = new Map(
    order.map((index, place): [string, Individual] => {
      const { key, list } = animals[index]!;
      const classes = list.map((row) => row.class);
      return [key, { label: labels[place]!, sex: decideSex(stored.get(key)?.sex, classes) }];
    }),
  );
  return {
    source,
    byDetection: new Map([...named].map(([id, { key }]) => [id, individuals.get(key)!])),
    assigned: rows.filter(({ id }) => assigned.has(id)).length,
  };
}

type Labelled = { id: string; name: string };
const compare = (a: Labelled, b: Labelled): number =>
  a.name < b.name ? -1 : a.name > b.name ? 1 : a.id < b.id ? -1 : 1;
