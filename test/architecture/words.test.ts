// The words that docs/glossary.md replaced stay out of the code: identifiers that said too little,
// and phrases that read badly in comments, messages, pages and reports. docs.test.ts holds the
// docs.
import { code, filesIn, RETIRED_PHRASE, text } from './source.ts';

const files = [...code, ...['handlers', 'lib', 'localstack', 'scripts'].flatMap((folder) => filesIn(folder, 'js'))];

const TOKEN =
  /(?<comment>\/\/[^\n]*|\/\*[\s\S]*?\*\/)|(?<string>'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\[\s\S]|[^`\\])*`)|(?<name>[A-Za-z_$][\w$]*)/g;

/** Names of JavaScript, JSON Schema and English: "as of" is a time. */
const STANDARD = /^(indexOf|lastIndexOf|valueOf|getPrototypeOf|anyOf|allOf|oneOf|asOf)$/;
const RETIRED_NAME =
  /^(told|one|furnish|patience|crew|breaths|inspection|kept|Place|Rows|Report|standIn|tellApart|[a-z]\w*Of)$/;

/** What is data, not prose: the column's name until migration 6, and a `detail` of the API. */
const DATA: Readonly<Record<string, string>> = {
  'lib/deer/source-fields.ts': "'told'",
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the source of a template.
  'lib/exports/season/names.ts': '`"${name}" is no animal and is not counted`',
};

const tokens = files.flatMap((file) =>
  [...text(file).matchAll(TOKEN)].map(({ 0: token, groups }) => ({ file, token, isName: groups?.name !== undefined })),
);

test('no retired identifier', () => {
  const found = tokens.filter(({ isName, token }) => isName && RETIRED_NAME.test(token) && !STANDARD.test(token));
  expect(found.map(({ file, token }) => `${file}: ${token}`)).toEqual([]);
});

test('no retired phrase in a comment or a text', () => {
  const found = tokens
    .filter(({ isName, token }) => !isName && RETIRED_PHRASE.test(token))
    .map(({ file, token }) => `${file}: ${token}`);
  expect(found).toEqual(Object.entries(DATA).map(([file, token]) => `${file}: ${token}`));
});
