// npm run build:notices: docs/THIRD_PARTY_NOTICES.txt, the license of everything of others that
// `serverless package` redistributes.
import { writeFileSync } from 'node:fs';
import { redistributed } from './notices/packages.ts';
import { nameLicense, readLicense } from './notices/text.ts';

const RULE = '='.repeat(80);
const packages = await redistributed();
// Packages of one project share their text: it is printed once.
const texts = packages.map((member) => ({ member, text: readLicense(member) }));
const groups = Map.groupBy(texts, ({ text }) => text.replace(/\s+/g, ' '));
const sections = [...groups.values()].map((members) =>
  [
    RULE,
    ...members.map(({ member }) => `* ${member.name} ${member.version} (${nameLicense(member)})`),
    RULE,
    '',
    members[0]!.text,
    '',
  ].join('\n'),
);
const head = `THIRD-PARTY NOTICES

What \`npx serverless package\` makes of Hoofprint holds these ${packages.length} packages of others: in the bundles of
the functions, in the fonts, scripts and WebAssembly inside them, and next to a bundle (sharp and
libvips). Each license text is printed once, below the packages that it belongs to.
Made by \`npm run build:notices\`; do not edit.
`;
writeFileSync(new URL('../docs/THIRD_PARTY_NOTICES.txt', import.meta.url), `${[head, ...sections].join('\n')}`);
console.log(`docs/THIRD_PARTY_NOTICES.txt: ${packages.length} packages, ${groups.size} texts`);
