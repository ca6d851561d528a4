// manifest.json of an archive: the facts of the export, then lists of one line per entry, in
// chunks, so that a list of a million entries is never held as text.
import { plainJson } from '../../plain-text.ts';

/**
 * @param facts fields that come before the lists, in their order
 * @param lists by name, in their order; each entry becomes one line
 */
export function* writeManifest(
  createdAt: Date,
  facts: Readonly<Record<string, unknown>>,
  lists: Readonly<Record<string, readonly object[]>>,
): Generator<string> {
  const first = { format: 'hoofprint-export', version: 1, created_at: createdAt.toISOString(), ...facts };
  yield plainJson(first, 2).slice(0, -2);
  for (const [name, entries] of Object.entries(lists)) yield* list(name, entries);
  yield '\n}\n';
}

function* list(name: string, entries: readonly object[]): Generator<string> {
  yield `,\n  "${name}": [`;
  let chunk = '';
  for (const [index, entry] of entries.entries()) {
    chunk += `${index === 0 ? '' : ','}\n    ${plainJson(entry)}`;
    if (chunk.length > 65_536) {
      yield chunk;
      chunk = '';
    }
  }
  yield `${chunk}${entries.length === 0 ? '' : '\n  '}]`;
}
