// package-lock.json: every package is known by its checksum, and none by the registry that one
// machine happens to use.
import { text } from './source.ts';

interface Entry {
  version?: string;
  resolved?: string;
  integrity?: string;
  link?: boolean;
}
const { packages } = JSON.parse(text('package-lock.json')) as { packages: Record<string, Entry> };
const entries = Object.entries(packages).filter(([path, { link }]) => path !== '' && link !== true);

test('every entry has an integrity, also those of other platforms', () => {
  expect(entries.length).toBeGreaterThan(500);
  const without = entries.filter(([, { integrity }]) => !/^sha512-[A-Za-z0-9+/]{86}==$/.test(integrity ?? ''));
  expect(without.map(([path]) => path)).toEqual([]);
});

test('no entry names a host: npm asks the registry that it is configured with', () => {
  expect(entries.filter(([, { resolved }]) => resolved !== undefined).map(([path]) => path)).toEqual([]);
  expect(text('package-lock.json')).not.toMatch(/https?:\/\/[^"]*\.tgz/);
});
