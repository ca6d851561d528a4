// Who really asks: a proxy that is trusted says for whom it forwards, and nobody else may say so.
import { BlockList, isIP, isIPv4, isIPv6 } from 'node:net';
import { Fault } from './errors.ts';

/** `gateway`: API Gateway sets these headers itself, and its source address is the client's. */
export type TrustedProxies = 'gateway' | BlockList;

const family = (address: string): 'ipv4' | 'ipv6' => (isIPv6(address) ? 'ipv6' : 'ipv4');
const plain = (address: string): string => address.replace(/^::ffff:(?=\d+\.)/, '');

/** @throws Fault `misconfigured` for anything but addresses and networks, or the word gateway */
export function parseProxies(text: string, name: string): TrustedProxies {
  if (text.trim() === 'gateway') return 'gateway';
  const list = new BlockList();
  for (const entry of text.split(',').map((part) => part.trim())) {
    if (entry === '') continue;
    const [address = '', bits, more] = entry.split('/');
    const most = isIPv4(address) ? 32 : isIPv6(address) ? 128 : -1;
    const length = bits === undefined ? most : /^\d{1,3}$/.test(bits) ? Number(bits) : -1;
    if (most === -1 || more !== undefined || length < 0 || length > most)
      throw new Fault('misconfigured', `${name} must list addresses or networks such as 127.0.0.1, fd00::/8`);
    list.addSubnet(address, length, family(address));
  }
  return list;
}

export interface Client {
  address: string;
  /** Whether it reached the proxy by TLS. */
  isSecure: boolean;
  /** Whether somebody forwarded the request: then it is of no program of this machine. */
  isForwarded: boolean;
}

/** Some proxies add a port: `127.0.0.7:5000`, `[2001:db8::1]:5000`. */
const withoutPort = (hop: string): string => /^\[(.*)\](?::\d+)?$|^([\d.]+):\d+$/.exec(hop)?.slice(1).join('') ?? hop;

const FORWARDED = /^(forwarded$|x-forwarded-|x-real-ip$)/;

/**
 * @param source address of the peer. @param headers by their lower-case names
 * @returns the nearest address that is no trusted proxy
 * @throws Fault `forbidden` for forwarding headers from anybody else
 */
export function findClient(
  source: string,
  headers: Readonly<Record<string, string | undefined>>,
  trusted: TrustedProxies,
): Client {
  if (trusted === 'gateway')
    return { address: source, isSecure: headers['x-forwarded-proto'] === 'https', isForwarded: true };
  const isTrusted = (address: string): boolean => trusted.check(plain(address), family(plain(address)));
  const forwarding = Object.keys(headers).find((name) => FORWARDED.test(name));
  if (forwarding === undefined) return { address: plain(source), isSecure: false, isForwarded: false };
  if (!isTrusted(source))
    throw new Fault(
      'forbidden',
      `Requests that a proxy forwards are not taken (${forwarding}). Set TRUSTED_PROXIES to the address of the proxy`,
    );
  const hops = (headers['x-forwarded-for'] ?? '').split(',').map((hop) => plain(withoutPort(hop.trim())));
  const address = hops.reverse().find((hop) => hop !== '' && !isTrusted(hop));
  return {
    // `unknown` and other names tell nobody apart.
    address: address !== undefined && isIP(address) !== 0 ? address : plain(source),
    isForwarded: true,
    isSecure: headers['x-forwarded-proto']?.split(',').at(-1)?.trim() === 'https',
  };
}
