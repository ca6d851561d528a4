// The demo herd's pictures, drawn when they are needed from their path alone: no file is stored and
// no database is asked.
import sharp from 'sharp';
import { HEIGHT, WIDTH } from './boxes.ts';
import { deerSvg } from './deer.ts';
import { readFrameId } from './frame-id.ts';
import type { Frame } from './frame-plan.ts';
import { cameraName } from './herd.ts';
import { LOCATIONS, OFFSET_MS, STAYS } from './locations.ts';
import { type Plan, planHerd } from './plan.ts';
import { type Background, background, grain } from './scenery.ts';
import { drawText, STRIP_HEIGHT } from './strip.ts';
import { openSvg } from './svg.ts';

/** A path may name any herd; larger ones than this are not made again just to draw a picture. */
const LARGEST_HERD = 100_000;

const plans = new Map<string, Plan>();
/** Raw pictures of nine locations, 8 MB each; those of one seed are kept. */
const scenes = new Map<string, Promise<{ day: Background; infrared: Background }>>();

/** Pictures in the making at once: each holds two raw pictures (12 MB). */
const AT_ONCE = 3;
let drawing = 0;
const waiting: (() => void)[] = [];
const canvases: Buffer[] = [];

/**
 * The 1920x1080 JPEG of a demo image, the same bytes at every call; about 20 ms after the first of
 * its camera.
 * @param path as the database holds it: `demo/<image id>.jpg`
 * @returns undefined when the path names no image of a demo herd.
 */
export async function drawFrame(path: string): Promise<Buffer | undefined> {
  const found = findFrame(path);
  if (found === undefined) return undefined;
  // A free turn is handed over, not released, so that no newcomer slips in between.
  if (drawing < AT_ONCE) drawing += 1;
  else await new Promise<void>((resolve) => waiting.push(resolve));
  try {
    return await draw(found.seed, found.frame);
  } finally {
    const next = waiting.shift();
    if (next === undefined) drawing -= 1;
    else next();
  }
}

async function draw(seed: number, frame: Frame): Promise<Buffer> {
  const scene = await loadScene(seed, STAYS[frame.stay]!.location);
  const { pixels, channels } = frame.infrared ? scene.infrared : scene.day;
  const picture = canvas(pixels);
  for (const animal of frame.animals) {
    const { box, facing, pose, class: of } = animal;
    const svg = deerSvg({ class: of, width: box.width, height: box.height, facing, pose, infrared: frame.infrared });
    const { data, info } = await openSvg(svg).ensureAlpha().raw().toBuffer({ resolveWithObject: true });
    blend(picture, channels, data, info, box);
  }
  picture.fill(12, (HEIGHT - STRIP_HEIGHT) * WIDTH * channels);
  drawText(picture, channels, strip(frame));
  const jpeg = await sharp(picture, { raw: { width: WIDTH, height: HEIGHT, channels } })
    // Optimised Huffman tables would save 4% and cost 10 ms.
    .jpeg({ quality: 80, optimiseCoding: false })
    .toBuffer();
  canvases.push(picture);
  return jpeg;
}

/**
 * A copy of the background in a buffer that an earlier picture has left: fresh ones would pile up
 * faster than they are collected.
 */
function canvas(background: Buffer): Buffer {
  const at = canvases.findIndex((free) => free.length === background.length);
  const picture = at < 0 ? Buffer.allocUnsafeSlow(background.length) : canvases.splice(at, 1)[0]!;
  background.copy(picture);
  return picture;
}

function findFrame(path: string): { seed: number; frame: Frame } | undefined {
  const id = /^demo\/([0-9a-f-]{36})\.jpg$/.exec(path)?.[1];
  const where = id === undefined ? undefined : readFrameId(id);
  if (where === undefined || where.detections > LARGEST_HERD) return undefined;
  const key = `${where.seed} ${where.detections}`;
  let plan = plans.get(key);
  if (plan === undefined) {
    try {
      plan = planHerd(where.seed, where.detections);
    } catch (error) {
      if (error instanceof RangeError) return undefined;
      throw error;
    }
    plans.clear();
    plans.set(key, plan);
  }
  const frame = plan.frames[where.index];
  return frame?.id === id && frame !== undefined ? { seed: where.seed, frame } : undefined;
}

function loadScene(seed: number, location: number): Promise<{ day: Background; infrared: Background }> {
  const key = `${seed} ${location}`;
  let scene = scenes.get(key);
  if (scene === undefined) {
    for (const other of scenes.keys()) if (!other.startsWith(`${seed} `)) scenes.delete(other);
    scene = background(seed, location).catch((error: unknown) => {
      scenes.delete(key);
      throw error;
    });
    scenes.set(key, scene);
  }
  return scene;
}

/** Lays an RGBA sprite over the picture at its box, with the sensor's grain. */
function blend(
  into: Buffer,
  channels: 1 | 3,
  sprite: Buffer,
  size: { width: number; height: number },
  at: { x: number; y: number },
): void {
  const picture = new Uint8ClampedArray(into.buffer, into.byteOffset, into.length);
  const columns = Math.min(size.width, WIDTH - at.x);
  const lines = Math.min(size.height, HEIGHT - at.y);
  for (let y = 0; y < lines; y++) {
    let from = y * size.width * 4;
    let to = ((at.y + y) * WIDTH + at.x) * channels;
    for (let x = 0; x < columns; x++, from += 4, to += channels) {
      const alpha = sprite[from + 3]!;
      if (alpha === 0) continue;
      const noise = grain[(x * 37 + y * 911 + ((x * y) >> 3)) & 0xffff]! * 0.4;
      for (let c = 0; c < channels; c++) {
        picture[to + c] = (picture[to + c]! * (255 - alpha) + (sprite[from + c]! + noise) * alpha) / 255;
      }
    }
  }
}

/**
 * What a trail camera prints: itself, the time in its fixed offset, a temperature that fits season
 * and hour.
 */
function strip(frame: Frame): string {
  const local = new Date(frame.at + OFFSET_MS);
  const season = Math.cos((2 * Math.PI * (local.getTime() / 86_400_000 - 199)) / 365.25);
  const warmth = Math.cos((2 * Math.PI * (local.getUTCHours() - 15)) / 24);
  const celsius = Math.round(8 + 15 * season + 5 * warmth);
  const time = local.toISOString().slice(0, 19).replace('T', ' ');
  return `${cameraName(frame.camera)}  ${LOCATIONS[STAYS[frame.stay]!.location]!.name}   ${time} -06:00   ${celsius} C`;
}
