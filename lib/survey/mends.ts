// What is refused, and what would mend it: an advice and, where there is one, the command.
import type { HeadCount, Refusal } from './counts/types.ts';
import { isRefusal, NAMES, whereBait } from './sentences.ts';
import type { Survey } from './survey.ts';

export interface Mend {
  /** What is not given, such as `head count of bucks`. */
  about: string;
  /** Why, as a sentence. */
  reason: string;
  /** What to do, as a sentence; null where the data themselves say no. */
  advice: string | null;
  /** Reviews that it takes, about. */
  decisions: number | null;
  command: string | null;
}

const ROSTER = 'npm run import -- --reviews roster.json';
const REPEATS = 'npm run import -- --reviews second-look.json';
const WINDOW = 'npm run reid -- survey --window 2023-10-01/2023-11-29';

const NAME_ALL: Pick<Mend, 'advice' | 'command'> = {
  advice:
    'Name the animal of every event of the window, those of unknown class too: reviews with "purpose": "roster", with the verdict "same" and a deer_id, or "none" and an identity. The page of a trial saves such a file as well.',
  command: ROSTER,
};
const LOOK_AGAIN: Pick<Mend, 'advice' | 'command'> = {
  advice:
    'Show events of the class again as if they were new, in the random order of "show_again" in the JSON, and load the answers with "purpose": "repeat".',
  command: REPEATS,
};
const OTHER_WINDOW = (advice: string): Pick<Mend, 'advice' | 'command'> => ({ advice, command: WINDOW });
const NOTHING: Pick<Mend, 'advice' | 'command'> = { advice: null, command: null };

const ADVICE: Readonly<Record<Refusal['kind'], Pick<Mend, 'advice' | 'command'>>> = {
  'no events': NOTHING,
  'no roster': NAME_ALL,
  'few identities': NAME_ALL,
  'not every event': {
    advice: 'Leave out the declaration ("identities": "platform"), and let people name the animals in a roster.',
    command: 'npm run reid -- survey',
  },
  'few repeats': LOOK_AGAIN,
  'rate too uncertain': LOOK_AGAIN,
  'few known animals': OTHER_WINDOW('Take a longer window, of at most 60 days.'),
  'contradicting rate': LOOK_AGAIN,
  'more in one image': {
    advice: 'Two animals may have one name: look at the images with the most animals again.',
    command: ROSTER,
  },
  'window too long': OTHER_WINDOW('Take a window of at most 60 days.'),
  'across antlers': OTHER_WINDOW('Take a window that does not cross 1 March, when antlers are shed.'),
  'few occasions': OTHER_WINDOW('Take a longer window, or shorter occasions.'),
};

const makeMend = (about: string, { kind, sentence, decisions }: Refusal): Mend => ({
  ...{ about, reason: sentence, decisions: decisions ?? null },
  ...ADVICE[kind],
});

function headMends(count: HeadCount): Mend[] {
  const names = NAMES[count.class];
  if (count.refusal !== null) return [makeMend(`head count of ${names}`, count.refusal)];
  const { corrected } = count;
  if (isRefusal(corrected)) return [makeMend(`corrected count of ${names}`, corrected)];
  return isRefusal(corrected.chao) ? [makeMend(`number of ${names} that use the sites`, corrected.chao)] : [];
}

const because = (about: string, reason: string | null): Mend[] =>
  reason === null ? [] : [{ about, reason, advice: null, decisions: null, command: null }];

/** All that is refused, the head counts first. */
export function listMends({ heads, jacobson, herd: { composition, movement } }: Survey): Mend[] {
  const index = jacobson !== null && isRefusal(jacobson) ? [jacobson] : [];
  const isSaid = ({ sentence }: Refusal): boolean =>
    heads.some(({ refusal }) => refusal !== null && refusal.sentence === sentence);
  return [
    ...heads.flatMap(headMends),
    ...index.filter((refusal) => !isSaid(refusal)).map((refusal) => makeMend('buck ratio index', refusal)),
    ...composition.groups.flatMap(({ bait, refused }) => because(`ratios${whereBait(bait)}`, refused)),
    ...movement.activity.flatMap(({ class: name, refused }) =>
      because(`activity of ${name === 'unknown' ? 'deer of unknown class' : `${name}s`}`, refused),
    ),
    ...because('rut week', movement.rut.refused),
  ];
}
