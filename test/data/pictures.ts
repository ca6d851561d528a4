// Small pictures and other things that a package may have in their place.
import { execFileSync } from 'node:child_process';
import sharp from 'sharp';

export const newPicture = (width: number): Promise<Buffer> =>
  sharp({ create: { width, height: 60, channels: 3, background: { r: width % 256, g: 90, b: 40 } } })
    .jpeg()
    .toBuffer();

/** A pipe that nobody writes to: opening it to read waits for ever. */
export const mkfifoSync = (path: string): void => void execFileSync('mkfifo', [path]);
