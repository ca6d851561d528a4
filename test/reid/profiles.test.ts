// Profiles that Hoofprint writes: means of confirmed events, whose pictures are then the source of
// the profile everywhere.
import { loadDataset } from '../../lib/reid/dataset/load.ts';
import { groupSearchEvents } from '../../lib/reid/dataset/search-events.ts';
import { proposeProfiles, writeProfiles } from '../../lib/reid/profiles.ts';
import { DEFAULT_EVIDENCE, labelEvents } from '../../lib/reid/study/evidence.ts';
import { readChecksums } from '../support/checksums.ts';
import { templatesTwin } from './matching-twin.ts';
import { type ReidWorld, reidWorld } from './reid-ports.ts';

let world: ReidWorld;
beforeAll(async () => {
  world = await reidWorld({ detections: 1_500 });
}, 120_000);
afterAll(() => world?.close());

const load = () => loadDataset(world.own.database, { timeZone: 'UTC' });
const readVectors = async (): Promise<Map<string, number[]>> => {
  const rows = await world.rows<{ id: string; vector: string }>(
    'SELECT id::text, feature_vector::text AS vector FROM deer',
  );
  return new Map(rows.map(({ id, vector }) => [id, JSON.parse(vector) as number[]]));
};
const unit = (vector: readonly number[]): number[] => {
  const length = Math.hypot(...vector);
  return vector.map((value) => value / length);
};
const mean = (rows: readonly (readonly number[])[]): number[] =>
  rows[0]!.map((_, d) => rows.reduce((sum, row) => sum + row[d]!, 0) / rows.length);

test('a dry run writes nothing; what is written is the mean of the means of the confirmed events, and is their source from then on', async () => {
  const dataset = await load();
  const events = groupSearchEvents(dataset);
  const labels = labelEvents(dataset, events, DEFAULT_EVIDENCE);
  const same = new Map(labels.mated.map(({ event, profile }) => [event, dataset.profiles[profile]!.id]));
  const twin = templatesTwin(dataset, events, same);
  const before = await readChecksums(world.rows);
  const old = await readVectors();
  const proposal = await proposeProfiles(world.ports, 'templates5');
  expect(await readChecksums(world.rows)).toEqual(before);
  const more = dataset.profiles.flatMap(({ id }, p) => (twin[p]!.length > 1 ? [id] : []));
  expect(proposal.profiles.map(({ deer }) => deer)).toEqual(more);
  expect(more.length).toBeGreaterThan(5);

  await writeProfiles(world.ports, proposal, 'tester');
  const now = await readVectors();
  const row = (i: number): number[] => [
    ...dataset.vectors.subarray(i * dataset.dimensions, (i + 1) * dataset.dimensions),
  ];
  for (const [p, { id }] of dataset.profiles.entries()) {
    if (!more.includes(id)) {
      expect(now.get(id)).toEqual(old.get(id));
      continue;
    }
    const right = unit(mean(twin[p]!.map((event) => unit(mean(events.list[event]!.rows.map(row))))));
    const furthest = Math.max(...right.map((value, d) => Math.abs(value - now.get(id)![d]!)));
    expect(furthest).toBeLessThan(1e-6);
  }
  const kept = await world.rows<{ deer: string; vector: string; who: string }>(
    'SELECT deer_id::text AS deer, old_vector::text AS vector, who FROM hoofprint_profiles',
  );
  expect(new Map(kept.map(({ deer, vector }) => [deer, JSON.parse(vector)]))).toEqual(
    new Map(more.map((id) => [id, old.get(id)])),
  );
  const changed = await readChecksums(world.rows, ['deer', 'hoofprint_profiles']);
  expect(changed).toEqual(
    Object.fromEntries(Object.entries(before).filter(([name]) => !['deer', 'hoofprint_profiles'].includes(name))),
  );

  // Its pictures judge nothing from now on, and the profile is no unlike copy of one of them.
  const after = groupSearchEvents(await load());
  const templates = new Set(twin.flat().map((event) => events.list[event]!.id));
  expect(new Set(after.list.flatMap(({ id }, i) => (after.source[i] === 1 ? [id] : [])))).toEqual(templates);
  expect([after.unlike, after.sources.unknown]).toEqual([[], []]);
  // The same evidence has nothing to add.
  expect((await proposeProfiles(world.ports, 'templates5')).profiles).toEqual([]);

  // A vector that the platform wrote since was made from something else.
  const [first] = more;
  await world.rows('UPDATE deer SET feature_vector = $2::vector WHERE id = $1', [
    first,
    JSON.stringify(old.get(first!)),
  ]);
  const own = groupSearchEvents(await load());
  const position = dataset.profiles.findIndex(({ id }) => id === first);
  expect([own.madeFrom[position], own.profileSource[position]]).toEqual([[], events.profileSource[position]]);
}, 120_000);

test('a proposal is not written when the database has changed, and only methods with templates have one', async () => {
  const proposal = await proposeProfiles(world.ports, 'templates3');
  await world.rows(`UPDATE deer SET notes = 'limps'`);
  const before = await readChecksums(world.rows);
  await expect(writeProfiles(world.ports, proposal, 'tester')).rejects.toThrow('the database has changed meanwhile');
  expect(await readChecksums(world.rows)).toEqual(before);
  await expect(proposeProfiles(world.ports, 'centered')).rejects.toThrow('has no templates');
}, 60_000);
