// What packages count: ids that cameras share, events described twice, names of species written in
// many ways.
import { makeTaxonKey } from '../../lib/data/camtrap-dp/rows/taxa.ts';
import { openImports } from './imports.ts';
import { deployment, medium, observation, type PackageParts } from './package.ts';

let imports: Awaited<ReturnType<typeof openImports>>;
beforeAll(async () => {
  imports = await openImports();
});
afterAll(() => imports.close());

const twoCameras = [deployment(), deployment({ deploymentID: 'dep2', locationID: 'loc2', locationName: 'Stand two' })];
const event = (id: string, more: object = {}) => observation(id, { observationLevel: 'event', eventID: 'e1', ...more });
const fox = { scientificName: 'Vulpes vulpes' };
/** Loads a package under an id of its own and gives its summary and what it counts. */
let made = 0;
async function load(parts: PackageParts, more: { skipInvalid?: boolean } = {}) {
  const id = `kind-${++made}`;
  const folder = imports.write({ ...parts, descriptor: { ...parts.descriptor, id } });
  return { folder, id, summary: await imports.load(folder, more) };
}
const notes = ({ summary }: { summary: { notes: string[] } }): string => summary.notes.join('\n');

describe('ids that are unique within a camera only', () => {
  test('event rows of one eventID at two cameras count at each; media rows of one camera do not cover the other', async () => {
    const { summary } = await load({
      deployments: twoCameras,
      media: [medium('m1')],
      observations: [
        observation('a', { mediaID: 'm1', eventID: 'e1', ...fox }),
        event('b', { ...fox }),
        event('c', { deploymentID: 'dep2', count: 2, ...fox }),
      ],
    });
    expect(summary.classes).toEqual({ 'Vulpes vulpes': 3 });
    expect(
      await imports.rows(
        `SELECT count(DISTINCT burst_group_id)::int AS n FROM detections WHERE observation->>'observationID' IN ('a', 'c') AND species = 'Vulpes vulpes'`,
      ),
    ).toEqual([{ n: 2 }]);
  });

  test('an individual seen in one eventID at two cameras was seen in two events; twice in one event at one camera it was not', async () => {
    const at = (id: string, deploymentID: string, individualID: string) =>
      event(id, { deploymentID, individualID, eventID: 'shared', scientificName: 'Dama dama' });
    const { summary } = await load({
      deployments: twoCameras,
      media: [],
      observations: [at('a', 'dep1', 'Two'), at('b', 'dep2', 'Two'), at('c', 'dep1', 'One'), at('d', 'dep1', 'One')],
    });
    expect(summary.deer.made).toBe(1);
  });

  test('a later package that reuses the eventID at another camera moves nothing and gets an event of its own', async () => {
    const base = { deployments: twoCameras, media: [] };
    const descriptor = { id: 'months' };
    const first = imports.write({ ...base, descriptor, observations: [event('may', fox)] });
    const second = imports.write({
      ...base,
      descriptor,
      observations: [event('june', { ...fox, deploymentID: 'dep2' })],
    });
    await imports.load(first);
    const old = await imports.rows(
      `SELECT id, image_id, burst_group_id FROM detections WHERE observation->>'observationID' = 'may'`,
    );
    expect((await imports.load(second)).images.made).toBe(1);
    const both = await imports.rows<{ place: string; burst: string }>(
      `SELECT d.burst_group_id AS burst, i.deployment_id AS place FROM detections d JOIN images i ON i.id = d.image_id WHERE observation->>'observationID' IN ('may', 'june')`,
    );
    expect(new Set(both.map(({ burst }) => burst)).size).toBe(2);
    expect(new Set(both.map(({ place }) => place)).size).toBe(2);
    expect(
      await imports.rows(
        `SELECT id, image_id, burst_group_id FROM detections WHERE observation->>'observationID' = 'may'`,
      ),
    ).toEqual(old);
    for (const where of [first, second])
      expect(await imports.load(where)).toMatchObject({ detections: { made: 0 }, images: { made: 0 } });
  });

  test('ids with separators, ids that look like made ones, and UUIDs in two cases are different rows', async () => {
    const uuid = 'a0b1c2d3-1111-4222-8333-444455556666';
    const { summary } = await load({
      deployments: [deployment({ deploymentID: 'a b' }), deployment({ deploymentID: 'a' })],
      media: [],
      observations: [
        event('o1', { deploymentID: 'a b', eventID: 'c', count: 2, ...fox }),
        event('o1#2', { deploymentID: 'a', eventID: 'b c', ...fox }),
        event(uuid, { deploymentID: 'a', eventID: 'x', ...fox }),
        event(uuid.toUpperCase(), { deploymentID: 'a', eventID: 'x', ...fox }),
      ],
    });
    expect(summary).toMatchObject({ detections: { made: 5 }, images: { made: 3 } });
  });

  test('an observation of a picture of another deployment counts at its own deployment, and is said', async () => {
    const loaded = await load({
      deployments: twoCameras,
      media: [medium('m1')],
      observations: [observation('a', { deploymentID: 'dep2', mediaID: 'm1', ...fox })],
    });
    const [row] = await imports.rows<{ name: string }>(
      `SELECT l.name FROM detections d JOIN images i ON i.id = d.image_id JOIN locations l ON l.id = i.location_id WHERE d.created_at > '2000-01-01' AND i.path LIKE 'camtrap-dp:%' ORDER BY i.created_at DESC, l.name DESC LIMIT 1`,
    );
    expect(row!.name).toMatch(/^Stand two/);
    expect(notes(loaded)).toContain('1 observation names a picture of another deployment: it counts at its deployment');
  });

  test('rows without an eventID are one event only with the same camera and span', async () => {
    const without = (id: string, minute: string, more: object = {}) =>
      event(id, {
        eventID: '',
        eventStart: `2024-05-11T06:${minute}:00Z`,
        eventEnd: `2024-05-11T06:${minute}:30Z`,
        ...fox,
        ...more,
      });
    const { summary } = await load({
      deployments: twoCameras,
      media: [],
      observations: [
        without('a', '00'),
        without('b', '10'),
        without('c', '00', { deploymentID: 'dep2' }),
        observation('m', { ...fox }),
      ],
    });
    expect(summary).toMatchObject({ detections: { made: 4 }, images: { made: 4 } });
  });
});

