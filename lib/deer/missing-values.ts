// Words that mean a missing value, and words that mean an unnamed animal: one list each, for every
// reader.
import { fold } from './names-alike.ts';

const list = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/));

/**
 * What programs and people write into a cell that has no value, without blanks, signs and case: NA,
 * n/a, #N/A, <NA>, NaN, null, None ...
 */
const MISSING = list('na nan null none undefined missing notavailable notapplicable nacharacter');
/** Only as programs write them: Nat and Nil are names. */
const WRITTEN = new Set(['NaT', 'nil', '\\N']);

/**
 * The same for an animal that nobody named, also in the languages of camera-trap projects nearby.
 */
const UNKNOWN = list(`
  unknown unknow unkown uknown unk unkn unid noid unidentified unidentifiable notidentified
  notknown unrecognized unrecognised unnamed noname nameless anonymous nobody noone undetermined
  indet indeterminate undet nn nomennescio nomennominandum tbd tobedetermined blank empty indindet
  sinidentificar noidentificado naoidentificado nonidentificato nonidentifie nichtidentifiziert
  nietherkend newindividual newwhale unlabeled unlabelled nolabel unbekannt unbestimmt inconnu
  inconnue desconocido desconocida desconhecido desconhecida sconosciuto sconosciuta onbekend
  ukendt ukjent tuntematon nieznany nieznana ok\u00e4nd nezn\u00e1m\u00fd
`);
const ANIMAL = '(deer|animal|individual|id|identity|name|buck|doe|fawn|stag|hind|male|female|adult|juvenile)';
const UNKNOWN_ANIMAL = new RegExp(`^(unknown|unidentified|unnamed|no)${ANIMAL}$`);

/** Punctuation, and signs that are typed where a word is missing; a picture sign may be a name. */
const SIGNS = /[\p{P}~^=+<>|`]/gu;
const readLetters = (text: string): string => fold(text).replace(SIGNS, '');

/**
 * Whether a cell has no value, under any usual spelling: empty, blanks, NA, N/A, #N/A, NaN,
 * null, none, \N, ?, -, -- (any case, blanks around). Meant for optional cells such as a time, a
 * camera, a box or a class.
 */
export function isMissing(cell: string): boolean {
  const letters = readLetters(cell);
  return letters === '' || MISSING.has(letters) || WRITTEN.has(cell.trim());
}

/**
 * Whether a name is a word for an unnamed animal: everything that `isMissing` knows, and unknown,
 * unidentified, nobody, N.N. and the like.
 */
export function isUnnamed(name: string): boolean {
  const letters = readLetters(name);
  return isMissing(name) || UNKNOWN.has(letters) || UNKNOWN_ANIMAL.test(letters);
}
