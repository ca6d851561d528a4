// Where the sun is: its altitude, sunrise and sunset, and the time of day by them. Pure.

const RAD = Math.PI / 180;
const [MINUTE, DAY] = [60_000, 86_400_000];
/** Of the center at sunrise: half the disk and refraction. */
const RISE = -0.833;
/** End of civil twilight. */
const DUSK = -6;

/** Declination in radians and equation of time in minutes. */
interface Sun {
  declination: number;
  equation: number;
}

/**
 * The low-accuracy equations of the NOAA solar calculator (gml.noaa.gov/grad/solcalc), after J.
 * Meeus, Astronomical Algorithms, 1991, ch. 25: within a minute between 72 degrees north and south.
 */
function sunAt(at: number): Sun {
  const t = (at / DAY + 2_440_587.5 - 2_451_545) / 36_525;
  const long = (280.46646 + t * (36_000.76983 + t * 0.0003032)) * RAD;
  const anomaly = (357.52911 + t * (35_999.05029 - 0.0001537 * t)) * RAD;
  const eccentricity = 0.016708634 - t * (0.000042037 + 0.0000001267 * t);
  const center =
    Math.sin(anomaly) * (1.914602 - t * (0.004817 + 0.000014 * t)) +
    Math.sin(2 * anomaly) * (0.019993 - 0.000101 * t) +
    Math.sin(3 * anomaly) * 0.000289;
  const node = (125.04 - 1934.136 * t) * RAD;
  const apparent = long + (center - 0.00569 - 0.00478 * Math.sin(node)) * RAD;
  const mean = 23 + (26 + (21.448 - t * (46.815 + t * (0.00059 - t * 0.001813))) / 60) / 60;
  const obliquity = (mean + 0.00256 * Math.cos(node)) * RAD;
  const y = Math.tan(obliquity / 2) ** 2;
  const equation =
    (4 / RAD) *
    (y * Math.sin(2 * long) -
      2 * eccentricity * Math.sin(anomaly) +
      4 * eccentricity * y * Math.sin(anomaly) * Math.cos(2 * long) -
      0.5 * y * y * Math.sin(4 * long) -
      1.25 * eccentricity * eccentricity * Math.sin(2 * anomaly));
  return { declination: Math.asin(Math.sin(obliquity) * Math.sin(apparent)), equation };
}

type Point = readonly [longitude: number, latitude: number];

/** Minutes of true solar time, 0 to 1,440: noon is 720. */
function solarMinutes(at: number, [longitude]: Point): number {
  const minutes = (at % DAY) / MINUTE + sunAt(at).equation + 4 * longitude;
  return ((minutes % 1440) + 1440) % 1440;
}

/**
 * The altitude of the center of the sun in degrees, without refraction.
 * @param at milliseconds since 1970 UTC
 */
export function sunAltitude(at: number, point: Point): number {
  const { declination } = sunAt(at);
  const hour = (solarMinutes(at, point) / 4 - 180) * RAD;
  const latitude = point[1] * RAD;
  return (
    Math.asin(
      Math.sin(latitude) * Math.sin(declination) + Math.cos(latitude) * Math.cos(declination) * Math.cos(hour),
    ) / RAD
  );
}

export type Light = 'day' | 'twilight' | 'night';

/** Day from sunrise to sunset, twilight while the sun is less than 6 degrees below the horizon. */
export function lightAt(at: number, point: Point): Light {
  const altitude = sunAltitude(at, point);
  return altitude >= RISE ? 'day' : altitude >= DUSK ? 'twilight' : 'night';
}

export interface SunDay {
  /** Milliseconds since 1970 UTC. */
  rise: number;
  set: number;
}

/** Half the day in ms, by the declination at an instant; undefined where the sun does not rise. */
function halfDay(at: number, latitude: number): number | undefined {
  const { declination } = sunAt(at);
  const cosine =
    Math.sin(RISE * RAD) / (Math.cos(latitude) * Math.cos(declination)) - Math.tan(latitude) * Math.tan(declination);
  return Math.abs(cosine) <= 1 ? (Math.acos(cosine) / RAD) * 4 * MINUTE : undefined;
}

/**
 * Sunrise and sunset around the solar noon that is nearest to an instant; undefined on a day
 * without a sunrise or sunset.
 */
export function sunDay(at: number, point: Point): SunDay | undefined {
  const near = at - (solarMinutes(at, point) - 720) * MINUTE;
  const noon = near - (solarMinutes(near, point) - 720) * MINUTE;
  const latitude = point[1] * RAD;
  const find = (side: -1 | 1): number | undefined => {
    let half = halfDay(noon, latitude);
    for (let round = 0; round < 2 && half !== undefined; round++) half = halfDay(noon + side * half, latitude);
    if (half === undefined) return undefined;
    const guess = noon + side * half;
    return guess + (sunAt(noon).equation - sunAt(guess).equation) * MINUTE;
  };
  const [rise, set] = [find(-1), find(1)];
  return rise === undefined || set === undefined ? undefined : { rise, set };
}

/**
 * The time of day by the sun, in radians: sunrise is pi / 2, sunset 3 pi / 2, and day and night
 * between them are stretched evenly (double anchoring; P. Nouvellet and others, Journal of Zoology
 * 286, 2012).
 * @returns undefined where the sun does not rise or set on that day or the one next to it
 */
export function sunTime(at: number, point: Point): number | undefined {
  const day = sunDay(at, point);
  if (day === undefined) return undefined;
  const { rise, set } = day;
  if (at >= rise && at <= set) return Math.PI / 2 + (Math.PI * (at - rise)) / (set - rise);
  const next = sunDay(at + (at < rise ? -DAY : DAY), point);
  if (next === undefined) return undefined;
  const [dusk, dawn] = at < rise ? [next.set, rise] : [set, next.rise];
  const time = (3 * Math.PI) / 2 + (Math.PI * (at - dusk)) / (dawn - dusk);
  return time % (2 * Math.PI);
}
