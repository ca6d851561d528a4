// ZIP archives for tests of the import: honest ones, and ones whose headers are changed afterwards.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { ZipArchive } from 'archiver';
import { newFolder } from './package.ts';

export async function zipped(files: Record<string, Buffer | string>, folder = ''): Promise<Buffer> {
  const archive = new ZipArchive({ zlib: { level: 9 } });
  for (const [path, content] of Object.entries(files)) archive.append(content, { name: folder + path });
  void archive.finalize();
  return buffer(archive);
}

export function saved(bytes: Buffer, name = 'package.zip'): string {
  const file = join(newFolder(), name);
  writeFileSync(file, bytes);
  return file;
}

const CENTRAL = Buffer.from('PK\u0001\u0002');

/**
 * Changes the header of one entry in the central directory, which is what readers go by: `at`
 * counts from its signature.
 */
export function patched(zip: Buffer, name: string, change: (header: Buffer) => void): Buffer {
  const bytes = Buffer.from(zip);
  for (let at = bytes.indexOf(CENTRAL); at !== -1; at = bytes.indexOf(CENTRAL, at + 4)) {
    const length = bytes.readUInt16LE(at + 28);
    if (bytes.subarray(at + 46, at + 46 + length).toString() === name) change(bytes.subarray(at));
  }
  return bytes;
}

export const encrypt = (header: Buffer): void => void header.writeUInt16LE(header.readUInt16LE(8) | 1, 8);
export const method = (number: number) => (header: Buffer) => void header.writeUInt16LE(number, 10);
/** An entry that is a symbolic link. */
export const link = (header: Buffer): void => {
  header.writeUInt16LE(0x031e, 4);
  header.writeUInt32LE((0o120777 << 16) >>> 0, 38);
};
