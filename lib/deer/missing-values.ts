// Words that stand for a value that is not there, and for an animal that nobody named: one list
// each, for every reader.
import { fold } from './names-alike.ts';

/**
 * What programs and people write into a cell that has no value, without blanks, signs and case: NA,
 * n/a, #N/A, <NA>, NaN, null, None ...
 */
const MISSING = new Set([
  'na',
  'nan',
  'null',
  'none',
  'undefined',
  'missing',
  'notavailable',
  'notapplicable',
  'nacharacter',
]);
/** Only as programs write them: Nat and Nil are names. */
const WRITTEN = new Set(['NaT', 'nil', '\\N']);

const UNKNOWN = new Set([
  ...[
    'unknown',
    'unknow',
    'unkown',
    'uknown',
    'unk',
    'unkn',
    'unid',
    'noid',
    'unidentified',
    'unidentifiable',
    'notidentified',
  ],
  ...[
    'notknown',
    'unrecognized',
    'unrecognised',
    'unnamed',
    'noname',
    'nameless',
    'anonymous',
    'nobody',
    'noone',
    'undetermined',
  ],
  ...[
    'indet',
    'indeterminate',
    'undet',
    'nn',
    'nomennescio',
    'nomennominandum',
    'tbd',
    'tobedetermined',
    'blank',
    'empty',
  ],
  ...[
    'indindet',
    'sinidentificar',
    'noidentificado',
    'naoidentificado',
    'nonidentificato',
    'nonidentifie',
    'nichtidentifiziert',
    'nietherkend',
  ],
  // Labels of open sets in published collections.
  ...['newindividual', 'newwhale', 'unlabeled', 'unlabelled', 'nolabel'],
  // The same in the languages of camera-trap projects nearby.
  ...[
    'unbekannt',
    'unbestimmt',
    'inconnu',
    'inconnue',
    'desconocido',
    'desconocida',
    'desconhecido',
    'desconhecida',
    'sconosciuto',
  ],
  ...[
    'sconosciuta',
    'onbekend',
    'ukendt',
    'ukjent',
    'tuntematon',
    'nieznany',
    'nieznana',
    'ok\u00e4nd',
    'nezn\u00e1m\u00fd',
  ],
]);
const KIND = '(deer|animal|individual|id|identity|name|buck|doe|fawn|stag|hind|male|female|adult|juvenile)';
const UNKNOWN_KIND = new RegExp(`^(unknown|unidentified|unnamed|no)${KIND}$`);

/**
 * Punctuation and the few signs that are typed for want of a word; a picture sign may be a name.
 */
const SIGNS = /[\p{P}~^=+<>|`]/gu;
const lettersOf = (text: string): string => fold(text).replace(SIGNS, '');

/**
 * True for a cell that holds no value under any usual spelling: empty, blanks, NA, N/A, #N/A, NaN,
 * null, none, \N, ?, -, -- (any case, blanks around). Meant for optional cells such as a time, a
 * camera, a box or a class.
 */
export function isMissing(cell: string): boolean {
  const letters = lettersOf(cell);
  return letters === '' || MISSING.has(letters) || WRITTEN.has(cell.trim());
}

/**
 * True for a word that names no animal: everything that `isMissing` knows, and unknown,
 * unidentified, nobody, N.N. and their like.
 */
export function isUnnamed(name: string): boolean {
  const letters = lettersOf(name);
  return isMissing(name) || UNKNOWN.has(letters) || UNKNOWN_KIND.test(letters);
}
