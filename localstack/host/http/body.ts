// A request's body, counted as it arrives: what is too large is never held.
import type { IncomingMessage } from 'node:http';

/** Why a body was not read whole. */
export type BodyFault = 'too large' | 'too slow' | 'broken off';

const FIRST_BYTES = 8 * 1_024;

/**
 * The whole body. One buffer grows with it: ten thousand chunks of a byte cost ten thousand bytes.
 * @param most bytes @param timeout ms for all of it
 */
export function readBody(request: IncomingMessage, most: number, timeout: number): Promise<Buffer | BodyFault> {
  const announced = Number(request.headers['content-length'] ?? Number.NaN);
  if (announced > most) return Promise.resolve('too large');
  if (announced === 0 || (Number.isNaN(announced) && request.headers['transfer-encoding'] === undefined))
    return Promise.resolve(Buffer.alloc(0));
  return new Promise((resolve) => {
    let held = Buffer.allocUnsafe(Number.isNaN(announced) ? FIRST_BYTES : announced);
    let length = 0;
    const end = (result: Buffer | BodyFault): void => {
      clearTimeout(late);
      request.off('data', take).off('end', whole).off('error', broken).off('close', broken);
      resolve(result);
    };
    const take = (chunk: Buffer): void => {
      if (length + chunk.length > most) {
        request.pause();
        end('too large');
        return;
      }
      if (length + chunk.length > held.length) {
        const larger = Buffer.allocUnsafe(Math.min(most, Math.max(length + chunk.length, held.length * 2)));
        held.copy(larger, 0, 0, length);
        held = larger;
      }
      chunk.copy(held, length);
      length += chunk.length;
    };
    const whole = (): void => end(held.subarray(0, length));
    const broken = (): void => end('broken off');
    const late = setTimeout(() => end('too slow'), timeout);
    request.on('data', take).once('end', whole).once('error', broken).once('close', broken);
  });
}
