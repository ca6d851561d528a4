// Uploads endless files until it is killed. argv: their keys.
import { Readable } from 'node:stream';
import { s3Files } from '../../lib/adapters/s3.ts';

const endless = async function* (): AsyncGenerator<Buffer> {
  for (;;) {
    yield Buffer.alloc(1024 * 1024, 7);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
};
process.on('disconnect', () => process.exit(1));
const files = s3Files({ bucket: process.env.EXPORTS_BUCKET! });
await Promise.all(
  process.argv.slice(2).map((key) => files.put(key, Readable.from(endless()), { contentType: 'application/zip' })),
);
