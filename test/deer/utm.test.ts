// UTM: zones and their edges, both sides of the equator, against places whose meters are known.
import { chooseUtmZone, countZones, findZone, makeUtm } from '../../lib/deer/utm.ts';

test('a zone of 6 degrees has its western edge; 180 degrees east is in zone 60', () => {
  for (const [longitude, zone] of [
    [-180, 1],
    [-174.0000001, 1],
    [-174, 2],
    [-96.0000001, 14],
    [-96, 15],
    [0, 31],
    [5.9999999, 31],
    [179.9999, 60],
    [180, 60],
  ] as const)
    expect([longitude, findZone(longitude)]).toEqual([longitude, zone]);
});

test('most places choose the zone, the lower one of two with as many; more than two zones are none', () => {
  const zoneOf = (...longitudes: number[]) => chooseUtmZone(longitudes.map((longitude) => [longitude, 30] as const));
  expect(zoneOf(-97, -95, -94.9)).toMatchObject({ zone: 15, name: '15N', epsg: 32615 });
  expect(zoneOf(-97, -95)).toMatchObject({ zone: 14 });
  expect(zoneOf(-103, -97, -91)).toBeUndefined();
  expect(
    countZones([
      [-103, 30],
      [-97, 30],
      [-91, 30],
      [-91, 85],
    ]),
  ).toBe(3);
  expect(chooseUtmZone([])).toBeUndefined();
  expect(chooseUtmZone([[10, 84.5]])).toBeUndefined();
  expect(
    chooseUtmZone([
      [10, -5],
      [10.1, -5],
      [10.1, 0.5],
    ]),
  ).toMatchObject({ name: '32S', epsg: 32732, south: true });
});

/**
 * Meters by another formula: the series of L. Krueger to the sixth order in n, C. F. F. Karney,
 * Transverse Mercator with an accuracy of a few nanometers, J. Geodesy 85 (2011) 475-485, eq. 7-11,
 * 35. Right to a nanometer within 3,900 km of the central meridian.
 */
function krueger(longitude: number, latitude: number, zone: number, south: boolean): [number, number] {
  const [a, f] = [6_378_137, 1 / 298.257223563];
  const n = f / (2 - f);
  const e = Math.sqrt(f * (2 - f));
  const A = (a / (1 + n)) * (1 + n ** 2 / 4 + n ** 4 / 64 + n ** 6 / 256);
  const alpha = [
    n / 2 - (2 / 3) * n ** 2 + (5 / 16) * n ** 3 + (41 / 180) * n ** 4 - (127 / 288) * n ** 5 + (7891 / 37800) * n ** 6,
    (13 / 48) * n ** 2 - (3 / 5) * n ** 3 + (557 / 1440) * n ** 4 + (281 / 630) * n ** 5 - (1983433 / 1935360) * n ** 6,
    (61 / 240) * n ** 3 - (103 / 140) * n ** 4 + (15061 / 26880) * n ** 5 + (167603 / 181440) * n ** 6,
    (49561 / 161280) * n ** 4 - (179 / 168) * n ** 5 + (6601661 / 7257600) * n ** 6,
    (34729 / 80640) * n ** 5 - (3418889 / 1995840) * n ** 6,
    (212378941 / 319334400) * n ** 6,
  ];
  const phi = (latitude * Math.PI) / 180;
  const lambda = ((((longitude - (6 * zone - 183) + 540) % 360) - 180) * Math.PI) / 180;
  const sigma = Math.sinh(e * Math.atanh(e * Math.sin(phi)));
  const tau = Math.tan(phi) * Math.sqrt(1 + sigma ** 2) - sigma * Math.sqrt(1 + Math.tan(phi) ** 2);
  const xi = Math.atan2(tau, Math.cos(lambda));
  const eta = Math.asinh(Math.sin(lambda) / Math.hypot(tau, Math.cos(lambda)));
  const sum = (of: (j: number) => number): number =>
    alpha.reduce((total, value, j) => total + value * of(2 * (j + 1)), 0);
  const x = A * (eta + sum((j) => Math.cos(j * xi) * Math.sinh(j * eta)));
  const y = A * (xi + sum((j) => Math.sin(j * xi) * Math.cosh(j * eta)));
  return [500_000 + 0.9996 * x, (south ? 10_000_000 : 0) + 0.9996 * y];
}

test('meters are right at the edges of zones, in the next zone, across the date line, and in the south', () => {
  for (const [longitude, latitude, zone] of [
    [-99, 31, 14],
    [-96, 30.1, 14],
    [-96.0000001, 30.1, 14],
    [-95.2, 30.1, 14],
    [-102, -84 + 20, 14],
    [-90.0001, 79.9, 15],
    [3, 0, 31],
    [172.5, -43.5, 59],
    [174.0000001, -43.5, 59],
    [-179.9, 10, 60],
    [180, -10, 60],
  ] as const)
    for (const south of [false, true]) {
      const epsg = (south ? 32_700 : 32_600) + zone;
      const [x, y] = makeUtm({ zone, south, epsg, name: '' })([longitude, latitude])!;
      const [east, north] = krueger(longitude, latitude, zone, south);
      expect(Math.hypot(x - east, y - north)).toBeLessThan(0.0015);
    }
});

test('places whose meters are published: the central meridian, and the CN Tower (43.642567 N, 79.387139 W)', () => {
  const utm = (zone: number) => makeUtm({ zone, south: false, epsg: 32_600 + zone, name: '' });
  expect(utm(31)([3, 0])).toEqual([500_000, 0]);
  const [x, y] = utm(17)([-79.387139, 43.642567])!;
  expect([Math.round(x), Math.round(y)]).toEqual([630_084, 4_833_439]);
  expect(utm(31)([3, 84.1])).toBeUndefined();
});
