// Which animal a word of a database means: species of the deer family by their common names, and
// what is a scientific name at all.

/**
 * The species of a deer whose database does not say: the animal that this kind of database is
 * about.
 */
export const DEFAULT_SPECIES = 'Odocoileus virginianus';

/** Genera of the deer family (Cervidae). */
const DEER_GENERA: ReadonlySet<string> = new Set(
  (
    'Alces Axis Blastocerus Capreolus Cervus Dama Elaphodus Elaphurus Hippocamelus Hydropotes Mazama Muntiacus Odocoileus Ozotoceros Pudu ' +
    'Rangifer Rucervus Rusa Cervidae'
  ).split(' '),
);

/** Whether a scientific name is one of the deer family. */
export function isDeer(scientificName: string): boolean {
  const genus = scientificName.trim().split(/[\s_]+/)[0] ?? '';
  return DEER_GENERA.has(genus.charAt(0).toUpperCase() + genus.slice(1).toLowerCase());
}

/**
 * Common names by scientific name, folded by `words`. Subspecies have the name of their species:
 * one species never has two names.
 */
const COMMON: Readonly<Record<string, string>> = {
  'Odocoileus virginianus':
    'white tailed deer|whitetailed deer|whitetail deer|white tail deer|whitetail|white tail|whitetailed|white tailed|wtd|virginia deer|virginia white tailed deer|' +
    'virginia whitetail|key deer|coues deer|coues white tailed deer|coues whitetail|columbian white tailed deer|o virginianus',
  'Odocoileus hemionus':
    'mule deer|muledeer|muley|mulie|black tailed deer|blacktailed deer|blacktail deer|black tail deer|blacktail|black tail|blacktailed|black tailed|' +
    'columbian black tailed deer|columbian blacktail|columbian blacktailed deer|sitka black tailed deer|sitka blacktail|sitka blacktailed deer|sitka deer|' +
    'desert mule deer|rocky mountain mule deer|o hemionus',
  'Cervus canadensis':
    'elk|wapiti|american elk|north american elk|rocky mountain elk|roosevelt elk|tule elk|manitoban elk|cervus elaphus canadensis|c canadensis',
  'Cervus elaphus': 'red deer|c elaphus',
  'Cervus nippon': 'sika deer|sika',
  'Alces alces': 'moose|american moose|eurasian elk|european elk|alces americanus',
  'Rangifer tarandus': 'caribou|reindeer|woodland caribou|barren ground caribou',
  'Dama dama': 'fallow deer|fallow|european fallow deer|common fallow deer',
  'Axis axis': 'axis deer|chital|spotted deer|cheetal',
  'Capreolus capreolus': 'roe deer|roe|european roe deer|western roe deer',
  'Muntiacus reevesi': 'muntjac|muntjac deer|reeves muntjac|reevess muntjac|chinese muntjac',
  'Hydropotes inermis': 'water deer|chinese water deer',
  'Rusa unicolor': 'sambar|sambar deer',
  'Elaphurus davidianus': 'pere davids deer|pere david deer',
};

/**
 * Lower case, one blank between words: underscores, hyphens, dots and blanks of any kind separate,
 * apostrophes and all other signs vanish.
 */
export const words = (text: string): string =>
  text
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[\s_.,/\p{Pd}]+/gu, ' ')
    .replace(/[^a-z ]/g, '')
    .replace(/ +/g, ' ')
    .trim();

const SPECIES_OF = new Map(
  Object.entries(COMMON).flatMap(([species, names]) =>
    [words(species), ...names.split('|')].map((name) => [name, species] as const),
  ),
);

/** Plurals as people write them: white-tailed deers, mule deers. */
const knownSpecies = (folded: string): string | undefined =>
  SPECIES_OF.get(folded) ?? SPECIES_OF.get(folded.replace(/s$/, ''));

/**
 * The species of the deer family that a word of a database means: `white_tailed_deer`, `Mule deer`,
 * `ELK`, `odocoileus-virginianus`.
 * @returns its scientific name; undefined for any other word
 */
export const deerSpecies = (text: string | null | undefined): string | undefined => knownSpecies(words(text ?? ''));

/**
 * English words that no scientific name holds (in the singular): a text with one of them is a
 * common name, whatever its capitals.
 */
const ENGLISH = new Set(
  (
    'adult american animal antelope armadillo badger bat bear beaver big bighorn bird black boar brown buck buffalo bull california canada canadian cat common cottontail ' +
    'cougar cow deer doe dog domestic donkey duck eagle eastern elk eurasian european fallow fawn female feral fisher fox goat grey gray ground hawk heron hog human ' +
    'indeterminate jackrabbit javelina juvenile large lion lizard male mammal marten mink moose mountain mouse muskrat no nilgai northern opossum other otter owl ox ' +
    'panther pheasant pig pigeon possum pronghorn quail rabbit raccoon racoon rat raven red reindeer reptile rodent sheep sika skunk small spotted squirrel stag swift ' +
    'turkey turtle unidentified unknown unsure virginia vulture water weasel western white wild wolf wolverine woodchuck young'
  ).split(' '),
);

/** How names of genera and families end; another capitalised word is one of a living language. */
const LATIN = /(?:[aiousx]|ae|um|on|er|or)$/;
const BINOMIAL = /^([A-Z][a-z]{2,} [a-z][a-z-]+)( [a-z][a-z-]+)?(?: \(?\p{Lu}.*)?$/u;
const GENUS = /^[A-Z][a-z]{2,}$/;

/**
 * The scientific name that a text is or means: a genus or family, a binomial or a trinomial without
 * its author. A deer has one spelling and the name of its species; other common names mean none,
 * whatever their capitals (`Raccoon`, `Feral hog`).
 * @returns undefined where the text is no scientific name
 */
export function scientificName(text: string | null | undefined): string | undefined {
  const known = deerSpecies(text);
  if (known !== undefined) return known;
  const plain = (text ?? '').replace(/[\s_]+/g, ' ').trim();
  const [, binomial, subspecies = ''] = BINOMIAL.exec(plain) ?? [];
  const latin = binomial === undefined ? GENUS.exec(plain)?.[0] : binomial + subspecies;
  if (latin === undefined || !LATIN.test(latin.split(' ')[0] ?? '')) return undefined;
  if (
    words(latin)
      .split(' ')
      .some((word) => ENGLISH.has(word) || ENGLISH.has(word.replace(/s$/, '')))
  )
    return undefined;
  return deerSpecies(binomial) ?? latin;
}
