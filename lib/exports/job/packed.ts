// A page that is too large for the answer of a function, compressed: an answer of ours can say what
// the page may do in a browser, a link to S3 cannot.
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

/** A larger one takes too long for an answer that is due within a second, in bytes. */
export const LARGEST_PACKED_FILE = 12_000_000;
/** As small as level 6 makes a page, within a few percent, in a third of its time. */
const LEVEL = 3;

/** Whether Accept-Encoding allows gzip by name. RFC 9110 section 12.5.3 */
export function takesGzip(header: string | undefined): boolean {
  return (header ?? '').split(',').some((each) => {
    const [coding = '', ...parameters] = each.split(';').map((part) => part.trim().toLowerCase());
    return coding === 'gzip' && !parameters.some((parameter) => /^q\s*=\s*0(\.0*)?$/.test(parameter));
  });
}

export const pack = (bytes: Buffer): Promise<Buffer> => promisify(gzip)(bytes, { level: LEVEL });
