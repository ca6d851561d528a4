// Range and If-Range of a download, by RFC 9110 section 14.
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { type Download, downloadAnswer, readRange } from '../../lib/exports/job/download.ts';

test.each([
  ['bytes=0-3', 10, { first: 0, last: 3 }],
  ['bytes=4-', 10, { first: 4, last: 9 }],
  ['bytes=-3', 10, { first: 7, last: 9 }],
  ['bytes=-30', 10, { first: 0, last: 9 }],
  ['bytes=5-500', 10, { first: 5, last: 9 }],
  ['bytes=9-9', 10, { first: 9, last: 9 }],
  ['bytes=10-', 10, 'unsatisfiable'],
  ['bytes=10-20', 10, 'unsatisfiable'],
  ['bytes=-0', 10, 'unsatisfiable'],
  ['bytes=0-', 0, 'unsatisfiable'],
  ['bytes=5-4', 10, undefined],
  ['bytes=0-1,3-4', 10, undefined],
  ['bytes=-', 10, undefined],
  ['bytes=a-b', 10, undefined],
  ['lines=0-3', 10, undefined],
  ['bytes=9999999999999999999-', 10, undefined],
  [undefined, 10, undefined],
])('%s of %i bytes', (header, size, range) => {
  expect(readRange(header, size)).toEqual(range);
});

const bytes = Buffer.from('0123456789');
const sha256 = createHash('sha256').update(bytes).digest('hex');
const facts = { filename: 'a.zip', contentType: 'application/zip', sha256, size: bytes.length };
const inline: Download = { ...facts, bytes };
const streamed: Download = {
  ...facts,
  open: async (range) => Readable.from([range === undefined ? bytes : bytes.subarray(range.first, range.last + 1)]),
};

test.each([
  ['held', inline],
  ['streamed', streamed],
])('a %s file: whole, a part, a part of another version, a part that it does not have', async (_name, download) => {
  const ask = async (headers: Record<string, string>) => {
    const answer = await downloadAnswer(download, headers);
    const body = answer.body instanceof Readable ? await buffer(answer.body) : answer.body;
    return [answer.status, answer.headers['content-range'], Buffer.isBuffer(body) ? body.toString() : body];
  };
  expect(await ask({})).toEqual([200, undefined, '0123456789']);
  expect(await ask({ range: 'bytes=2-4' })).toEqual([206, 'bytes 2-4/10', '234']);
  expect(await ask({ range: 'bytes=2-4', 'if-range': `"${sha256}"` })).toEqual([206, 'bytes 2-4/10', '234']);
  expect(await ask({ range: 'bytes=2-4', 'if-range': '"other"' })).toEqual([200, undefined, '0123456789']);
  expect(await ask({ range: 'bytes=10-' })).toEqual([
    416,
    'bytes */10',
    { detail: 'The file does not have this range' },
  ]);
  expect(await ask({ range: 'bytes=2-4', 'if-none-match': `"${sha256}"` })).toEqual([304, undefined, undefined]);
});
