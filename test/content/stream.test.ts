// A large archive while it is made: at the reader's pace, and over as soon as nobody wants it.
import { once } from 'node:events';
import sharp from 'sharp';
import type { ZipRequest } from '../../lib/exports/zip/request.ts';
import { at, begin, made, PERIOD } from './archive.ts';
import { type World, world } from './fixture.ts';

let earth: World;
beforeAll(async () => {
  earth = await world();
});
afterAll(() => earth?.close());
afterEach(() => earth.clear());

describe('a large archive', () => {
  let noisy: Buffer;
  beforeAll(async () => {
    const raw = Buffer.alloc(1200 * 900 * 3);
    for (let n = 0, seed = 1; n < raw.length; n++) {
      seed = (seed * 48_271) % 2_147_483_647;
      raw[n] = seed & 255;
    }
    noisy = await sharp(raw, { raw: { width: 1200, height: 900, channels: 3 } })
      .jpeg({ quality: 85 })
      .toBuffer();
  });
  beforeEach(async () => {
    await earth.add(Array.from({ length: 40 }, (_, n) => ({ at: at(n) })));
  });
  const large: ZipRequest = { ...PERIOD, crop_size: 1024 };

  /** Resolves once `value` has not changed for a while. */
  async function settled(value: () => number): Promise<number> {
    for (let last = -1, same = 0, until = Date.now() + 20_000; Date.now() < until; ) {
      same = value() === last ? same + 1 : 0;
      last = value();
      if (same >= 8 && last > 0) return last;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error('it never settled');
  }

  test('waits for a slow reader and ends soon when the reader goes', async () => {
    let reads = 0;
    const read = (): Promise<Buffer> => {
      reads++;
      return Promise.resolve(noisy);
    };
    const { body } = await begin(earth, large, { images: { read } });
    const stalled = await settled(() => reads);
    expect(stalled).toBeLessThan(30);
    body.destroy();
    await once(body, 'close');
    expect(await settled(() => reads)).toBeLessThan(stalled + 5);
  });

  test('a cancelled job ends the stream with the reason', async () => {
    const cancel = new AbortController();
    let reads = 0;
    const read = (): Promise<Buffer> => {
      if (++reads === 5) cancel.abort(new Error('cancelled'));
      return Promise.resolve(noisy);
    };
    await expect(made(earth, large, { images: { read }, signal: cancel.signal })).rejects.toThrow('cancelled');
    expect(reads).toBeLessThan(15);
  });
});