describe('what an event row repeats', () => {
  const roe = (id: string, scientificName: string) => observation(id, { mediaID: 'm1', eventID: 'e1', scientificName });
  test.each<[string, string, string, number]>([
    ['another case', 'Capreolus capreolus', 'CAPREOLUS CAPREOLUS', 1],
    ['blanks', 'Capreolus capreolus', ' Capreolus  capreolus ', 1],
    ['an author', 'Capreolus capreolus', 'Capreolus capreolus (Linnaeus, 1758)', 1],
    ['no name in the event row', 'Capreolus capreolus', '', 1],
    ['no name in the media row', '', 'Vulpes vulpes', 1],
    ['another species', 'Capreolus capreolus', 'Vulpes vulpes', 2],
    ['a dog beside a wolf', 'Canis lupus familiaris', 'Canis lupus', 2],
    ['a genus in the media row', 'Capreolus sp.', 'Capreolus capreolus', 1],
    ['a family in the media row', 'Cervidae', 'Capreolus capreolus', 1],
    ['any animal in the media row', 'Animalia', 'Vulpes vulpes', 1],
    ['a genus in the event row', 'Vulpes vulpes', 'Vulpes', 1],
    ['a family that the package names', 'Canidae', 'Vulpes vulpes', 1],
    ['a family of others', 'Mustelidae', 'Vulpes vulpes', 2],
  ])('%s', async (_, inMedia, inEvent, animals) => {
    const taxonomic = [{ scientificName: 'Vulpes vulpes', family: 'Canidae' }];
    const observations = [roe('a', inMedia), event('b', { scientificName: inEvent })];
    const { summary } = await load({ descriptor: { taxonomic }, observations });
    expect(summary.detections.made).toBe(animals);
  });

  test('media rows of nobody cover nothing; an event row that counts more is said', async () => {
    const loaded = await load({
      media: [medium('m1'), medium('m2')],
      observations: [
        observation('blank', { mediaID: 'm1', eventID: 'e1', observationType: 'blank', scientificName: '' }),
        observation('walker', {
          mediaID: 'm1',
          eventID: 'e1',
          observationType: 'human',
          scientificName: 'Homo sapiens',
        }),
        event('a', fox),
        observation('b', { mediaID: 'm2', eventID: 'e2', ...fox }),
        event('c', { eventID: 'e2', count: 5, ...fox }),
      ],
    });
    expect(loaded.summary.classes).toEqual({ 'Vulpes vulpes': 2 });
    expect(notes(loaded)).toContain(
      '1 event-based observation counts more animals than the media-based ones of that species',
    );
  });

  test('taxa are compared without case, blanks, authors and sp.', () => {
    const same = [
      'Cervus elaphus',
      'cervus  elaphus',
      'Cervus elaphus Linnaeus, 1758',
      'CERVUS ELAPHUS',
      'Cervus_elaphus',
    ];
    expect(new Set(same.map(makeTaxonKey)).size).toBe(1);
    expect(makeTaxonKey('Cervus sp.')).toBe(makeTaxonKey('Cervus'));
    expect(makeTaxonKey('Cervus')).not.toBe(makeTaxonKey('Cervus elaphus'));
  });

  test('a person of an event marks every picture taken within it, also those that no row names', async () => {
    await load({
      media: ['p1', 'p2'].map((id, i) => medium(id, { timestamp: `2024-05-10T11:0${i}:00Z` })),
      observations: [
        observation('x', { mediaID: 'p1', eventID: 'walk', observationType: 'blank', scientificName: '' }),
        event('walker', {
          eventID: 'walk',
          observationType: 'human',
          eventStart: '2024-05-10T11:00:00Z',
          eventEnd: '2024-05-10T11:05:00Z',
        }),
      ],
    });
    const found = await imports.rows(
      `SELECT filename, contains_human FROM images WHERE filename IN ('p1', 'p2') ORDER BY 1`,
    );
    expect(found).toEqual([
      { filename: 'p1', contains_human: true },
      { filename: 'p2', contains_human: true },
    ]);
  });
});

