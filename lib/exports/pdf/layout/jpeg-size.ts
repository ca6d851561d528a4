// How large a JPEG is that this service has made.

/** Marker of a frame header: SOF0 to SOF15 but for DHT, JPG and DAC. */
const isFrame = (marker: number): boolean =>
  marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;

/** Pixels; no area where there is no frame header. */
export function readSize(jpeg: Buffer): { width: number; height: number } {
  let at = 2;
  while (at + 9 <= jpeg.length) {
    const marker = jpeg[at + 1]!;
    if (isFrame(marker)) return { width: jpeg.readUInt16BE(at + 7), height: jpeg.readUInt16BE(at + 5) };
    at += 2 + jpeg.readUInt16BE(at + 2);
  }
  return { width: 0, height: 0 };
}
