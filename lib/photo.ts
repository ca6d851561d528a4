// What a picture file is by its bytes, whatever its name says. Only formats of cameras reach
// a decoder: an SVG or PDF is a program for one.

export const NO_IMAGE = 'image cannot be decoded: it is not an image of a known format';
const PHOTO = 'a photo format (JPEG, PNG, WebP, TIFF, HEIF, AVIF)';

const ascii = (bytes: Buffer, from: number, to: number): string => bytes.toString('latin1', from, to);

const MAGIC: readonly [format: string, hex: string][] = [
  ['GIF', '47494638'],
  ['PDF', '25504446'],
  ['BMP', '424d'],
  ['JPEG 2000', '0000000c6a502020'],
  ['JPEG 2000', 'ff4fff51'],
  ['JPEG XL', '0000000c4a584c20'],
  ['JPEG XL', 'ff0a'],
  ['Photoshop', '38425053'],
  ['a video', '1a45dfa3'],
  ['a video', '000001ba'],
  ['an archive', '504b0304'],
  ['compressed', '1f8b'],
];

/**
 * Of an ISO media file, by its brand: pictures in AV1 can be decoded, those in HEVC (as telephones
 * write them) cannot.
 */
function readBrand(bytes: Buffer): 'photo' | 'HEIC' | 'a video' | undefined {
  if (ascii(bytes, 4, 8) !== 'ftyp') return undefined;
  const brand = ascii(bytes, 8, 12);
  if (/^(avif|avis|mif1|msf1|miaf)$/.test(brand)) return 'photo';
  return /^(hei[cxms]|hev[cxms])$/.test(brand) ? 'HEIC' : 'a video';
}

function isSvg(bytes: Buffer): boolean {
  const start = bytes.toString('utf8', 0, 4_096).replace(/\0/g, '');
  return /^\s*<(\?xml|!doctype|!--|svg[\s>])/i.test(start.replace(/^\ufeff/, '')) && /<svg[\s>]/i.test(start);
}

const isTiff = (bytes: Buffer): boolean => ['II*\0', 'MM\0*', 'II+\0', 'MM\0+'].includes(ascii(bytes, 0, 4));

const isPhoto = (bytes: Buffer): boolean => {
  const four = ascii(bytes, 0, 4);
  return (
    (bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff) ||
    ascii(bytes, 0, 8) === '\x89PNG\r\n\x1a\n' ||
    (four === 'RIFF' && ascii(bytes, 8, 12) === 'WEBP') ||
    isTiff(bytes) ||
    readBrand(bytes) === 'photo'
  );
};

/** A camera writes one picture, and perhaps smaller ones of it. */
const MOST_PAGES = 1_000;
const MANY_PAGES = 'image is a document of more than 1,000 pages, not a photo';

/**
 * Whether a TIFF has more pages than any photo: a decoder walks along all of them, for minutes in a
 * file of 60 MB.
 */
function hasManyPages(bytes: Buffer): boolean {
  const four = ascii(bytes, 0, 4);
  const [little, big] = [four.startsWith('II'), four.includes('+')];
  const read = (at: number, size: 2 | 4 | 8): number => {
    if (size !== 8) return little ? bytes.readUIntLE(at, size) : bytes.readUIntBE(at, size);
    return Number(little ? bytes.readBigUInt64LE(at) : bytes.readBigUInt64BE(at));
  };
  const [number, entry, link] = big ? ([8, 20, 8] as const) : ([2, 12, 4] as const);
  try {
    let at = read(big ? 8 : 4, link);
    for (let pages = 1; at !== 0; pages++) {
      if (pages > MOST_PAGES) return true;
      at = read(at + number + entry * read(at, number), link);
    }
  } catch {
    // The list leads out of these bytes: a damaged file, or only its beginning.
  }
  return false;
}

/** Why a file is no photo; undefined when it is one. Says nothing of whether it is whole. */
export function refusePicture(bytes: Buffer): string | undefined {
  if (bytes.length === 0) return 'image file is empty';
  if (isPhoto(bytes)) return isTiff(bytes) && hasManyPages(bytes) ? MANY_PAGES : undefined;
  const brand = readBrand(bytes);
  if (brand === 'HEIC') return 'image is HEIC, which cannot be decoded here: save it as JPEG';
  const known = MAGIC.find(([, hex]) => bytes.subarray(0, hex.length / 2).toString('hex') === hex)?.[0];
  const video =
    brand === 'a video' || (ascii(bytes, 0, 4) === 'RIFF' && ascii(bytes, 8, 12) === 'AVI ') ? 'a video' : undefined;
  const name = video ?? known ?? (isSvg(bytes) ? 'SVG' : undefined);
  return name === undefined ? NO_IMAGE : `image is ${name}, not ${PHOTO}`;
}
