// An archive of images that answers every path with one picture, or keeps everybody waiting: a run
// that waits for an image computes nothing, and goes on when the test says so.
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import sharp from 'sharp';

export interface ImageArchive {
  /** For IMAGE_ARCHIVE_URL. */
  url: string;
  /** How many requests wait. */
  waiting(): number;
  /** From here on nobody is answered. */
  hold(): void;
  /** Who waits is answered, and who comes. */
  release(): void;
  /** Ends the connections of those who wait. */
  drop(): void;
  close(): void;
}

/** The size of the herd's frames. */
const FRAME = { width: 1920, height: 1080, channels: 3, background: '#446622' } as const;

export async function openImageArchive(): Promise<ImageArchive> {
  const picture = await sharp({ create: FRAME }).jpeg().toBuffer();
  const waiting: ServerResponse[] = [];
  let held = true;
  const answer = (response: ServerResponse): void => void response.setHeader('content-type', 'image/jpeg').end(picture);
  const server = createServer((_request, response) => {
    if (held) waiting.push(response);
    else answer(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    waiting: () => waiting.length,
    hold() {
      held = true;
    },
    release() {
      held = false;
      for (const response of waiting.splice(0)) answer(response);
    },
    drop() {
      for (const response of waiting.splice(0)) response.destroy();
    },
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
