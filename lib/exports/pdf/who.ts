// The section with a picture of each known deer: who is who, grouped by sex.
import type { Content, ContentStack } from 'pdfmake/interfaces.js';
import { isMissing } from '../../deer/missing-values.ts';
import { count, day, listWords } from '../../format.ts';
import { MOST_SHOWN, type Season } from '../season/index.ts';
import { type Face, NO_PICTURE } from './faces.ts';
import { footnote, INK, MUTED, RULE, section, TINT, WIDTH } from './layout/style.ts';

const A_ROW = 6;
const GAP = 9;
const CELL = (WIDTH - (A_ROW - 1) * GAP) / A_ROW;
/** Of a picture. */
const HEIGHT = 62;
/** Deer without a place in the section that are named. */
const MOST_NAMED = 300;

type Deer = Season['deer'][number];

/** Sexes in the order of the groups, with their words; others follow under their own. */
const GROUPS: readonly [words: readonly string[], title: string][] = [
  [['buck', 'male', 'stag'], 'Bucks'],
  [['doe', 'female', 'hind'], 'Does'],
  [['fawn'], 'Fawns'],
];
const UNKNOWN = 'Sex not known';

const isUnknown = (sex: string): boolean => isMissing(sex) || sex.trim().toLowerCase() === 'unknown';

const findTitle = (sex: string): string => {
  const known = GROUPS.find(([words]) => words.includes(sex.trim().toLowerCase()));
  return known?.[1] ?? (isUnknown(sex) ? UNKNOWN : sex.trim());
};
const rank = (title: string): number => {
  const at = GROUPS.findIndex(([, known]) => known === title);
  return at >= 0 ? at : GROUPS.length + Number(title === UNKNOWN);
};

/** A head that looks at the reader, in the middle of a picture's place: ears, cheeks, muzzle. */
const HEAD: readonly (readonly [x: number, y: number])[] = [
  ...([
    [-7, -12],
    [-20, -19],
    [-22, -14],
    [-12, -4],
    [-11, 4],
    [-6, 16],
    [-3, 20],
  ] as const),
  ...([
    [3, 20],
    [6, 16],
    [11, 4],
    [12, -4],
    [22, -14],
    [20, -19],
    [7, -12],
  ] as const),
];

const outline = (): Content => ({
  canvas: [
    { type: 'rect', x: 0, y: 0, w: CELL, h: HEIGHT, color: TINT },
    {
      type: 'polyline',
      closePath: true,
      lineWidth: 0.8,
      lineColor: MUTED,
      points: HEAD.map(([x, y]) => ({ x: CELL / 2 + x, y: HEIGHT / 2 + y })),
    },
  ],
});

/** In the middle of its place, as large as it fits. */
function portrait(face: Face | undefined): Content {
  if (face === undefined || 'reason' in face) return outline();
  const scale = Math.min(CELL / face.width, HEIGHT / face.height);
  const [width, height] = [face.width * scale, face.height * scale];
  return {
    image: `data:image/jpeg;base64,${face.jpeg.toString('base64')}`,
    width,
    margin: [(CELL - width) / 2, (HEIGHT - height) / 2, 0, (HEIGHT - height) / 2],
  };
}

const line = (text: string, color = MUTED): Content => ({ text, fontSize: 6.6, color, limit: CELL }) as Content;

const cell = (deer: Deer, face: Face | undefined) => ({
  width: CELL,
  stack: [
    portrait(face),
    { text: deer.label, bold: true, fontSize: 7.5, limit: CELL, margin: [0, 3, 0, 0] } as Content,
    line(isUnknown(deer.sex) ? 'sex not known' : deer.sex, INK),
    line(`${count(deer.events, 'sighting')}, ${count(deer.locations, 'camera')}`, INK),
    line(`first ${day(deer.first.slice(0, 10))}`),
    line(`last ${day(deer.last.slice(0, 10))}`),
  ],
});

/** Rows of a group; its title stays with the first. */
function group(title: string, deer: readonly Deer[], faces: ReadonlyMap<string, Face>): ContentStack[] {
  const rows: ContentStack[] = [];
  for (let from = 0; from < deer.length; from += A_ROW) {
    const cells = deer.slice(from, from + A_ROW).map((each) => cell(each, faces.get(each.id)));
    const stack: Content[] = [{ columns: cells, columnGap: GAP, margin: [0, 0, 0, 9] }];
    if (from === 0) {
      const rule = { type: 'line' as const, x1: 0, y1: 0, x2: WIDTH, y2: 0, lineWidth: 0.35, lineColor: RULE };
      stack.unshift(
        { text: `${title} (${deer.length})`, bold: true, fontSize: 8.5, margin: [0, 2, 0, 2] },
        { canvas: [rule], margin: [0, 0, 0, 4] },
      );
    }
    rows.push({ stack, unbreakable: true });
  }
  return rows;
}

/** `image file is missing (3) and no picture may be shown (1)` */
function listReasons(deer: readonly Deer[], faces: ReadonlyMap<string, Face>): string {
  const reasons = deer.flatMap(({ id }) => {
    const face = faces.get(id) ?? { reason: NO_PICTURE };
    return 'reason' in face ? [face.reason] : [];
  });
  const counted = [...Map.groupBy(reasons, (reason) => reason)].map(([reason, { length }]) => ({ reason, length }));
  counted.sort((a, b) => b.length - a.length || (a.reason < b.reason ? -1 : 1));
  return listWords(
    counted.map(({ reason, length }) => `${reason} (${length})`),
    4,
    'reason',
  );
}

const TITLE = 'Who is who';

/** @param faces by id of the deer */
export function whoSection({ deer }: Pick<Season, 'deer'>, faces: ReadonlyMap<string, Face>): Content[] {
  if (deer.length === 0)
    return [section(TITLE, 'No detection in this report is assigned to a known deer, so there are no pictures.')];
  const shown = deer.slice(0, MOST_SHOWN);
  const without = shown.filter(({ id }) => !('jpeg' in (faces.get(id) ?? {})));
  if (without.length === shown.length)
    return [
      section(TITLE, `There is no picture of ${count(shown.length, 'known deer')}: ${listReasons(shown, faces)}.`),
    ];

  const groups = [...Map.groupBy(shown, ({ sex }) => findTitle(sex))];
  groups.sort(([a], [b]) => rank(a) - rank(b) || (a < b ? -1 : 1));
  const rows = groups.flatMap(([title, list]) => group(title, list, faces));
  const [first, ...others] = rows;
  const lead =
    'Known deer of the period by sex, the most often detected first, each with its best picture. A sighting is an independent event of the deer.';
  const rest = deer.slice(MOST_SHOWN).map(({ label }) => label);
  const notes = [
    ...(without.length === 0 ? [] : [`Shown as an outline: ${listReasons(shown, faces)}.`]),
    ...(rest.length === 0 ? [] : [`Also seen in the period: ${listWords(rest, MOST_NAMED)}.`]),
  ];
  return [{ stack: [section(TITLE, lead), ...first!.stack], unbreakable: true }, ...others, ...notes.map(footnote)];
}
