// A log entry never shows a key.
import { makeKey } from '../../lib/access/key-text.ts';
import { log, logFrom } from '../../lib/log.ts';

test('no log entry has a key, however an address spells it', () => {
  const { text } = makeKey();
  const encoded = [...text].map((letter) => `%${letter.charCodeAt(0).toString(16)}`);
  const spellings = [
    text,
    `%68${text.slice(1)}`,
    `h%70%5F${text.slice(3)}`,
    text.replace('_', '%5f'),
    encoded.join(''),
  ];
  spellings.push([...text].map((letter, at) => (at % 3 === 0 ? encoded[at] : letter)).join(''));
  const lines: string[] = [];
  const { write } = process.stderr;
  process.stderr.write = (line: unknown) => lines.push(String(line)) > 0;
  logFrom('error');
  for (const spelling of spellings) log.error('a key in an address', { path: `/api/exports/${spelling}/x` });
  process.stderr.write = write;
  expect(lines).toHaveLength(spellings.length);
  for (const line of lines) expect(JSON.parse(line)).toMatchObject({ path: '/api/exports/hp_.../x' });
});
