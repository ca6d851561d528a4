// The section with the map of cameras, as exactly as their coordinates may be written.
import type { Content } from 'pdfmake/interfaces.js';
import {
  drawMap,
  type Ground,
  isCrowded,
  type Look,
  layOutGround,
  type MapMark,
  type Spot,
  STRIP,
} from '../../charts/index.ts';
import { type Locator, PRECISION_NOTES } from '../../deer/coordinates.ts';
import { count, listWords } from '../../format.ts';
import { type Camera, ratePer100, type SeasonReport } from '../season/index.ts';
import { look, MAP_COLORS } from './charts.ts';
import { rate } from './labels.ts';
import { footnote, INK, MUTED, picture, section, WIDTH } from './layout/style.ts';

const GROUND = { width: WIDTH, least: 120, most: 280, margin: 30 };
/** Columns of the list of cameras. */
const KEY_COLUMNS = 3;
/** A list of more cameras may be parted from its map. */
const ONE_PAGE = 60;
/** Cameras without coordinates that are named. */
const MOST_NAMED = 40;
/** Numbers in the label of a circle; the rest is counted. */
const MOST_NUMBERS = 4;

interface Placed {
  camera: Camera;
  /** As the list names it. */
  number: number;
  longitude: number;
  latitude: number;
}

/** `1-3, 7` */
function listNumbers(numbers: readonly number[]): string {
  const runs: [first: number, last: number][] = [];
  for (const n of numbers) {
    const run = runs.at(-1);
    if (run?.[1] === n - 1) run[1] = n;
    else runs.push([n, n]);
  }
  const words = runs.map(([first, last]) =>
    first === last ? `${first}` : last === first + 1 ? `${first}, ${last}` : `${first}-${last}`,
  );
  const rest = runs.slice(MOST_NUMBERS).reduce((sum, [first, last]) => sum + last - first + 1, 0);
  return words.slice(0, MOST_NUMBERS).join(', ') + (rest > 0 ? ` +${rest}` : '');
}

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);

/** Distances on paper within which cameras share a circle: the first that leaves numbers room. */
const NEAR = [0, 4, 8, 16, 32];

/** Cameras at one place, or nearer than that to the first of theirs. */
function gatherPlaces(placed: readonly Placed[], ground: Ground, near: number): (Spot & { here: Placed[] })[] {
  const places: (Spot & { here: Placed[] })[] = [];
  for (const each of placed) {
    const { x, y } = ground.spot(each);
    const found = places.find((place) => Math.hypot(place.x - x, place.y - y) <= near);
    if (found === undefined) places.push({ x, y, here: [each] });
    else found.here.push(each);
  }
  return places;
}

/** Marks of which every number can be read, if there are such. */
function placeMarks(placed: readonly Placed[], ground: Ground, on: Look): { marks: MapMark[]; near: number } {
  const gather = (near: number): MapMark[] =>
    gatherPlaces(placed, ground, near).map(({ x, y, here }) => ({ x, y, ...markPlace(here) }));
  const near = NEAR.find((each) => !isCrowded(ground, gather(each), on)) ?? NEAR.at(-1)!;
  return { marks: gather(near), near };
}

/** Cameras of one place as one mark: their events in all of their trap nights. */
function markPlace(placed: readonly Placed[]): Omit<MapMark, 'x' | 'y'> {
  const cameras = placed.map(({ camera }) => camera);
  return {
    label: listNumbers(placed.map(({ number }) => number)),
    amount: ratePer100(sum(cameras.map((c) => c.locatedEvents)), sum(cameras.map((c) => c.nights))),
    hollow: cameras.every(({ images }) => images === 0),
  };
}

/** Which number is which camera, in columns. */
function key(placed: readonly Placed[]): Content {
  const rows = Math.ceil(placed.length / KEY_COLUMNS);
  const column = (at: number) => ({
    width: '*',
    stack: placed.slice(at * rows, (at + 1) * rows).map(
      ({ camera, number }): Content => ({
        columns: [
          { text: `${number}`, style: 'small', bold: true, width: 18, alignment: 'right' },
          { text: camera.name, style: 'small', color: INK, width: '*' },
          {
            text: camera.images === 0 ? 'no images' : rate(camera.per100),
            style: 'small',
            color: MUTED,
            width: 'auto',
          },
        ],
        columnGap: 5,
        margin: [0, 0, 0, 1],
      }),
    ),
  });
  return {
    columns: Array.from({ length: KEY_COLUMNS }, (_, at) => column(at)),
    columnGap: 16,
    margin: [0, 5, 0, 0],
  };
}

function placeCameras(cameras: readonly Camera[], report: SeasonReport, locator: Locator): Placed[] {
  const placed: Placed[] = [];
  for (const camera of cameras) {
    const point = locator.locate(report.places.get(camera.id ?? ''));
    if (point !== undefined)
      placed.push({ camera, number: placed.length + 1, longitude: point[0], latitude: point[1] });
  }
  return placed;
}

const LEAD =
  'The area of a circle is independent events per 100 trap nights, listed below by number. An empty circle is a camera without images; a dot is a camera with images but no events.';
const SHARED = 'Cameras at the same place share a circle: all of their events in all of their trap nights.';

const SHARED_NEAR =
  'Cameras at the same place, or too near each other to be shown apart, share a circle: all of their events in all of their trap nights.';

/** Cameras on a map without a background; a sentence where they have no coordinates. */
export function mapSection(report: SeasonReport, locator: Locator): Content[] {
  const cameras = report.season.cameras.filter(({ id }) => id !== null);
  const note = PRECISION_NOTES[locator.precision];
  if (locator.precision === 'withheld') return [section('Map', `${note} There is no map.`)];
  const placed = placeCameras(cameras, report, locator);
  if (placed.length === 0) return [section('Map', 'No camera of this report has coordinates, so there is no map.')];

  const ground = layOutGround(placed, GROUND);
  const height = ground.height + STRIP;
  const on = look(WIDTH, height);
  const { marks, near } = placeMarks(placed, ground, on);
  const shared = near === 0 ? SHARED : SHARED_NEAR;
  const drawn = [
    section('Map', marks.length < placed.length ? `${LEAD} ${shared}` : LEAD),
    picture(drawMap(ground, marks, on, MAP_COLORS), height),
  ];
  const located = new Set(placed.map(({ camera }) => camera));
  const missing = cameras.filter((camera) => !located.has(camera)).map(({ name }) => name);
  const notes = [
    ...(note === undefined ? [] : [note]),
    ...(missing.length === 0
      ? []
      : [
          `${count(missing.length, 'camera')} without coordinates ${missing.length === 1 ? 'is' : 'are'} not on the map: ${listWords(missing, MOST_NAMED)}.`,
        ]),
  ].map(footnote);
  if (placed.length > ONE_PAGE) return [{ stack: drawn, unbreakable: true }, key(placed), ...notes];
  return [{ stack: [...drawn, key(placed), ...notes], unbreakable: true }];
}
