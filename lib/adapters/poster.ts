// Posts to addresses that others have chosen: to those of the internet alone, looked at when the
// connection is made, so that no name can lead elsewhere by then. It follows nothing, and bounds
// time and answer.
import { type LookupAddress, type LookupOptions, lookup as lookUp } from 'node:dns';
import { type ClientRequest, request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { Fault } from '../errors.ts';
import { isPublicAddress } from './addresses.ts';

export interface Poster {
  /**
   * @returns the status of the answer, whatever it is
   * @throws Fault `forbidden` when the address is not one of the internet, `unavailable` when there
   *   is no answer in time
   */
  post(url: string, headers: Readonly<Record<string, string>>, body: string): Promise<number>;
}

export interface PosterSettings {
  /** Whether private addresses and this machine may be reached. */
  isAnyAllowed: boolean;
  /** Bound on the whole, in ms. */
  timeout?: number;
  /** Where names lead to; default: as the system says. */
  resolve?: Resolve;
}

type Found = (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void;
export type Resolve = (name: string, options: LookupOptions & { all: true }, found: Found) => void;

const TIMEOUT_MS = 10_000;
/** Of an answer that nobody reads: more of it ends the connection, in bytes. */
const MOST_READ = 64 * 1_024;
const LARGEST_HEAD = 16 * 1_024;

const refused = (): Fault =>
  new Fault('forbidden', 'the address is private or of this machine; WEBHOOK_ADDRESSES=any allows it');

/** As net.connect asks: gives only addresses that may be reached. */
const makeLookup =
  (mayReach: (address: string) => boolean, resolve: Resolve): LookupFunction =>
  (name, options, answer) => {
    resolve(name, { ...options, all: true }, (error, found) => {
      if (error !== null) return answer(error, '', 0);
      const allowed = found.filter(({ address }) => mayReach(address));
      const [first] = allowed;
      if (first === undefined) return answer(refused() as NodeJS.ErrnoException, '', 0);
      if (options.all === true) return answer(null, allowed);
      return answer(null, first.address, first.family);
    });
  };

/** Settles once: with the status when the answer is over or was enough of it. */
function readStatus(asked: ClientRequest): Promise<number> {
  return new Promise((resolve, reject) => {
    let status: number | undefined;
    // What has a status is an answer, however it ends.
    asked.on('error', (error) => (status === undefined ? reject(error) : resolve(status)));
    asked.on('response', (response) => {
      status = response.statusCode ?? 0;
      let bytes = 0;
      response.on('data', (part: Buffer) => {
        bytes += part.length;
        if (bytes > MOST_READ) response.destroy();
      });
      response.on('error', () => undefined);
      response.on('close', () => resolve(status ?? 0));
    });
  });
}

export function poster({ isAnyAllowed, timeout = TIMEOUT_MS, resolve = lookUp as Resolve }: PosterSettings): Poster {
  const mayReach = (address: string): boolean => isAnyAllowed || isPublicAddress(address);
  const lookup = makeLookup(mayReach, resolve);
  return {
    async post(url, headers, body) {
      const target = new URL(url);
      // A name that is an address is not looked up.
      const literal = target.hostname.replace(/^\[|\]$/g, '');
      if (isIP(literal) !== 0 && !mayReach(literal)) throw refused();
      const bytes = Buffer.from(body);
      try {
        const asked = (target.protocol === 'https:' ? httpsRequest : httpRequest)(target, {
          method: 'POST',
          headers: { ...headers, 'content-length': String(bytes.length) },
          // Another connection for each, whose address was looked at.
          agent: false,
          lookup,
          maxHeaderSize: LARGEST_HEAD,
          signal: AbortSignal.timeout(timeout),
        });
        asked.end(bytes);
        return await readStatus(asked);
      } catch (cause) {
        if (cause instanceof Fault) throw cause;
        const { name, code } = cause as NodeJS.ErrnoException;
        const why =
          name === 'AbortError' || name === 'TimeoutError' ? `no answer within ${timeout} ms` : (code ?? 'no answer');
        throw new Fault('unavailable', `the receiver does not answer (${why})`, { cause });
      }
    },
  };
}
