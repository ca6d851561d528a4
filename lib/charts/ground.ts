// Places on a flat picture: north is up, and a distance is as long across as it is down. An
// equirectangular projection around the middle: over the span of a few counties its error is far
// below the width of a line.

export interface GeoPoint {
  /** Degrees, WGS 84. */
  longitude: number;
  latitude: number;
}

export interface Spot {
  x: number;
  y: number;
}

/** What a picture of some places is laid out on. */
export interface Ground {
  /** In the unit of its `width`. */
  height: number;
  /** Of one unit. */
  meters: number;
  spot(place: GeoPoint): Spot;
}

export interface GroundOptions {
  width: number;
  /** Heights between which the shape of the places decides. */
  least: number;
  most: number;
  /** What stays free around the outermost places. */
  margin: number;
}

const METERS_PER_DEGREE = 111_320;
/** Some 100 m: one camera alone has a map too. */
const LEAST_DEGREES = 0.001;

/** Where degrees of longitude begin, so that places on both sides of 180 are neighbors. */
function findBeginning(places: readonly GeoPoint[]): number {
  const sorted = places.map(({ longitude }) => longitude).sort((a, b) => a - b);
  let [beginning, widest] = [sorted[0] ?? 0, (sorted[0] ?? 0) + 360 - (sorted.at(-1) ?? 0)];
  for (let i = 1; i < sorted.length; i += 1) {
    const gap = sorted[i]! - sorted[i - 1]!;
    if (gap > widest) [beginning, widest] = [sorted[i]!, gap];
  }
  return beginning;
}

const findMiddle = (values: readonly number[]): { middle: number; span: number } => {
  const [low, high] = values.reduce(([a, b], value) => [Math.min(a, value), Math.max(b, value)], [
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
  ] as [number, number]);
  return { middle: (low + high) / 2, span: high - low };
};

/** @param places at least one */
export function layOutGround(places: readonly GeoPoint[], { width, least, most, margin }: GroundOptions): Ground {
  const beginning = findBeginning(places);
  const unwrap = (longitude: number): number => (longitude < beginning ? longitude + 360 : longitude);
  const down = findMiddle(places.map(({ latitude }) => latitude));
  // At the poles a degree of longitude has no length.
  const shrink = Math.max(0.01, Math.cos((down.middle * Math.PI) / 180));
  const across = findMiddle(places.map(({ longitude }) => unwrap(longitude) * shrink));
  const [wide, high] = [Math.max(across.span, LEAST_DEGREES), Math.max(down.span, LEAST_DEGREES)];
  const inner = width - 2 * margin;
  const height = Math.min(most, Math.max(least, (inner * high) / wide + 2 * margin));
  const scale = Math.min(inner / wide, (height - 2 * margin) / high);
  return {
    height,
    meters: METERS_PER_DEGREE / scale,
    spot: ({ longitude, latitude }) => ({
      x: width / 2 + (unwrap(longitude) * shrink - across.middle) * scale,
      y: height / 2 - (latitude - down.middle) * scale,
    }),
  };
}

/** The largest of 1, 2 and 5 times a power of ten that is not larger than a number above zero. */
export function roundDown(most: number): number {
  const power = 10 ** Math.floor(Math.log10(most) + 1e-9);
  return ([5, 2].find((digit) => digit * power <= most * (1 + 1e-9)) ?? 1) * power;
}

/** A bar of a round length that takes `most` units at most, and the words for its length. */
export function makeScaleBar({ meters }: Pick<Ground, 'meters'>, most: number): { length: number; label: string } {
  const bar = roundDown(most * meters);
  return { length: bar / meters, label: bar < 1_000 ? `${Number(bar.toPrecision(1))} m` : `${bar / 1_000} km` };
}
