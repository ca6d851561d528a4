// Which addresses are of the internet: requests that others cause are sent to no other one. From
// https://www.iana.org/assignments/iana-ipv4-special-registry and iana-ipv6-special-registry
import { isIPv4, isIPv6 } from 'node:net';

/** First octets and length of networks that are private, of this machine, or of no host. */
const IPV4: readonly [octets: readonly number[], bits: number][] = [
  [[0], 8],
  [[10], 8],
  // Between a provider and its customers.
  [[100, 64], 10],
  [[127], 8],
  [[169, 254], 16],
  [[172, 16], 12],
  [[192, 0, 0], 24],
  [[192, 0, 2], 24],
  [[192, 88, 99], 24],
  [[192, 168], 16],
  [[198, 18], 15],
  [[198, 51, 100], 24],
  [[203, 0, 113], 24],
  // Groups, and what is reserved, to the address of everybody.
  [[224], 3],
];

/** As 32 bits. */
const toNumber = (octets: readonly number[]): number =>
  [0, 1, 2, 3].reduce((sum, at) => sum * 256 + (octets[at] ?? 0), 0);

const isInNetwork = (address: number, [octets, bits]: (typeof IPV4)[number]): boolean =>
  Math.floor(address / 2 ** (32 - bits)) === Math.floor(toNumber(octets) / 2 ** (32 - bits));

const isPublicIPv4 = (address: number): boolean => !IPV4.some((network) => isInNetwork(address, network));

/** The eight groups of an IPv6 address. */
function readGroups(address: string): number[] {
  const [, head = '', dotted] = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(address) ?? [];
  const octets = dotted?.split('.').map(Number) ?? [];
  const last = octets.length === 0 ? '' : toHex(octets);
  const [before = '', after] = (dotted === undefined ? address : `${head}${last}`).split('::');
  const groups = (part: string): number[] =>
    part.split(':').flatMap((group) => (group === '' ? [] : [parseInt(group, 16)]));
  if (after === undefined) return groups(before);
  const [left, right] = [groups(before), groups(after)];
  return [...left, ...Array<number>(8 - left.length - right.length).fill(0), ...right];
}

const toHex = ([a = 0, b = 0, c = 0, d = 0]: readonly number[]): string =>
  `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;

function isPublicIPv6(groups: readonly number[]): boolean {
  const [a = 0, b = 0] = groups;
  const embedded = groups[6]! * 65_536 + groups[7]!;
  const isZero = (from: number, to: number): boolean => groups.slice(from, to).every((group) => group === 0);
  // An IPv4 address in other clothes: mapped (::ffff:0:0/96), or translated (64:ff9b::/96).
  if (isZero(0, 5) && groups[5] === 0xffff) return isPublicIPv4(embedded);
  if (a === 0x64 && b === 0xff9b && isZero(2, 6)) return isPublicIPv4(embedded);
  // Only 2000::/3 is given out; of it not 2001::/23 (Teredo and others), 2001:db8::/32, 6to4, which
  // holds any IPv4 address, and 3fff::/20.
  const isSpecial = (a === 0x2001 && (b < 0x200 || b === 0xdb8)) || a === 0x2002 || (a === 0x3fff && b < 0x1000);
  return a >= 0x2000 && a <= 0x3fff && !isSpecial;
}

/** Whether an IP address is one of the internet; false for any other text. */
export function isPublicAddress(address: string): boolean {
  if (isIPv4(address)) return isPublicIPv4(toNumber(address.split('.').map(Number)));
  return isIPv6(address) && !address.includes('%') && isPublicIPv6(readGroups(address));
}
