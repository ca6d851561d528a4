// Demo frames: drawn from their path alone, always the same, with the animals where the detections
// say.
import sharp from 'sharp';
import { drawFrame } from '../../localstack/herd/frames.ts';
import { framePath } from '../../localstack/herd/herd.ts';
import { STAYS } from '../../localstack/herd/locations.ts';
import { planHerd } from '../../localstack/herd/plan.ts';

const plan = planHerd(5, 2_000);
const raw = (jpeg: Buffer): Promise<Buffer> => sharp(jpeg).toColourspace('b-w').raw().toBuffer();

test.each([false, true])('an animal stands in its box and nowhere else (infrared %s)', async (infrared) => {
  const like = plan.frames.find((frame) => frame.infrared === infrared && frame.animals.length === 2)!;
  const { location } = STAYS[like.stay]!;
  const blank = plan.frames.find(
    (frame) => frame.infrared === infrared && frame.animals.length === 0 && STAYS[frame.stay]!.location === location,
  )!;
  const [with_, without] = await Promise.all(
    [like, blank].map(async (frame) => raw((await drawFrame(framePath(frame)))!)),
  );
  let [inside, outside] = [0, 0];
  for (let y = 0; y < 1_024; y++) {
    for (let x = 0; x < 1_920; x++) {
      if (Math.abs(with_![y * 1_920 + x]! - without![y * 1_920 + x]!) < 24) continue;
      // Eight pixels of slack: JPEG blocks carry an edge a little further.
      const within = like.animals.some(
        ({ box }) => x >= box.x - 8 && x < box.x + box.width + 8 && y >= box.y - 8 && y < box.y + box.height + 8,
      );
      if (within) inside++;
      else outside++;
    }
  }
  const area = like.animals.reduce((sum, { box }) => sum + box.width * box.height, 0);
  expect(inside / area).toBeGreaterThan(0.15);
  expect(outside).toBe(0);
});

test('a frame is a 1920x1080 JPEG of the size that cameras write, the same bytes every time', async () => {
  const frames = plan.frames.filter((_, index) => index % 500 === 0);
  for (const frame of frames) {
    const jpeg = (await drawFrame(framePath(frame)))!;
    const { format, width, height } = await sharp(jpeg).metadata();
    expect({ format, width, height }).toEqual({ format: 'jpeg', width: 1_920, height: 1_080 });
    expect(jpeg.length).toBeGreaterThan(150_000);
    expect(jpeg.length).toBeLessThan(450_000);
    expect((await drawFrame(framePath(frame)))!.equals(jpeg)).toBe(true);
  }
});

test('a path that names no demo image is answered by nothing, however it is made up', async () => {
  const known = framePath(plan.frames[3]!);
  for (const path of [
    'IMG_0001.jpg',
    `../${known}`,
    known.replace('.jpg', '.png'),
    known.replace(/.{6}\.jpg$/, 'ffffff.jpg'),
    'demo/00000001-ffff-8fff-8fff-fff0000000000.jpg',
    'demo/00000001-ffff-8fff-8fff-fff000000000.jpg',
    'demo/00000001-0000-8001-8000-000000000000.jpg',
  ]) {
    expect(await drawFrame(path)).toBeUndefined();
  }
});
