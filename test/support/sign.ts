// AWS Signature Version 4 in a header, made by the text of the specification alone.
import { createHash, createHmac } from 'node:crypto';

/** Headers that sign a POST without a query; only host and date are signed. */
export function signPost(
  service: string,
  { host, path, body }: { host: string; path: string; body: string },
  { accessKeyId, secretAccessKey }: { accessKeyId: string; secretAccessKey: string },
): Record<string, string> {
  const date = new Date().toISOString().replace(/[-:]|\.\d+/g, '');
  const scope = `${date.slice(0, 8)}/us-east-1/${service}/aws4_request`;
  const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
  const headers = `host:${host}\nx-amz-date:${date}\n`;
  const canonical = ['POST', path, '', headers, 'host;x-amz-date', sha256(body)].join('\n');
  const key = scope
    .split('/')
    .reduce<string | Buffer>(
      (last, part) => createHmac('sha256', last).update(part).digest(),
      `AWS4${secretAccessKey}`,
    );
  const signature = createHmac('sha256', key)
    .update(['AWS4-HMAC-SHA256', date, scope, sha256(canonical)].join('\n'))
    .digest('hex');
  const credential = `Credential=${accessKeyId}/${scope}, SignedHeaders=host;x-amz-date, Signature=${signature}`;
  return { host, 'x-amz-date': date, authorization: `AWS4-HMAC-SHA256 ${credential}` };
}
