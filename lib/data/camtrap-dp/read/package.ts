// A package from a folder or a ZIP archive, read and checked: what it says of itself, and the rows
// of its three tables.
import { realpath, stat } from 'node:fs/promises';
import type { PackageTable } from '../../../deer/camtrap-dp-columns.ts';
import { Fault } from '../../../errors.ts';
import { type Descriptor, readDescriptor } from './descriptor.ts';
import { hashContent, makeIds, type PackageIds } from './ids.ts';
import type { Problems } from './problems.ts';
import { DESCRIPTOR } from './resources.ts';
import { openFolder, type RemoteArchive, type Source } from './source.ts';
import { type CheckedTable, type Keys, readTable } from './table.ts';
import { openTableText } from './table-text.ts';
import { openZip } from './zip.ts';

/**
 * @param imageRoot folder that an archive's images are extracted below, at imported/<package id>/
 * @throws Fault `not-found` when there is nothing of this name, `invalid` when it is no package or
 *   its names are not safe.
 */
export async function openPackage(
  where: string | RemoteArchive,
  imageRoot: string,
  signal?: AbortSignal,
): Promise<Source> {
  if (typeof where !== 'string') return openZip(where, imageRoot, signal);
  const found = await stat(where).catch(() => undefined);
  if (found === undefined) throw new Fault('not-found', `there is no folder or file ${where}`);
  if (found.isDirectory()) return openFolder(await realpath(where));
  if (!found.isFile()) throw new Fault('invalid', `${where} is neither a folder nor a file`);
  return openZip(where, imageRoot, signal);
}

export interface PackageRead {
  descriptor: Descriptor;
  ids: PackageIds;
  tables: Record<PackageTable, CheckedTable>;
  notes: string[];
}

/**
 * Reads everything but the media files.
 * @returns what can be used; every broken rule is added to `problems`
 * @throws Fault `invalid` when a table or the descriptor cannot be used at all.
 */
export async function readPackage(source: Source, problems: Problems): Promise<PackageRead> {
  const descriptor = readDescriptor(await readDescriptorBytes(source), problems);
  const { tables, notes, bytes } = await readTables(source, descriptor, problems);
  return { descriptor, ids: makeIds(descriptor.id ?? hashContent(bytes)), tables, notes };
}

async function readDescriptorBytes(source: Source): Promise<Buffer> {
  const bytes = await source.read(DESCRIPTOR);
  if (bytes !== undefined) return bytes;
  for (const other of ['metadata.json', 'datapackage.yaml', 'datapackage.yml', 'package.json']) {
    if ((await source.read(other)) !== undefined)
      throw new Fault(
        'invalid',
        `there is no ${DESCRIPTOR} in the package; it has ${other}: export it as Camtrap DP 1.0, whose description is ${DESCRIPTOR}`,
      );
  }
  throw new Fault('invalid', `there is no ${DESCRIPTOR} in the package`);
}

const WITHOUT_MEDIA = 'observations keep location and time, but have no images';

async function readTables(
  source: Source,
  descriptor: Descriptor,
  problems: Problems,
): Promise<{ tables: Record<PackageTable, CheckedTable>; notes: string[]; bytes: Buffer[] }> {
  const [content, notes]: [Buffer[], string[]] = [[], [...descriptor.notes]];
  const keys: Partial<Record<PackageTable, Keys>> = {};
  const none: CheckedTable = { rows: [], keys: undefined, total: 0, notes: [] };
  const read = async (table: PackageTable): Promise<CheckedTable> => {
    const listed = descriptor.tables[table];
    const text = listed === undefined ? undefined : await openTableText(source, listed);
    if (listed === undefined || text === undefined) {
      const name = listed?.name ?? `${table}.csv`;
      if (table !== 'media') throw new Fault('invalid', `there is no ${name} in the package`);
      notes.push(`there is no ${name} in the package: ${WITHOUT_MEDIA}`);
      return none;
    }
    content.push(...text.bytes);
    if (table === 'media' && text.bytes.every(isBlank)) {
      notes.push(`${listed.name} is empty: ${WITHOUT_MEDIA}`);
      return none;
    }
    const checked = readTable(table, text, keys, problems);
    notes.push(...text.notes, ...checked.notes);
    keys[table] = checked.keys;
    return checked;
  };
  // In this order: rows of a later table name rows of an earlier one.
  const deployments = await read('deployments');
  const media = await read('media');
  const observations = await read('observations');
  return { tables: { deployments, media, observations }, notes, bytes: content };
}

const isBlank = (bytes: Buffer): boolean => bytes.length < 1_000 && bytes.toString('utf8').trim() === '';
