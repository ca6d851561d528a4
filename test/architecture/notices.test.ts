// docs/THIRD_PARTY_NOTICES.txt names every package of others that `serverless package` hands on, in
// its version and with a license text, and no other.
import { redistributed } from '../../scripts/notices/packages.ts';
import { nameLicense, readLicense } from '../../scripts/notices/text.ts';
import { text } from './source.ts';

const notices = text('docs/THIRD_PARTY_NOTICES.txt');

test('the file lists what is packaged, in the versions of package-lock.json: npm run build:notices', async () => {
  const packages = await redistributed();
  // Bundled, inside a generated file, and outside of the bundles.
  const names = packages.map(({ name }) => name);
  for (const name of ['ajv', 'pdfmake', 'dejavu-fonts-ttf', 'plotly.js-dist-min', 'assemblyscript', 'sharp'])
    expect(names).toContain(name);
  expect(names).toContain('@img/sharp-libvips-linux-x64');
  const listed = [...notices.matchAll(/^\* (\S+ \d+\.\d+\.\d+\S* \(.+\))$/gm)].map(([, line]) => line);
  expect(listed.sort()).toEqual(packages.map((one) => `${one.name} ${one.version} (${nameLicense(one)})`).sort());
  const here = packages.filter(({ name }) => !name.startsWith('@img/sharp-'));
  expect(here.filter((one) => !notices.includes(readLicense(one).slice(0, 60))).map(({ name }) => name)).toEqual([]);
}, 180_000);

test('the texts that licenses ask for are whole, and the file goes with each function', () => {
  for (const [words, times] of [
    ['GNU LESSER GENERAL PUBLIC LICENSE', 1],
    ['END OF TERMS AND CONDITIONS', 2],
    ['Bitstream Vera', 1],
    ['Permission is hereby granted, free of charge', 20],
  ] as const)
    expect(notices.split(words).length - 1).toBeGreaterThanOrEqual(times);
  expect(text('serverless.yml')).toMatch(/^package:\n(?: {2}.*\n)* {2}patterns: \[docs\/THIRD_PARTY_NOTICES\.txt\]$/m);
});
