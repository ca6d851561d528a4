// Uploads an endless file until it is killed. argv[2]: its key.
import { Readable } from 'node:stream';
import { s3Files } from '../../lib/adapters/s3.ts';

const endless = async function* (): AsyncGenerator<Buffer> {
  for (;;) {
    yield Buffer.alloc(1024 * 1024, 7);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
};
process.on('disconnect', () => process.exit(1));
await s3Files({ bucket: process.env.EXPORTS_BUCKET! }).put(process.argv[2]!, Readable.from(endless()), {
  contentType: 'application/zip',
});
