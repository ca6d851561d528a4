// A map of marks on an empty ground: circles whose area is an amount, numbers that say which is
// which, the scale of both, and where north is.
import { number } from '../format.ts';
import type { Look } from './frame.ts';
import { type Ground, makeScaleBar, roundDown, type Spot } from './ground.ts';
import { traceOutline } from './outlines.ts';
import { type Label, round, type Shape, writeSvg } from './svg.ts';

export interface MapMark extends Spot {
  /** Short, and never a name from a database. */
  label: string;
  /** What the area of its circle says; null = not known. */
  amount: number | null;
  /** An empty circle: there is nothing to measure. */
  hollow: boolean;
}

export interface MapColors {
  fill: string;
  line: string;
}

const FONT_SIZE = 7;
/** Height of the strip below the ground that holds scales and north. */
export const STRIP = 46;
/** Radius of the largest circle: less where there are many. */
const LARGEST = 20;
const SMALLEST_LARGEST = 7;
const HOLLOW = 3.4;
/** An amount of zero, or one that is not known. */
const DOT = 1.5;

const radiusOfLargest = (marks: number): number => Math.max(SMALLEST_LARGEST, Math.min(LARGEST, 66 / Math.sqrt(marks)));

interface Box {
  left: number;
  right: number;
  top: number;
  bottom: number;
}
const boxAround = ({ x, y }: Spot, wide: number, high: number): Box => ({
  ...{ left: x - wide / 2, right: x + wide / 2, top: y - high / 2, bottom: y + high / 2 },
});
/** The area that two boxes share. */
const shared = (a: Box, b: Box): number =>
  Math.max(0, Math.min(a.right, b.right) - Math.max(a.left, b.left)) *
  Math.max(0, Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top));

interface Sized extends MapMark {
  radius: number;
  box: Box;
}

/** Distances from the circle at which a number is tried, and directions: right and left first. */
const STEPS = [1.5, 6, 12, 20, 30, 44];
const TURNS = [0, 180, 270, 90, 315, 225, 45, 135, 337.5, 202.5, 22.5, 157.5, 292.5, 247.5, 67.5, 112.5];
/** From this distance on a line leads to the circle. */
const LED = 6;

interface Placed {
  spot: Spot;
  box: Box;
  leader: string;
  /** Both ends of the leader. */
  ends: readonly [Spot, Spot] | null;
}
/** Area of a number that may be covered before a map is crowded. */
const COVERED = 0.5;
/** Length of a leader from which on it is not seen whose number it leads to. */
const FAR = 20;

/** Places where the number of a mark may be, the best first. */
function* spotsFor(mark: Sized, wide: number): Generator<Placed> {
  const high = FONT_SIZE;
  if (mark.radius >= Math.hypot(wide, high) / 2 + 0.5) {
    yield { spot: mark, box: boxAround(mark, wide, high), leader: '', ends: null };
  }
  for (const step of STEPS) {
    for (const turn of TURNS) {
      const [cos, sin] = [Math.cos((turn * Math.PI) / 180), Math.sin((turn * Math.PI) / 180)];
      const reach = mark.radius + step;
      const spot = {
        x: mark.x + cos * (reach + wide / 2),
        y: mark.y + sin * (reach + high / 2),
      };
      const ends = [
        { x: mark.x + cos * mark.radius, y: mark.y + sin * mark.radius },
        { x: mark.x + cos * reach, y: mark.y + sin * reach },
      ] as const;
      const box = boxAround(spot, wide + 1, high);
      if (step < LED) yield { spot, box, leader: '', ends: null };
      else {
        const [from, to] = ends;
        yield { spot, box, ends, leader: `M${round(from.x)} ${round(from.y)}L${round(to.x)} ${round(to.y)}` };
      }
    }
  }
}

/** Whether a leader is long, or runs through the number of another one. */
function isLost({ ends, box }: Placed, all: readonly Placed[]): boolean {
  if (ends === null) return false;
  const [from, to] = ends;
  if (Math.hypot(to.x - from.x, to.y - from.y) >= FAR) return true;
  const along = [0.1, 0.3, 0.5, 0.7, 0.9].map((at) => ({
    x: from.x + at * (to.x - from.x),
    y: from.y + at * (to.y - from.y),
  }));
  return all.some(
    (other) =>
      other.box !== box &&
      along.some(({ x, y }) => x > other.box.left && x < other.box.right && y > other.box.top && y < other.box.bottom),
  );
}

/** A place for each number where it covers no other circle and no other number, if there is one. */
function placeNumbers(
  marks: readonly Sized[],
  ground: Box,
  measure: Look['measure'],
): { placed: Placed[]; crowded: boolean } {
  const placed: Placed[] = [];
  let crowded = false;
  for (const mark of marks) {
    const others = marks.filter((other) => other !== mark).map(({ box }) => box);
    const wide = FONT_SIZE * measure(mark.label);
    let best: { at: Placed; covered: number } | undefined;
    for (const at of spotsFor(mark, wide)) {
      const area = (at.box.right - at.box.left) * (at.box.bottom - at.box.top);
      const outside = area - shared(at.box, ground);
      const covered = [...others, ...placed.map(({ box }) => box)].reduce((sum, box) => sum + shared(at.box, box), 0);
      if (best === undefined || covered + 4 * outside < best.covered - 1e-6)
        best = { at, covered: covered + 4 * outside };
      if (best.covered < 1e-6) break;
    }
    placed.push(best!.at);
    crowded ||= best!.covered > COVERED;
  }
  return { placed, crowded: crowded || placed.some((each) => isLost(each, placed)) };
}

