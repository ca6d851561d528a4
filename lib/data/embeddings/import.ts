// The import of embeddings with a table of identities, so that a published data set can be
// analyzed: checked as a whole, loaded in one transaction.
import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import type { Database } from '../../adapters/postgres.ts';
import type { Folders } from '../../allowed-path.ts';
import { registeredRoots } from '../../deer/image-roots.ts';
import { alikeWarning } from '../../deer/names-alike.ts';
import { Fault } from '../../errors.ts';
import { count } from '../../format.ts';
import { warnOfKnownLocations } from '../known-locations.ts';
import { withProblems } from '../problems.ts';
import type { Stored } from '../store.ts';
import { nameIn } from '../uuid.ts';
import { settleEarlier, warnOfSharedNames } from './earlier.ts';
import { findRefusedFiles } from './files.ts';
import { type Gallery, readGallery } from './gallery.ts';
import { type Metadata, readMetadata, type Sighting } from './metadata.ts';
import { findUnusableRows, readNpy } from './npy.ts';
import { makeRows } from './rows.ts';
import { openEmbeddingsTarget, refuseOtherSize, storeEmbeddings } from './store.ts';

export interface EmbeddingsInput {
  vectors: { name: string; bytes: Buffer };
  metadata: { name: string; bytes: Buffer };
  /** Identities that are enrolled, one a line; absent: all of them. */
  gallery?: { name: string; bytes: Buffer };
  /**
   * Which program made the vectors; vectors of two versions are never compared. Default: the
   * vectors' own fingerprint.
   */
  version?: string;
  skipInvalid?: boolean;
  /**
   * Folders that the pictures named in the table may be below, in addition to those that imports
   * have registered. Default: none.
   */
  folders?: Folders;
}

export interface EmbeddingsSummary {
  title: string;
  rows: number;
  dimensions: number;
  identities: number;
  enrolled: number;
  stored: Record<'locations' | 'images' | 'deer' | 'detections' | 'reviews', Stored>;
  skipped: string[];
  /** What a person has to know before anything is concluded from the data. */
  warnings: string[];
  notes: string[];
}

/** Namespace of data sets: a data set is known by its vectors. */
const SETS = '0d1f5b0e-2f6c-5c0a-9a53-0b8c6f8f3f10';

/** Takes from the sightings the files that may not be stored, and says so among the problems. */
async function checkFiles(
  database: Database,
  metadata: Metadata,
  { metadata: table, folders }: EmbeddingsInput,
): Promise<void> {
  const named = metadata.sightings.flatMap(({ file }) => file ?? []);
  if (named.length === 0) return;
  const others = [...(folders?.others ?? []), ...(await database.read(registeredRoots))];
  const refused = await findRefusedFiles(named, { root: folders?.root ?? '', others });
  for (const sighting of metadata.sightings) {
    const reason = sighting.file === null ? undefined : refused.get(sighting.file);
    if (reason === undefined) continue;
    metadata.problems.push(`${table.name} row ${sighting.row + 1}, file: ${reason}`);
    sighting.file = null;
  }
}

/** Rows that share a file but not its camera or time: the first of them gives both. */
function countDisagreements(sightings: readonly Sighting[]): number {
  const first = new Map<string, Sighting>();
  return sightings.filter((sighting) => {
    if (sighting.file === null) return false;
    const before = first.get(sighting.file);
    if (before === undefined) first.set(sighting.file, sighting);
    return before !== undefined && (before.camera !== sighting.camera || before.at !== sighting.at);
  }).length;
}

const UNNAMED = 'a word for an unnamed animal (unknown, NA and the like)';

