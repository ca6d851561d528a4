// Uploads endless files until it is killed. argv: their keys.
import { Readable } from 'node:stream';
import { s3Files } from '../../lib/adapters/s3.ts';

/** One part (8 MiB) and the begin of another; the rest never comes. */
const FILE_MB = 12;
const endless = async function* (): AsyncGenerator<Buffer> {
  for (let i = 0; i < FILE_MB; i += 1) yield Buffer.alloc(1024 * 1024, 7);
  await new Promise(() => undefined);
};
process.on('disconnect', () => process.exit(1));
const files = s3Files({ bucket: process.env.EXPORTS_BUCKET! });
await Promise.all(
  process.argv.slice(2).map((key) => files.put(key, Readable.from(endless()), { contentType: 'application/zip' })),
);
