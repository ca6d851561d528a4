// A PNG whose pixels need any amount of memory, without drawing them.
import { constants, crc32, deflateRawSync } from 'node:zlib';

/** A chunk of a PNG. */
function chunk(name: string, ...parts: Buffer[]): Buffer {
  const named = Buffer.concat([Buffer.from(name), ...parts]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(named.length - 4);
  sum.writeUInt32BE(crc32(named));
  return Buffer.concat([length, named, sum]);
}

/** A black PNG of 16 bits in seven passes; a MiB of its zeros is compressed once, for all. */
export function interlaced(width: number, height: number): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([16, 2, 0, 0, 1], 8);
  const passes = [
    [0, 0, 8, 8],
    [4, 0, 8, 8],
    [0, 4, 4, 8],
    [2, 0, 4, 4],
    [0, 2, 2, 4],
    [1, 0, 2, 2],
    [0, 1, 1, 2],
  ];
  const bytes = passes.reduce(
    (sum, [x, y, dx, dy]) => sum + Math.ceil((height - y!) / dy!) * (1 + 6 * Math.ceil((width - x!) / dx!)),
    0,
  );
  const block = deflateRawSync(Buffer.alloc(1 << 20), { finishFlush: constants.Z_FULL_FLUSH });
  const blocks = Array.from({ length: bytes >> 20 }, () => block);
  const adler = Buffer.alloc(4);
  adler.writeUInt16BE(bytes % 65_521, 0);
  adler.writeUInt16BE(1, 2);
  const rest = deflateRawSync(Buffer.alloc(bytes % (1 << 20)));
  const data = chunk('IDAT', Buffer.from([0x78, 0x01]), ...blocks, rest, adler);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([signature, chunk('IHDR', header), data, chunk('IEND')]);
}