function writeNotes(
  sightings: readonly Sighting[],
  ignored: readonly string[],
  { enrolled, unnamed: unnamedLines }: Gallery,
  identities: number,
): string[] {
  const unnamed = sightings.filter(({ identity }) => identity === null).length;
  const apart = countDisagreements(sightings);
  const files = 'the first row of each file gives the camera and time of its picture';
  const notes: [applies: boolean, note: string][] = [
    [ignored.length > 0, `columns that are not used: ${ignored.slice(0, 20).join(', ')}`],
    [
      unnamed > 0,
      `${count(unnamed, 'row has', 'rows have')} no identity or ${UNNAMED}: loaded without an animal and without a verdict`,
    ],
    [
      unnamedLines > 0,
      `${count(unnamedLines, 'line')} of the gallery ${unnamedLines === 1 ? 'holds' : 'hold'} ${UNNAMED}: not enrolled`,
    ],
    [
      apart > 0,
      `${count(apart, 'row names', 'rows name')} a file that another row gives another camera or time: ${files}`,
    ],
    [
      sightings.every(({ at }) => at === null),
      'no captured_at: pictures are dated 1970-01-01, one second apart, in the order of the rows',
    ],
    [sightings.every(({ encounter }) => encounter === null), 'no encounter: every row is a separate event'],
    [identities === 0, 'no row names an animal: nothing is enrolled, and there is nothing to measure errors with'],
    [
      identities > 0 && enrolled.size === identities,
      'every identity is enrolled, so FPIR cannot be measured: name a part of them in a --gallery list',
    ],
  ];
  return notes.flatMap(([applies, note]) => (applies ? [note] : []));
}

function writeWarnings(sightings: readonly Sighting[], identities: ReadonlySet<string>): string[] {
  const cameras = new Set(sightings.flatMap(({ camera }) => camera ?? []));
  const apart = ' as different locations: if they are the same, write each name one way';
  return [alikeWarning(identities) ?? [], alikeWarning(cameras, 'cameras', apart) ?? []].flat();
}

/**
 * Loads vectors and their table: cameras become locations, files images, rows detections,
 * encounters bursts. Of each enrolled identity the first encounter makes the profile (its most
 * typical picture); every other row is a probe, and its identity a human review with inclusion
 * probability 1.
 * @throws Fault `invalid` naming rows and columns (nothing has been loaded then), `conflict` when
 *   the database has no tables of ours.
 */
export async function importEmbeddings(database: Database, input: EmbeddingsInput): Promise<EmbeddingsSummary> {
  const target = await openEmbeddingsTarget(database);
  const { vectors, metadata: table } = input;
  const matrix = readNpy(vectors.bytes, vectors.name);
  refuseOtherSize(target, vectors.name, matrix.columns);
  const metadata = readMetadata(table.bytes, table.name, matrix.rows);
  if (metadata.rows !== matrix.rows) {
    const many = metadata.rows > matrix.rows ? `more than ${matrix.rows}` : metadata.rows;
    throw new Fault(
      'invalid',
      `${vectors.name} has ${matrix.rows} vectors and ${table.name} ${many} rows; nothing was loaded`,
    );
  }
  await checkFiles(database, metadata, input);
  const { problems } = metadata;
  if (problems.length > 0 && input.skipInvalid !== true)
    throw new Fault(
      'invalid',
      withProblems(`the table has ${count(problems.length, 'broken cell')}; nothing was loaded`, problems),
    );
  const bad = findUnusableRows(matrix);
  const skipped = [...problems, ...[...bad].map(([row, reason]) => `${vectors.name} row ${row + 1}: ${reason}`)];
  const sightings = metadata.sightings.filter(({ row }) => !bad.has(row));
  if (sightings.length === 0)
    throw new Fault('invalid', withProblems('no row is left to load; nothing was loaded', skipped));
  const identities = new Set(sightings.flatMap(({ identity }) => identity ?? []));
  const gallery = readGallery(input.gallery, identities);
  const print = createHash('sha256').update(vectors.bytes).digest('hex');
  const set = nameIn(SETS)(print);
  const origin = {
    set,
    named: nameIn(set),
    version: input.version?.trim() || `npy ${print.slice(0, 12)}`,
    table: table.name,
  };
  const rows = makeRows(sightings, matrix, gallery.enrolled, origin);
  const { earlier, others, cameras, stored, notes } = await database.write(async (queries) => ({
    earlier: await settleEarlier(queries, rows),
    others: await warnOfSharedNames(queries, rows, identities),
    cameras: await warnOfKnownLocations(queries, rows.locations),
    ...(await storeEmbeddings(queries, target, rows)),
  }));
  return {
    ...{ title: basename(vectors.name), rows: sightings.length, dimensions: matrix.columns },
    ...{ identities: identities.size, enrolled: gallery.enrolled.size, stored, skipped },
    warnings: [...writeWarnings(sightings, identities), ...cameras, ...others],
    notes: [...notes, ...earlier, ...writeNotes(sightings, metadata.ignored, gallery, identities.size)],
  };
}