const circle = ({ x, y }: Spot, radius: number): string =>
  `M${round(x)} ${round(y)}${traceOutline('circle', round(radius))}`;

/** Circles of a round amount and of a quarter of it, with their numbers. */
function drawSizes(most: number, largest: number, at: Spot): { shape: string; labels: Label[] } {
  const whole = roundDown(most);
  const amounts = [whole, whole / 4];
  const radii = amounts.map((amount) => largest * Math.sqrt(amount / most));
  let x = at.x;
  let shape = '';
  const labels: Label[] = [];
  for (const [index, amount] of amounts.entries()) {
    const radius = radii[index] ?? 0;
    shape += circle({ x: x + radius, y: at.y }, radius);
    const text = number(amount, Number.isInteger(amount) ? 0 : Math.min(4, String(amount).split('.')[1]?.length ?? 0));
    labels.push({ text, x: x + 2 * radius + 13, y: at.y + 0.36 * FONT_SIZE });
    x += 2 * radius + 32;
  }
  return { shape, labels };
}

function sizeMarks(marks: readonly MapMark[]): { sized: Sized[]; most: number; largest: number } {
  const most = Math.max(0, ...marks.map(({ amount }) => amount ?? 0));
  const largest = radiusOfLargest(marks.length);
  const sized = marks.map((mark): Sized => {
    const grown = most > 0 ? largest * Math.sqrt((mark.amount ?? 0) / most) : 0;
    const radius = mark.hollow ? HOLLOW : Math.max(DOT, grown);
    return { ...mark, radius, box: boxAround(mark, 2 * radius, 2 * radius) };
  });
  return { sized, most, largest };
}

const makeFrame = ({ height }: Ground, width: number): Box => ({
  ...{ left: 2, right: width - 2, top: 2, bottom: height - 2 },
});

/** Whether a circle covers one as large: less than half of a radius is between their centers. */
const isStacked = (marks: readonly Sized[]): boolean =>
  marks.some((a, i) =>
    marks.slice(i + 1).some((b) => Math.hypot(a.x - b.x, a.y - b.y) < Math.min(a.radius, b.radius) / 2),
  );

/** Whether a number cannot be read, or not as that of its mark: marks are too near each other. */
export function isCrowded(ground: Ground, marks: readonly MapMark[], { width, measure }: Look): boolean {
  const { sized } = sizeMarks(marks);
  return isStacked(sized) || placeNumbers(sized, makeFrame(ground, width), measure).crowded;
}

/** @returns a picture as wide as the look, as high as the ground and the strip below it */
export function drawMap(ground: Ground, marks: readonly MapMark[], look: Look, colors: MapColors): string {
  const { width, measure } = look;
  const { sized, most, largest } = sizeMarks(marks);
  const { placed: numbers } = placeNumbers(sized, makeFrame(ground, width), measure);
  // The larger are below, so that none hides another one.
  const byRadius = sized.toSorted((a, b) => b.radius - a.radius);
  const middle = ground.height + STRIP / 2;
  const bar = makeScaleBar(ground, width / 4);
  const north = width - 12;
  const sizes = most > 0 ? drawSizes(most, largest, { x: width / 2, y: middle }) : { shape: '', labels: [] };
  const line = { stroke: colors.line, width: 0.8 };
  const shapes: Shape[] = [
    {
      d: `M0.25 0.25H${round(width - 0.25)}V${round(ground.height)}H0.25Z`,
      fill: '#fafbfb',
      stroke: look.rule,
      width: 0.5,
    },
    { d: numbers.map(({ leader }) => leader).join(''), stroke: look.ink, width: 0.4 },
    ...byRadius.map(
      (mark): Shape => ({
        d: circle(mark, mark.radius),
        fill: mark.hollow ? '#ffffff' : mark.radius > DOT ? colors.fill : colors.line,
        ...line,
      }),
    ),
    { d: sizes.shape, fill: colors.fill, ...line },
    { d: `M6 ${round(middle + 5)}v4h${round(bar.length)}v-4`, stroke: look.ink, width: 0.8 },
    { d: `M${north} ${round(middle - 15)}l5 16l-5 -4l-5 4z`, fill: look.ink },
  ];
  return writeSvg({
    ...{ width, height: ground.height + STRIP, font: look.font, fontSize: FONT_SIZE, ink: '#20282c', shapes },
    labels: {
      end: [],
      middle: [
        ...sized.map(({ label }, index) => {
          const { x, y } = numbers[index]!.spot;
          return { text: label, x, y: y + 0.36 * FONT_SIZE };
        }),
        ...sizes.labels,
        { text: bar.label, x: 6 + bar.length / 2, y: middle + 1 },
        { text: 'N', x: north, y: middle + 12 },
      ],
    },
  });
}