describe('who an observation is of', () => {
  test.each(['unknown', 'Unidentified', 'N.N.', 'unknown buck', 'inconnu', '?'])(
    '%s seen in two events is not assigned to an animal',
    async (individualID) => {
      const seen = (id: string, eventID: string) => event(id, { eventID, individualID });
      const loaded = await load({ observations: [seen('a', 'e1'), seen('b', 'e2')] });
      expect([loaded.summary.deer.made, loaded.summary.detections.made]).toEqual([0, 2]);
      if (individualID !== '?') expect(notes(loaded)).toContain('2 observations have a word for an unnamed animal');
    },
  );

  test('a name that the package translates to a person is a person: no detection, and its picture is marked', async () => {
    const taxonomic = [
      { scientificName: '9606', vernacularNames: { eng: 'human', deu: 'Mensch' } },
      { scientificName: 'Damaliscus hunteri', vernacularNames: { eng: 'hunter' } },
    ];
    const { summary, id } = await load({
      descriptor: { taxonomic },
      media: [medium('m1', { filePath: `https://example.org/vernacular.jpg` })],
      observations: [
        observation('a', { mediaID: 'm1', scientificName: '9606' }),
        observation('b', { mediaID: 'm1', scientificName: 'Damaliscus hunteri' }),
      ],
    });
    expect(id).toMatch(/^kind-/);
    expect(summary.observations).toEqual({ animal: 1, human: 1 });
    expect(summary.classes).toEqual({ 'Damaliscus hunteri': 1 });
    expect(
      await imports.rows(
        "SELECT contains_human FROM images JOIN detections d ON image_id = images.id WHERE species = 'Damaliscus hunteri'",
      ),
    ).toEqual([{ contains_human: true }]);
  });
});
